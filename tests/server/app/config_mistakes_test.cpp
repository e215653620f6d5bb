#include "server/app/config.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <string>

#include "tests/server/app/config_fixture.hpp"

namespace signet::server::app {
namespace {

class ConfigurationMistakes : public ConfigTest {};

TEST_F(ConfigurationMistakes, refuses_receivers_that_cannot_be_told_and_quotes_no_address) {
  const std::string party = "[[backchannel_logout]]\nclient_id = \"shop\"\n";
  for (const std::string uri : {"http://hush.example/", "https://user:hush@shop.example/", "file:///hush", "hush",
                                "https://shop.example/hush#part", "http://10.0.0.1/hush", ""}) {
    const auto said = problem(party + "uri = \"" + uri + "\"\n");
    EXPECT_TRUE(said.starts_with("signet.toml:3: backchannel_logout.uri: ")) << said;
    EXPECT_EQ(said.find("hush"), std::string::npos) << said;
  }
  EXPECT_NE(problem(party).find("backchannel_logout.uri: missing"), std::string::npos);
  const std::string whole = party + "uri = \"https://shop.example/\"\n";
  EXPECT_NE(problem(whole + whole).find("this client is named twice"), std::string::npos);
  EXPECT_NE(
      problem("[[backchannel_logout]]\nclient_id = \"a\\\"b\"\nuri = \"https://a.example/\"\n").find("expected 1 to"),
      std::string::npos);
  std::string many;
  for (int i = 0; i < 33; ++i)
    many += "[[backchannel_logout]]\nclient_id = \"c" + std::to_string(i) + "\"\nuri = \"https://a.example/\"\n";
  EXPECT_NE(problem(many).find("at most 32"), std::string::npos);

  const std::string hook = "[[webhooks]]\nname = \"siem\"\nurl = \"https://siem.example/\"\n";
  EXPECT_EQ(problems(hook).at(0),
            "webhooks.secret_file: expected with \"siem\", or SIGNET_WEBHOOK_SECRET, found neither");
  EXPECT_NE(problems(hook + "secret_file = \"" + file("whsec_hush", "short") + "\"\n").at(0).find("24 to 64 bytes"),
            std::string::npos);
  EXPECT_NE(
      problems(hook + "events = [\"logon\"]\n").at(0).find("expected the name of an audit event, found \"logon\""),
      std::string::npos);
  EXPECT_NE(problems("[deliveries]\nfirst_pause = \"2m\"\nlongest_pause = \"1m\"\n")
                .at(0)
                .find("deliveries.first_pause: expected at most deliveries.longest_pause (1m), found \"2m\""),
            std::string::npos);
}

TEST_F(ConfigurationMistakes, refuses_an_empty_secret_of_a_client) {
  EXPECT_NE(problem("[[introspection.clients]]\nid = \"a\"\nsecret_sha256 = "
                    "\"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855\"\n")
                .find("a secret that is not empty"),
            std::string::npos);
  EXPECT_NE(problem("[[introspection.clients]]\nid = \"a\"\nsecret_file = \"" + file("\n", "blank") + "\"\n")
                .find("at least 16 bytes"),
            std::string::npos);
}

TEST_F(ConfigurationMistakes, says_where_what_and_what_was_expected) {
  EXPECT_EQ(problem("listen = 5\n"), "signet.toml:1: listen: expected a string in quotes");
  EXPECT_EQ(
      problem("\nlisten = \"here\"\n"),
      "signet.toml:2: listen: expected an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080, found \"here\"");
  EXPECT_EQ(
      problem("issuer = \"auth.example/\"\n"),
      "signet.toml:1: issuer: expected an http or https URL without user, query, fragment and trailing slash, such as "
      "https://auth.example, found \"auth.example/\"");
  EXPECT_EQ(problem("[refresh]\ngrace = \"90s\"\n"),
            "signet.toml:2: refresh.grace: expected a duration from 0ms to 1m, found \"90s\"");
  EXPECT_EQ(problem("[refresh]\ngrace = \"soon\"\n"),
            "signet.toml:2: refresh.grace: expected a duration such as \"250ms\", \"10s\", \"15m\", \"24h\" or "
            "\"14d\", from 0ms to 1m, "
            "found \"soon\"");
  EXPECT_EQ(problem("[refresh]\ngrace = \"500ms\"\n"),
            "signet.toml:2: refresh.grace: expected whole seconds, from 0ms to 1m, found \"500ms\"");
  EXPECT_EQ(problem("[token]\nlifetime = 600\n"), "signet.toml:2: token.lifetime: expected a string in quotes");
  EXPECT_EQ(problem("[token]\nlifetime = \"2h\"\n"),
            "signet.toml:2: token.lifetime: expected a duration from 10s to 1h, found \"2h\"");
  EXPECT_EQ(problem("[token]\nalgorithm = \"none\"\n"),
            "signet.toml:2: token.algorithm: expected an algorithm such as \"ES256\", \"EdDSA\", \"RS256\" or "
            "\"HS256\", found \"none\"");
  EXPECT_EQ(problem("[token]\naudience = \"\"\n"),
            "signet.toml:2: token.audience: expected text that is not empty, found \"\"");
  EXPECT_EQ(problem("[signup]\nopen = \"yes\"\n"), "signet.toml:2: signup.open: expected true or false");
  EXPECT_EQ(problem("[password]\nminimum_length = 4\n"),
            "signet.toml:2: password.minimum_length: expected a number from 8 to 128, found 4");
  EXPECT_EQ(problem("[password]\nminimum_length = \"9\"\n"),
            "signet.toml:2: password.minimum_length: expected a number from 8 to 128");
  EXPECT_EQ(problem("[password]\nmemory = \"1MiB\"\n"),
            "signet.toml:2: password.memory: expected a size from 7MiB to 1GiB, found \"1MiB\"");
  EXPECT_EQ(problem("[password]\nmemory = \"7MiB\"\n"),
            "signet.toml:2: password.memory: expected memory times passes of at least 35MiB, found 7MiB times 2");
  EXPECT_EQ(problem("[log]\nlevel = \"loud\"\n"),
            "signet.toml:2: log.level: expected one of \"debug\", \"info\", \"warning\", \"error\", found \"loud\"");
  EXPECT_EQ(problem("[cookies]\nallowed_origins = [\"https://app.example/\"]\n"),
            "signet.toml:2: cookies.allowed_origins: expected an origin such as https://app.example or "
            "http://localhost:3000, found "
            "\"https://app.example/\"");
  EXPECT_EQ(problem("[cookies]\nallowed_origins = [1]\n"), "signet.toml:2: cookies.allowed_origins: expected a string");
  EXPECT_EQ(problem("[cookies]\nallowed_origins = \"https://app.example\"\n"),
            "signet.toml:2: cookies.allowed_origins: expected a list of strings");
  for (const std::string bad : {"*", "null", "https://app.example/", "https://*.app.example"}) {
    EXPECT_EQ(problem("[http]\ncors_origins = [\"" + bad + "\"]\n"),
              "signet.toml:2: http.cors_origins: expected an origin such as https://app.example or "
              "http://localhost:3000, found \"" +
                  bad + "\"");
  }
  EXPECT_EQ(problem("[http]\ntrusted_proxies = [\"proxy\"]\n"),
            "signet.toml:2: http.trusted_proxies: expected an IP address or a network such as 10.0.0.0/8 or fd00::/8, "
            "found \"proxy\"");
  EXPECT_EQ(problem("tls = true\n"), "signet.toml:1: tls: expected a table, [tls]");
  EXPECT_EQ(problem("[tls]\ncertificate = \"a\"\n"),
            "signet.toml:1: tls.key: missing; expected the PEM file of its private key");
  EXPECT_EQ(problem("[introspection]\nclients = 1\n"),
            "signet.toml:2: introspection.clients: expected tables, [[introspection.clients]]");
  EXPECT_EQ(problem("[[introspection.clients]]\nid = \"a\"\n"),
            "signet.toml:1: introspection.clients.secret_sha256: missing; expected this or secret_file, and not both");
  EXPECT_EQ(problem("[[introspection.clients]]\nid = \"a\"\nsecret_sha256 = \"12\"\n").substr(0, 111),
            "signet.toml:3: introspection.clients.secret_sha256: expected the SHA-256 of the secret as 64 hexadecimal "
            "digits");
}

TEST_F(ConfigurationMistakes, points_out_what_it_does_not_know) {
  EXPECT_NE(problem("unknown_key = \"x\"\n").find("signet.toml:1: unknown_key: unknown setting; expected one of "),
            std::string::npos);
  EXPECT_NE(problem("[refresh]\nidel = \"1d\"\n")
                .find("signet.toml:2: refresh.idel: unknown setting; expected one of absolute, grace, idle"),
            std::string::npos);
  EXPECT_EQ(problem("[tokens]\nlifetime = \"5m\"\n"), "signet.toml:1: tokens: unknown table, with lifetime");
  EXPECT_NE(problem("listen = \n").find("signet.toml:1: "), std::string::npos);
}

TEST_F(ConfigurationMistakes, reports_everything_at_once) {
  auto all = problems("listen = 5\nunknown_key = \"x\"\n[token]\nlifetime = \"never\"\n[http]\nconnections = 0\n");
  EXPECT_EQ(all.size(), 4U);
}

TEST_F(ConfigurationMistakes, knows_flags_from_other_mistakes) {
  auto wrong_flag = load_config({.config = {}, .listen = "nonsense", .monitor_listen = {}, .data = {}, .issuer = {}});
  ASSERT_FALSE(wrong_flag.has_value());
  EXPECT_TRUE(wrong_flag.error().wrong_usage);
  EXPECT_EQ(wrong_flag.error().problems.front(),
            "--listen: expected an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080, found \"nonsense\"");
  setenv("SIGNET_ISSUER", "nonsense", 1);
  auto wrong_variable = load_config({});
  ASSERT_FALSE(wrong_variable.has_value());
  EXPECT_FALSE(wrong_variable.error().wrong_usage);
  EXPECT_TRUE(wrong_variable.error().problems.front().starts_with("SIGNET_ISSUER: expected "));
  unsetenv("SIGNET_ISSUER");
  auto no_file =
      load_config({.config = "/no/such/file.toml", .listen = {}, .monitor_listen = {}, .data = {}, .issuer = {}});
  ASSERT_FALSE(no_file.has_value());
  EXPECT_EQ(no_file.error().problems.front(), "/no/such/file.toml: expected a readable TOML file, found none");
}

TEST_F(ConfigurationMistakes, names_variables_that_mean_nothing_to_it) {
  for (const char* variable : {"SIGNET_ISSUR", "SIGNET_SERVICE_HOST", "SIGNET_PORT_8080_TCP", "SIGNET_LISTEN"})
    setenv(variable, "127.0.0.1:1", 1);
  const auto unknown = unknown_variables();
  EXPECT_THAT(unknown, testing::Contains("SIGNET_ISSUR"));
  for (const char* known : {"SIGNET_SERVICE_HOST", "SIGNET_PORT_8080_TCP", "SIGNET_LISTEN"})
    EXPECT_THAT(unknown, testing::Not(testing::Contains(known)));
  for (const char* variable : {"SIGNET_ISSUR", "SIGNET_SERVICE_HOST", "SIGNET_PORT_8080_TCP"}) unsetenv(variable);
}

TEST_F(ConfigurationMistakes, refuses_an_issuer_without_tls_for_a_listener_with_it) {
  const std::string tls = "[tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n";
  const auto refused = problems("issuer = \"http://auth.example\"\n" + tls);
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_TRUE(refused.front().starts_with("issuer: expected https://")) << refused.front();
  EXPECT_TRUE(problems("issuer = \"https://auth.example\"\n" + tls).empty());
}

TEST_F(ConfigurationMistakes, wants_secret_and_algorithm_to_fit) {
  auto all = problems("[token]\nalgorithm = \"HS256\"\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front(),
            "token.algorithm \"HS256\": expected SIGNET_SECRET or SIGNET_SECRET_FILE with it, found neither");
  setenv("SIGNET_SECRET", "0123456789abcdef0123456789abcdef", 1);
  all = problems("[token]\nalgorithm = \"ES256\"\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(all.front().starts_with("token.algorithm \"ES256\": expected no SIGNET_SECRET with it"));
}

TEST_F(ConfigurationMistakes, wants_idle_sessions_to_end_before_all_do) {
  auto all = problems("[refresh]\nidle = \"100d\"\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front(), "refresh.idle: expected at most refresh.absolute (90d), found \"100d\"");
  all = problems("[refresh]\ngrace = \"60s\"\nidle = \"1m\"\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front(), "refresh.idle: expected more than refresh.grace (1m), found \"1m\"");
}

}  // namespace
}  // namespace signet::server::app

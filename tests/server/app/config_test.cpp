#include "server/app/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstring>
#include <fstream>

#include "server/api/sha256.hpp"

namespace signet::server::app {
namespace {

constexpr const char* variables[] = {"SIGNET_CONFIG",      "SIGNET_LISTEN",       "SIGNET_MONITOR_LISTEN",
                                     "SIGNET_DATA",        "SIGNET_ISSUER",       "SIGNET_SECRET",
                                     "SIGNET_SECRET_FILE", "SIGNET_DATABASE_URL", "SIGNET_DATABASE_URL_FILE"};

class Configuration : public testing::Test {
 protected:
  Configuration() {
    std::string name = (std::filesystem::temp_directory_path() / "signet-config-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    for (const char* variable : variables) unsetenv(variable);
  }
  ~Configuration() override {
    for (const char* variable : variables) unsetenv(variable);
    std::filesystem::remove_all(folder_);
  }

  std::string file(const std::string& text, const std::string& name = "signet.toml") {
    const auto path = (folder_ / name).string();
    std::ofstream{path} << text;
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
  }

  std::expected<Config, ConfigError> load(const std::string& toml, Flags flags = {}) {
    flags.config = file(toml);
    return load_config(flags);
  }

  Config good(const std::string& toml, Flags flags = {}) {
    auto config = load(toml, std::move(flags));
    if (config) return std::move(*config);
    for (const auto& problem : config.error().problems) ADD_FAILURE() << problem;
    return {};
  }

  std::vector<std::string> problems(const std::string& toml) {
    auto config = load(toml);
    return config ? std::vector<std::string>{} : config.error().problems;
  }

  // The one problem, without the folder.
  std::string problem(const std::string& toml) {
    auto all = problems(toml);
    EXPECT_EQ(all.size(), 1U) << toml;
    if (all.empty()) return "";
    EXPECT_TRUE(all.front().starts_with((folder_ / "signet.toml").string())) << all.front();
    return all.front().substr(folder_.string().size() + 1);
  }

  std::filesystem::path folder_;
};

TEST_F(Configuration, has_a_default_for_everything) {
  auto config = load_config({});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->listen, "127.0.0.1:8080");
  EXPECT_EQ(config->monitor_listen, "127.0.0.1:9090");
  EXPECT_EQ(config->data, "./signet-data");
  EXPECT_EQ(config->issuer, "");
  EXPECT_EQ(config->tokens.audience, "api");
  EXPECT_EQ(config->tokens.client_id, "signet");
  EXPECT_EQ(config->tokens.access_lifetime, std::chrono::minutes{10});
  EXPECT_EQ(config->tokens.algorithm, Algorithm::ES256);
  EXPECT_EQ(config->refresh.grace, std::chrono::seconds{10});
  EXPECT_TRUE(config->signup.open);
  EXPECT_FALSE(config->tls.has_value());
}

TEST_F(Configuration, takes_flags_before_the_environment_before_the_file_before_defaults) {
  const std::string toml =
      "listen = \"127.0.0.1:1\"\nmonitor_listen = \"127.0.0.1:2\"\ndata = \"from-file\"\nissuer = "
      "\"https://file.example\"\n";
  auto from_file = good(toml);
  EXPECT_EQ(from_file.listen, "127.0.0.1:1");
  EXPECT_EQ(from_file.monitor_listen, "127.0.0.1:2");
  EXPECT_EQ(from_file.data, "from-file");
  EXPECT_EQ(from_file.issuer, "https://file.example");

  setenv("SIGNET_LISTEN", "127.0.0.1:3", 1);
  setenv("SIGNET_MONITOR_LISTEN", "127.0.0.1:4", 1);
  setenv("SIGNET_DATA", "from-environment", 1);
  setenv("SIGNET_ISSUER", "https://environment.example", 1);
  auto from_environment = good(toml);
  EXPECT_EQ(from_environment.listen, "127.0.0.1:3");
  EXPECT_EQ(from_environment.monitor_listen, "127.0.0.1:4");
  EXPECT_EQ(from_environment.data, "from-environment");
  EXPECT_EQ(from_environment.issuer, "https://environment.example");

  auto from_flags = good(toml, {.config = {},
                                .listen = "127.0.0.1:5",
                                .monitor_listen = "127.0.0.1:6",
                                .data = "from-flags",
                                .issuer = "https://flags.example"});
  EXPECT_EQ(from_flags.listen, "127.0.0.1:5");
  EXPECT_EQ(from_flags.monitor_listen, "127.0.0.1:6");
  EXPECT_EQ(from_flags.data, "from-flags");
  EXPECT_EQ(from_flags.issuer, "https://flags.example");
}

TEST_F(Configuration, finds_its_file_by_the_environment_too) {
  setenv("SIGNET_CONFIG", file("issuer = \"https://file.example\"\n").c_str(), 1);
  auto config = load_config({});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->issuer, "https://file.example");
}

TEST_F(Configuration, is_read_without_the_shared_secret_by_commands_that_have_no_use_for_it) {
  Flags flags;
  flags.config = file("[token]\nalgorithm = \"HS256\"\n");
  EXPECT_FALSE(load_config(flags).has_value());
  auto config = load_data_config(flags);
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->tokens.algorithm, Algorithm::HS256);

  setenv("SIGNET_SECRET_FILE", "/no/such/file", 1);
  config = load_data_config({});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->tokens.algorithm, Algorithm::HS256) << "as the server would";
  EXPECT_FALSE(config->hmac_secret.has_value());
  unsetenv("SIGNET_SECRET_FILE");
  EXPECT_EQ(load_data_config({})->tokens.algorithm, Algorithm::ES256);
}

TEST_F(Configuration, names_the_changed_settings_that_wait_for_a_restart) {
  using testing::ElementsAre;
  using testing::IsEmpty;
  const auto before = good("listen = \"127.0.0.1:1\"\n[refresh]\ngrace = \"5s\"\n[signup]\nopen = true\n");
  EXPECT_THAT(waiting_for_restart(before, before), IsEmpty());
  EXPECT_THAT(waiting_for_restart(before, good("listen = \"127.0.0.1:2\"\n[refresh]\ngrace = \"6s\"\nidle = \"1d\"\n")),
              ElementsAre("listen", "refresh.grace", "refresh.idle"));
  EXPECT_THAT(waiting_for_restart(before, good("[log]\nlevel = \"debug\"\n")), ElementsAre("listen", "refresh.grace"));
  EXPECT_THAT(waiting_for_restart(good(""), good("[sessions]\nmode = \"server\"\n")), IsEmpty());
  setenv("SIGNET_LISTEN", "127.0.0.1:3", 1);
  EXPECT_THAT(waiting_for_restart(good("listen = \"127.0.0.1:1\"\n"), good("listen = \"127.0.0.1:2\"\n")), IsEmpty())
      << "the variable wins over both";

  const auto tls = [](std::string name) {
    return "[tls]\ncertificate = \"" + name + ".crt\"\nkey = \"" + name + ".key\"\n";
  };
  EXPECT_THAT(waiting_for_restart(good(tls("a")), good(tls("b"))), IsEmpty());
  EXPECT_THAT(waiting_for_restart(good(""), good(tls("b"))), ElementsAre("tls.certificate", "tls.key"));

  setenv("SIGNET_SECRET", "0123456789abcdef0123456789abcdef", 1);
  EXPECT_THAT(waiting_for_restart(good(""), good("")), ElementsAre("SIGNET_SECRET"))
      << "the first has taken it out of the environment";
}

TEST_F(Configuration, reads_every_setting) {
  auto secret = file("a secret of some length\n", "secret");
  auto config = good(R"(
issuer = "https://auth.example"
[token]
audience = "orders"
client_id = "web"
algorithm = "EdDSA"
lifetime = "5m"
[refresh]
grace = "20s"
idle = "7d"
absolute = "30d"
[sessions]
mode = "server"
most_per_account = 14
[audit]
keep = "15d"
[signup]
open = false
scope = "profile orders:read"
[password]
minimum_length = 12
minimum_score = 4
blocked_words = ["acme"]
memory = "64MiB"
passes = 3
[keys]
announce = "1h"
rotate_after = "0s"
[limits.login]
per_address_per_minute = 7
failures_per_5_minutes = 5
failures_per_day = 20
failures_per_account_per_hour = 40
[limits.attempts]
per_address_per_minute = 11
[limits.signup]
per_address_per_hour = 3
[limits.password]
attempts_per_15_minutes = 9
failures_per_15_minutes = 4
[limits.session]
refreshes_per_minute = 13
changes_per_minute = 12
[limits.introspection]
failures_per_minute = 6
[http]
loops = 3
connections = 500
header_size = "8KiB"
header_count = 50
target_size = "4KiB"
body_size = "32KiB"
header_time = "5s"
body_time = "6s"
idle_time = "30s"
write_time = "7s"
drain_delay = "1500ms"
drain_time = "3s"
trusted_proxies = ["10.0.0.0/8", "::1"]
cors_origins = ["https://pages.example"]
[lanes.store]
threads = 8
queue = 100
[lanes.password]
threads = 2
queue = 10
[tls]
certificate = "/etc/signet/tls.crt"
key = "/etc/signet/tls.key"
[cookies]
allowed_origins = ["https://app.example"]
[dpop]
nonces = true
[log]
format = "logfmt"
level = "warning"
access = false
[[introspection.clients]]
id = "gateway"
secret_sha256 = "2BB80D537B1DA3E38BD30361AA855686BDE0EACD7162FEF6A25FE97BF527A25B"
[[introspection.clients]]
id = "billing"
secret_file = ")" + secret +
                     "\"\n");
  EXPECT_EQ(config.tokens.audience, "orders");
  EXPECT_EQ(config.tokens.client_id, "web");
  EXPECT_EQ(config.tokens.algorithm, Algorithm::EdDSA);
  EXPECT_EQ(config.tokens.access_lifetime, std::chrono::minutes{5});
  EXPECT_EQ(config.refresh.grace, std::chrono::seconds{20});
  EXPECT_EQ(config.refresh.idle, std::chrono::days{7});
  EXPECT_EQ(config.refresh.absolute, std::chrono::days{30});
  EXPECT_FALSE(config.signup.open);
  EXPECT_EQ(config.signup.scope, "profile orders:read");
  EXPECT_EQ(config.passwords.minimum_length, 12U);
  EXPECT_EQ(config.passwords.minimum_score, 4U);
  EXPECT_EQ(config.passwords.blocked_words, std::vector<std::string>{"acme"});
  EXPECT_EQ(config.hashing, (HashParameters{.memory_kib = 65'536, .passes = 3}));
  EXPECT_EQ(config.keys.announce_for, std::chrono::hours{1});
  EXPECT_EQ(config.keys.rotate_after.count(), 0);
  EXPECT_EQ(config.limits.login.per_address.count, 7U);
  EXPECT_EQ(config.limits.login.per_account_and_address.count, 5U);
  EXPECT_EQ(config.limits.login.per_account_and_address_slow.count, 20U);
  EXPECT_EQ(config.limits.login.per_account.count, 40U);
  EXPECT_EQ(config.limits.signup_per_address.count, 3U);
  EXPECT_EQ(config.limits.password_changes.count, 4U);
  EXPECT_EQ(config.limits.refreshes.count, 13U);
  EXPECT_EQ(config.limits.changes.count, 12U);
  EXPECT_EQ(config.sessions.mode, SessionMode::server);
  EXPECT_EQ(config.sessions.most_per_account, 14U);
  EXPECT_TRUE(config.dpop.nonces);
  EXPECT_EQ(config.audit.keep, std::chrono::days{15});
  EXPECT_EQ(config.limits.attempts.count, 11U);
  EXPECT_EQ(config.limits.password_attempts.count, 9U);
  EXPECT_EQ(config.limits.introspection_failures.count, 6U);
  EXPECT_EQ(config.loops, 3U);
  EXPECT_EQ(config.http.connections, 500U);
  EXPECT_EQ(config.http.header_bytes, 8192U);
  EXPECT_EQ(config.http.header_count, 50U);
  EXPECT_EQ(config.http.target_bytes, 4096U);
  EXPECT_EQ(config.http.body_bytes, 32'768U);
  EXPECT_EQ(config.http.header_time, std::chrono::seconds{5});
  EXPECT_EQ(config.http.body_time, std::chrono::seconds{6});
  EXPECT_EQ(config.http.idle_time, std::chrono::seconds{30});
  EXPECT_EQ(config.http.write_time, std::chrono::seconds{7});
  EXPECT_EQ(config.drain_delay, std::chrono::milliseconds{1500});
  EXPECT_EQ(config.drain_time, std::chrono::seconds{3});
  EXPECT_EQ(config.trusted_proxies, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
  EXPECT_EQ(config.cors_origins, std::vector<std::string>{"https://pages.example"});
  EXPECT_EQ(config.store_lane.threads, 8U);
  EXPECT_EQ(config.store_lane.queue, 100U);
  EXPECT_EQ(config.password_lane.threads, 2U);
  EXPECT_EQ(config.password_lane.queue, 10U);
  ASSERT_TRUE(config.tls.has_value());
  EXPECT_EQ(config.tls->certificate, "/etc/signet/tls.crt");
  EXPECT_EQ(config.tls->key, "/etc/signet/tls.key");
  EXPECT_EQ(config.allowed_origins, std::vector<std::string>{"https://app.example"});
  EXPECT_EQ(config.log.format, LogFormat::logfmt);
  EXPECT_EQ(config.log.level, LogLevel::warning);
  EXPECT_FALSE(config.log.access);
  ASSERT_EQ(config.introspection_clients.size(), 2U);
  EXPECT_EQ(config.introspection_clients[0].id, "gateway");
  const std::string first = "secret", second = "a secret of some length";
  EXPECT_EQ(config.introspection_clients[0].secret_sha256, api::sha256(std::as_bytes(std::span{first})));
  EXPECT_EQ(config.introspection_clients[1].secret_sha256, api::sha256(std::as_bytes(std::span{second})));
}

constexpr std::string_view webhook_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

TEST_F(Configuration, reads_who_is_told_of_what) {
  const auto config = good(R"(
[[backchannel_logout]]
client_id = "shop"
uri = "https://shop.example/logout?tenant=1"
ca_file = "/etc/ca.pem"
[[backchannel_logout]]
client_id = "till"
uri = "http://127.0.0.1:81/logout"
[[webhooks]]
name = "siem"
url = "https://siem.example/secret-path"
events = ["login", "refresh_reuse"]
secret_file = ")" + file(std::string{webhook_secret} + "\n", "webhook") +
                           R"("
[deliveries]
attempts = 3
time = "6s"
first_pause = "1s"
longest_pause = "1m"
)");
  ASSERT_EQ(config.backchannel_logout.size(), 2U);
  EXPECT_EQ(config.backchannel_logout[0].client_id, "shop");
  EXPECT_EQ(config.backchannel_logout[0].uri, "https://shop.example/logout?tenant=1");
  EXPECT_EQ(config.backchannel_logout[0].ca_file, "/etc/ca.pem");
  EXPECT_EQ(config.backchannel_logout[1].uri, "http://127.0.0.1:81/logout");
  ASSERT_EQ(config.webhooks.size(), 1U);
  EXPECT_EQ(config.webhooks[0].name, "siem");
  EXPECT_EQ(config.webhooks[0].url, "https://siem.example/secret-path");
  EXPECT_EQ(config.webhooks[0].events, (std::vector<std::string>{"login", "refresh_reuse"}));
  EXPECT_EQ(config.deliveries.attempts, 3U);
  EXPECT_EQ(config.deliveries.time, std::chrono::seconds{6});
  EXPECT_EQ(config.deliveries.first_pause, std::chrono::seconds{1});
  EXPECT_EQ(config.deliveries.longest_pause, std::chrono::minutes{1});
}

TEST_F(Configuration, refuses_receivers_that_cannot_be_told_and_quotes_no_address) {
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

TEST_F(Configuration, leaves_room_for_other_attempts_beside_logins) {
  EXPECT_EQ(good("").limits.attempts.count, 120U);
  EXPECT_EQ(good("[limits.login]\nper_address_per_minute = 100000\n").limits.attempts.count, 200'000U);
}

TEST_F(Configuration, refuses_an_empty_secret_of_a_client) {
  EXPECT_NE(problem("[[introspection.clients]]\nid = \"a\"\nsecret_sha256 = "
                    "\"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855\"\n")
                .find("a secret that is not empty"),
            std::string::npos);
  EXPECT_NE(problem("[[introspection.clients]]\nid = \"a\"\nsecret_file = \"" + file("\n", "blank") + "\"\n")
                .find("at least 16 bytes"),
            std::string::npos);
}

TEST_F(Configuration, says_where_what_and_what_was_expected) {
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

TEST_F(Configuration, points_out_what_it_does_not_know) {
  EXPECT_NE(problem("unknown_key = \"x\"\n").find("signet.toml:1: unknown_key: unknown setting; expected one of "),
            std::string::npos);
  EXPECT_NE(problem("[refresh]\nidel = \"1d\"\n")
                .find("signet.toml:2: refresh.idel: unknown setting; expected one of absolute, grace, idle"),
            std::string::npos);
  EXPECT_EQ(problem("[tokens]\nlifetime = \"5m\"\n"), "signet.toml:1: tokens: unknown table, with lifetime");
  EXPECT_NE(problem("listen = \n").find("signet.toml:1: "), std::string::npos);
}

TEST_F(Configuration, reports_everything_at_once) {
  auto all = problems("listen = 5\nunknown_key = \"x\"\n[token]\nlifetime = \"never\"\n[http]\nconnections = 0\n");
  EXPECT_EQ(all.size(), 4U);
}

TEST_F(Configuration, keeps_secrets_out_of_the_file) {
  for (const std::string toml : {"secret = \"very-secret-value\"\n", "[token]\nsecret = \"very-secret-value\"\n",
                                 "hmac_secret = \"very-secret-value\"\n"}) {
    auto said = problem(toml);
    EXPECT_NE(said.find("SIGNET_SECRET or SIGNET_SECRET_FILE in the environment"), std::string::npos) << said;
    EXPECT_EQ(said.find("very-secret-value"), std::string::npos);
  }
  EXPECT_NE(problem("[keys]\nmaster_key = \"very-secret-value\"\n").find("SIGNET_MASTER_KEY or SIGNET_MASTER_KEY_FILE"),
            std::string::npos);
}

TEST_F(Configuration, quotes_no_secret_and_nothing_that_moves_the_cursor) {
  auto hides = [&](const std::string& toml) {
    for (const auto& said : problems(toml)) EXPECT_EQ(said.find("very-secret-value"), std::string::npos) << said;
  };
  hides("[[introspection.clients]]\nid = \"a\"\nsecret_sha256 = \"very-secret-value\"\n");
  hides("[[introspection.clients]]\nid = \"a\"\nsecret_file = \"very-secret-value\"\n");
  hides("issuer = \"https://me:very-secret-value@auth.example\"\n");
  hides("[cookies]\nallowed_origins = [\"https://me:very-secret-value@app.example\"]\n");
  auto said = problem("issuer = \"https://me:very-secret-value@auth.example\"\n");
  EXPECT_NE(said.find("found a URL with a user"), std::string::npos) << said;

  setenv("SIGNET_SECRET_FILE", "very-secret-value", 1);
  hides("");
  unsetenv("SIGNET_SECRET_FILE");
  said = problem("listen = \"a\\u001b[2J\\u202e\"\n");
  EXPECT_NE(said.find("found \"a\\u001b[2J\\u202e\""), std::string::npos) << said;
  Flags flags;
  flags.listen = "\x1b]0;name\x07\xff";
  auto flag = load_config(flags);
  ASSERT_FALSE(flag.has_value());
  EXPECT_NE(flag.error().problems.front().find("\\u001b]0;name\\u0007\\xff"), std::string::npos);
}

TEST_F(Configuration, does_not_repeat_a_clients_secret_in_an_error) {
  auto all = problems("[[introspection.clients]]\nid = \"a\"\nsecret = \"very-secret-value\"\n");
  ASSERT_FALSE(all.empty());
  for (const auto& said : all) EXPECT_EQ(said.find("very-secret-value"), std::string::npos) << said;
}

TEST_F(Configuration, knows_flags_from_other_mistakes) {
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

TEST_F(Configuration, names_variables_that_mean_nothing_to_it) {
  for (const char* variable : {"SIGNET_ISSUR", "SIGNET_SERVICE_HOST", "SIGNET_PORT_8080_TCP", "SIGNET_LISTEN"})
    setenv(variable, "127.0.0.1:1", 1);
  const auto unknown = unknown_variables();
  EXPECT_THAT(unknown, testing::Contains("SIGNET_ISSUR"));
  for (const char* known : {"SIGNET_SERVICE_HOST", "SIGNET_PORT_8080_TCP", "SIGNET_LISTEN"})
    EXPECT_THAT(unknown, testing::Not(testing::Contains(known)));
  for (const char* variable : {"SIGNET_ISSUR", "SIGNET_SERVICE_HOST", "SIGNET_PORT_8080_TCP"}) unsetenv(variable);
}

TEST_F(Configuration, refuses_an_issuer_without_tls_for_a_listener_with_it) {
  const std::string tls = "[tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n";
  const auto refused = problems("issuer = \"http://auth.example\"\n" + tls);
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_TRUE(refused.front().starts_with("issuer: expected https://")) << refused.front();
  EXPECT_TRUE(problems("issuer = \"https://auth.example\"\n" + tls).empty());
}

TEST_F(Configuration, takes_a_shared_secret_and_wipes_it_from_the_environment) {
  setenv("SIGNET_SECRET", "0123456789abcdef0123456789abcdef", 1);
  const char* where = getenv("SIGNET_SECRET");
  auto config = load_config({});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->tokens.algorithm, Algorithm::HS256);
  ASSERT_TRUE(config->hmac_secret.has_value());
  EXPECT_EQ(config->hmac_secret->reveal_text(), "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(getenv("SIGNET_SECRET"), nullptr);
  EXPECT_EQ(std::strlen(where), 0U);
}

TEST_F(Configuration, takes_a_shared_secret_from_a_file) {
  setenv("SIGNET_SECRET_FILE", file("0123456789abcdef0123456789abcdef\n", "secret").c_str(), 1);
  auto config = load_config({});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->hmac_secret->reveal_text(), "0123456789abcdef0123456789abcdef");
}

TEST_F(Configuration, refuses_a_shared_secret_that_does_not_serve_and_never_shows_it) {
  setenv("SIGNET_SECRET", "too-short-a-secret", 1);
  auto config = load_config({});
  ASSERT_FALSE(config.has_value());
  EXPECT_TRUE(config.error().problems.front().starts_with("SIGNET_SECRET: expected at least 32 bytes"));
  EXPECT_EQ(config.error().problems.front().find("too-short-a-secret"), std::string::npos);

  setenv("SIGNET_SECRET", "0123456789abcdef0123456789abcdef", 1);
  setenv("SIGNET_SECRET_FILE", "/nowhere", 1);
  config = load_config({});
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().problems.front(), "SIGNET_SECRET and SIGNET_SECRET_FILE: expected one of them, found both");
  config = load_config({});  // SIGNET_SECRET is wiped now
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().problems.front(),
            "SIGNET_SECRET_FILE: expected a file fit for a secret: No such file or directory");
}

TEST_F(Configuration, refuses_a_secrets_file_that_others_can_read_or_write) {
  const auto path = file("0123456789abcdef0123456789abcdef", "secret");
  setenv("SIGNET_SECRET_FILE", path.c_str(), 1);
  for (const unsigned mode : {0644U, 0604U, 0620U, 0602U}) {
    std::filesystem::permissions(path, std::filesystem::perms{mode});
    auto config = load_config({});
    ASSERT_FALSE(config.has_value()) << std::oct << mode;
    EXPECT_TRUE(config.error().problems.front().starts_with("SIGNET_SECRET_FILE: expected a file fit for a secret: "));
  }
  for (const unsigned mode : {0600U, 0400U, 0440U}) {
    std::filesystem::permissions(path, std::filesystem::perms{mode});
    EXPECT_TRUE(load_config({}).has_value()) << std::oct << mode;
  }
}

TEST_F(Configuration, takes_the_databases_url_as_the_secret_it_may_hold) {
  constexpr const char* url = "postgresql://signet:very-secret-value@db.example/signet";
  EXPECT_FALSE(good("").database_url);
  setenv("SIGNET_DATABASE_URL", url, 1);
  auto config = load_config({});
  ASSERT_TRUE(config.has_value());
  ASSERT_TRUE(config->database_url);
  EXPECT_EQ(config->database_url->reveal_text(), url);
  EXPECT_EQ(getenv("SIGNET_DATABASE_URL"), nullptr);
  auto again = load_config({}, &*config);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->database_url->reveal_text(), url);

  setenv("SIGNET_DATABASE_URL_FILE", file(std::string{url} + "\n", "url").c_str(), 1);
  config = load_config({});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->database_url->reveal_text(), url);
  unsetenv("SIGNET_DATABASE_URL_FILE");

  setenv("SIGNET_DATABASE_URL", "mysql://signet:very-secret-value@db.example/signet", 1);
  config = load_config({});
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().problems.front(),
            "SIGNET_DATABASE_URL: expected postgresql://user:password@host:port/database");

  auto said = problem("database_url = \"postgresql://x:very-secret-value@y/z\"\n");
  EXPECT_NE(said.find("SIGNET_DATABASE_URL or SIGNET_DATABASE_URL_FILE in the environment"), std::string::npos) << said;
  EXPECT_EQ(said.find("very-secret-value"), std::string::npos);
}

TEST_F(Configuration, wants_secret_and_algorithm_to_fit) {
  auto all = problems("[token]\nalgorithm = \"HS256\"\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front(),
            "token.algorithm \"HS256\": expected SIGNET_SECRET or SIGNET_SECRET_FILE with it, found neither");
  setenv("SIGNET_SECRET", "0123456789abcdef0123456789abcdef", 1);
  all = problems("[token]\nalgorithm = \"ES256\"\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(all.front().starts_with("token.algorithm \"ES256\": expected no SIGNET_SECRET with it"));
}

TEST_F(Configuration, keeps_the_secret_it_has_when_it_is_read_again) {
  setenv("SIGNET_SECRET", "0123456789abcdef0123456789abcdef", 1);
  auto flags = Flags{};
  flags.config = file("[token]\nalgorithm = \"HS256\"\n");
  auto first = load_config(flags);
  ASSERT_TRUE(first.has_value());
  auto second = load_config(flags, &*first);
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(second->hmac_secret->equals(*first->hmac_secret));
}

TEST_F(Configuration, wants_idle_sessions_to_end_before_all_do) {
  auto all = problems("[refresh]\nidle = \"100d\"\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front(), "refresh.idle: expected at most refresh.absolute (90d), found \"100d\"");
  all = problems("[refresh]\ngrace = \"60s\"\nidle = \"1m\"\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front(), "refresh.idle: expected more than refresh.grace (1m), found \"1m\"");
}

}  // namespace
}  // namespace signet::server::app

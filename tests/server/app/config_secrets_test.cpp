#include "server/app/config.hpp"

#include <stdlib.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "tests/server/app/config_fixture.hpp"

namespace signet::server::app {
namespace {

class ConfigurationSecrets : public ConfigTest {};

TEST_F(ConfigurationSecrets, keeps_secrets_out_of_the_file) {
  for (const std::string toml : {"secret = \"very-secret-value\"\n", "[token]\nsecret = \"very-secret-value\"\n",
                                 "hmac_secret = \"very-secret-value\"\n"}) {
    auto said = problem(toml);
    EXPECT_NE(said.find("SIGNET_SECRET or SIGNET_SECRET_FILE in the environment"), std::string::npos) << said;
    EXPECT_EQ(said.find("very-secret-value"), std::string::npos);
  }
  EXPECT_NE(problem("[keys]\nmaster_key = \"very-secret-value\"\n").find("SIGNET_MASTER_KEY or SIGNET_MASTER_KEY_FILE"),
            std::string::npos);
}

TEST_F(ConfigurationSecrets, quotes_no_secret_and_nothing_that_moves_the_cursor) {
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

TEST_F(ConfigurationSecrets, does_not_repeat_a_clients_secret_in_an_error) {
  auto all = problems("[[introspection.clients]]\nid = \"a\"\nsecret = \"very-secret-value\"\n");
  ASSERT_FALSE(all.empty());
  for (const auto& said : all) EXPECT_EQ(said.find("very-secret-value"), std::string::npos) << said;
}

TEST_F(ConfigurationSecrets, takes_a_shared_secret_and_wipes_it_from_the_environment) {
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

TEST_F(ConfigurationSecrets, takes_a_shared_secret_from_a_file) {
  setenv("SIGNET_SECRET_FILE", file("0123456789abcdef0123456789abcdef\n", "secret").c_str(), 1);
  auto config = load_config({});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->hmac_secret->reveal_text(), "0123456789abcdef0123456789abcdef");
}

TEST_F(ConfigurationSecrets, refuses_a_shared_secret_that_does_not_serve_and_never_shows_it) {
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

TEST_F(ConfigurationSecrets, refuses_a_secrets_file_that_others_can_read_or_write) {
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

TEST_F(ConfigurationSecrets, takes_the_databases_url_as_the_secret_it_may_hold) {
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

TEST_F(ConfigurationSecrets, keeps_the_secret_it_has_when_it_is_read_again) {
  setenv("SIGNET_SECRET", "0123456789abcdef0123456789abcdef", 1);
  auto flags = Flags{};
  flags.config = file("[token]\nalgorithm = \"HS256\"\n");
  auto first = load_config(flags);
  ASSERT_TRUE(first.has_value());
  auto second = load_config(flags, &*first);
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(second->hmac_secret->equals(*first->hmac_secret));
}

}  // namespace
}  // namespace signet::server::app

#include "server/app/config.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/sha256.hpp"
#include "tests/server/app/config_fixture.hpp"

namespace signet::server::app {
namespace {

class Configuration : public ConfigTest {};

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

TEST_F(Configuration, leaves_room_for_other_attempts_beside_logins) {
  EXPECT_EQ(good("").limits.attempts.count, 120U);
  EXPECT_EQ(good("[limits.login]\nper_address_per_minute = 100000\n").limits.attempts.count, 200'000U);
}

}  // namespace
}  // namespace signet::server::app

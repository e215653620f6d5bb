// The example file and the documents against the program.

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "server/app/config.hpp"
#include "server/app/metrics.hpp"

namespace signet::server::app {
namespace {

std::string read(const std::string& path) {
  std::ifstream file{SIGNET_SOURCE_DIR "/" + path};
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

// "# key = value" and "# [table]" with one "# " are settings that are off; prose has none of these forms.
std::string switched_on(const std::string& example) {
  return std::regex_replace(example, std::regex{"(^|\n)#(\\[|[a-z_0-9]+ =)"}, "$1$2");
}

TEST(ExampleConfiguration, is_valid_as_it_is_and_with_everything_switched_on) {
  std::vector<std::string> problems;
  Config config;
  read_config_file(SIGNET_SOURCE_DIR "/packaging/signet.example.toml", config, problems);
  EXPECT_EQ(problems, std::vector<std::string>{});

  const auto everything = switched_on(read("packaging/signet.example.toml"));
  const auto path =
      std::filesystem::temp_directory_path() / ("signet-everything-" + std::to_string(::getpid()) + ".toml");
  std::ofstream{path} << everything;
  read_config_file(path, config, problems);
  std::filesystem::remove(path);
  EXPECT_EQ(problems, std::vector<std::string>{});
}

TEST(ExampleConfiguration, shows_the_defaults) {
  const auto path =
      std::filesystem::temp_directory_path() / ("signet-defaults-" + std::to_string(::getpid()) + ".toml");
  // All that is switched off but what has no default.
  auto text = switched_on(read("packaging/signet.example.toml"));
  text = text.substr(0, text.find("# --- Without a default"));
  std::ofstream{path} << text;
  std::vector<std::string> problems;
  Config shown;
  read_config_file(path, shown, problems);
  std::filesystem::remove(path);
  EXPECT_EQ(problems, std::vector<std::string>{});
  const Config config;
  EXPECT_EQ(shown.listen, config.listen);
  EXPECT_EQ(shown.monitor_listen, config.monitor_listen);
  EXPECT_EQ(shown.data, config.data);
  EXPECT_EQ(shown.tokens.audience, config.tokens.audience);
  EXPECT_EQ(shown.tokens.client_id, config.tokens.client_id);
  EXPECT_EQ(shown.tokens.access_lifetime, config.tokens.access_lifetime);
  EXPECT_EQ(shown.refresh.grace, config.refresh.grace);
  EXPECT_EQ(shown.refresh.idle, config.refresh.idle);
  EXPECT_EQ(shown.refresh.absolute, config.refresh.absolute);
  EXPECT_EQ(shown.signup.open, config.signup.open);
  EXPECT_EQ(shown.signup.scope, config.signup.scope);
  EXPECT_EQ(shown.passwords.minimum_length, config.passwords.minimum_length);
  EXPECT_EQ(shown.passwords.minimum_score, config.passwords.minimum_score);
  EXPECT_EQ(shown.passwords.blocked_words, config.passwords.blocked_words);
  EXPECT_EQ(shown.hashing, config.hashing);
  EXPECT_EQ(shown.keys.announce_for, config.keys.announce_for);
  EXPECT_EQ(shown.keys.rotate_after, config.keys.rotate_after);
  EXPECT_EQ(shown.api_keys.policy.environment, config.api_keys.policy.environment);
  EXPECT_EQ(shown.api_keys.policy.lifetime, config.api_keys.policy.lifetime);
  EXPECT_EQ(shown.api_keys.policy.longest_lifetime, config.api_keys.policy.longest_lifetime);
  EXPECT_EQ(shown.api_keys.policy.most_per_account, config.api_keys.policy.most_per_account);
  EXPECT_EQ(shown.api_keys.policy.most, config.api_keys.policy.most);
  EXPECT_EQ(shown.limits.login.per_address.count, config.limits.login.per_address.count);
  EXPECT_EQ(shown.limits.login.per_account_and_address.count, config.limits.login.per_account_and_address.count);
  EXPECT_EQ(shown.limits.login.per_account_and_address_slow.count,
            config.limits.login.per_account_and_address_slow.count);
  EXPECT_EQ(shown.limits.login.per_account.count, config.limits.login.per_account.count);
  EXPECT_EQ(shown.limits.attempts.count, config.limits.attempts.count);
  EXPECT_EQ(shown.limits.password_attempts.count, config.limits.password_attempts.count);
  EXPECT_EQ(shown.limits.introspection_failures.count, config.limits.introspection_failures.count);
  EXPECT_EQ(shown.limits.signup_per_address.count, config.limits.signup_per_address.count);
  EXPECT_EQ(shown.limits.password_changes.count, config.limits.password_changes.count);
  EXPECT_EQ(shown.limits.refreshes.count, config.limits.refreshes.count);
  EXPECT_EQ(shown.limits.changes.count, config.limits.changes.count);
  EXPECT_EQ(shown.sessions.mode, config.sessions.mode);
  EXPECT_EQ(shown.sessions.most_per_account, config.sessions.most_per_account);
  EXPECT_EQ(shown.dpop.nonces, config.dpop.nonces);
  EXPECT_EQ(shown.audit.keep, config.audit.keep);
  EXPECT_EQ(shown.loops, config.loops);
  EXPECT_EQ(shown.http.connections, config.http.connections);
  EXPECT_EQ(shown.http.connections_per_address, config.http.connections_per_address);
  EXPECT_EQ(shown.streams.all, config.streams.all);
  EXPECT_EQ(shown.streams.per_address, config.streams.per_address);
  EXPECT_EQ(shown.http.header_bytes, config.http.header_bytes);
  EXPECT_EQ(shown.http.header_count, config.http.header_count);
  EXPECT_EQ(shown.http.target_bytes, config.http.target_bytes);
  EXPECT_EQ(shown.http.body_bytes, config.http.body_bytes);
  EXPECT_EQ(shown.http.header_time, config.http.header_time);
  EXPECT_EQ(shown.http.body_time, config.http.body_time);
  EXPECT_EQ(shown.http.idle_time, config.http.idle_time);
  EXPECT_EQ(shown.http.write_time, config.http.write_time);
  EXPECT_EQ(shown.drain_delay, config.drain_delay);
  EXPECT_EQ(shown.drain_time, config.drain_time);
  EXPECT_EQ(shown.store_lane.threads, config.store_lane.threads);
  EXPECT_EQ(shown.store_lane.queue, config.store_lane.queue);
  EXPECT_EQ(shown.password_lane.threads, config.password_lane.threads);
  EXPECT_EQ(shown.password_lane.queue, config.password_lane.queue);
  EXPECT_EQ(shown.deliveries.attempts, config.deliveries.attempts);
  EXPECT_EQ(shown.deliveries.time, config.deliveries.time);
  EXPECT_EQ(shown.deliveries.first_pause, config.deliveries.first_pause);
  EXPECT_EQ(shown.deliveries.longest_pause, config.deliveries.longest_pause);
  EXPECT_EQ(shown.log.format, config.log.format);
  EXPECT_EQ(shown.log.level, config.log.level);
  EXPECT_EQ(shown.log.access, config.log.access);
}

TEST(Documents, name_every_setting_of_the_example) {
  const auto document = read("docs/configuration.md");
  std::istringstream example{switched_on(read("packaging/signet.example.toml"))};
  std::string table;
  int settings = 0;
  for (std::string line; std::getline(example, line);) {
    std::smatch match;
    if (std::regex_match(line, match, std::regex{R"(\[+([a-z_.]+)\]+.*)"})) table = match[1].str() + ".";
    if (!std::regex_search(line, match, std::regex{R"(^([a-z_0-9]+) =)"})) continue;
    ++settings;
    EXPECT_NE(document.find("`" + table + match[1].str() + "`"), std::string::npos) << table << match[1];
  }
  EXPECT_GT(settings, 40);
}

TEST(Documents, name_every_metric_and_every_audit_event) {
  const auto document = read("docs/operations.md");
  const api::Counters counters;
  std::istringstream text{Metrics{}.text(counters, {})};
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("# TYPE ")) continue;
    const auto name = line.substr(7, line.find(' ', 7) - 7);
    EXPECT_NE(document.find("`" + name + "`"), std::string::npos) << name;
  }
  for (const AuditKind kind : audit_kinds)
    EXPECT_NE(document.find("`" + std::string{name(kind)} + "`"), std::string::npos) << name(kind);
}

}  // namespace
}  // namespace signet::server::app

// The TOML file. Each setting is one line of `read`; what is left over in the file is a mistake.

#include <algorithm>
#include <charconv>
#include <concepts>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "server/api/sha256.hpp"
#include "server/app/config.hpp"
#include "server/app/setting.hpp"
#include "server/audit/audit.hpp"
#include "server/private_file.hpp"
#include "server/revocation/log.hpp"
#include "src/remote/http_client.hpp"

#include <toml++/toml.h>

namespace signet::server::app {
namespace {

constexpr std::size_t most_receivers = 32;  // each has a thread

using std::chrono::milliseconds;
using std::chrono::seconds;

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

// One table of the file. Every read takes its key off the list of what has not been read; `finish` reports the rest.
class Section {
 public:
  Section(const toml::table* table, std::string file, std::string prefix, std::vector<std::string>& problems)
      : table_{table}, file_{std::move(file)}, prefix_{std::move(prefix)}, problems_{problems} {}

  [[nodiscard]] bool present() const { return table_ != nullptr; }
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }

  Section table(std::string_view key) {
    const toml::node* node = take(key);
    if (node && !node->is_table()) problem(*node, key, "expected a table, [" + prefix_ + std::string{key} + "]");
    return {node ? node->as_table() : nullptr, file_, prefix_ + std::string{key} + ".", problems_};
  }

  // An array of tables, [[key]].
  std::vector<Section> tables(std::string_view key) {
    std::vector<Section> out;
    const toml::node* node = take(key);
    if (!node) return out;
    const toml::array* array = node->as_array();
    if (!array || !std::ranges::all_of(*array, [](const toml::node& n) { return n.is_table(); })) {
      problem(*node, key, "expected tables, [[" + prefix_ + std::string{key} + "]]");
      return out;
    }
    for (const toml::node& element : *array) {
      out.emplace_back(element.as_table(), file_, prefix_ + std::string{key} + ".", problems_);
    }
    return out;
  }

  std::optional<std::string> text(std::string_view key) {
    const toml::node* node = take(key);
    if (!node) return std::nullopt;
    auto value = node->value_exact<std::string>();
    if (!value) problem(*node, key, "expected a string in quotes");
    return value;
  }

  template <class Parse>
  void text(std::string_view key, auto& out, Parse parse) {
    const toml::node* node = find(key);
    auto written = text(key);
    if (!written) return;
    auto value = parse(*written);
    if (!value) return problem(*node, key, "expected " + value.error() + (is_secret(key) ? "" : found(*written)));
    out = std::move(*value);
  }

  void texts(std::string_view key, std::vector<std::string>& out, auto parse) {
    const toml::node* node = take(key);
    if (!node) return;
    const toml::array* array = node->as_array();
    if (!array) return problem(*node, key, "expected a list of strings");
    out.clear();
    for (const toml::node& element : *array) {
      auto written = element.value_exact<std::string>();
      auto value = written ? parse(*written) : decltype(parse(*written)){std::unexpected(std::string{"a string"})};
      if (value) {
        out.push_back(std::move(*value));
      } else {
        problem(element, key, "expected " + value.error() + (written ? found(*written) : ""));
      }
    }
  }

  void boolean(std::string_view key, bool& out) {
    const toml::node* node = take(key);
    if (!node) return;
    auto value = node->value_exact<bool>();
    if (!value) return problem(*node, key, "expected true or false");
    out = *value;
  }

  template <std::unsigned_integral T>
  void number(std::string_view key, T& out, std::int64_t least, std::int64_t most) {
    const toml::node* node = take(key);
    if (!node) return;
    auto value = node->value_exact<std::int64_t>();
    const std::string expected = "expected a number from " + std::to_string(least) + " to " + std::to_string(most);
    if (!value) return problem(*node, key, expected);
    if (*value < least || *value > most) return problem(*node, key, expected + ", found " + std::to_string(*value));
    out = static_cast<T>(*value);
  }

  template <class Duration>
  void duration(std::string_view key, Duration& out, milliseconds least, milliseconds most) {
    text(key, out, [&](std::string_view written) -> Setting<Duration> {
      const std::string range = " from " + duration_text(least) + " to " + duration_text(most);
      auto value = parse_duration(written);
      if (!value) return std::unexpected(value.error() + "," + range);
      if (*value < least || *value > most) return std::unexpected("a duration" + range);
      if (std::chrono::duration_cast<Duration>(*value) != *value) return std::unexpected("whole seconds," + range);
      return std::chrono::duration_cast<Duration>(*value);
    });
  }

  void size(std::string_view key, std::size_t& out, std::size_t least, std::size_t most) {
    text(key, out, [&](std::string_view written) -> Setting<std::size_t> {
      const std::string range = " from " + size_text(least) + " to " + size_text(most);
      auto value = parse_size(written);
      if (!value) return std::unexpected(value.error() + "," + range);
      if (*value < least || *value > most) return std::unexpected("a size" + range);
      return *value;
    });
  }

  template <class T>
  void choice(std::string_view key, T& out, std::initializer_list<Choice<T>> choices) {
    text(key, out, [&](std::string_view written) -> Setting<T> {
      std::string names;
      for (const auto& row : choices) {
        if (row.name == written) return row.value;
        names += (names.empty() ? "\"" : ", \"") + std::string{row.name} + "\"";
      }
      return std::unexpected("one of " + names);
    });
  }

  // A setting that must be there when its table is.
  void missing(std::string_view key, std::string_view expected) {
    problems_.push_back(file_ + place(table_->source()) + ": " + prefix_ + std::string{key} + ": missing; expected " +
                        std::string{expected});
  }

  void problem(std::string_view key, const std::string& what) {
    const toml::node* node = find(key);
    if (!node) node = table_;
    if (node) problem(*node, key, what);
  }

  void finish() {
    if (!table_) return;
    for (const auto& [key, node] : *table_) {
      if (taken_.contains(key.str())) continue;
      if (secret_instead(key.str())) {
        problem(node, key.str(), "secrets do not belong in this file; expected " + *secret_instead(key.str()));
      } else if (const toml::table* inner = node.as_table()) {
        problem(node, key.str(), "unknown table, with " + names(*inner));
      } else {
        problem(node, key.str(), "unknown setting; expected " + expected_keys());
      }
    }
  }

 private:
  const toml::node* find(std::string_view key) const { return table_ ? table_->get(key) : nullptr; }

  const toml::node* take(std::string_view key) {
    taken_.emplace(key);
    return find(key);
  }

  static std::string place(const toml::source_region& source) {
    return source.begin.line ? ":" + std::to_string(source.begin.line) : "";
  }

  void problem(const toml::node& node, std::string_view key, const std::string& what) {
    problems_.push_back(file_ + place(node.source()) + ": " + prefix_ + std::string{key} + ": " + what);
  }

  static std::string names(const toml::table& table) {
    std::string out;
    for (const auto& [key, node] : table) out += (out.empty() ? "" : ", ") + std::string{key.str()};
    return out.empty() ? "nothing in it" : out;
  }

  std::string expected_keys() const {
    std::string out = "one of ";
    for (const auto& key : taken_) out += (key == *taken_.begin() ? "" : ", ") + key;
    return out;
  }

  // A setting whose value is never quoted; nor is the name of a secret's file, which may be the secret itself.
  static bool is_secret(std::string_view key) { return key.find("secret") != std::string_view::npos; }

  // Where a secret goes that somebody has put here.
  static std::optional<std::string> secret_instead(std::string_view key) {
    if (key.find("master") != std::string_view::npos)
      return "SIGNET_MASTER_KEY or SIGNET_MASTER_KEY_FILE in the environment";
    if (key.find("database") != std::string_view::npos)
      return "SIGNET_DATABASE_URL or SIGNET_DATABASE_URL_FILE in the environment";
    if (key.find("secret") != std::string_view::npos) return "SIGNET_SECRET or SIGNET_SECRET_FILE in the environment";
    return std::nullopt;
  }

  const toml::table* table_;
  std::string file_;
  std::string prefix_;
  std::vector<std::string>& problems_;
  std::set<std::string, std::less<>> taken_;
};

Setting<std::string> some_text(std::string_view written) {
  auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (written.empty() || std::ranges::any_of(written, control)) return std::unexpected("text that is not empty");
  return std::string{written};
}

Setting<std::string> listen_text(std::string_view written) {
  auto parsed = parse_listen(written);
  if (!parsed) return std::unexpected(parsed.error());
  return std::string{written};
}

Setting<Algorithm> algorithm_text(std::string_view written) {
  auto algorithm = algorithm_from_name(written);
  const bool offered = algorithm && (!is_symmetric(*algorithm) || *algorithm == Algorithm::HS256);
  if (!offered) return std::unexpected("an algorithm such as \"ES256\", \"EdDSA\", \"RS256\" or \"HS256\"");
  return *algorithm;
}

Setting<std::array<std::byte, 32>> sha256_hex(std::string_view written) {
  const auto expected = std::unexpected(std::string{"the SHA-256 of the secret as 64 hexadecimal digits"});
  std::array<std::byte, 32> out{};
  if (written.size() != 64) return expected;
  for (std::size_t i = 0; i < out.size(); ++i) {
    unsigned value = 0;
    const char* digits = written.data() + 2 * i;
    auto [end, error] = std::from_chars(digits, digits + 2, value, 16);
    if (error != std::errc{} || end != digits + 2) return expected;
    out[i] = static_cast<std::byte>(value);
  }
  if (out == api::sha256({})) return std::unexpected("the SHA-256 of a secret that is not empty");
  return out;
}

Setting<std::array<std::byte, 32>> sha256_of_file(std::string_view written) {
  auto secret = read_secret_file(std::filesystem::path{written});
  if (!secret) return std::unexpected("a file fit for a secret: " + secret.error().detail());
  if (secret->size() < 16) return std::unexpected(std::string{"a file that holds a secret of at least 16 bytes"});
  return api::sha256(secret->reveal());
}

void read_client(Section section, std::vector<IntrospectionClient>& out) {
  IntrospectionClient client;
  std::optional<std::array<std::byte, 32>> from_hex, from_file;
  section.text("id", client.id, [](std::string_view written) -> Setting<std::string> {
    // The id stands before the colon in HTTP Basic (RFC 7617 section 2).
    auto id = some_text(written);
    if (!id || id->find(':') != std::string::npos) return std::unexpected(std::string{"a name without a colon"});
    return id;
  });
  section.text("secret_sha256", from_hex, sha256_hex);
  section.text("secret_file", from_file, sha256_of_file);
  section.finish();
  if (!section.has("id")) section.missing("id", "the client's name");
  if (section.has("secret_sha256") == section.has("secret_file"))
    section.missing("secret_sha256", "this or secret_file, and not both");
  client.secret_sha256 = from_hex ? *from_hex : from_file.value_or(std::array<std::byte, 32>{});
  if (!client.id.empty() && std::ranges::find(out, client.id, &IntrospectionClient::id) != out.end())
    section.problem("id", "this client is named twice");
  out.push_back(std::move(client));
}

// What stands in the names of receivers, in labels of metrics and in logs.
Setting<std::string> receiver_name(std::string_view written) {
  constexpr std::string_view others = "-._~:/@";
  const auto ok = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || others.contains(c);
  };
  if (written.empty() || written.size() > 128 || !std::ranges::all_of(written, ok))
    return std::unexpected("1 to 128 letters, digits and " + std::string{others});
  return std::string{written};
}

// Never quoted: there may be a secret in it.
std::string read_address(Section& section, std::string_view key) {
  const auto written = section.text(key);
  if (!section.has(key)) section.missing(key, "where to post to");
  if (!written) return {};
  if (auto good = remote::check_url(*written); !good) section.problem(key, good.error().detail());
  if (written->contains('#')) section.problem(key, "expected an address without a fragment");
  return *written;
}

void read_backchannel_logout(Section section, std::vector<BackchannelLogout>& out) {
  BackchannelLogout party;
  section.text("client_id", party.client_id, receiver_name);
  if (!section.has("client_id")) section.missing("client_id", "the relying party's name, the `aud` of its tokens");
  party.uri = read_address(section, "uri");
  section.text("ca_file", party.ca_file, some_text);
  section.finish();
  if (!party.client_id.empty() && std::ranges::find(out, party.client_id, &BackchannelLogout::client_id) != out.end())
    section.problem("client_id", "this client is named twice");
  out.push_back(std::move(party));
}

Setting<std::string> event_name(std::string_view written) {
  if (!audit_kind_from_name(written)) return std::unexpected(std::string{"the name of an audit event"});
  return std::string{written};
}

Setting<WebhookSecrets> secrets_of_file(std::string_view written) {
  auto secret = read_secret_file(std::filesystem::path{written});
  if (!secret) return std::unexpected("a file fit for a secret: " + secret.error().detail());
  auto secrets = WebhookSecrets::parse(secret->reveal_text());
  if (!secrets) return std::unexpected("a file with " + secrets.error());
  return std::move(*secrets);
}

void read_webhook(Section section, std::vector<Webhook>& out) {
  Webhook webhook;
  section.text("name", webhook.name, receiver_name);
  if (!section.has("name")) section.missing("name", "a name for logs and metrics");
  webhook.url = read_address(section, "url");
  section.texts("events", webhook.events, event_name);
  section.text("ca_file", webhook.ca_file, some_text);
  section.text("secret_file", webhook.secrets, secrets_of_file);
  section.finish();
  if (!webhook.name.empty() && std::ranges::find(out, webhook.name, &Webhook::name) != out.end())
    section.problem("name", "this webhook is named twice");
  out.push_back(std::move(webhook));
}

void read_deliveries(Section section, DeliveryPolicy& out) {
  section.number("attempts", out.attempts, 1, 100);
  section.duration("time", out.time, milliseconds{100}, seconds{30});
  section.duration("first_pause", out.first_pause, milliseconds{10}, std::chrono::minutes{10});
  section.duration("longest_pause", out.longest_pause, milliseconds{10}, std::chrono::hours{24});
  section.finish();
}

void read_tls(Section tls, Config& config) {
  if (tls.present()) {
    auto certificate = tls.text("certificate"), key = tls.text("key");
    if (!certificate) tls.missing("certificate", "the PEM file of the certificate chain");
    if (!key) tls.missing("key", "the PEM file of its private key");
    config.tls = http::TlsFiles{certificate.value_or(""), key.value_or("")};
  }
  tls.finish();
}

void read_password(Section password, Config& config) {
  password.number("minimum_length", config.passwords.minimum_length, 8, 128);
  password.number("minimum_score", config.passwords.minimum_score, 0, 4);
  password.texts("blocked_words", config.passwords.blocked_words, some_text);
  std::size_t memory = std::size_t{config.hashing.memory_kib} << 10;
  password.size("memory", memory, std::size_t{7} << 20, std::size_t{1} << 30);
  password.number("passes", config.hashing.passes, 1, 16);
  config.hashing.memory_kib = static_cast<std::uint32_t>(memory >> 10);
  // The sum of OWASP's weakest choices; Argon2id::with refuses the same.
  if (std::uint64_t{config.hashing.memory_kib} * config.hashing.passes < 35 * 1024) {
    password.problem("memory", "expected memory times passes of at least 35MiB, found " + size_text(memory) +
                                   " times " + std::to_string(config.hashing.passes));
  }
  password.finish();
}

void read_keys(Section keys, KeySettings& out) {
  // At least twice the max-age of the key set, so that no verifier meets a token before its key.
  keys.duration("announce", out.announce_for, std::chrono::minutes{10}, std::chrono::days{30});
  keys.duration("rotate_after", out.rotate_after, seconds{0}, std::chrono::days{3650});
  // dlopen looks for a name without a slash in places that nobody thinks of.
  keys.text("pkcs11_module", out.pkcs11_module, [](std::string_view written) -> Setting<std::filesystem::path> {
    if (!written.starts_with('/')) return std::unexpected("the path of the HSM's PKCS#11 library, from the root");
    return std::filesystem::path{written};
  });
  keys.finish();
}

Setting<std::string> environment_text(std::string_view written) {
  const auto ok = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (written.empty() || written.size() > 16 || !std::ranges::all_of(written, ok)) {
    return std::unexpected("1 to 16 lower-case letters and digits");
  }
  return std::string{written};
}

void read_api_keys(Section keys, ApiKeySettings& out) {
  keys.text("environment", out.policy.environment, environment_text);
  keys.duration("lifetime", out.policy.lifetime, std::chrono::minutes{1}, std::chrono::days{3650});
  keys.duration("longest_lifetime", out.policy.longest_lifetime, std::chrono::minutes{1}, std::chrono::days{3650});
  keys.number("most_per_account", out.policy.most_per_account, 1, 10'000);
  keys.number("most", out.policy.most, 1, 10'000'000);
  keys.duration("login_age", out.policy.login_age, std::chrono::minutes{1}, std::chrono::days{3650});
  keys.finish();
}

void read_limits(Section limits, LimitSettings& out) {
  constexpr std::int64_t most = 1'000'000;
  Section login = limits.table("login");
  login.number("per_address_per_minute", out.login.per_address.count, 1, most);
  login.number("failures_per_5_minutes", out.login.per_account_and_address.count, 1, most);
  login.number("failures_per_day", out.login.per_account_and_address_slow.count, 1, most);
  login.number("failures_per_account_per_hour", out.login.per_account.count, 1, most);
  login.finish();
  // Room for what the limit of logins allows, and as much again for the others.
  out.attempts.count = 2 * out.login.per_address.count;
  Section attempts = limits.table("attempts");
  attempts.number("per_address_per_minute", out.attempts.count, 1, 2 * most);
  attempts.finish();
  Section signup = limits.table("signup");
  signup.number("per_address_per_hour", out.signup_per_address.count, 1, most);
  signup.finish();
  Section password = limits.table("password");
  password.number("attempts_per_15_minutes", out.password_attempts.count, 1, most);
  password.number("failures_per_15_minutes", out.password_changes.count, 1, most);
  password.finish();
  Section introspection = limits.table("introspection");
  introspection.number("failures_per_minute", out.introspection_failures.count, 1, most);
  introspection.finish();
  Section session = limits.table("session");
  session.number("refreshes_per_minute", out.refreshes.count, 1, most);
  session.number("changes_per_minute", out.changes.count, 1, most);
  session.finish();
  limits.finish();
}

void read_lane(Section lane, http::LaneSize& out, std::int64_t least_threads) {
  lane.number("threads", out.threads, least_threads, 1024);
  lane.number("queue", out.queue, 1, 1'000'000);
  lane.finish();
}

void read_http(Section http, Config& config) {
  auto& limits = config.http;
  http.number("loops", config.loops, 0, 256);
  http.number("connections", limits.connections, 1, 1'000'000);
  http.number("connections_per_address", limits.connections_per_address, 1, 1'000'000);
  http.number("streams", config.streams.all, 0, 1'000'000);
  http.number("streams_per_address", config.streams.per_address, 0, 1'000'000);
  http.size("header_size", limits.header_bytes, 1024, 1U << 20);
  http.size("target_size", limits.target_bytes, 1024, 1U << 16);
  http.number("header_count", limits.header_count, 8, 1000);
  http.size("body_size", limits.body_bytes, 1024, 16U << 20);
  http.duration("header_time", limits.header_time, milliseconds{100}, std::chrono::minutes{10});
  http.duration("body_time", limits.body_time, milliseconds{100}, std::chrono::minutes{10});
  http.duration("idle_time", limits.idle_time, milliseconds{100}, std::chrono::hours{1});
  http.duration("write_time", limits.write_time, milliseconds{100}, std::chrono::minutes{10});
  http.duration("drain_delay", config.drain_delay, milliseconds{0}, std::chrono::minutes{10});
  http.duration("drain_time", config.drain_time, seconds{0}, std::chrono::minutes{10});
  http.texts("trusted_proxies", config.trusted_proxies, parse_network);
  http.texts("cors_origins", config.cors_origins, parse_origin);
  http.finish();
}

void read(Section root, Config& config) {
  root.text("listen", config.listen, listen_text);
  root.text("monitor_listen", config.monitor_listen, listen_text);
  root.text("data", config.data, some_text);
  root.text("issuer", config.issuer, parse_issuer);

  Section token = root.table("token");
  token.text("audience", config.tokens.audience, some_text);
  token.text("client_id", config.tokens.client_id, some_text);
  token.text("algorithm", config.tokens.algorithm, algorithm_text);
  token.duration("lifetime", config.tokens.access_lifetime, seconds{10}, longest_access_lifetime);
  token.finish();

  Section refresh = root.table("refresh");
  refresh.duration("grace", config.refresh.grace, seconds{0}, seconds{60});
  refresh.duration("idle", config.refresh.idle, std::chrono::minutes{1}, std::chrono::days{365});
  refresh.duration("absolute", config.refresh.absolute, std::chrono::minutes{1}, std::chrono::days{3650});
  refresh.finish();

  Section sessions = root.table("sessions");
  sessions.choice<SessionMode>("mode", config.sessions.mode,
                               {{"token", SessionMode::token}, {"server", SessionMode::server}});
  sessions.number("most_per_account", config.sessions.most_per_account, 1, 10'000);
  sessions.finish();

  Section dpop = root.table("dpop");
  dpop.boolean("nonces", config.dpop.nonces);
  dpop.finish();

  Section audit = root.table("audit");
  audit.duration("keep", config.audit.keep, std::chrono::days{1}, std::chrono::days{3650});
  audit.finish();

  Section signup = root.table("signup");
  signup.boolean("open", config.signup.open);
  signup.text("scope", config.signup.scope, parse_scope);
  signup.finish();

  read_password(root.table("password"), config);
  read_keys(root.table("keys"), config.keys);
  read_api_keys(root.table("api_keys"), config.api_keys);
  config.api_keys.policy.client = config.tokens.client_id;
  read_limits(root.table("limits"), config.limits);
  read_http(root.table("http"), config);
  Section lanes = root.table("lanes");
  read_lane(lanes.table("store"), config.store_lane, 1);
  read_lane(lanes.table("password"), config.password_lane, 0);
  lanes.finish();
  read_tls(root.table("tls"), config);

  Section cookies = root.table("cookies");
  cookies.texts("allowed_origins", config.allowed_origins, parse_origin);
  cookies.finish();

  Section introspection = root.table("introspection");
  for (Section& client : introspection.tables("clients")) read_client(std::move(client), config.introspection_clients);
  introspection.finish();

  for (Section& party : root.tables("backchannel_logout"))
    read_backchannel_logout(std::move(party), config.backchannel_logout);
  for (Section& webhook : root.tables("webhooks")) read_webhook(std::move(webhook), config.webhooks);
  if (config.backchannel_logout.size() + config.webhooks.size() > most_receivers)
    root.problem("webhooks", "expected at most 32 receivers of logouts and webhooks together");
  read_deliveries(root.table("deliveries"), config.deliveries);

  Section log = root.table("log");
  log.choice<LogFormat>("format", config.log.format,
                        {{"auto", LogFormat::automatic}, {"json", LogFormat::json}, {"logfmt", LogFormat::logfmt}});
  log.choice<LogLevel>("level", config.log.level,
                       {{"debug", LogLevel::debug},
                        {"info", LogLevel::info},
                        {"warning", LogLevel::warning},
                        {"error", LogLevel::error}});
  log.boolean("access", config.log.access);
  log.finish();
  root.finish();
}

void note_written(const toml::table& table, const std::string& prefix, std::map<std::string, std::string>& out) {
  for (const auto& [key, node] : table) {
    const auto name = prefix + std::string{key.str()};
    if (const toml::table* inner = node.as_table()) {
      note_written(*inner, name + ".", out);
    } else {
      std::ostringstream text;
      text << toml::node_view<const toml::node>{node};
      out[name] = std::move(text).str();
    }
  }
}

}  // namespace

void read_config_file(const std::filesystem::path& path, Config& config, std::vector<std::string>& problems) {
  const std::string file = path.string();
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) {
    const bool there = std::filesystem::exists(path, failed);
    problems.push_back(file + ": expected a readable TOML file, found " + (there ? "something else" : "none"));
    return;
  }
  try {
    const toml::table table = toml::parse_file(file);
    read(Section{&table, file, "", problems}, config);
    note_written(table, "", config.written);
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    problems.push_back(file + (line ? ":" + std::to_string(line) : "") + ": " + std::string{error.description()});
  }
}

}  // namespace signet::server::app

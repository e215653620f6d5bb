#include "server/app/config.hpp"

#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "server/app/setting.hpp"
#include "server/printable.hpp"
#include "server/private_file.hpp"
#include "signet/key.hpp"

namespace signet::server::app {
namespace {

// A value with where it came from, for messages.
struct Given {
  std::string value;
  std::string from;
  bool flag;
};

// The flag when there is one, else the environment variable unless it is empty.
std::optional<Given> given(const std::optional<std::string>& flag, const char* flag_name, const char* variable) {
  if (flag) return Given{*flag, flag_name, true};
  const char* value = std::getenv(variable);
  if (!value || !*value) return std::nullopt;
  return Given{value, variable, false};
}

void complain(ConfigError& error, const Given& given, const std::string& expected) {
  error.problems.push_back(given.from + ": expected " + expected + found(given.value));
  error.wrong_usage |= given.flag;
}

void apply_listen(const Given& given, std::string& out, ConfigError& error) {
  auto parsed = parse_listen(given.value);
  if (!parsed) return complain(error, given, parsed.error());
  out = given.value;
}

// `variable` or the file that `variable`_FILE names.
std::optional<Secret> read_secret(const std::string& variable, ConfigError& error) {
  const std::string file_variable = variable + "_FILE";
  const char* direct = std::getenv(variable.c_str());
  const char* file = std::getenv(file_variable.c_str());
  const bool has_direct = direct && *direct;
  const bool has_file = file && *file;
  std::optional<Secret> out;
  if (has_direct && has_file) {
    error.problems.push_back(variable + " and " + file_variable + ": expected one of them, found both");
  } else if (has_direct) {
    out = Secret::from_text(direct);
  } else if (has_file) {
    auto read = read_secret_file(file);
    if (read) out = std::move(*read);
    // Not its name: it may be the secret, set in the wrong variable.
    if (!read) error.problems.push_back(file_variable + ": expected a file fit for a secret: " + read.error().detail());
    if (out && out->size() == 0)
      error.problems.push_back(file_variable + ": expected a secret in the file, found nothing");
  }
  wipe_environment(variable.c_str());
  return out;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value;
}

// The algorithm and the shared secret have to fit each other.
void settle_algorithm(Config& config, ConfigError& error) {
  auto& algorithm = config.tokens.algorithm;
  if (!algorithm) algorithm = config.hmac_secret ? Algorithm::HS256 : Algorithm::ES256;
  const std::string named = "token.algorithm \"" + std::string{name(*algorithm)} + "\"";
  if (is_symmetric(*algorithm) && !config.hmac_secret) {
    error.problems.push_back(named + ": expected SIGNET_SECRET or SIGNET_SECRET_FILE with it, found neither");
  }
  if (!is_symmetric(*algorithm) && config.hmac_secret) {
    error.problems.push_back(named + ": expected no SIGNET_SECRET with it; a shared secret is for HS256");
  }
  if (is_symmetric(*algorithm) && config.hmac_secret) {
    auto key = SigningKey::hmac(*algorithm, *config.hmac_secret);
    // The detail of the error could quote the secret's form; its code is enough.
    if (!key && key.error().code() == ErrorCode::key_too_weak) {
      error.problems.push_back(
          "SIGNET_SECRET: expected at least 32 bytes, random ones; make them with `openssl rand -base64 48`");
    } else if (!key) {
      error.problems.push_back("SIGNET_SECRET: expected random bytes, found what looks like a key file (" +
                               std::string{to_string(key.error().code())} + ")");
    }
  }
}

// Only the scheme: the rest is libpq's to judge, and may be a password.
void check_database(const Config& config, ConfigError& error) {
  if (!config.database_url) return;
  auto url = config.database_url->reveal_text();
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://"))
    error.problems.push_back("SIGNET_DATABASE_URL: expected postgresql://user:password@host:port/database");
}

// Of webhooks without a file of their own.
void settle_webhook_secret(Config& config, ConfigError& error) {
  if (config.webhook_secret) {
    auto secrets = WebhookSecrets::parse(config.webhook_secret->reveal_text());
    if (!secrets) error.problems.push_back("SIGNET_WEBHOOK_SECRET: expected " + secrets.error());
    for (Webhook& webhook : config.webhooks)
      if (secrets && !webhook.secrets) webhook.secrets = secrets->copy();
    return;
  }
  for (const Webhook& webhook : config.webhooks) {
    if (!webhook.secrets) {
      error.problems.push_back("webhooks.secret_file: expected with \"" + webhook.name +
                               "\", or SIGNET_WEBHOOK_SECRET, found neither");
    }
  }
}

void check_together(const Config& config, ConfigError& error) {
  if (config.deliveries.first_pause > config.deliveries.longest_pause) {
    error.problems.push_back("deliveries.first_pause: expected at most deliveries.longest_pause (" +
                             duration_text(config.deliveries.longest_pause) + "), found \"" +
                             duration_text(config.deliveries.first_pause) + "\"");
  }
  if (config.tls && config.issuer.starts_with("http://")) {
    error.problems.push_back("issuer: expected https://, for the listener speaks TLS, found \"" + config.issuer + '"');
  }
  if (config.refresh.idle > config.refresh.absolute) {
    error.problems.push_back("refresh.idle: expected at most refresh.absolute (" +
                             duration_text(config.refresh.absolute) + "), found \"" +
                             duration_text(config.refresh.idle) + "\"");
  }
  if (config.refresh.idle <= config.refresh.grace) {
    error.problems.push_back("refresh.idle: expected more than refresh.grace (" + duration_text(config.refresh.grace) +
                             "), found \"" + duration_text(config.refresh.idle) + "\"");
  }
}

// Whether LoginServer::reload takes the setting over.
bool is_taken_over(std::string_view name, const Config& running, const Config& next) {
  if (name.starts_with("tls.")) return running.tls && next.tls;
  return name == "log.level" || name.starts_with("signup.") || name == "sessions.mode" ||
         name == "introspection.clients";
}

bool same(const std::optional<Secret>& a, const std::optional<Secret>& b) { return a && b ? a->equals(*b) : !a && !b; }

std::expected<Config, ConfigError> load(const Flags& flags, const Config* running, bool with_shared_secret) {
  Config config;
  ConfigError error;

  if (auto file = given(flags.config, "--config", "SIGNET_CONFIG"))
    read_config_file(file->value, config, error.problems);

  if (auto listen = given(flags.listen, "--listen", "SIGNET_LISTEN")) {
    apply_listen(*listen, config.listen, error);
    config.written.erase("listen");
  }
  if (auto listen = given(flags.monitor_listen, "--monitor-listen", "SIGNET_MONITOR_LISTEN")) {
    apply_listen(*listen, config.monitor_listen, error);
    config.written.erase("monitor_listen");
  }
  if (auto data = given(flags.data, "--data", "SIGNET_DATA")) {
    if (data->value.empty()) complain(error, *data, "a directory");
    config.data = data->value;
    config.written.erase("data");
  }
  if (auto issuer = given(flags.issuer, "--issuer", "SIGNET_ISSUER")) {
    auto parsed = parse_issuer(issuer->value);
    if (!parsed) complain(error, *issuer, parsed.error());
    if (parsed) config.issuer = std::move(*parsed);
    config.written.erase("issuer");
  }

  if (with_shared_secret) {
    config.hmac_secret = read_secret("SIGNET_SECRET", error);
    if (!config.hmac_secret && running && running->hmac_secret) config.hmac_secret = running->hmac_secret->copy();
    settle_algorithm(config, error);
    config.webhook_secret = read_secret("SIGNET_WEBHOOK_SECRET", error);
    if (!config.webhook_secret && running && running->webhook_secret)
      config.webhook_secret = running->webhook_secret->copy();
    settle_webhook_secret(config, error);
  } else if (!config.tokens.algorithm) {
    const bool shared = is_set("SIGNET_SECRET") || is_set("SIGNET_SECRET_FILE");
    config.tokens.algorithm = shared ? Algorithm::HS256 : Algorithm::ES256;
  }
  config.pkcs11_pin = read_secret("SIGNET_PKCS11_PIN", error);
  if (!config.pkcs11_pin && running && running->pkcs11_pin) config.pkcs11_pin = running->pkcs11_pin->copy();
  config.database_url = read_secret("SIGNET_DATABASE_URL", error);
  if (!config.database_url && running && running->database_url) config.database_url = running->database_url->copy();
  check_database(config, error);
  check_together(config, error);

  if (error.problems.empty()) return config;
  // What was written wrongly is quoted, and may hold anything.
  for (std::string& problem : error.problems) problem = printable(problem);
  return std::unexpected(std::move(error));
}

}  // namespace

RotationPolicy rotation_policy(const Config& config) {
  return {.algorithm = config.tokens.algorithm.value(),
          .announce_for = config.keys.announce_for,
          .sign_for = config.keys.rotate_after,
          .makes_keys = config.keys.pkcs11_module.empty()};
}

std::vector<std::string> unknown_variables() {
  // Kubernetes puts SIGNET_SERVICE_HOST, SIGNET_PORT_8080_TCP and the like there for a service named "signet".
  constexpr std::array foreign{"SIGNET_SERVICE_", "SIGNET_PORT"};
  constexpr std::array known{
      "SIGNET_CONFIG",          "SIGNET_LISTEN",          "SIGNET_MONITOR_LISTEN",     "SIGNET_DATA",
      "SIGNET_ISSUER",          "SIGNET_SECRET",          "SIGNET_SECRET_FILE",        "SIGNET_DATABASE_URL",
      "SIGNET_MASTER_KEY",      "SIGNET_MASTER_KEY_FILE", "SIGNET_DATABASE_URL_FILE",  "SIGNET_PKCS11_PIN",
      "SIGNET_PKCS11_PIN_FILE", "SIGNET_WEBHOOK_SECRET",  "SIGNET_WEBHOOK_SECRET_FILE"};
  std::vector<std::string> unknown;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view both = *variable;
    const auto name = both.substr(0, both.find('='));
    if (!name.starts_with("SIGNET_") || std::ranges::find(known, name) != known.end()) continue;
    if (std::ranges::none_of(foreign, [&](std::string_view start) { return name.starts_with(start); }))
      unknown.push_back(printable(name));
  }
  return unknown;
}

void wipe_environment(const char* variable) noexcept {
  if (char* value = std::getenv(variable)) {
    OPENSSL_cleanse(value, std::strlen(value));
    unsetenv(variable);
  }
}

std::expected<Config, ConfigError> load_config(const Flags& flags, const Config* running) {
  return load(flags, running, true);
}

std::expected<Config, ConfigError> load_data_config(const Flags& flags) { return load(flags, nullptr, false); }

std::vector<std::string> waiting_for_restart(const Config& running, const Config& next) {
  std::vector<std::string> names;
  auto add = [&](const std::string& name) {
    if (!is_taken_over(name, running, next)) names.push_back(name);
  };
  for (const auto& [name, text] : next.written) {
    auto before = running.written.find(name);
    if (before == running.written.end() || before->second != text) add(name);
  }
  for (const auto& [name, text] : running.written)
    if (!next.written.contains(name)) add(name);
  if (!same(running.hmac_secret, next.hmac_secret)) add("SIGNET_SECRET");
  if (!same(running.database_url, next.database_url)) add("SIGNET_DATABASE_URL");
  if (!same(running.pkcs11_pin, next.pkcs11_pin)) add("SIGNET_PKCS11_PIN");
  if (!same(running.webhook_secret, next.webhook_secret)) add("SIGNET_WEBHOOK_SECRET");
  return names;
}

}  // namespace signet::server::app

#pragma once
// What an operator decides. Defaults, then the TOML file, then the environment, then flags: the later one wins.
// docs/configuration.md lists every setting; packaging/signet.example.toml shows them all.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/accounts/password.hpp"
#include "server/accounts/password_hash.hpp"
#include "server/api/dpop_policy.hpp"
#include "server/api_keys/api_keys.hpp"
#include "server/app/sockets.hpp"
#include "server/deliveries/courier.hpp"
#include "server/deliveries/webhook.hpp"
#include "server/http/server.hpp"
#include "server/http/stream.hpp"
#include "server/keys/rotation.hpp"
#include "server/limits/login_limits.hpp"
#include "server/sessions/sessions.hpp"
#include "signet/algorithm.hpp"
#include "signet/secret.hpp"

namespace signet::server::app {

// The flags of `signet serve`, as typed; nothing when not given.
struct Flags {
  std::optional<std::string> config;          // --config, else SIGNET_CONFIG
  std::optional<std::string> listen;          // --listen, else SIGNET_LISTEN
  std::optional<std::string> monitor_listen;  // --monitor-listen, else SIGNET_MONITOR_LISTEN
  std::optional<std::string> data;            // --data, else SIGNET_DATA
  std::optional<std::string> issuer;          // --issuer, else SIGNET_ISSUER
};

struct TokenSettings {
  std::string audience = "api";
  std::string client_id = "signet";
  std::optional<Algorithm> algorithm;  // always set by load_config: HS256 with a shared secret, else ES256
  std::chrono::seconds access_lifetime{600};
};

struct SessionSettings {
  SessionMode mode = SessionMode::token;  // of new ones
  std::size_t most_per_account = usual_sessions_per_account;
};

struct AuditSettings {
  std::chrono::milliseconds keep = std::chrono::days{400};
};

struct SignupSettings {
  bool open = true;               // closed: accounts come from `signet users add` only
  std::string scope = "profile";  // of the accounts it makes
};

struct KeySettings {
  std::chrono::milliseconds announce_for = std::chrono::hours{24};
  std::chrono::milliseconds rotate_after = std::chrono::days{90};  // 0: never by itself
  std::filesystem::path pkcs11_module;  // of the HSM that has the keys; empty: the server makes them and keeps them
};

struct ApiKeySettings {
  ApiKeyPolicy policy;
};

struct LimitSettings {
  LoginLimitOptions login;
  // What is to be hashed, from one address. Unless the file says otherwise: twice `login.per_address`.
  Rate attempts{120, std::chrono::minutes{1}};
  Rate signup_per_address{20, std::chrono::hours{1}};
  Rate password_attempts{30, std::chrono::minutes{15}};      // to change it, good or bad, of one account
  Rate introspection_failures{30, std::chrono::minutes{1}};  // of clients at one address
  Rate password_changes{10, std::chrono::minutes{15}};       // wrong current passwords, of one account
  Rate refreshes{120, std::chrono::minutes{1}};              // of one session
  Rate changes{60, std::chrono::minutes{1}};                 // by one session; access tokens revoked: of one account
};

enum class LogFormat : std::uint8_t { automatic, json, logfmt };  // automatic: logfmt on a terminal, else json
enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct LogSettings {
  LogFormat format = LogFormat::automatic;
  LogLevel level = LogLevel::info;
  bool access = true;  // one line a request
};

// A service that may ask POST /introspect with HTTP Basic.
struct IntrospectionClient {
  std::string id;
  std::array<std::byte, 32> secret_sha256{};
};

// A relying party that is told of logouts.
struct BackchannelLogout {
  std::string client_id;  // the `aud` of its logout tokens
  std::string uri;
  std::string ca_file;  // PEM authorities instead of the system's; empty: the system's
};

struct Webhook {
  std::string name;
  std::string url;
  std::vector<std::string> events;  // audit kinds; empty: all
  std::string ca_file;
  std::optional<WebhookSecrets> secrets;  // unset: those of SIGNET_WEBHOOK_SECRET
};

struct Config {
  std::string listen = "127.0.0.1:8080";
  std::string monitor_listen = "127.0.0.1:9090";
  InheritedSockets sockets;  // instead of the two above; see serve()
  std::filesystem::path data = "./signet-data";
  std::string issuer;  // empty: http(s)://<the address listened on>

  TokenSettings tokens;
  RefreshPolicy refresh;
  SessionSettings sessions;
  api::DpopSettings dpop;
  AuditSettings audit;
  SignupSettings signup;
  PasswordPolicy passwords;
  HashParameters hashing;
  KeySettings keys;
  ApiKeySettings api_keys;
  LimitSettings limits;
  http::ServerLimits http;
  http::StreamLimits streams;
  unsigned loops = 0;  // event loops; 0: one a core
  http::LaneSize store_lane{16, 1024};
  http::LaneSize password_lane{0, 64};  // threads 0: one a core
  std::chrono::milliseconds drain_delay{0};
  std::chrono::seconds drain_time{20};
  std::optional<http::TlsFiles> tls;
  std::vector<std::string> trusted_proxies;
  std::vector<std::string> allowed_origins;  // for cookies, beside the issuer's own
  std::vector<std::string> cors_origins;     // of pages that may read answers, without cookies
  std::vector<IntrospectionClient> introspection_clients;
  std::vector<BackchannelLogout> backchannel_logout;
  std::vector<Webhook> webhooks;
  DeliveryPolicy deliveries;
  LogSettings log;

  // The file's settings by name ("refresh.grace"), each as it stands there, less those that a flag or variable
  // replaces.
  std::map<std::string, std::string> written;

  // From the environment or from the file it names, never from the TOML file or a flag.
  std::optional<Secret> hmac_secret;  // SIGNET_SECRET, SIGNET_SECRET_FILE; the master key: see keys/master_key.hpp
  // SIGNET_DATABASE_URL, SIGNET_DATABASE_URL_FILE: PostgreSQL, instead of a file in `data`. May hold a password.
  std::optional<Secret> database_url;
  // SIGNET_PKCS11_PIN, SIGNET_PKCS11_PIN_FILE: of the HSM's token.
  std::optional<Secret> pkcs11_pin;
  // SIGNET_WEBHOOK_SECRET, SIGNET_WEBHOOK_SECRET_FILE: of webhooks that name no file of their own.
  std::optional<Secret> webhook_secret;
};

struct ConfigError {
  std::vector<std::string> problems;  // each names where, what, and what was expected
  bool wrong_usage = false;           // a flag is among them
};

// Reads all of it and reports every problem together. Secrets are wiped from the environment once read, so that they
// show neither in /proc nor to child processes.
// `running`: the configuration in use, when this is to replace it; secrets that are gone from the environment come from
// there.
[[nodiscard]] std::expected<Config, ConfigError> load_config(const Flags& flags, const Config* running = nullptr);

// How the signing keys of that configuration rotate.
[[nodiscard]] RotationPolicy rotation_policy(const Config& config);

// For commands that work on the data beside the server: without the shared secret, which they have no use for.
[[nodiscard]] std::expected<Config, ConfigError> load_data_config(const Flags& flags);

// The names of the settings and secrets that differ and that LoginServer::reload does not take over.
[[nodiscard]] std::vector<std::string> waiting_for_restart(const Config& running, const Config& next);

// The variables that begin with SIGNET_ and mean nothing to the server, by name: misspelt ones.
[[nodiscard]] std::vector<std::string> unknown_variables();

// Zeroes the variable's bytes where they stand, then unsets it: unsetting alone leaves them in /proc/PID/environ.
void wipe_environment(const char* variable) noexcept;

// Adds what the TOML file at `path` says to `config`; appends to `problems` ("signet.toml:12: refresh.grace: expected
// …").
void read_config_file(const std::filesystem::path& path, Config& config, std::vector<std::string>& problems);

}  // namespace signet::server::app

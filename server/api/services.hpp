#pragma once
// What the endpoints work with. Everything referred to outlives the router.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/accounts/accounts.hpp"
#include "server/api/revocation_feed.hpp"
#include "server/api/status_lists.hpp"
#include "server/api_keys/api_keys.hpp"
#include "server/api_keys/table.hpp"
#include "server/current.hpp"
#include "server/http/message.hpp"
#include "server/keys/key_ring.hpp"
#include "server/limits/login_limits.hpp"
#include "server/limits/rate_limiter.hpp"
#include "server/sessions/access_token.hpp"
#include "server/sessions/server_sessions.hpp"
#include "server/sessions/sessions.hpp"
#include "server/store/store.hpp"
#include "signet/clock.hpp"
#include "signet/dpop.hpp"
#include "signet/error.hpp"
#include "signet/http/guard.hpp"
#include "signet/revocations.hpp"
#include "signet/verifier.hpp"

namespace signet::server::api {

enum class LoginOutcome : std::uint8_t { granted, refused, limited, unavailable };
enum class RefreshOutcome : std::uint8_t { granted, repeated, invalid, reuse, limited, unavailable };
inline constexpr std::array login_outcomes{"granted", "refused", "limited", "unavailable"};
inline constexpr std::array refresh_outcomes{"granted", "repeated", "invalid", "reuse", "limited", "unavailable"};

// Counted by the endpoints, shown by /metrics.
struct Counters {
  using Count = std::atomic<std::uint64_t>;
  std::array<Count, login_outcomes.size()> logins{};
  std::array<Count, refresh_outcomes.size()> refreshes{};
  std::array<Count, static_cast<std::size_t>(ErrorCode::internal) + 1> refused_tokens{};  // by reason
  Count issued_tokens = 0;
  Count unsigned_tokens = 0;  // for want of the key
  Count refused_clients = 0;  // at POST /introspect

  void login(LoginOutcome outcome) { ++logins[static_cast<std::size_t>(outcome)]; }
  void refresh(RefreshOutcome outcome) { ++refreshes[static_cast<std::size_t>(outcome)]; }
  void refused(ErrorCode reason) { ++refused_tokens[static_cast<std::size_t>(reason)]; }
};

// A service that may introspect tokens with HTTP Basic.
struct Client {
  std::string id;
  std::array<std::byte, 32> secret_sha256{};
};

// What an operator may change while the server runs.
struct Settings {
  bool signup_open = true;
  std::string signup_scope = "profile";
  std::vector<Client> clients;
  SessionMode session_mode = SessionMode::token;  // of new sessions
};

// For the log: why a token was refused, and what failed here. Never told a secret.
struct Reports {
  std::function<void(const http::Request&, const Error& why)> refused;
  std::function<void(const http::Request&, std::string_view what, std::string_view detail)> failed;
};

// What one signup takes from `Services::signup_limit`. A password that was refused keeps a part of it: estimating how
// hard it is to guess is work as well.
inline constexpr std::uint32_t signup_cost = 4;
inline constexpr std::uint32_t weak_password_cost = 1;
[[nodiscard]] constexpr Rate signup_rate(Rate signups) { return {signups.count * signup_cost, signups.per}; }

struct Services {
  Store& store;
  Accounts& accounts;
  Sessions& sessions;
  ServerSessions& server_sessions;
  ApiKeys& api_keys;
  ApiKeyTable& api_key_table;
  KeyRing& keys;
  const Current<MasterKey>& master;
  RotationPolicy rotation;  // of the signing keys; a shared secret has an algorithm without any
  Revocations& revocations;
  RevocationFollower& follower;
  RevocationFeed& feed;
  StatusLists& status_lists;
  LoginLimits& login_limits;
  RateLimiter& attempt_limit;           // what goes to the password lane, by address; never given back
  RateLimiter& signup_limit;            // by address, at signup_rate
  RateLimiter& password_limit;          // wrong current passwords, by account
  RateLimiter& password_attempt_limit;  // changes of a password, good or bad, by account; never given back
  RateLimiter& introspection_limit;     // wrong clients at POST /introspect, by address
  RateLimiter& refresh_limit;           // good refresh tokens presented, by session
  RateLimiter& change_limit;  // what writes for who is signed in, by session; access tokens revoked, by account
  RateLimiter& audit_limit;   // how often a refusal is worth a row in the store, by kind and address
  const Clock& clock;
  AccessTokenPolicy tokens;
  Verifier verifier;                 // of access tokens
  signet::http::Guard guard;         // the same, of requests
  DpopVerifier dpop;                 // of proofs; the guard's as well, so that no proof is taken by both
  std::vector<std::string> origins;  // that may use cookies; the issuer's own among them
  const Current<Settings>& settings;
  Counters& counters;
  Reports reports;
};

}  // namespace signet::server::api

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/credential_text.hpp"
#include "server/id.hpp"
#include "server/sessions/status.hpp"
#include "signet/clock.hpp"

namespace signet::server {

// How those who get a session's tokens find out that it lives.
enum class SessionMode : std::uint8_t {
  token,   // access tokens are signed and say all of it; a refresh token gives the next one
  server,  // one opaque token, looked up in the store each time
};

// One login on one device: one row, however often it is refreshed.
struct Session {
  SessionId id;  // the `sid` of its tokens
  AccountId account;
  std::uint32_t counter = 0;    // of the one refresh token that is current
  Time rotated_at{};            // when the counter last grew, and with it the opaque token was replaced
  bool successor_used = false;  // whether the pair that the last rotation gave has been seen in use
  Time created_at{};            // the `auth_time` of its tokens
  Time last_used_at{};
  Time idle_expires_at{};  // moves with each refresh, or use of the opaque token
  Time expires_at{};       // never moves
  std::string binding;     // empty, or the DPoP key's thumbprint (jkt)
  std::string user_agent;  // as the client said at login, shortened; shown to the user
  std::string address;
  StatusEntries status{};                     // where its tokens stand in the status lists
  std::optional<SecretHash> secret_sha256{};  // of the opaque token; none in token mode
};

}  // namespace signet::server

#pragma once

#include <cstdint>
#include <string>

#include "server/id.hpp"
#include "server/sessions/status.hpp"
#include "signet/clock.hpp"

namespace signet::server {

// One login on one device: one row, however often it is refreshed.
struct Session {
  SessionId id;  // the `sid` of its tokens
  AccountId account;
  std::uint32_t counter = 0;    // of the one refresh token that is current
  Time rotated_at{};            // when the counter last grew
  bool successor_used = false;  // whether the pair that the last rotation gave has been seen in use
  Time created_at{};            // the `auth_time` of its tokens
  Time last_used_at{};
  Time idle_expires_at{};  // moves with each refresh
  Time expires_at{};       // never moves
  std::string binding;     // empty, or the DPoP key's thumbprint (jkt)
  std::string user_agent;  // as the client said at login, shortened; shown to the user
  std::string address;
  StatusEntries status{};  // where its tokens stand in the status lists
};

}  // namespace signet::server

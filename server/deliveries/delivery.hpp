#pragma once
// What others are told of: relying parties of logouts, webhooks of security events. A change and what is to be told of
// it are written in one transaction; a courier brings it to them afterwards, at least once.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "server/id.hpp"
#include "signet/clock.hpp"

namespace signet::server {

enum class Topic : std::uint8_t {
  logouts,  // sessions that end (OpenID Connect Back-Channel Logout)
  events,   // the audit log
};

struct Receiver {
  std::string name;  // "logout:CLIENT" or "webhook:NAME"
  Topic topic = Topic::events;
  std::string kinds{};  // of events, separated by spaces; empty: all
};

// Since a receiver is named by no server any more: then it is told nothing new, and what was waiting for it goes.
inline constexpr std::chrono::hours receiver_kept{24};

// The end of one session, or of all that an account has.
struct Logout {
  AccountId account;
  std::optional<SessionId> session;
};

// One thing that one receiver is to be told.
struct Delivery {
  std::int64_t seq = 0;
  std::string message;     // random; the same at every attempt
  std::int64_t event = 0;  // its number in the audit log; 0: a logout
  std::string account{};   // of a logout: id text
  std::string session{};   // of a logout: id text, or empty
  Time created_at{};
  std::uint32_t attempts = 0;  // the one it was taken for included

  // What a receiver tells a repetition by.
  [[nodiscard]] std::string id() const { return "msg_" + message + "_" + std::to_string(seq); }
};

}  // namespace signet::server

#pragma once

#include <cstdint>
#include <string>

#include "signet/clock.hpp"

namespace signet::server {

// A security event, kept in the store and written to the log. `kind` is one of the closed list in docs/operations.md.
struct AuditEvent {
  std::int64_t seq = 0;  // given by the store
  Time at{};
  std::string kind;     // "login", "login_failed", "refresh_reuse", ...
  std::string account;  // id text, or empty
  std::string session;  // id text, or empty
  std::string actor;    // who did it: the account itself, "cli", ...
  std::string address;
  std::string request_id;
  std::string detail;  // never a secret
};

// What is looked for; empty: any.
struct AuditFilter {
  std::string account{};  // id text
  std::string kind{};
  Time since{};
};

}  // namespace signet::server

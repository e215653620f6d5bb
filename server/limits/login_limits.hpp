#pragma once

#include <cstddef>
#include <expected>
#include <string_view>

#include "server/limits/rate_limiter.hpp"
#include "signet/clock.hpp"

namespace signet::server {

struct LoginLimitOptions {
  Rate per_address{60, std::chrono::minutes{1}};  // attempts, good or bad
  // Failures at one account from one address: a few at once, and fewer the longer it goes on.
  Rate per_account_and_address{10, std::chrono::minutes{5}};
  Rate per_account_and_address_slow{50, std::chrono::hours{24}};
  // Failures at one account from all addresses that are not familiar to it.
  Rate per_account{100, std::chrono::hours{1}};
  // An address stays familiar to an account this long after a good login from it.
  std::chrono::milliseconds familiar_for = std::chrono::days{30};
  std::size_t entries = 65'536;  // in each of the tables
};

// How often someone may try passwords. What counts is failures at an account; nobody is locked out for good, and a
// flood from elsewhere does not shut out the owner: it spends the budget of the addresses it comes from, then the
// account's budget for strange addresses. The owner at an address she has used before has a budget of her own. The
// price: while an attack from many addresses lasts, the owner at a new address competes with it and may have to wait.
// Unknown usernames are counted the same way, so that a refusal tells nothing. Thread-safe; loop-safe (never waits
// long).
class LoginLimits {
 public:
  explicit LoginLimits(LoginLimitOptions options = {});

  // Before the password is looked at. `username` as sent; `address` as http::Request::client gives it.
  [[nodiscard]] std::expected<void, TooMany> begin(std::string_view username, std::string_view address, Time now);

  // What `begin` would answer now, with nothing counted: for turning away before there is a place to wait.
  [[nodiscard]] std::expected<void, TooMany> check(std::string_view username, std::string_view address, Time now) const;

  // After a good login: it does not count as a failure, and the address becomes familiar.
  void succeeded(std::string_view username, std::string_view address, Time now);

  // After an attempt that was never decided (503): it does not count either.
  void undecided(std::string_view username, std::string_view address, Time now);

 private:
  RateLimiter addresses_, pairs_, accounts_, familiar_;
};

}  // namespace signet::server

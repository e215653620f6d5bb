#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "signet/clock.hpp"

namespace signet::server {

// So many in any such time: `count` at once, then one each `per / count`.
struct Rate {
  std::uint32_t count;
  std::chrono::milliseconds per;
};

struct TooMany {
  std::chrono::seconds retry_after;  // at least 1, rounded up: for Retry-After
};

// The name under which an address is counted: IPv4 as it is, also when mapped into IPv6; IPv6 by its /64, which is what
// one customer has; anything else as it is.
[[nodiscard]] std::string address_key(std::string_view address);

// Counts per key, in a fixed amount of memory, without a permanent lock: the longest wait is the longest `per`.
// A full table forgets whichever neighbour is nearest to having nothing to remember, so that pushing a counter out
// takes as many other counters, each as high, as the table holds. Where a key lands depends on a random seed, so no one
// can choose its neighbours. Thread-safe.
class RateLimiter {
 public:
  // One or two rates, all of which must allow (a short one for bursts, a long one so that patience does not pay).
  // `entries` is rounded up to a power of two; an entry takes 24 bytes
  // once a key comes near it.
  explicit RateLimiter(std::initializer_list<Rate> rates, std::size_t entries = 65'536);
  explicit RateLimiter(std::span<const Rate> rates, std::size_t entries = 65'536);
  RateLimiter(const RateLimiter&) = delete;
  RateLimiter& operator=(const RateLimiter&) = delete;
  ~RateLimiter();

  // Takes one, or as many as `count` (at most each rate's). A refusal takes nothing, so that waiting always helps.
  [[nodiscard]] std::expected<void, TooMany> take(std::string_view key, Time now, std::uint32_t count = 1);

  // What `take` would answer now, with nothing taken.
  [[nodiscard]] std::expected<void, TooMany> check(std::string_view key, Time now, std::uint32_t count = 1) const;

  // Gives back one that turned out not to count, such as a login that succeeded. (Take first, give back later: whoever
  // tries many at once is not faster than the count.)
  void give_back(std::string_view key, Time now, std::uint32_t count = 1);

  // Forgets the key.
  void forget(std::string_view key);

  // Whether the key has taken anything that is not yet forgotten.
  [[nodiscard]] bool knows(std::string_view key, Time now) const;

  [[nodiscard]] std::size_t capacity() const noexcept;

 private:
  struct Table;
  std::unique_ptr<Table> table_;
};

}  // namespace signet::server

#pragma once

#include <atomic>
#include <chrono>

namespace signet {

// An instant as JWT knows it (NumericDate, RFC 7519 section 2): seconds since 1970, fractions kept to the millisecond.
// Nanoseconds since 1970 would overflow long before the year 9999.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

// Where the current time comes from. Injected, so that tests never sleep to let a token expire. Asked from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const noexcept = 0;
};

// The system's clock, read in its coarse form (a few milliseconds behind at most, several times cheaper).
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const noexcept override;
  [[nodiscard]] static const SystemClock& instance() noexcept;
};

// A clock that stands still until it is told otherwise. For tests. Thread-safe, as every clock.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time now) noexcept : since_{now.time_since_epoch().count()} {}
  [[nodiscard]] Time now() const noexcept override {
    return Time{std::chrono::milliseconds{since_.load(std::memory_order_relaxed)}};
  }
  void set(Time now) noexcept { since_.store(now.time_since_epoch().count(), std::memory_order_relaxed); }
  void advance(std::chrono::milliseconds by) noexcept { since_.fetch_add(by.count(), std::memory_order_relaxed); }

 private:
  std::atomic<std::chrono::milliseconds::rep> since_;
};

}  // namespace signet

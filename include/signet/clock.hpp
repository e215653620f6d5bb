#pragma once

#include <chrono>

namespace signet {

// An instant as JWT knows it (NumericDate, RFC 7519 section 2): seconds since 1970, fractions kept to the millisecond.
// Nanoseconds since 1970 would overflow long before the year 9999.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

// Where the current time comes from. Injected, so that tests never sleep to let a token expire.
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

// A clock that stands still until it is told otherwise. For tests.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time now) noexcept : now_{now} {}
  [[nodiscard]] Time now() const noexcept override { return now_; }
  void set(Time now) noexcept { now_ = now; }
  void advance(std::chrono::milliseconds by) noexcept { now_ += by; }

 private:
  Time now_;
};

}  // namespace signet

#include "signet/clock.hpp"

#include <ctime>

namespace signet {

Time SystemClock::now() const noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return Time{std::chrono::seconds{now.tv_sec} +
              std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds{now.tv_nsec})};
}

const SystemClock& SystemClock::instance() noexcept {
  static const SystemClock clock;
  return clock;
}

}  // namespace signet

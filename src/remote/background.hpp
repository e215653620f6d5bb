#pragma once
// What the background threads of a RemoteIssuer share: a sleep that ends early, a pause that grows, and a place to say
// what happened.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "signet/error.hpp"
#include "signet/remote_issuer.hpp"

namespace signet::remote {

// Milliseconds of a clock that never jumps, read in its coarse form: cheap enough for the hot path. Never 0.
[[nodiscard]] std::int64_t monotonic_now() noexcept;

// Sleeps until the time has passed or stopping is asked for.
void sleep_for(std::chrono::milliseconds time, const std::stop_token& stop);

// When to fetch again what is fresh for so long.
[[nodiscard]] constexpr std::chrono::milliseconds ahead_of(std::chrono::milliseconds expiry) noexcept {
  return expiry * 4 / 5;
}

// Doubled from failure to failure. Between half of it and all of it, so that a thousand services do not come as one.
class Retry {
 public:
  explicit Retry(const RemoteTiming& timing)
      : first_{timing.shortest_retry}, longest_{timing.longest_retry}, next_{timing.shortest_retry} {}
  void succeeded() noexcept { next_ = first_; }
  [[nodiscard]] std::chrono::milliseconds failed() {
    const auto most = std::max(std::exchange(next_, std::min(next_ * 2, longest_)).count(), std::int64_t{1});
    return std::chrono::milliseconds{std::uniform_int_distribution{most - most / 2, most}(random_)};
  }

 private:
  std::chrono::milliseconds first_, longest_, next_;
  std::minstd_rand random_{std::random_device{}()};
};

class Reports {
 public:
  explicit Reports(std::function<void(RemoteEvent, std::string_view)> on_event) : on_event_{std::move(on_event)} {}

  void say(RemoteEvent event, std::string_view detail = {}) noexcept;
  void failed(RemoteEvent event, const Error& error) noexcept;
  [[nodiscard]] std::string last_error() const;

 private:
  std::function<void(RemoteEvent, std::string_view)> on_event_;
  mutable std::mutex mutex_;
  std::string last_error_;
};

}  // namespace signet::remote

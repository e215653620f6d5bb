#pragma once
// What the background threads of a RemoteIssuer share: their loop, a pause that grows, and a place to say what
// happened.

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

// What a background thread does until it is stopped; several threads may share one. `turn` says for how long there is
// nothing more to do. What it throws (there is no memory, say) costs that turn alone.
class Loop {
 public:
  template <class Turn>
  void run(const Turn& turn, std::chrono::milliseconds after_throwing, const std::stop_token& stop) noexcept {
    while (!stop.stop_requested()) wait(take_turn(turn, after_throwing), stop);
  }
  // There is something to do now. Thread-safe; throws nothing and waits for nothing that takes long.
  void wake() noexcept;

 private:
  template <class Turn>
  static std::chrono::milliseconds take_turn(const Turn& turn, std::chrono::milliseconds after_throwing) noexcept try {
    return turn();
  } catch (...) {
    return after_throwing;  // the next turn may have what this one lacked
  }
  void wait(std::chrono::milliseconds pause, const std::stop_token& stop) noexcept;

  std::mutex mutex_;
  std::condition_variable_any wake_;  // made here, for making one takes memory
  bool woken_ = false;
};

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

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>

#include "server/store/store.hpp"
#include "signet/clock.hpp"
#include "signet/revocations.hpp"

namespace signet::server {

// Brings the rows of the revocation log into memory: what this process wrote is there already (write_revoking), so this
// is for what other processes write, and for the start.
class RevocationFollower {
 public:
  RevocationFollower(Store& store, Revocations& enforced, const Clock& clock)
      : store_{store}, enforced_{enforced}, clock_{clock} {}
  RevocationFollower(const RevocationFollower&) = delete;
  RevocationFollower& operator=(const RevocationFollower&) = delete;
  ~RevocationFollower();

  // Applies every row that is not applied yet. Call it once before the server is ready; thread-safe.
  Stored<void> catch_up();

  // Catches up every `interval` in a thread of its own until the follower goes, and forgets what has expired.
  void start(std::chrono::milliseconds interval = std::chrono::milliseconds{250});
  void stop();

  // The newest row applied; 0 before the first.
  [[nodiscard]] std::int64_t seq() const noexcept { return seq_.load(std::memory_order_relaxed); }
  // When it last knew that it had caught up, by the clock; the start of time before the first.
  [[nodiscard]] Time caught_up_at() const noexcept { return Time{std::chrono::milliseconds{caught_up_at_.load()}}; }

 private:
  void run(const std::stop_token& stop, std::chrono::milliseconds interval);

  Store& store_;
  Revocations& enforced_;
  const Clock& clock_;
  std::mutex catching_up_;
  std::atomic<std::int64_t> seq_ = 0;
  std::atomic<std::int64_t> caught_up_at_ = 0;
  std::mutex sleeping_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace signet::server

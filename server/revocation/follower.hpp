#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "server/store/store.hpp"
#include "signet/clock.hpp"
#include "signet/revocations.hpp"

namespace signet::server {

// Hears the log in its order. Called by one thread at a time.
class RevocationListener {
 public:
  virtual ~RevocationListener() = default;
  // The log begins, or begins again: the database is another one than before, or an older state of itself. What was
  // heard until now counts for nothing.
  virtual void begin(std::string_view epoch) = 0;
  virtual void rows(std::span<const LoggedRevocation> rows) = 0;
  // Everything that was durable at `as_of` has been heard.
  virtual void caught_up(Time as_of) = 0;
};

// A log that was not read for so long is not known well enough to be told to others.
inline constexpr std::chrono::seconds stale_after{5};

// Brings the rows of the revocation log into memory and to a listener. This process enforces what it wrote itself
// already (write_revoking); the listener hears everything from here, for only the log knows the order.
class RevocationFollower {
 public:
  RevocationFollower(Store& store, Revocations& enforced, const Clock& clock, RevocationListener* listener = nullptr)
      : store_{store}, enforced_{enforced}, clock_{clock}, listener_{listener} {}
  RevocationFollower(const RevocationFollower&) = delete;
  RevocationFollower& operator=(const RevocationFollower&) = delete;
  ~RevocationFollower();

  // Applies every row that is not applied yet. Call it once before the server is ready; thread-safe.
  Stored<void> catch_up();

  // Catches up every `interval`, and when it is woken, in a thread of its own until the follower goes; and forgets what
  // has expired.
  void start(std::chrono::milliseconds interval = std::chrono::milliseconds{200});
  void stop();
  // There are new rows: they are read at once. Waits for nothing; thread-safe.
  void wake();

  // The newest row applied; 0 before the first.
  [[nodiscard]] std::int64_t seq() const noexcept { return seq_.load(std::memory_order_relaxed); }
  // When it last knew that it had caught up, by the clock; the start of time before the first.
  [[nodiscard]] Time caught_up_at() const noexcept { return Time{std::chrono::milliseconds{caught_up_at_.load()}}; }

 private:
  void run(const std::stop_token& stop, std::chrono::milliseconds interval);
  void begin(const std::string& epoch);

  Store& store_;
  Revocations& enforced_;
  const Clock& clock_;
  RevocationListener* const listener_;
  std::mutex catching_up_;
  std::optional<std::string> epoch_;
  std::atomic<std::int64_t> seq_ = 0;
  std::atomic<std::int64_t> caught_up_at_ = 0;
  std::mutex sleeping_;
  std::condition_variable_any wake_;
  bool woken_ = false;
  std::jthread thread_;
};

}  // namespace signet::server

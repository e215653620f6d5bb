#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "server/audit/event.hpp"
#include "server/deliveries/delivery.hpp"
#include "server/store/store.hpp"
#include "signet/clock.hpp"

namespace signet::server {

struct DeliveryPolicy {
  std::uint32_t attempts = 20;            // after so many it is given up
  std::chrono::milliseconds time{5'000};  // one attempt takes at most so long
  // After the first failure; doubled each time, less a random part of up to a half.
  std::chrono::milliseconds first_pause{2'000};
  std::chrono::milliseconds longest_pause = std::chrono::hours{6};
};

// Between the attempt of that number, which is 1 for the first, and the next. `random`: from 0 to 1.
[[nodiscard]] std::chrono::milliseconds pause_after(std::uint32_t attempt, const DeliveryPolicy& policy, double random);

enum class Delivered : std::uint8_t { yes, not_yet, given_up };

// Brings one receiver what waits for it, out of the store, in a thread of its own. What was taken and not settled,
// because this process was killed or the store was away, is taken again, by whichever server comes first: a receiver
// may be told twice, with the same Delivery::id, and in no order.
class Courier {
 public:
  // One attempt, called from several threads; the error is for the log. `event`: of a delivery of one.
  using Send = std::function<std::expected<void, std::string>(
      const Delivery& delivery, const std::optional<AuditEvent>& event, const std::stop_token& stop)>;
  // Called once it is durable; `why` is the error of the attempt.
  using Told = std::function<void(const Delivery& delivery, Delivered outcome, std::string_view why)>;

  // All references must outlive it.
  Courier(Store& store, const Clock& clock, Receiver receiver, const DeliveryPolicy& policy, Send send, Told told)
      : store_{store},
        clock_{clock},
        receiver_{std::move(receiver)},
        policy_{policy},
        send_{std::move(send)},
        told_{std::move(told)} {}
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;
  ~Courier() { stop(); }

  // Makes the receiver known to the store, before the server answers its first request and then from time to time.
  [[nodiscard]] Stored<void> note();

  void start();
  void stop();
  // There is something new. Waits for nothing; thread-safe.
  void wake();

  // One round: tries what is due, at most a few at once. How many that were.
  [[nodiscard]] Stored<std::size_t> round(const std::stop_token& stop);

  [[nodiscard]] const Receiver& receiver() const noexcept { return receiver_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.load(std::memory_order_relaxed); }

 private:
  struct Attempt {
    Delivery delivery;
    std::optional<AuditEvent> event;
    std::optional<std::string> failure;
  };
  void run(const std::stop_token& stop);
  void attempt(Attempt& attempt, const std::stop_token& stop) const noexcept;
  [[nodiscard]] Stored<void> settle(const std::vector<Attempt>& attempts, bool stopped);

  Store& store_;
  const Clock& clock_;
  const Receiver receiver_;
  const DeliveryPolicy policy_;
  const Send send_;
  const Told told_;
  std::atomic<std::size_t> waiting_ = 0;
  Time noted_at_{};
  std::mutex sleeping_;
  std::condition_variable_any wake_;
  bool woken_ = false;
  std::jthread thread_;
};

}  // namespace signet::server

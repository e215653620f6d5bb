#pragma once
// LISTEN and NOTIFY: how nodes wake each other when the revocation log grows. A hint, no more: the log is read several
// times a second anyway, so that a lost notification, or an engine or a pooler that knows none, costs a moment and
// nothing else.

#include <atomic>
#include <functional>
#include <thread>

#include "server/store/postgres/connection.hpp"

namespace signet::server::postgres {

class Bell {
 public:
  // `heard` is called in the bell's own thread: when another connection has rung, and when ringing may have been
  // missed.
  Bell(Address address, const Limits& limits, std::function<void()> heard);
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  ~Bell();

  // Waits for nothing; thread-safe.
  void ring() noexcept;

 private:
  void run(const std::stop_token& stop);
  void listen(const std::stop_token& stop);
  void wake() noexcept;

  const Address address_;
  const Limits limits_;
  const std::function<void()> heard_;
  const int waker_;  // an eventfd
  std::atomic<bool> rung_ = false;
  std::jthread thread_;  // last: uses all the rest
};

}  // namespace signet::server::postgres

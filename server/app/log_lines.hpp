#pragma once
// Lines on their way to a descriptor, by a thread of their own: whoever logs copies a line and goes on, however slow
// the reader is. Many lines go in one write, so that a line a request costs a request hardly anything.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace signet::server::app {

class LogLines {
 public:
  explicit LogLines(int descriptor);
  ~LogLines() = default;  // writes what waits

  // With its line end. Dropped and counted while 1 MB waits. Takes no memory.
  void add(std::string_view line) noexcept;
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  void work(const std::stop_token& stop);
  void write(std::string_view lines) const noexcept;

  const int descriptor_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool asleep_ = false;  // until there are lines
  std::string waiting_;
  std::string writing_;  // the writer's
  std::atomic<std::uint64_t> dropped_ = 0;
  std::jthread writer_;  // goes first
};

}  // namespace signet::server::app

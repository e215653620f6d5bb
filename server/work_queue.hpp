#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace signet::server {

// A queue with threads of its own, which do what is in it in the order in which it came.
class WorkQueue {
 public:
  using Job = std::move_only_function<void() noexcept>;
  static constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();

  // At least one thread, and room for one job; each thread calls `begin` first. Throws std::system_error.
  WorkQueue(unsigned threads, std::size_t capacity, void (*begin)() noexcept = [] noexcept {});
  ~WorkQueue() { stop(); }

  // False when the queue is full, or stopped. Throws std::bad_alloc.
  [[nodiscard]] bool push(Job job);
  [[nodiscard]] std::size_t waiting() const;

  // Finishes what runs, drops what waits. For one thread at a time, and for no job.
  void stop() noexcept;

 private:
  void work();

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopped_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace signet::server

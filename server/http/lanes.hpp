#pragma once
// A bounded queue with threads of its own: where slow handlers run.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "server/http/server.hpp"

namespace signet::server::http {

class Work {
 public:
  virtual ~Work() = default;
  // Does the work on a lane's thread. `self` keeps it alive, and is to be handed on rather than dropped there.
  virtual void run(std::shared_ptr<Work> self) noexcept = 0;
};

class WorkQueue {
 public:
  explicit WorkQueue(LaneSize size);
  ~WorkQueue() { stop(); }

  // False when the queue is full, or stopped.
  [[nodiscard]] bool push(std::shared_ptr<Work> work);
  [[nodiscard]] std::size_t waiting() const;

  // Finishes what runs, drops what waits.
  void stop();

 private:
  void work();

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Work>> queue_;
  bool stopped_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace signet::server::http

#include "server/work_queue.hpp"

#include <algorithm>
#include <utility>

namespace signet::server {

WorkQueue::WorkQueue(unsigned threads, std::size_t capacity, void (*begin)() noexcept)
    : capacity_{std::max<std::size_t>(capacity, 1)} {
  try {
    for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
      threads_.emplace_back([this, begin] {
        begin();
        work();
      });
    }
  } catch (...) {
    stop();  // those that could be made wait for work
    throw;
  }
}

bool WorkQueue::push(Job job) {
  {
    const std::lock_guard lock{mutex_};
    if (stopped_ || queue_.size() >= capacity_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

std::size_t WorkQueue::waiting() const {
  const std::lock_guard lock{mutex_};
  return queue_.size();
}

void WorkQueue::stop() noexcept {
  std::unique_lock lock{mutex_};
  stopped_ = true;
  while (!queue_.empty()) {
    auto dropped = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    dropped = nullptr;  // what it holds goes without the lock
    lock.lock();
  }
  lock.unlock();
  wake_.notify_all();
  threads_.clear();
}

void WorkQueue::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    wake_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
    if (stopped_) return;
    auto job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what it holds goes without the lock
    lock.lock();
  }
}

}  // namespace signet::server

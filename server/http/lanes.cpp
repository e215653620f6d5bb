#include "server/http/lanes.hpp"

#include <algorithm>

namespace signet::server::http {

WorkQueue::WorkQueue(LaneSize size) : capacity_(std::max<std::size_t>(size.queue, 1)) {
  try {
    for (unsigned i = 0; i < std::max(size.threads, 1U); ++i) threads_.emplace_back([this] { work(); });
  } catch (...) {
    stop();  // those that could be made wait for work
    throw;
  }
}

bool WorkQueue::push(std::shared_ptr<Work> work) {
  {
    std::lock_guard lock(mutex_);
    if (stopped_ || queue_.size() >= capacity_) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

std::size_t WorkQueue::waiting() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

void WorkQueue::stop() {
  std::deque<std::shared_ptr<Work>> dropped;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(queue_);
  }
  wake_.notify_all();
  threads_.clear();
}

void WorkQueue::work() {
  for (;;) {
    std::shared_ptr<Work> next;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
      if (stopped_) return;
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    auto* work = next.get();
    work->run(std::move(next));
  }
}

}  // namespace signet::server::http

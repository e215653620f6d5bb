#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace signet::server {

// A value that changes while others read it. Each reader works with one state of it, which lives as long as he has it.
template <class Value>
class Current {
 public:
  explicit Current(Value value) { set(std::move(value)); }
  void set(Value value) {
    auto next = std::make_shared<const Value>(std::move(value));
    const std::scoped_lock lock{mutex_};
    current_.swap(next);
  }
  [[nodiscard]] std::shared_ptr<const Value> now() const {
    const std::scoped_lock lock{mutex_};
    return current_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Value> current_;
};

}  // namespace signet::server

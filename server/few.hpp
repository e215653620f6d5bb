#pragma once

#include <array>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace signet::server {

// A list that is mostly short: up to `inline_count` elements need no heap.
template <class T, std::size_t inline_count = 4>
class Few {
 public:
  void add(T value) {
    if (many_.empty() && count_ < inline_count) {
      few_[count_++] = std::move(value);
      return;
    }
    if (many_.empty()) many_.assign(std::make_move_iterator(few_.begin()), std::make_move_iterator(few_.end()));
    many_.push_back(std::move(value));
  }

  [[nodiscard]] const T* data() const noexcept { return many_.empty() ? few_.data() : many_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return many_.empty() ? count_ : many_.size(); }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] const T& front() const noexcept { return *data(); }  // Precondition: not empty
  [[nodiscard]] const T* begin() const noexcept { return data(); }
  [[nodiscard]] const T* end() const noexcept { return data() + size(); }

 private:
  std::array<T, inline_count> few_{};
  std::size_t count_ = 0;
  std::vector<T> many_{};  // all of them, once they are more
};

}  // namespace signet::server

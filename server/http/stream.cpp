#include "server/http/stream.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace signet::server::http {

Frame::Frame(std::string_view bytes) {
  std::array<char, 16> digits{};
  auto* end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
  chunk_.assign(digits.data(), end).append("\r\n");
  begin_ = chunk_.size();
  size_ = bytes.size();
  chunk_.append(bytes).append("\r\n");
}

void Channel::send(std::string_view bytes) {
  if (bytes.empty()) return;  // an empty chunk would be the last
  auto frame = std::make_shared<const Frame>(bytes);
  const std::lock_guard lock{mutex_};
  if (ended_) return;
  frames_.push_back(std::move(frame));
  bytes_ += bytes.size();
  // The newest one always stays, however large.
  while (bytes_ > held_bytes_ && frames_.size() > 1) {
    bytes_ -= frames_.front()->bytes().size();
    frames_.pop_front();
    ++first_;
  }
  for (auto& [waker, streams] : wakers_) waker->wake();
}

void Channel::end() {
  const std::lock_guard lock{mutex_};
  ended_ = true;
  for (auto& [waker, streams] : wakers_) waker->wake();
}

std::uint64_t Channel::next() const {
  const std::lock_guard lock{mutex_};
  return first_ + frames_.size();
}

Channel::Taken Channel::take(std::uint64_t from, std::size_t at_most) const {
  const std::lock_guard lock{mutex_};
  if (from < first_) return {.frames = {}, .lost = true};
  Taken taken;
  const auto begin = frames_.begin() + static_cast<std::ptrdiff_t>(std::min(from - first_, frames_.size()));
  const auto count = std::min<std::ptrdiff_t>(frames_.end() - begin, static_cast<std::ptrdiff_t>(at_most));
  taken.frames.assign(begin, begin + count);
  taken.ended = ended_ && begin + count == frames_.end();
  return taken;
}

void Channel::listen(Waker& waker) {
  const std::lock_guard lock{mutex_};
  ++wakers_[&waker];
}

void Channel::leave(Waker& waker) noexcept {
  const std::lock_guard lock{mutex_};
  auto at = wakers_.find(&waker);
  if (at != wakers_.end() && --at->second == 0) wakers_.erase(at);
}

}  // namespace signet::server::http

#include "server/app/log_lines.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace signet::server::app {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_waiting = 1024 * 1024;
constexpr auto gathering_time = 5ms;  // between one write and the next

}  // namespace

// All the room there may be is taken at once. What is never written to is no memory in use.
LogLines::LogLines(int descriptor) : descriptor_{descriptor} {
  waiting_.reserve(most_waiting);
  writing_.reserve(most_waiting);
  writer_ = std::jthread{[this](const std::stop_token& stop) { work(stop); }};
}

void LogLines::add(std::string_view line) noexcept {
  bool wake = false;
  {
    const std::scoped_lock lock{mutex_};
    if (waiting_.size() + line.size() > most_waiting) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    waiting_ += line;
    wake = std::exchange(asleep_, false);
  }
  if (wake) wake_.notify_one();
}

void LogLines::work(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  for (;;) {
    asleep_ = waiting_.empty();
    wake_.wait(lock, stop, [this] { return !waiting_.empty(); });
    if (waiting_.empty()) return;  // and it is to stop
    writing_.swap(waiting_);
    lock.unlock();
    write(writing_);
    writing_.clear();
    lock.lock();
    wake_.wait_for(lock, stop, gathering_time, [] { return false; });
  }
}

void LogLines::write(std::string_view lines) const noexcept {
  while (!lines.empty()) {
    const auto written = ::write(descriptor_, lines.data(), lines.size());
    if (written >= 0) {
      lines.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // somebody who shares the descriptor made it so
      pollfd ready{.fd = descriptor_, .events = POLLOUT, .revents = 0};
      (void)::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return;  // nobody reads: there is nobody to tell
    }
  }
}

}  // namespace signet::server::app

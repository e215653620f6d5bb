#include "src/remote/background.hpp"

#include <ctime>

namespace signet {

std::string_view to_string(RemoteEvent event) noexcept {
  switch (event) {
    case RemoteEvent::metadata_failed:
      return "metadata_failed";
    case RemoteEvent::keys_fetched:
      return "keys_fetched";
    case RemoteEvent::keys_failed:
      return "keys_failed";
    case RemoteEvent::snapshot_applied:
      return "snapshot_applied";
    case RemoteEvent::snapshot_failed:
      return "snapshot_failed";
    case RemoteEvent::feed_connected:
      return "feed_connected";
    case RemoteEvent::feed_lost:
      return "feed_lost";
    case RemoteEvent::status_list_fetched:
      return "status_list_fetched";
    case RemoteEvent::status_list_failed:
      return "status_list_failed";
  }
  return "unknown";
}

namespace remote {

std::int64_t monotonic_now() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000 + 1;
}

void Loop::wait(std::chrono::milliseconds pause, const std::stop_token& stop) noexcept {
  std::unique_lock lock{mutex_};
  (void)wake_.wait_for(lock, stop, pause, [this] { return std::exchange(woken_, false); });
}

void Loop::wake() noexcept {
  {
    const std::lock_guard lock{mutex_};
    woken_ = true;
  }
  wake_.notify_one();
}

void Reports::say(RemoteEvent event, std::string_view detail) noexcept try {
  if (on_event_) on_event_(event, detail);
} catch (...) {
  // A log that cannot be written must not end the thread that keeps the revocations coming.
}

void Reports::failed(RemoteEvent event, const Error& error) noexcept try {
  const auto detail = std::string{to_string(error.code())} + ": " + error.detail();
  {
    const std::lock_guard lock{mutex_};
    last_error_ = std::string{to_string(event)} + ": " + detail;
  }
  say(event, detail);
} catch (...) {
}

std::string Reports::last_error() const {
  const std::lock_guard lock{mutex_};
  return last_error_;
}

}  // namespace remote
}  // namespace signet

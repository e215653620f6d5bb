#include "server/store/postgres/bell.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace signet::server::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto between_tries = 1000ms;
constexpr auto between_probes = 30'000ms;  // a connection that is dead and says nothing is found by a statement

int make_eventfd() {
  const int made = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (made < 0) throw std::system_error{errno, std::generic_category(), "eventfd"};
  return made;
}

void empty(int eventfd) noexcept {
  std::uint64_t count = 0;
  (void)!::read(eventfd, &count, sizeof count);
}

}  // namespace

Bell::Bell(Address address, const Limits& limits, std::function<void()> heard)
    : address_{std::move(address)},
      limits_{limits},
      heard_{std::move(heard)},
      waker_{make_eventfd()},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

Bell::~Bell() {
  thread_.request_stop();
  wake();
  thread_.join();
  ::close(waker_);
}

void Bell::ring() noexcept {
  rung_.store(true);
  wake();
}

void Bell::wake() noexcept {
  const std::uint64_t one = 1;
  (void)!::write(waker_, &one, sizeof one);
}

void Bell::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      listen(stop);
      return;
    } catch (const std::exception&) {
      // The connection has gone, the queue of notifications is full, or memory has run out. Tried again.
    }
    pollfd stopped{.fd = waker_, .events = POLLIN, .revents = 0};
    if (::poll(&stopped, 1, static_cast<int>(between_tries.count())) > 0) empty(waker_);
  }
}

void Bell::listen(const std::stop_token& stop) {
  Connection connection{address_, limits_};
  try {
    connection.command("LISTEN signet_revocations");
  } catch (const PostgresFailed& failed) {
    if (failed.trouble() == Trouble::failed) return;  // an engine that knows no LISTEN: nodes look at the log instead
    throw;
  }
  heard_();  // of what was rung before
  while (!stop.stop_requested()) {
    if (rung_.exchange(false)) connection.command("NOTIFY signet_revocations");
    switch (connection.await_notification(waker_, between_probes)) {
      case Connection::Awaited::notification:
        heard_();
        break;
      case Connection::Awaited::waker:
        empty(waker_);
        break;
      case Connection::Awaited::nothing:
        connection.command("SELECT 1");
        break;
    }
  }
}

}  // namespace signet::server::postgres

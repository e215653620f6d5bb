#include "server/store/postgres/pool.hpp"

#include <utility>

namespace signet::server::postgres {
namespace {

constexpr std::chrono::milliseconds between_tries{200};

}  // namespace

Pool::Pool(Address address, const Limits& limits, std::size_t size)
    : address_{std::move(address)},
      limits_{limits},
      size_{size},
      trying_{[this](const std::stop_token& stop) { try_again(stop); }} {}

Pool::~Pool() = default;

Pool::Lease Pool::borrow(Deadline deadline) {
  std::unique_lock lock{mutex_};
  auto possible = [this] { return !reachable() || !idle_.empty() || open_ < size_; };
  if (!freed_.wait_until(lock, deadline, possible)) {
    throw PostgresFailed{Trouble::slow, "all " + std::to_string(size_) + " connections are in use"};
  }
  if (!reachable()) throw PostgresFailed{Trouble::unreachable, "the server cannot be reached"};
  Lease lease{.connection = nullptr, .generation = generation_};
  if (!idle_.empty()) {
    lease.connection = std::move(idle_.back());
    idle_.pop_back();
    return lease;
  }
  bool only = ++open_ == 1;
  lock.unlock();
  try {
    lease.connection = std::make_unique<Connection>(address_, limits_);
  } catch (const PostgresFailed& failed) {
    // While others work, the server may only have no more connections to give.
    discard(std::move(lease), only                                       ? Trouble::unreachable
                              : failed.trouble() == Trouble::unreachable ? Trouble::failed
                                                                         : failed.trouble());
    throw;
  } catch (...) {
    discard(std::move(lease), Trouble::failed);
    throw;
  }
  return lease;
}

void Pool::give_back(Lease lease) {
  std::unique_lock lock{mutex_};
  if (lease.generation == generation_) {
    idle_.push_back(std::move(lease.connection));
  } else {
    --open_;
  }
  lock.unlock();
  freed_.notify_one();
}

void Pool::discard(Lease lease, Trouble why) noexcept {
  std::vector<std::unique_ptr<Connection>> dead;  // closed without the lock
  std::unique_lock lock{mutex_};
  --open_;
  bool news = lease.generation == generation_;  // others may have told before
  if (news && (why == Trouble::lost || why == Trouble::unreachable)) {
    ++generation_;
    open_ -= idle_.size();
    dead.swap(idle_);
  }
  if (news && why == Trouble::unreachable) {
    reachable_.store(false, std::memory_order_relaxed);
    trouble_.notify_one();
    freed_.notify_all();
  }
  lock.unlock();
  freed_.notify_one();
}

void Pool::try_again(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (trouble_.wait(lock, stop, [this] { return !reachable(); }) && !stop.stop_requested()) {
    lock.unlock();
    std::unique_ptr<Connection> connection;
    try {
      connection = std::make_unique<Connection>(address_, limits_);
    } catch (const std::exception&) {
      // Tried again below.
    }
    lock.lock();
    if (connection) {
      // Beyond the size for a moment, perhaps; then it was only to see.
      if (open_ < size_) {
        idle_.push_back(std::move(connection));
        ++open_;
      }
      reachable_.store(true, std::memory_order_relaxed);
      freed_.notify_all();
      continue;
    }
    (void)trouble_.wait_for(lock, stop, between_tries, [] { return false; });
  }
}

}  // namespace signet::server::postgres

#include "server/revocation/follower.hpp"

#include <vector>

namespace signet::server {
namespace {

constexpr std::size_t page = 1000;  // rows read at once, so that a long log does not stand in memory twice
constexpr int polls_between_forgetting = 50;

}  // namespace

RevocationFollower::~RevocationFollower() { stop(); }

Stored<void> RevocationFollower::catch_up() {
  std::lock_guard lock{catching_up_};
  for (;;) {
    const auto asked_at = clock_.now();
    const auto seq = seq_.load();
    std::string epoch;
    std::vector<LoggedRevocation> rows;
    auto done = store_.read([&](Transaction& transaction) {
      epoch = transaction.revocation_epoch();
      // With the newest one that is known. It is there until there are newer ones (Transaction::sweep), so where
      // nothing is found the database is an older state of itself: a backup that was put back, say.
      rows = transaction.revocations_after(seq - 1, page + 1);
    });
    if (!done) return done;
    if (epoch_ != epoch || (seq > 0 && rows.empty())) {
      begin(epoch);
      continue;
    }
    const bool more = rows.size() > page;
    if (!rows.empty() && rows.front().seq == seq) rows.erase(rows.begin());
    for (const auto& row : rows) {
      if (row.revocation.expires_at > asked_at) enforced_.add(row.revocation);
    }
    if (!rows.empty()) {
      if (listener_ != nullptr) listener_->rows(rows);
      seq_.store(rows.back().seq, std::memory_order_relaxed);
    }
    if (more) continue;
    if (listener_ != nullptr) listener_->caught_up(asked_at);
    caught_up_at_.store(asked_at.time_since_epoch().count());
    return {};
  }
}

void RevocationFollower::begin(const std::string& epoch) {
  if (listener_ != nullptr) listener_->begin(epoch);
  epoch_ = epoch;
  seq_.store(0, std::memory_order_relaxed);
}

void RevocationFollower::start(std::chrono::milliseconds interval) {
  thread_ = std::jthread{[this, interval](const std::stop_token& stop) { run(stop, interval); }};
}

void RevocationFollower::stop() { thread_ = {}; }

void RevocationFollower::wake() {
  {
    const std::lock_guard lock{sleeping_};
    woken_ = true;
  }
  wake_.notify_one();
}

void RevocationFollower::run(const std::stop_token& stop, std::chrono::milliseconds interval) {
  std::unique_lock lock{sleeping_};
  for (int polls = 1;; ++polls) {
    const auto next = std::chrono::steady_clock::now() + interval;
    woken_ = false;
    lock.unlock();
    try {
      // A failure shows in `caught_up_at`, and in the store's health; the next poll tries again.
      (void)catch_up();
      if (polls % polls_between_forgetting == 0) enforced_.forget_expired(clock_.now());
    } catch (...) {
      // Out of memory, say: shows in `caught_up_at` as well, and must not end the server.
    }
    lock.lock();
    (void)wake_.wait_until(lock, stop, next, [this] { return woken_; });
    if (stop.stop_requested()) return;
  }
}

}  // namespace signet::server

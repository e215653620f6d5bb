#include "server/revocation/follower.hpp"

#include <vector>

namespace signet::server {
namespace {

constexpr std::size_t page = 1000;  // rows read at once, so that a long log does not stand in memory twice
constexpr int polls_between_forgetting = 40;

}  // namespace

RevocationFollower::~RevocationFollower() { stop(); }

Stored<void> RevocationFollower::catch_up() {
  std::lock_guard lock{catching_up_};
  for (;;) {
    auto asked_at = clock_.now();
    std::vector<LoggedRevocation> rows;
    auto done = store_.read([&](Transaction& transaction) { rows = transaction.revocations_after(seq_, page); });
    if (!done) return done;
    for (const auto& row : rows) {
      if (row.revocation.expires_at > asked_at) enforced_.add(row.revocation);
      seq_.store(row.seq, std::memory_order_relaxed);
    }
    if (rows.size() < page) {
      caught_up_at_.store(asked_at.time_since_epoch().count());
      return {};
    }
  }
}

void RevocationFollower::start(std::chrono::milliseconds interval) {
  thread_ = std::jthread{[this, interval](const std::stop_token& stop) { run(stop, interval); }};
}

void RevocationFollower::stop() { thread_ = {}; }

void RevocationFollower::run(const std::stop_token& stop, std::chrono::milliseconds interval) {
  std::unique_lock lock{sleeping_};
  for (int polls = 1;; ++polls) {
    if (wake_.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); })) return;
    try {
      // A failure shows in `caught_up_at`, and in the store's health; the next poll tries again.
      (void)catch_up();
      if (polls % polls_between_forgetting == 0) enforced_.forget_expired(clock_.now());
    } catch (...) {
      // Out of memory, say: shows in `caught_up_at` as well, and must not end the server.
    }
  }
}

}  // namespace signet::server

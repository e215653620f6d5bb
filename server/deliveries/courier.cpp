#include "server/deliveries/courier.hpp"

#include <algorithm>
#include <random>

namespace signet::server {
namespace {

constexpr std::size_t at_once = 8;
constexpr std::size_t most_counted = 100'000;
constexpr auto poll_interval = std::chrono::seconds{1};  // other servers and the command line leave things as well
constexpr auto note_interval = std::chrono::hours{1};
// Beyond the time of the attempt itself, until another server may take what this one has not settled.
constexpr auto slack = std::chrono::seconds{10};

double random_part() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>{0, 1}(random);
}

}  // namespace

std::chrono::milliseconds pause_after(std::uint32_t attempt, const DeliveryPolicy& policy, double random) {
  auto pause = policy.first_pause;
  for (std::uint32_t i = 1; i < attempt && pause < policy.longest_pause; ++i) pause *= 2;
  pause = std::min(pause, policy.longest_pause);
  const auto less = static_cast<double>(pause.count()) / 2 * random;
  return pause - std::chrono::milliseconds{static_cast<std::int64_t>(less)};
}

Stored<void> Courier::note() {
  const auto now = clock_.now();
  auto noted = store_.write([&](Transaction& transaction) { transaction.note_receiver(receiver_, now); });
  if (noted) noted_at_ = now;
  return noted;
}

void Courier::start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

void Courier::stop() { thread_ = {}; }

void Courier::wake() {
  {
    const std::lock_guard lock{sleeping_};
    woken_ = true;
  }
  wake_.notify_one();
}

void Courier::run(const std::stop_token& stop) {
  std::unique_lock lock{sleeping_};
  while (!stop.stop_requested()) {
    woken_ = false;
    lock.unlock();
    std::size_t tried = 0;
    try {
      if (clock_.now() - noted_at_ >= note_interval) (void)note();
      // The store's failure shows in its health; what waits, waits.
      tried = round(stop).value_or(0);
    } catch (...) {
      // Out of memory, say: must not end the server.
    }
    lock.lock();
    if (tried < at_once) (void)wake_.wait_for(lock, stop, poll_interval, [this] { return woken_; });
  }
}

Stored<std::size_t> Courier::round(const std::stop_token& stop) {
  std::vector<Attempt> attempts;
  std::size_t waiting = 0;
  // Reads first: for most of the time there is nothing, and a write would wait for the disk.
  auto looked = store_.read(
      [&](Transaction& transaction) { waiting = transaction.waiting_deliveries(receiver_.name, most_counted); });
  if (!looked) return std::unexpected(looked.error());
  waiting_.store(waiting, std::memory_order_relaxed);
  if (waiting == 0) return 0;

  auto taken = store_.write([&](Transaction& transaction) {
    attempts.clear();
    const auto now = clock_.now();
    for (auto& delivery : transaction.take_deliveries(receiver_.name, now, now + policy_.time + slack, at_once)) {
      std::optional<AuditEvent> event;
      if (delivery.event != 0) {
        auto found = transaction.audit_after(delivery.event - 1, 1);
        if (found.empty() || found.front().seq != delivery.event) {
          transaction.end_delivery(delivery);  // older than the audit log is kept
          continue;
        }
        event = std::move(found.front());
      }
      attempts.push_back({std::move(delivery), std::move(event), std::nullopt});
    }
  });
  if (!taken) return std::unexpected(taken.error());
  if (attempts.empty()) return 0;
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < attempts.size(); ++i) {
      others.emplace_back([this, &stop, &one = attempts[i]] { attempt(one, stop); });
    }
    attempt(attempts.front(), stop);
  }
  if (auto settled = settle(attempts, stop.stop_requested()); !settled) return std::unexpected(settled.error());
  return attempts.size();
}

void Courier::attempt(Attempt& attempt, const std::stop_token& stop) const noexcept {
  try {
    auto sent = send_(attempt.delivery, attempt.event, stop);
    if (!sent) attempt.failure = std::move(sent.error());
  } catch (...) {
    attempt.failure.emplace();  // out of memory
  }
}

Stored<void> Courier::settle(const std::vector<Attempt>& attempts, bool stopped) {
  const auto outcome_of = [&](const Attempt& attempt) {
    if (!attempt.failure) return Delivered::yes;
    return attempt.delivery.attempts >= policy_.attempts && !stopped ? Delivered::given_up : Delivered::not_yet;
  };
  auto written = store_.write([&](Transaction& transaction) {
    const auto now = clock_.now();
    for (const auto& attempt : attempts) {
      if (outcome_of(attempt) != Delivered::not_yet) {
        transaction.end_delivery(attempt.delivery);
        continue;
      }
      // Cut short because this server ends: the next one need not wait.
      const auto pause =
          stopped ? std::chrono::milliseconds{0} : pause_after(attempt.delivery.attempts, policy_, random_part());
      transaction.put_off_delivery(attempt.delivery, now + pause);
    }
  });
  if (!written) return written;
  for (const auto& attempt : attempts) told_(attempt.delivery, outcome_of(attempt), attempt.failure.value_or(""));
  return {};
}

}  // namespace signet::server

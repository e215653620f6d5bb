#pragma once
// An issuer's revocations, kept up to date over its stream and its snapshot.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "signet/clock.hpp"
#include "signet/key_set.hpp"
#include "signet/remote_issuer.hpp"
#include "signet/revocation_source.hpp"
#include "src/remote/background.hpp"
#include "src/remote/event_stream.hpp"
#include "src/remote/revocation_wire.hpp"

namespace signet::remote {

// Every revocation that arrives is enforced, whatever its number: they only ever grow, so neither order nor repetition
// matters. Each row names the one before it, and each heartbeat the newest, so that one that is missing is noticed:
// then the stream is asked again from where it was whole. When it is missing the second time as well, this link loses
// it each time: only a snapshot tells.
class RevocationFeed final : public RevocationSource {
 public:
  struct Addresses {
    std::string stream;
    std::string snapshot;
  };
  // `again`: those that it gave before led to nothing.
  using Locate = std::function<std::expected<Addresses, Error>(bool again, const std::stop_token&)>;

  // The snapshot's signature is checked with `keys`.
  RevocationFeed(std::string issuer, Locate locate, std::shared_ptr<const KeySource> keys,
                 const RemoteIssuerOptions& options, Reports& reports, const Clock& clock = SystemClock::instance());

  // Follows the issuer until it is stopped.
  void run(const std::stop_token& stop);

  [[nodiscard]] const Revocations& revocations() const noexcept override { return revocations_; }
  [[nodiscard]] std::optional<std::chrono::milliseconds> staleness() const noexcept override;
  void describe(RemoteHealth& health) const;

 private:
  // One connection, to its end. When to connect again.
  [[nodiscard]] std::chrono::milliseconds connect(const std::stop_token& stop);
  [[nodiscard]] std::expected<void, Error> take_snapshot(const Addresses& addresses, const std::stop_token& stop);
  [[nodiscard]] Error follow(const Addresses& addresses, const std::stop_token& stop);
  [[nodiscard]] std::expected<void, Error> take(const ServerEvent& event);
  [[nodiscard]] std::expected<void, Error> take_revocation(const ServerEvent& event);
  [[nodiscard]] std::expected<void, Error> take_begin(const ServerEvent& event);
  [[nodiscard]] std::expected<void, Error> take_heartbeat(const ServerEvent& event);
  // Whether the row `seq` was missed, or one before it; the second time at one place, a snapshot is needed.
  [[nodiscard]] bool misses(std::int64_t seq);
  void count_applied(std::chrono::nanoseconds took);
  // A row says when it expires by the server's clock. One of the two clocks may run ahead for a while, and what was
  // forgotten then would not come again: nothing goes before both say so.
  void forget_expired(Time server_time);

  std::string issuer_;
  Locate locate_;
  std::shared_ptr<const KeySource> keys_;
  std::string ca_file_;
  RemoteTiming timing_;
  RemoteLimits limits_;
  Reports& reports_;
  const Clock& clock_;
  Revocations revocations_;

  std::atomic<std::int64_t> heard_at_ = 0;  // monotonic; 0 until everything was there for the first time
  std::atomic<std::int64_t> seq_ = 0;
  std::atomic<std::uint64_t> snapshots_ = 0, connections_ = 0;
  struct {
    std::array<std::atomic<std::uint64_t>, ApplyTimes::bounds.size()> within{};
    std::atomic<std::uint64_t> count = 0;
    std::atomic<std::int64_t> nanoseconds = 0;
  } applied_;

  // The background thread's own.
  Loop loop_;
  Retry retry_;
  std::optional<Position> position_;     // nullopt: a snapshot is needed
  std::optional<std::int64_t> hole_at_;  // asked again from here already
  bool caught_up_ = false;               // on this connection
  bool lost_ = false;                    // the last connection never caught up
  std::int64_t asked_at_ = 0;            // monotonic; for this connection
  // Our clock less the server's, on this connection: never more than it is, so that nothing seems younger than it is.
  std::optional<std::int64_t> clock_difference_;
  Time forgot_at_;
  std::chrono::steady_clock::time_point arrived_;
};

}  // namespace signet::remote

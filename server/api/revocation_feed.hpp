#pragma once
// The revocation log as verifiers see it: streams and the snapshot.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/stream.hpp"
#include "server/revocation/follower.hpp"
#include "server/revocation/live_log.hpp"
#include "server/revocation/status_bits.hpp"
#include "server/revocation/wire.hpp"
#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/key.hpp"

namespace signet::server::api {

// Hears the follower and tells the streams. The clients' heartbeat is the follower's: when the log cannot be read there
// is none, so that verifiers notice that this server does not know what others have revoked.
class RevocationFeed final : public RevocationListener {
 public:
  // `applied`: told how long after it was written a row arrived here, for rows that say when that was. `closed`: told
  // of the end of a list that is revoked up to there (see StatusIndexes::close).
  RevocationFeed(
      const Clock& clock, http::StreamLimits limits,
      std::function<void(std::chrono::nanoseconds)> applied = [](auto) {},
      std::function<void(const StatusEntry&)> closed = [](const auto&) {});

  void begin(std::string_view epoch) override;
  void rows(std::span<const LoggedRevocation> rows) override;
  void caught_up(Time as_of) override;

  [[nodiscard]] LogPosition position() const;
  [[nodiscard]] std::size_t streams() const;
  // A status list, as far as bits are set. Nothing when the log was not read lately.
  [[nodiscard]] std::optional<StatusBits::Bytes> status_bits(std::int64_t list) const;

  // A stream: what it begins with, and what follows. With nothing to follow, the text is a reset.
  struct Opened {
    std::string begin;
    std::shared_ptr<http::Stream> stream;
  };
  // From where the client is; without that, from now on. Nothing when too many are open, in all or to this address.
  [[nodiscard]] std::optional<Opened> open(const std::optional<LogPosition>& from, std::string_view address);

  struct Snapshot {
    std::string text;  // a compact JWS
    std::string etag;
    LogPosition position;
    std::string signed_by;  // the key's thumbprint
    Time made_at;
    std::size_t rows;
  };
  // Made once for all who ask until something changes. Errors: those of SigningKey::sign; stale: input_output.
  [[nodiscard]] std::expected<std::shared_ptr<const Snapshot>, Error> snapshot(std::string_view issuer,
                                                                               const SigningKey& key);

 private:
  struct Guests;
  [[nodiscard]] LogPosition position_now() const { return {epoch_, live_.seq()}; }

  [[nodiscard]] bool is_stale() const { return !as_of_ || clock_.now() - *as_of_ > stale_after; }

  const Clock& clock_;
  const std::function<void(std::chrono::nanoseconds)> applied_;
  const std::function<void(const StatusEntry&)> closed_;
  const std::shared_ptr<Guests> guests_;

  mutable std::mutex mutex_;  // a stream begins between two frames
  std::string epoch_;
  LiveLog live_;
  StatusBits bits_;
  std::optional<Time> as_of_;  // when it last caught up
  int heartbeats_ = 0;
  std::shared_ptr<http::Channel> channel_;

  std::mutex rendering_;
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace signet::server::api

#pragma once
// What a login server writes about revocations: the events of its stream and the claims of its snapshot. Strict: a
// number out of range, a kind that nobody knows or a missing member refuses the whole text.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"
#include "signet/limits.hpp"
#include "signet/revocations.hpp"

namespace signet::remote {

// Where one stands in an issuer's log. The epoch is made with its database: two positions of different epochs cannot be
// compared.
struct Position {
  std::string epoch;
  std::int64_t seq = 0;

  [[nodiscard]] std::string text() const { return epoch + ":" + std::to_string(seq); }
  [[nodiscard]] static std::expected<Position, Error> parse(std::string_view text);
};

struct StreamedRevocation {
  std::int64_t seq;
  std::int64_t after;  // the one before it on this stream, or where that began: numbers have holes. Less than `seq`
  Revocation revocation;
};

struct Heartbeat {
  std::int64_t seq;
  Time time;
};

struct Snapshot {
  Position position;
  std::vector<Revocation> revocations;
};

// Errors of all: json_malformed. The snapshot's also: claim_missing, claim_malformed, issuer_mismatch, token_expired.
[[nodiscard]] std::expected<StreamedRevocation, Error> parse_revocation(std::string_view data);
[[nodiscard]] std::expected<Time, Error> parse_begin(std::string_view data);
[[nodiscard]] std::expected<Heartbeat, Error> parse_heartbeat(std::string_view data);
[[nodiscard]] std::expected<Snapshot, Error> parse_snapshot(std::string_view claims, std::string_view issuer, Time now);

}  // namespace signet::remote

#pragma once
// How the log is told to verifiers: Server-Sent Events (the HTML standard, section 9.2), and a signed snapshot.

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/store/store.hpp"
#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/key.hpp"

namespace signet::server {

// How far somebody has come in a log: "0123456789abcdef:42".
struct LogPosition {
  std::string epoch;
  std::int64_t seq = 0;

  // Sixteen hexadecimal digits, a colon, and digits without leading zeros: nothing else.
  [[nodiscard]] static std::optional<LogPosition> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

// {"seq":7,"kind":"session","key":"…","cutoff":…,"expires_at":…}; times are milliseconds since 1970.
void append_json(std::string& out, const LoggedRevocation& row);

// `after`: the row before it on this stream, or where the stream began: {"seq":7,"after":5,"kind":…}. Numbers have
// holes (a transaction that was rolled back had taken one), and who listens must see that nothing is missing.
void append_revocation_event(std::string& out, std::string_view epoch, const LoggedRevocation& row, std::int64_t after);
// A stream was asked for no later than `now`: from this and its own clock, who asked knows how old each heartbeat is.
void append_begin(std::string& out, Time now);
// Everything up to `position` that was durable at `as_of` has been told before on this stream.
void append_heartbeat(std::string& out, const LogPosition& position, Time as_of);
// What the client knows is no good any more: it takes a snapshot, and comes again from there.
void append_reset(std::string& out, const LogPosition& position);

struct SnapshotList {
  std::string uri;
  std::string lst;  // see status_bits.hpp
};

// The claims of a snapshot; `rows` are all that still matter, `lists` the status lists with bits set.
[[nodiscard]] std::string snapshot_json(std::string_view issuer, const LogPosition& position, Time issued_at,
                                        Time expires_at, std::span<const LoggedRevocation> rows,
                                        std::span<const SnapshotList> lists = {});

// A compact JWS (RFC 7515 section 7.1) of any size, where Signer makes tokens that every verifier's limits allow.
// Errors: those of SigningKey::sign.
[[nodiscard]] std::expected<std::string, Error> sign_document(const SigningKey& key, std::string_view type,
                                                              std::string_view json);

}  // namespace signet::server

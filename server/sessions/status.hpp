#pragma once
// Where a session stands in the status lists (IETF Token Status List, draft-ietf-oauth-status-list): values only.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/clock.hpp"

namespace signet::server {

// A bit of a list. There is a list for each hour, of the tokens that expire in it or before, so that it can go when the
// last of them has expired: `list` is that hour, counted from 1970.
struct StatusEntry {
  std::int64_t list = 0;
  std::uint32_t index = 0;

  bool operator==(const StatusEntry&) const = default;
};

// The list of tokens that expire at that time, and the moment after which none of a list lives.
[[nodiscard]] constexpr std::int64_t status_list_of(Time expires_at) noexcept {
  return std::chrono::floor<std::chrono::hours>(expires_at).time_since_epoch().count();
}
[[nodiscard]] constexpr Time status_list_end(std::int64_t list) noexcept { return Time{std::chrono::hours{list + 1}}; }

// Lists before this one are over: their last token has expired for every verifier, however lenient.
[[nodiscard]] std::int64_t oldest_status_list(Time now) noexcept;

// No access token lives longer than an hour, so those of a session that live are in two lists at most.
inline constexpr std::size_t most_status_entries = 2;
using StatusEntries = std::vector<StatusEntry>;  // the current one first

// "495833:17 495832:5", as the store keeps them.
[[nodiscard]] std::string to_text(const StatusEntries& entries);
// Nothing when it was not written by `to_text`.
[[nodiscard]] std::optional<StatusEntries> parse_status(std::string_view text);

}  // namespace signet::server

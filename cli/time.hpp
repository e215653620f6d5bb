#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "signet/clock.hpp"

namespace signet::cli {

// A length of time: `30s`, `15m`, `2h`, `7d`, `1h30m`, or a plain number of seconds. nullopt: not one, or over 8000
// years.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

// An instant, in whole seconds: `now`, `15m` or `+15m` (from now), `-5m` (ago), `@SECONDS` since 1970,
// `2026-11-23`, `2026-11-23T19:25:49Z` or with an offset (RFC 3339; fractions are cut). A plain number counts from 1970
// when it has ten digits or more; a shorter one is more likely a forgotten unit, and is not an instant.
// nullopt also outside 0..253402300799 (9999-12-31).
[[nodiscard]] std::optional<Time> parse_time(std::string_view text, Time now);

// What `parse_time` reads, for error messages.
inline constexpr std::string_view time_forms =
    "say 15m (from now), -5m (ago), now, @1700000000 or 2026-11-23T19:25:49Z";

// `2026-11-23T19:25:49Z`.
[[nodiscard]] std::string utc_text(Time time);

// `in 15 minutes`, `3 days ago`, `now`: rounded down to the largest unit.
[[nodiscard]] std::string relative_text(Time time, Time now);

}  // namespace signet::cli

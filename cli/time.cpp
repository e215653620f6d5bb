#include "cli/time.hpp"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace signet::cli {
namespace {

using std::chrono::seconds;

constexpr std::int64_t last_second = 253'402'300'799;  // 9999-12-31T23:59:59Z

std::optional<std::int64_t> parse_number(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || digits.front() == '-' || error != std::errc{} || end != digits.data() + digits.size() ||
      value > last_second) {
    return std::nullopt;
  }
  return value;
}

std::int64_t unit_seconds(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86400;
    default:
      return 0;
  }
}

// `1h30m`: every number has a unit.
std::optional<seconds> parse_with_units(std::string_view text) {
  std::int64_t total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const std::size_t unit_at = text.find_first_not_of("0123456789");
    if (unit_at == std::string_view::npos) return std::nullopt;
    const auto count = parse_number(text.substr(0, unit_at));
    const std::int64_t unit = unit_seconds(text[unit_at]);
    if (!count || unit == 0 || *count > last_second / unit) return std::nullopt;
    total += *count * unit;
    if (total > last_second) return std::nullopt;
    text.remove_prefix(unit_at + 1);
  }
  return seconds{total};
}

// Takes exactly `digits` digits off the front; -1 when they are not there.
int take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

// RFC 3339 section 5.6; a date alone is its midnight in UTC.
std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  const int year = take_digits(text, 4);
  if (year < 0 || !take(text, '-')) return std::nullopt;
  const int month = take_digits(text, 2);
  if (month < 0 || !take(text, '-')) return std::nullopt;
  const int day = take_digits(text, 2);
  if (day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t midnight = seconds{std::chrono::sys_days{date}.time_since_epoch()}.count();
  if (text.empty()) return midnight;

  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ':')) return std::nullopt;
  const int second = take_digits(text, 2);
  if (second < 0 || second > 59) return std::nullopt;
  if (take(text, '.')) {
    const std::size_t fraction = text.find_first_not_of("0123456789");
    if (fraction == 0 || fraction == std::string_view::npos) return std::nullopt;
    text.remove_prefix(fraction);
  }
  const std::int64_t local = midnight + hour * 3600 + minute * 60 + second;
  if (text == "Z" || text == "z") return local;
  const bool east = text.starts_with('+');
  if (!east && !text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  const int offset_hour = take_digits(text, 2);
  if (offset_hour < 0 || offset_hour > 23 || !take(text, ':')) return std::nullopt;
  const int offset_minute = take_digits(text, 2);
  if (offset_minute < 0 || offset_minute > 59 || !text.empty()) return std::nullopt;
  const std::int64_t offset = offset_hour * 3600 + offset_minute * 60;
  return east ? local - offset : local + offset;
}

}  // namespace

std::optional<seconds> parse_duration(std::string_view text) {
  if (const auto plain = parse_number(text)) return seconds{*plain};
  return parse_with_units(text);
}

std::optional<Time> parse_time(std::string_view text, Time now) {
  const auto present = std::chrono::floor<seconds>(now);
  std::optional<std::int64_t> second;
  if (text == "now") {
    second = present.time_since_epoch().count();
  } else if (text.starts_with('@')) {
    second = parse_number(text.substr(1));
  } else if (text.starts_with('-')) {
    if (const auto ago = parse_with_units(text.substr(1))) second = (present - *ago).time_since_epoch().count();
  } else if (const auto ahead = parse_with_units(text.starts_with('+') ? text.substr(1) : text)) {
    second = (present + *ahead).time_since_epoch().count();
  } else if (text.size() >= 10 && text.find_first_not_of("0123456789") == std::string_view::npos) {
    second = parse_number(text);
  } else {
    second = parse_rfc3339(text);
  }
  if (!second || *second < 0 || *second > last_second) return std::nullopt;
  return Time{seconds{*second}};
}

std::string utc_text(Time time) {
  const auto second = std::chrono::floor<seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{second - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::string relative_text(Time time, Time now) {
  const auto apart = std::chrono::floor<seconds>(time) - std::chrono::floor<seconds>(now);
  const std::int64_t size = apart.count() < 0 ? -apart.count() : apart.count();
  if (size == 0) return "now";
  struct Unit {
    std::int64_t seconds;
    std::string_view name;
  };
  constexpr Unit units[] = {{31'557'600, "year"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
  for (const Unit& unit : units) {
    if (size < unit.seconds) continue;
    const std::int64_t count = size / unit.seconds;
    const std::string_view plural = count == 1 ? "" : "s";
    return apart.count() > 0 ? fmt::format("in {} {}{}", count, unit.name, plural)
                             : fmt::format("{} {}{} ago", count, unit.name, plural);
  }
  return "now";
}

}  // namespace signet::cli

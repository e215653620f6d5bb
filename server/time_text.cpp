#include "server/time_text.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace signet::server {

void append_rfc3339(std::string& out, Time at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  auto digits = [&](std::int64_t value, std::size_t width) {
    std::array<char, 20> buffer{};
    auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    const std::string_view number{buffer.data(), end};
    out.append(width > number.size() ? width - number.size() : 0, '0').append(number);
  };
  digits(static_cast<int>(date.year()), 4);
  out += '-';
  digits(static_cast<unsigned>(date.month()), 2);
  out += '-';
  digits(static_cast<unsigned>(date.day()), 2);
  out += 'T';
  digits(time.hours().count(), 2);
  out += ':';
  digits(time.minutes().count(), 2);
  out += ':';
  digits(time.seconds().count(), 2);
  out += '.';
  digits(time.subseconds().count(), 3);
  out += 'Z';
}

}  // namespace signet::server

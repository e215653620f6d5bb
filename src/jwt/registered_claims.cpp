#include "src/jwt/registered_claims.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "src/jose/json_check.hpp"

namespace signet::jwt {

std::optional<Registered> registered(std::string_view name) noexcept { return registered(name, json::name_key(name)); }

std::optional<Registered> registered(std::string_view name, std::uint64_t key) noexcept {
  static const auto keys = [] {
    std::array<std::uint64_t, registered_claims.size()> all{};
    std::ranges::transform(registered_claims, all.begin(), json::name_key, &RegisteredClaim::name);
    return all;
  }();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == key && registered_claims[i].name == name) return static_cast<Registered>(i);
  }
  return std::nullopt;
}

namespace {

// Times of this era have ten digits, and are read without the care that 64 bits would take.
std::optional<std::int64_t> whole_seconds(const json::View& value) noexcept {
  constexpr std::size_t digits = 10;
  if (value.text().size() > digits) return value.integer();
  std::int64_t seconds = 0;
  for (const char c : value.text()) {
    if (c < '0' || c > '9') return std::nullopt;  // a fraction or an exponent
    seconds = seconds * 10 + (c - '0');
  }
  return seconds;
}

}  // namespace

std::optional<Time> numeric_date(const json::View& value) noexcept {
  if (value.kind() != json::Kind::number || value.text().front() == '-') return std::nullopt;
  if (const auto seconds = whole_seconds(value)) {
    if (*seconds > last_second) return std::nullopt;
    return Time{std::chrono::seconds{*seconds}};
  }
  const auto seconds = value.number();
  if (!seconds || !std::isfinite(*seconds) || *seconds < 0 || *seconds > static_cast<double>(last_second)) {
    return std::nullopt;
  }
  return Time{std::chrono::milliseconds{std::llround(*seconds * 1000)}};
}

bool in_range(Time time) noexcept { return time >= Time{} && time <= Time{std::chrono::seconds{last_second}}; }

std::string to_numeric_date(Time time) {
  const auto since_epoch = time.time_since_epoch().count();
  auto text = std::to_string(since_epoch / 1000);
  if (const auto thousandths = since_epoch % 1000; thousandths != 0) {
    auto fraction = std::to_string(1000 + thousandths);
    fraction.front() = '.';
    text += fraction;
  }
  return text;
}

bool is_audience(const json::View& value) noexcept {
  if (value.kind() == json::Kind::string) return true;
  if (value.kind() != json::Kind::array) return false;
  bool any = false;
  for (const auto element : value.elements()) {
    if (element.kind() != json::Kind::string) return false;
    any = true;
  }
  return any;
}

bool has_shape(const json::View& value, Shape shape) noexcept {
  switch (shape) {
    case Shape::text:
      return value.kind() == json::Kind::string;
    case Shape::instant:
      return numeric_date(value).has_value();
    case Shape::audience:
      return is_audience(value);
  }
  return false;
}

}  // namespace signet::jwt

#include "src/jwt/registered_claims.hpp"

#include <cmath>
#include <cstddef>

#include "src/jose/json_check.hpp"

namespace signet::jwt {

std::optional<Registered> registered(std::string_view name) noexcept { return registered(name, json::name_key(name)); }

namespace {

// Where each claim stands by what its key leaves when divided by `places`: the first number that tells them all apart.
constexpr std::uint8_t nobody = 0xff;

template <std::size_t places>
consteval std::array<std::uint8_t, places> claims_by_remainder() {
  std::array<std::uint8_t, places> all;
  all.fill(nobody);
  for (std::uint8_t i = 0; i < registered_claims.size(); ++i) {
    all[json::name_key(registered_claims[i].name) % places] = i;
  }
  return all;
}

constexpr bool tells_apart(std::size_t places) {
  std::array<bool, 256> taken{};
  for (const auto& claim : registered_claims) {
    bool& place = taken[json::name_key(claim.name) % places];
    if (place) return false;
    place = true;
  }
  return true;
}

constexpr std::size_t places = []() {
  std::size_t count = registered_claims.size();
  while (!tells_apart(count)) ++count;
  return count;
}();
constexpr auto by_remainder = claims_by_remainder<places>();

constexpr auto keys = [] {
  std::array<std::uint64_t, registered_claims.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = json::name_key(registered_claims[i].name);
  return all;
}();

}  // namespace

std::optional<Registered> registered(std::string_view name, std::uint64_t key) noexcept {
  const auto index = by_remainder[key % places];
  if (index == nobody || !json::is_same_name(name, key, registered_claims[index].name, keys[index])) {
    return std::nullopt;
  }
  return static_cast<Registered>(index);
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

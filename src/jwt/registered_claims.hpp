#pragma once
// The claims that have a meaning and a shape of their own (RFC 7519 section 4.1; `client_id` and `scope` RFC 8693,
// `sid` OpenID Connect). What has another shape, null included, is malformed and never taken for absent (case 32).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "signet/clock.hpp"
#include "signet/json.hpp"

namespace signet::jwt {

enum class Shape : std::uint8_t { text, instant, audience };

// The order in which failures are listed.
enum class Registered : std::uint8_t { exp, nbf, iat, iss, aud, sub, jti, client_id, sid, scope };

struct RegisteredClaim {
  std::string_view name;
  Shape shape;
};

inline constexpr std::array<RegisteredClaim, 10> registered_claims{{
    {"exp", Shape::instant},
    {"nbf", Shape::instant},
    {"iat", Shape::instant},
    {"iss", Shape::text},
    {"aud", Shape::audience},
    {"sub", Shape::text},
    {"jti", Shape::text},
    {"client_id", Shape::text},
    {"sid", Shape::text},
    {"scope", Shape::text},
}};

[[nodiscard]] std::optional<Registered> registered(std::string_view name) noexcept;
[[nodiscard]] std::optional<Registered> registered(std::string_view name,
                                                   std::uint64_t key) noexcept;  // json::name_key
[[nodiscard]] constexpr const RegisteredClaim& row(Registered claim) noexcept {
  return registered_claims[static_cast<std::size_t>(claim)];
}

// 9999-12-31T23:59:59Z, the last second a NumericDate may name here (case 33).
inline constexpr std::int64_t last_second = 253'402'300'799;

// A NumericDate (RFC 7519 section 2): a JSON number in 0..last_second, rounded to the millisecond. nullopt for anything
// else.
[[nodiscard]] std::optional<Time> numeric_date(const json::View& value) noexcept;
[[nodiscard]] bool in_range(Time time) noexcept;
[[nodiscard]] std::string to_numeric_date(Time time);

// A string, or an array of at least one string and of nothing else.
[[nodiscard]] bool is_audience(const json::View& value) noexcept;

[[nodiscard]] bool has_shape(const json::View& value, Shape shape) noexcept;

}  // namespace signet::jwt

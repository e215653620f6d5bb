#pragma once
// The claims of a token to be signed (RFC 7519 section 4), and the mapping of claims to a struct of the caller's.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/json.hpp"

namespace signet {

// One row of the mapping between a struct and claims; see `fields`.
template <class Struct, class Value>
struct Field {
  std::string_view claim;
  Value Struct::* member;
};

template <class Struct, class Value>
[[nodiscard]] constexpr Field<Struct, Value> field(std::string_view claim, Value Struct::* member) {
  return {claim, member};
}

// Names the claims of a struct:
//   struct Account {
//     std::string role;
//     std::optional<std::int64_t> level;   // optional: the claim may be absent
//     static constexpr auto claims = signet::fields(signet::field("role", &Account::role),
//                                                   signet::field("level", &Account::level));
//   };
// A member is bool, std::int64_t, double, std::string, std::vector<std::string>, or std::optional of one of these.
template <class... Rows>
[[nodiscard]] constexpr std::tuple<Rows...> fields(Rows... rows) {
  return {rows...};
}

template <class T>
concept DescribesClaims = requires { T::claims; };

template <class T>
inline constexpr bool is_optional_v = false;
template <class T>
inline constexpr bool is_optional_v<std::optional<T>> = true;

// The claims of a token before it is signed. Each setter replaces an earlier value of the same claim.
class Claims {
 public:
  Claims& issuer(std::string_view iss);
  Claims& subject(std::string_view sub);
  Claims& audience(std::string_view aud);
  Claims& audience(std::vector<std::string> aud);
  Claims& id(std::string_view jti);
  Claims& random_id();  // 128 random bits, base64url

  Claims& expires_at(Time at);
  Claims& not_before(Time at);
  Claims& issued_at(Time at);
  // From the signer's clock at the moment of signing; the signer then adds `iat` too, unless it is set. Both in whole
  // seconds, rounded down, for some verifiers read no others. (A cut-off in the same second then covers the token; set
  // `issued_at` to the millisecond where that matters.) Positive: a token that is dead at birth is a mistake in units.
  Claims& expires_in(std::chrono::seconds lifetime);

  Claims& set(std::string_view name, std::string_view value);
  Claims& set(std::string_view name, const char* value) { return set(name, std::string_view{value}); }
  Claims& set(std::string_view name, const std::string& value) { return set(name, std::string_view{value}); }
  Claims& set(std::string_view name, bool value);
  template <class Integer>
    requires json::IsInteger<Integer>
  Claims& set(std::string_view name, Integer value) {
    return put_scalar(name, std::to_string(value));
  }
  Claims& set(std::string_view name, double value);  // NaN and infinity have no JSON: refused when signed
  Claims& set(std::string_view name, const std::vector<std::string>& values);
  // What would silently become something else: a null pointer a string, any other pointer a bool, a character a number.
  Claims& set(std::string_view name, std::nullptr_t) = delete;
  template <class T>
    requires(!std::is_same_v<std::remove_cv_t<T>, char>)
  Claims& set(std::string_view name, T* value) = delete;
  template <json::IsCharacter Character>
  Claims& set(std::string_view name, Character value) = delete;
  Claims& set(std::string_view name, const json::Object& value) { return set_json(name, value.text()); }
  // Any JSON value; checked when the token is signed.
  Claims& set_json(std::string_view name, std::string json);

  // Every field of a described struct; empty optionals are left out.
  template <DescribesClaims T>
  Claims& set_all(const T& value) {
    std::apply([&](const auto&... row) { (set_field(row.claim, value.*row.member), ...); }, T::claims);
    return *this;
  }

  // The JSON object, with `expires_in` resolved against `now`. Errors: invalid_configuration when a claim is not strict
  // JSON or UTF-8, when a time is outside 0..253402300799 (9999-12-31), or when a registered claim has not the shape
  // that a Verifier asks of it.
  [[nodiscard]] std::expected<std::string, Error> to_json(Time now) const;

 private:
  template <class Value>
  void set_field(std::string_view name, const Value& value) {
    if constexpr (is_optional_v<Value>) {
      if (value) set(name, *value);
    } else {
      set(name, value);
    }
  }

  // Whose JSON it is: the caller's own, to be checked by itself; written here from a value; or written from a value
  // that is known to be strict JSON and, of a registered claim, to have its shape.
  enum class Source : std::uint8_t { caller, written, sound };
  struct Entry {  // where the member stands: its quoted name, ':', its value, ','
    std::size_t name;
    std::size_t value;
    std::size_t end;
    Source source;
  };

  Claims& put(std::string_view name, std::string_view json, Source source);
  Claims& put_scalar(std::string_view name, std::string_view json);
  Claims& put_time(std::string_view name, Time at);
  void erase(std::string_view name);
  [[nodiscard]] std::vector<Entry>::iterator find(std::string_view name);
  [[nodiscard]] bool all_sound() const noexcept;

  std::string members_;
  std::vector<Entry> entries_;
  std::optional<std::chrono::seconds> lifetime_;
};

}  // namespace signet

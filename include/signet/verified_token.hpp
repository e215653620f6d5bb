#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "signet/algorithm.hpp"
#include "signet/claims.hpp"
#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/json.hpp"

namespace signet {

namespace jwt {
struct TokenData;

// Where a token's bytes live, and who else looks at them, is their own affair.
struct TokenRelease {
  void operator()(const TokenData* token) const noexcept;
};
using TokenHandle = std::unique_ptr<const TokenData, TokenRelease>;
}  // namespace jwt

// A token whose signature and claims held. Only a Verifier can make one. Owns its bytes: the views it gives live as
// long as it does, through moves too.
class VerifiedToken {
 public:
  VerifiedToken(VerifiedToken&&) noexcept;
  VerifiedToken& operator=(VerifiedToken&&) noexcept;
  VerifiedToken(const VerifiedToken&) = delete;
  VerifiedToken& operator=(const VerifiedToken&) = delete;
  ~VerifiedToken();

  // Header.
  [[nodiscard]] Algorithm algorithm() const noexcept;  // `alg`; Ed448 where that says EdDSA of such a key
  [[nodiscard]] std::optional<std::string_view> key_id() const noexcept;  // `kid`
  [[nodiscard]] std::optional<std::string_view> type() const noexcept;    // `typ`
  [[nodiscard]] json::View header() const noexcept;

  // Registered claims (RFC 7519 section 4.1); empty or nullopt when absent.
  [[nodiscard]] std::string_view issuer() const noexcept;
  [[nodiscard]] std::string_view subject() const noexcept;
  [[nodiscard]] std::string_view id() const noexcept;  // `jti`
  [[nodiscard]] std::vector<std::string> audience() const;
  [[nodiscard]] std::optional<Time> expires_at() const noexcept;
  [[nodiscard]] std::optional<Time> not_before() const noexcept;
  [[nodiscard]] std::optional<Time> issued_at() const noexcept;

  // Any claim, as bool, std::int64_t, double, std::string_view, std::string, std::vector<std::string> or json::View.
  // nullopt when it is absent or of another type; `has` tells the two apart.
  template <class T>
  [[nodiscard]] std::optional<T> claim(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const noexcept;

  // Whether the space-separated `scope` claim (RFC 8693 section 4.2) contains `scope`.
  [[nodiscard]] bool has_scope(std::string_view scope) const noexcept;

  // The claims as a struct of the caller's (see `fields`). Errors: claim_missing, claim_malformed, all of them
  // together.
  template <DescribesClaims T>
  [[nodiscard]] std::expected<T, Error> as() const;

  [[nodiscard]] json::View claims() const noexcept;

 private:
  friend class Verifier;
  explicit VerifiedToken(jwt::TokenHandle data) noexcept;

  template <class Value>
  void read_field(std::string_view name, Value& out, std::vector<Failure>& failures) const {
    if constexpr (is_optional_v<Value>) {
      if (!has(name)) return;
      out = claim<typename Value::value_type>(name);
      if (!out) failures.push_back({ErrorCode::claim_malformed, std::string{name}});
    } else {
      auto value = claim<Value>(name);
      if (value) {
        out = std::move(*value);
      } else {
        failures.push_back({has(name) ? ErrorCode::claim_malformed : ErrorCode::claim_missing, std::string{name}});
      }
    }
  }

  jwt::TokenHandle data_;
};

// Room for one verified token, so that verifying takes nothing from the heap: see Verifier::verify. Kept by the caller,
// on the stack or from one request to the next. It stays where it is, for tokens point into it.
class TokenBuffer {
 public:
  TokenBuffer() noexcept {}  // NOLINT(modernize-use-equals-default): the bytes are not cleared
  TokenBuffer(const TokenBuffer&) = delete;
  TokenBuffer& operator=(const TokenBuffer&) = delete;

 private:
  friend class Verifier;
  friend struct jwt::TokenData;
  alignas(std::max_align_t) std::array<std::byte, 4096> bytes_;
  std::optional<VerifiedToken> token_;  // gone before the bytes are
};

template <DescribesClaims T>
std::expected<T, Error> VerifiedToken::as() const {
  T out{};
  std::vector<Failure> failures;
  std::apply([&](const auto&... row) { (read_field(row.claim, out.*row.member, failures), ...); }, T::claims);
  if (!failures.empty()) return std::unexpected(Error{std::move(failures)});
  return out;
}

template <>
std::optional<bool> VerifiedToken::claim<bool>(std::string_view) const;
template <>
std::optional<std::int64_t> VerifiedToken::claim<std::int64_t>(std::string_view) const;
template <>
std::optional<double> VerifiedToken::claim<double>(std::string_view) const;
template <>
std::optional<std::string_view> VerifiedToken::claim<std::string_view>(std::string_view) const;
template <>
std::optional<std::string> VerifiedToken::claim<std::string>(std::string_view) const;
template <>
std::optional<std::vector<std::string>> VerifiedToken::claim<std::vector<std::string>>(std::string_view) const;
template <>
std::optional<json::View> VerifiedToken::claim<json::View>(std::string_view) const;

}  // namespace signet

#pragma once

#include <expected>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "signet/algorithm.hpp"
#include "signet/error.hpp"
#include "signet/json.hpp"
#include "signet/limits.hpp"
#include "src/jwt/token_data.hpp"

namespace signet::jwt {

// Takes the members that matter as they are found, each of the right type.
class HeaderReader final : public json::MemberSink {
 public:
  explicit HeaderReader(ResolvedText& resolved) noexcept : resolved_{resolved} {}

  void take(const json::FoundMember& member) override;

  // The header, and `crit` by RFC 7515 section 4.1.11 (case 13). `understood` are the extensions the caller implements.
  // Refused although no RFC says so: `b64`, for a JWT's payload is never unencoded (RFC 7797 section 7, case 14); `enc`
  // and `zip`, which belong to encryption; and `cty` "JWT", a nested token where claims are expected (RFC 7519 section
  // 5.2). Errors: token_malformed, token_too_large (a long `kid`), critical_header.
  [[nodiscard]] std::expected<Header, Error> header(const json::View& object, std::span<const std::string> understood,
                                                    const Limits& limits) &&;

 private:
  ResolvedText& resolved_;
  Header header_;
  std::optional<std::string_view> algorithm_;
  std::optional<std::string_view> content_;
  std::optional<json::View> crit_;
  std::optional<Error> refusal_;  // what the first wrong member is
};

// RFC 7515 section 4.1.11 in full (case 13); `header` holds the protected members. Of the names that specifications
// have taken, `understood` may hold `b64` (RFC 7797 section 6). Errors: critical_header.
[[nodiscard]] std::expected<void, Error> check_critical(const json::View& crit, const json::View& header,
                                                        std::span<const std::string> understood);

// A header name that a specification has taken: never in `crit`, and never for a caller to define.
[[nodiscard]] bool is_registered_header(std::string_view name) noexcept;

// A header name that a caller may set to a text of his own.
[[nodiscard]] bool may_be_set(std::string_view name) noexcept;

// Whether `alg` may call the algorithm of a key by this name: EdDSA and the names of RFC 9864 mean the same signatures.
[[nodiscard]] bool is_name_for(std::string_view name, Algorithm algorithm_of_key) noexcept;

// Header members that a caller adds, in the parts of one header: each his to set and UTF-8, no name twice (case 19).
// Errors: invalid_configuration.
using TextMembers = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] std::expected<void, Error> check_own_members(std::initializer_list<const TextMembers*> parts);

// What json::append_string would have to repair is not the text the caller gave.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

// Media types are compared without regard to case and to a leading "application/" (RFC 7515 section 4.1.9).
[[nodiscard]] std::string normal_type(std::string_view type);
[[nodiscard]] bool is_type(std::string_view type, std::string_view normal) noexcept;

}  // namespace signet::jwt

#pragma once
// Finds the one token in a request's header lines (RFC 6750 section 2.1, RFC 9449 section 7.1, RFC 6265 section 4.2).

#include <cstdint>
#include <span>
#include <string_view>

namespace signet::http {

struct Found {
  enum class Kind : std::uint8_t { none, token, malformed } kind;
  std::string_view token;  // a view into the header line
};

// `scheme` in small letters: "bearer" or "dpop". Lines of another scheme count as none; two lines, or a line of this
// scheme that is not exactly the scheme, one space and a b64token, are malformed.
[[nodiscard]] Found token_of(std::string_view scheme, std::span<const std::string_view> authorization) noexcept;

// The cookie of that name, compared byte for byte. The same name twice is malformed: which of them a browser meant,
// nobody can say.
[[nodiscard]] Found cookie_token(std::span<const std::string_view> cookie, std::string_view name) noexcept;

}  // namespace signet::http

#pragma once
// Finds the one token in a request's header lines (RFC 6750 section 2.1, RFC 6265 section 4.2).

#include <cstdint>
#include <span>
#include <string_view>

namespace signet::http {

struct Found {
  enum class Kind : std::uint8_t { none, token, malformed } kind;
  std::string_view token;  // a view into the header line
};

// Lines of a scheme other than Bearer count as none; two lines, or a Bearer line that is not exactly
// `Bearer 1*SP b64token`, are malformed.
[[nodiscard]] Found bearer_token(std::span<const std::string_view> authorization) noexcept;

// The cookie of that name, compared byte for byte. The same name twice is malformed: which of them a browser meant,
// nobody can say.
[[nodiscard]] Found cookie_token(std::span<const std::string_view> cookie, std::string_view name) noexcept;

}  // namespace signet::http

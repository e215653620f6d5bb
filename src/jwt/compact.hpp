#pragma once
// The compact serialization (RFC 7515 section 7.1): three base64url parts, and what is checked before any is decoded.

#include <expected>
#include <string>
#include <string_view>

#include "signet/error.hpp"
#include "signet/limits.hpp"

namespace signet::jwt {

// The parts where they stand in the caller's text.
struct CompactParts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signing_input;  // header "." payload
};

// Length, then alphabet and exactly two dots; nothing is decoded (cases 17, 28). The signature may be empty, for
// `none`. Errors: token_too_large, token_malformed.
[[nodiscard]] std::expected<CompactParts, Error> split_compact(std::string_view text, const Limits& limits);

// Text out of a token's header for an error's detail: in quotes, anything but printable ASCII as \xNN, 40 bytes at most
// (case 11).
[[nodiscard]] std::string quoted_for_log(std::string_view text);

}  // namespace signet::jwt

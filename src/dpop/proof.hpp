#pragma once
// What both sides of a proof say alike.

#include <string>
#include <string_view>

namespace signet::dpop {

inline constexpr std::string_view proof_type = "dpop+jwt";

// `ath`: base64url of the SHA-256 of the token (RFC 9449 section 4.2).
[[nodiscard]] std::string token_hash(std::string_view access_token);

// An HTTP method is a token (RFC 9110 sections 5.6.2 and 9.1).
[[nodiscard]] bool is_method(std::string_view text) noexcept;

}  // namespace signet::dpop

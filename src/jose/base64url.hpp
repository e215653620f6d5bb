#pragma once
// base64url without padding (RFC 4648 section 5, RFC 7515 section 2), strict: another alphabet, padding, white space,
// impossible lengths and non-zero trailing bits are errors (case 8).

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signet::jose {

// Bytes that `encoded` characters stand for.
[[nodiscard]] constexpr std::size_t base64url_decoded_size(std::size_t encoded) noexcept { return encoded * 3 / 4; }

[[nodiscard]] constexpr std::size_t base64url_encoded_size(std::size_t bytes) noexcept { return (bytes * 4 + 2) / 3; }

[[nodiscard]] std::string base64url_encode(std::span<const std::byte> bytes);
[[nodiscard]] std::string base64url_encode(std::string_view text);
void base64url_append(std::string& out, std::span<const std::byte> bytes);

// Into `out`, which has room for base64url_encoded_size(bytes.size()) characters.
void base64url_encode_into(std::span<const std::byte> bytes, char* out) noexcept;

// What base64url_encode_into does where no vector instructions help; the same for all bytes.
void base64url_encode_portably(std::span<const std::byte> bytes, char* out) noexcept;

// Into `out`, which has room for base64url_decoded_size(text.size()) bytes. False: not base64url; `out` is then
// unspecified.
[[nodiscard]] bool base64url_decode_into(std::string_view text, std::byte* out) noexcept;

// What base64url_decode_into does where no vector instructions help; the same for every text.
[[nodiscard]] bool base64url_decode_portably(std::string_view text, std::byte* out) noexcept;

[[nodiscard]] std::optional<std::vector<std::byte>> base64url_decode(std::string_view text);

}  // namespace signet::jose

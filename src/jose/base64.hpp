#pragma once
// Base64 with the standard alphabet and its padding (RFC 4648 section 4), as PEM and certificates have it. Strict: no
// white space, no bits behind the last byte.

#include <optional>
#include <span>
#include <string_view>

#include "src/crypto/secure_memory.hpp"

namespace signet::jose {

[[nodiscard]] std::optional<crypto::SecretBytes> base64_decode(std::string_view text);

[[nodiscard]] crypto::SecretText base64_encode(std::span<const std::byte> bytes);

}  // namespace signet::jose

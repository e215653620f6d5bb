#pragma once

#include <cstddef>
#include <span>

namespace signet::jose {

// Whether bytes offered as an HMAC secret are a key of another kind, that others may know: PEM, DER, a JWK, an SSH
// key; any of them as base64, base64url or hexadecimal too; with or without white space in front (case 2).
[[nodiscard]] bool looks_like_public_key(std::span<const std::byte> bytes);

}  // namespace signet::jose

#pragma once
// `zip` "DEF": raw DEFLATE (RFC 1951, RFC 7516 section 4.1.3).

#include <optional>
#include <span>

#include "src/crypto/secure_memory.hpp"

namespace signet::jwe {

// Throws std::runtime_error when zlib fails.
[[nodiscard]] crypto::SecretBytes deflated(std::span<const std::byte> bytes);

// Inflates piece by piece, and stops when `most_bytes` are passed (case 27). Nothing: longer than that, not DEFLATE, or
// bytes behind its end.
[[nodiscard]] std::optional<crypto::SecretBytes> inflated(std::span<const std::byte> bytes, std::size_t most_bytes);

}  // namespace signet::jwe

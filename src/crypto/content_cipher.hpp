#pragma once
// Authenticated encryption (RFC 7518 section 5): AES-GCM, and AES-CBC with HMAC.

#include <expected>
#include <optional>
#include <span>

#include "signet/error.hpp"
#include "src/crypto/secure_memory.hpp"
#include "src/jwe/algorithms.hpp"

namespace signet::crypto {

struct Sealed {
  Bytes ciphertext;
  Bytes tag;
};

// Preconditions: `key` and `iv` have the algorithm's sizes. Errors: invalid_configuration for more than a gibibyte,
// internal.
[[nodiscard]] std::expected<Sealed, Error> seal(const jwe::ContentEncryptionAlgorithm& algorithm,
                                                std::span<const std::byte> key, std::span<const std::byte> iv,
                                                std::span<const std::byte> additional_data,
                                                std::span<const std::byte> plaintext);

// The plaintext; nothing when anything is wrong, lengths included, and no word about what (cases 22, 23).
[[nodiscard]] std::optional<SecretBytes> open(const jwe::ContentEncryptionAlgorithm& algorithm,
                                              std::span<const std::byte> key, std::span<const std::byte> iv,
                                              std::span<const std::byte> additional_data,
                                              std::span<const std::byte> ciphertext, std::span<const std::byte> tag);

// AES Key Wrap (RFC 3394). Preconditions: `wrapping` has 16, 24 or 32 bytes, `key` a multiple of 8, 16 or more.
// Errors: internal.
[[nodiscard]] std::expected<Bytes, Error> wrap(std::span<const std::byte> wrapping, std::span<const std::byte> key);
// Nothing when its integrity check fails.
[[nodiscard]] std::optional<SecretBytes> unwrap(std::span<const std::byte> wrapping,
                                                std::span<const std::byte> wrapped);

}  // namespace signet::crypto

#pragma once
// Ed25519 (RFC 8032 section 5.1) by libsodium: as strict as OpenSSL or stricter, and twice as fast as OpenSSL 3.0.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "src/crypto/secure_memory.hpp"

namespace signet::crypto {

class Ed25519 {
 public:
  // `seed` is RFC 8032's private key; empty for a key that only verifies. Nothing when libsodium cannot be used.
  [[nodiscard]] static std::optional<Ed25519> of(std::span<const std::byte> public_key,
                                                 std::span<const std::byte> seed);

  // Refused beyond RFC 8032: a first half of small order. Precondition: 64 bytes.
  [[nodiscard]] bool verifies(std::string_view input, std::span<const std::byte> signature) const noexcept;

  // Preconditions: the key has its seed; room for 64 bytes.
  void sign(std::string_view input, std::span<std::byte> signature) const noexcept;

 private:
  Ed25519() = default;
  std::array<std::byte, 32> public_{};
  SecretBytes secret_;  // the seed, then the public key
};

}  // namespace signet::crypto

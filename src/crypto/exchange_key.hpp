#pragma once
// Asymmetric keys that carry other keys to their recipient: RSA-OAEP and Diffie-Hellman over the curves of ECDH-ES. No
// OpenSSL type crosses this seam.

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/crypto/key_material.hpp"

namespace signet::crypto {

// Immutable; used from any number of threads at a time.
class ExchangeKey {
 public:
  ExchangeKey(jose::KeyType key_type, jose::Curve curve, bool holds_private) noexcept
      : key_type_{key_type}, curve_{curve}, holds_private_{holds_private} {}
  ExchangeKey(const ExchangeKey&) = delete;
  ExchangeKey& operator=(const ExchangeKey&) = delete;
  virtual ~ExchangeKey() = default;

  [[nodiscard]] jose::KeyType key_type() const noexcept { return key_type_; }
  [[nodiscard]] jose::Curve curve() const noexcept { return curve_; }
  [[nodiscard]] bool holds_private() const noexcept { return holds_private_; }

  // RSAES-OAEP with that digest, also for MGF1, and no label. Errors: internal.
  [[nodiscard]] virtual std::expected<Bytes, Error> encrypt(const char* digest,
                                                            std::span<const std::byte> secret) const = 0;
  [[nodiscard]] virtual std::optional<SecretBytes> decrypt(const char* digest,
                                                           std::span<const std::byte> encrypted) const = 0;

  // The shared secret Z of this private key and that public one; nothing when they are of different curves, or when Z
  // is all zeros (RFC 8037 section 3.2.1, RFC 7748 section 6; case 20).
  [[nodiscard]] virtual std::optional<SecretBytes> agree(const ExchangeKey& peer) const = 0;

  // As KeyMaterial's.
  [[nodiscard]] virtual KeyParts public_parts() const = 0;
  [[nodiscard]] virtual KeyParts private_parts() const = 0;
  [[nodiscard]] virtual std::expected<Bytes, Error> public_der() const = 0;
  [[nodiscard]] virtual std::expected<SecretBytes, Error> private_der(const Protection* protection) const = 0;

 private:
  jose::KeyType key_type_;
  jose::Curve curve_;
  bool holds_private_;
};

using ExchangeHandle = std::shared_ptr<const ExchangeKey>;
using MadeExchangeKey = std::expected<ExchangeHandle, Error>;

// Checked in full, as key_from_parts and key_from_encoding do, with the same errors.
[[nodiscard]] MadeExchangeKey exchange_key_from_parts(jose::KeyType key_type, jose::Curve curve, const KeyParts& parts);
// Any curve of `use` agreement when `key_type` is not RSA.
[[nodiscard]] MadeExchangeKey exchange_key_from_encoding(bool is_rsa, Encoding encoding,
                                                         std::span<const std::byte> bytes, const Secret* passphrase);
[[nodiscard]] MadeExchangeKey generate_exchange_key(jose::KeyType key_type, jose::Curve curve, unsigned rsa_bits);

// Concat KDF (NIST SP 800-56A section 5.8.1) as RFC 7518 section 4.6.2 has it, with SHA-256. Errors: internal.
[[nodiscard]] std::expected<SecretBytes, Error> concat_kdf(std::span<const std::byte> z, std::string_view algorithm,
                                                           std::span<const std::byte> party_u,
                                                           std::span<const std::byte> party_v, std::size_t bytes);

// PBKDF2 (RFC 8018 section 5.2) with HMAC of that digest. Errors: internal.
[[nodiscard]] std::expected<SecretBytes, Error> pbkdf2(const char* digest, std::span<const std::byte> passphrase,
                                                       std::span<const std::byte> salt, unsigned iterations,
                                                       std::size_t bytes);

}  // namespace signet::crypto

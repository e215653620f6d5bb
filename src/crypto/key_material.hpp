#pragma once
// The seam to the cryptography: a key bound to its algorithm, ready for use. No OpenSSL type crosses it.

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"
#include "signet/key.hpp"
#include "signet/secret.hpp"
#include "src/crypto/secure_memory.hpp"
#include "src/jose/algorithms.hpp"

namespace signet::crypto {

// The numbers of a key as they stand in a JWK: big-endian, those of the key's type, the others empty.
struct KeyParts {
  Bytes n, e;                       // RSA
  Bytes x, y;                       // EC; OKP has x alone, and so has AKP: its `pub`
  SecretBytes d, p, q, dp, dq, qi;  // private; OKP and EC have d alone, and so has AKP: its `priv`, the seed
  SecretBytes k;                    // octet keys
};

// What hides a private key that is written: PBES2 with AES-256-CBC.
struct Protection {
  const Secret& passphrase;
  PassphraseHash hash;
};

// Immutable; used from any number of threads at a time.
class KeyMaterial {
 public:
  explicit KeyMaterial(const jose::SignatureAlgorithm& algorithm) noexcept : algorithm_{algorithm} {}
  KeyMaterial(const KeyMaterial&) = delete;
  KeyMaterial& operator=(const KeyMaterial&) = delete;
  virtual ~KeyMaterial() = default;

  [[nodiscard]] const jose::SignatureAlgorithm& algorithm() const noexcept { return algorithm_; }

  [[nodiscard]] virtual SignatureCheck check(std::string_view input,
                                             std::span<const std::byte> signature) const noexcept = 0;

  // Errors: internal; signer_failed where the private key is elsewhere.
  [[nodiscard]] virtual std::expected<std::vector<std::byte>, Error> sign(std::string_view input) const = 0;

  // Throws std::runtime_error when OpenSSL fails to give them.
  [[nodiscard]] virtual KeyParts public_parts() const = 0;  // for octet keys nothing
  // All. Errors: key_unsupported when the private key is elsewhere; internal when there is none.
  [[nodiscard]] virtual std::expected<KeyParts, Error> private_parts() const = 0;

  // Errors: key_unsupported for octet keys, and when the private key is elsewhere; internal.
  [[nodiscard]] virtual std::expected<Bytes, Error> public_der() const = 0;  // SPKI
  // PKCS#8, encrypted where there is a protection.
  [[nodiscard]] virtual std::expected<SecretBytes, Error> private_der(const Protection* protection) const = 0;

 private:
  const jose::SignatureAlgorithm& algorithm_;
};

using KeyHandle = std::shared_ptr<const KeyMaterial>;
using MadeKey = std::expected<KeyHandle, Error>;

// Whether OpenSSL offers keys of that kind: before 3.5 it has no ML-DSA.
[[nodiscard]] bool is_offered(jose::KeyType key_type, jose::Curve curve) noexcept;

// Errors: key_too_weak, when the secret is shorter than the digest (case 35).
[[nodiscard]] MadeKey hmac_key(const jose::SignatureAlgorithm& algorithm, std::span<const std::byte> secret);

// RSA, EC, OKP and AKP, checked in full: sizes, the point on its curve, private and public half belonging together.
// Private when `d` is there. Errors: key_malformed, key_mismatch, key_too_weak, internal.
[[nodiscard]] MadeKey key_from_parts(const jose::SignatureAlgorithm& algorithm, const KeyParts& parts);

// A new key. Errors: internal.
[[nodiscard]] MadeKey generate_key(const jose::SignatureAlgorithm& algorithm, unsigned rsa_bits);

// A key that signs through `signer`, whose public half is `public_key`. Preconditions: both are there, and the public
// key is not octets.
[[nodiscard]] KeyHandle external_key(KeyHandle public_key, std::shared_ptr<ExternalSigner> signer);

// The same key, quicker at verifying where it is one of ES256 and OpenSSL makes tables; else `key` itself.
[[nodiscard]] KeyHandle with_table(KeyHandle key) noexcept;

// The forms a key has inside PEM.
enum class Encoding : std::uint8_t {
  spki,
  pkcs1_public,
  certificate,
  pkcs8,
  encrypted_pkcs8,
  pkcs1_private,
  sec1,
  legacy_encrypted,  // PKCS#1 or SEC1 under OpenSSL's old PEM encryption: `bytes` is the whole PEM text
};

[[nodiscard]] constexpr bool is_private(Encoding encoding) noexcept { return encoding >= Encoding::pkcs8; }
[[nodiscard]] constexpr bool is_encrypted(Encoding encoding) noexcept {
  return encoding == Encoding::encrypted_pkcs8 || encoding == Encoding::legacy_encrypted;
}

// An encrypted private key as PKCS#8, of whatever kind it is. Errors: key_malformed, key_unsupported.
[[nodiscard]] std::expected<SecretBytes, Error> decrypted_private_key(Encoding encoding,
                                                                      std::span<const std::byte> bytes,
                                                                      const Secret& passphrase);

// The same checks as key_from_parts. `passphrase` may be null. Errors: those, and key_unsupported.
[[nodiscard]] MadeKey key_from_encoding(const jose::SignatureAlgorithm& algorithm, Encoding encoding,
                                        std::span<const std::byte> bytes, const Secret* passphrase);

// The public half of the key in a certificate, when it is of that kind.
[[nodiscard]] std::optional<KeyParts> certificate_parts(jose::KeyType key_type, jose::Curve curve,
                                                        std::span<const std::byte> certificate);

// Whether all of `bytes` is a certificate.
[[nodiscard]] bool is_certificate(std::span<const std::byte> bytes) noexcept;

// Whether all of `bytes` is the DER of a public key or a certificate (case 2).
[[nodiscard]] bool is_public_der(std::span<const std::byte> bytes) noexcept;

}  // namespace signet::crypto

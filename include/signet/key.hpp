#pragma once
// Keys are typed and bound to exactly one algorithm: a key decides how a token is verified, the token never does
// (SECURITY_CASES 2, 3, 4, 51). Both classes are cheap to copy; copies share the prepared key.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signet/algorithm.hpp"
#include "signet/error.hpp"
#include "signet/secret.hpp"

namespace signet {

namespace crypto {
class KeyMaterial;
}

class ExternalSigner;
class SigningKey;

// What came of looking at a signature. `failed`: OpenSSL could not tell (no memory, a broken provider), which says
// nothing about the signature and must not pass for a bad one.
enum class SignatureCheck : std::uint8_t { good, bad, failed };

// A key that can check signatures and nothing else.
class VerifyingKey {
 public:
  // HMAC (RFC 7518 section 3.2): at least as many bytes as the hash's output. Refuses bytes that look like PEM, DER,
  // JWK or an SSH public key (case 2). Errors: key_mismatch, key_too_weak, key_malformed.
  [[nodiscard]] static std::expected<VerifyingKey, Error> hmac(Algorithm algorithm, const Secret& secret);

  // A public key from PEM: SPKI ("PUBLIC KEY"), PKCS#1 ("RSA PUBLIC KEY"), or an X.509 certificate, of which only the
  // key is used. Exactly one PEM block. Errors: key_malformed, key_mismatch, key_too_weak, key_unsupported.
  [[nodiscard]] static std::expected<VerifyingKey, Error> from_pem(Algorithm algorithm, std::string_view pem);

  // The same forms in DER. Errors: the same.
  [[nodiscard]] static std::expected<VerifyingKey, Error> from_der(Algorithm algorithm, std::span<const std::byte> der);

  // A public or octet JWK (RFC 7517). The algorithm is the JWK's `alg`, or that of its curve. An RSA or octet key
  // without `alg` needs the second form; there, a JWK whose own `alg` differs is key_mismatch. Certificates (`x5c`,
  // `x5t`, `x5t#S256`) must be of this key, which is all that is asked of them, and are written again with it; `x5u` is
  // not followed, and not kept.
  [[nodiscard]] static std::expected<VerifyingKey, Error> from_jwk(std::string_view jwk);
  [[nodiscard]] static std::expected<VerifyingKey, Error> from_jwk(Algorithm algorithm, std::string_view jwk);

  [[nodiscard]] Algorithm algorithm() const noexcept;
  [[nodiscard]] const std::string& key_id() const noexcept;  // `kid`, empty when there is none
  [[nodiscard]] VerifyingKey with_key_id(std::string key_id) const;

  // An ES256 key that verifies in half the time, by a table of its multiples: worth it for the few keys that a service
  // sees all day, for the table takes some 20 ms to make and 150 kB to keep. Any other key, and any key where OpenSSL
  // was built without the means or is told to use approved providers alone, is given back as it is.
  [[nodiscard]] VerifyingKey with_table() const;

  // RFC 7638, SHA-256, base64url. Throws std::runtime_error when OpenSSL does not give the key's numbers.
  [[nodiscard]] std::string thumbprint() const;
  [[nodiscard]] std::string thumbprint_uri() const;  // RFC 9278: urn:ietf:params:oauth:jwk-thumbprint:sha-256:...

  // The public JWK with `kid` (when set), `alg` and `use`. Errors: key_unsupported for an HMAC key, whose only JWK form
  // is the secret itself: see SigningKey::to_private_jwk.
  [[nodiscard]] std::expected<std::string, Error> to_jwk() const;
  [[nodiscard]] std::expected<std::string, Error> to_pem() const;             // SPKI
  [[nodiscard]] std::expected<std::vector<std::byte>, Error> to_der() const;  // SPKI

  // Whether `signature` is this key's over `signing_input`, in the form of JWS (ECDSA: r || s). RFC 7515 section 5.2.
  [[nodiscard]] SignatureCheck check(std::string_view signing_input,
                                     std::span<const std::byte> signature) const noexcept;
  // The same in one word: whether the check came out good.
  [[nodiscard]] bool verifies(std::string_view signing_input, std::span<const std::byte> signature) const noexcept {
    return check(signing_input, signature) == SignatureCheck::good;
  }

  // Whether both are one prepared key under one `kid`: a copy is, the same key read again is not.
  [[nodiscard]] bool is_same_object(const VerifyingKey& other) const noexcept {
    return material_ == other.material_ && (key_id_ == other.key_id_ || key_id() == other.key_id());
  }

 private:
  friend class SigningKey;
  VerifyingKey(std::shared_ptr<const crypto::KeyMaterial> material, std::string key_id,
               std::shared_ptr<const std::string> certificates);
  std::shared_ptr<const crypto::KeyMaterial> material_;
  std::shared_ptr<const std::string> key_id_;        // null: none. Shared, for a key source hands out a copy a token
  std::shared_ptr<const std::string> certificates_;  // members of the JWK; null: none
};

// A key that makes signatures.
class SigningKey {
 public:
  [[nodiscard]] static std::expected<SigningKey, Error> hmac(Algorithm algorithm, const Secret& secret);

  // A private key from PEM: PKCS#8, PKCS#1 ("RSA PRIVATE KEY"), SEC1 ("EC PRIVATE KEY"); encrypted forms with the
  // passphrase. Encrypted PKCS#8 is PBES2 with at most 4,000,000 iterations of PBKDF2, or scrypt with N * r * p at most
  // 2^21 in at most 32 MiB: a second or two. Errors: key_malformed, key_mismatch, key_too_weak, key_unsupported.
  [[nodiscard]] static std::expected<SigningKey, Error> from_pem(Algorithm algorithm, const Secret& pem);
  [[nodiscard]] static std::expected<SigningKey, Error> from_pem(Algorithm algorithm, const Secret& pem,
                                                                 const Secret& passphrase);

  // The same forms in DER. Errors: the same.
  [[nodiscard]] static std::expected<SigningKey, Error> from_der(Algorithm algorithm, const Secret& der);
  [[nodiscard]] static std::expected<SigningKey, Error> from_der(Algorithm algorithm, const Secret& der,
                                                                 const Secret& passphrase);

  // A private or octet JWK; the algorithm as for VerifyingKey::from_jwk.
  [[nodiscard]] static std::expected<SigningKey, Error> from_jwk(const Secret& jwk);
  [[nodiscard]] static std::expected<SigningKey, Error> from_jwk(Algorithm algorithm, const Secret& jwk);

  // A new key from the system's random generator. `rsa_bits` matters to RSA only: 2048 to 8192. Errors: key_too_weak
  // and key_unsupported for fewer or more, key_unsupported for an algorithm that is not there, internal.
  [[nodiscard]] static std::expected<SigningKey, Error> generate(Algorithm algorithm, unsigned rsa_bits = 3072);

  // A key that never enters the process: `signer` signs, `public_key` is its other half and gives algorithm and `kid`.
  // The signer is not asked until something is signed. Every signature is checked with the public key before it is
  // handed on, so a wrong key, a wrong form or a fault elsewhere is signer_failed and not a token that nobody accepts.
  // See signet/external_signer.hpp. Errors: key_mismatch (an HMAC key has no public half), invalid_configuration (no
  // signer).
  [[nodiscard]] static std::expected<SigningKey, Error> external(const VerifyingKey& public_key,
                                                                 std::shared_ptr<ExternalSigner> signer);

  [[nodiscard]] Algorithm algorithm() const noexcept;
  [[nodiscard]] const std::string& key_id() const noexcept;
  [[nodiscard]] SigningKey with_key_id(std::string key_id) const;
  [[nodiscard]] std::string thumbprint() const;      // as VerifyingKey's
  [[nodiscard]] std::string thumbprint_uri() const;  // as VerifyingKey's

  // What verifies this key's signatures. For HMAC it holds the same secret.
  [[nodiscard]] VerifyingKey verifying_key() const;

  // PEM and DER are PKCS#8, encrypted with AES-256-CBC under a passphrase of 8 to 1024 bytes. Errors: key_unsupported
  // for a key that is elsewhere, and as PEM or DER for HMAC; key_too_weak and key_mismatch for a passphrase that is too
  // short or too long.
  [[nodiscard]] std::expected<Secret, Error> to_private_jwk() const;
  [[nodiscard]] std::expected<Secret, Error> to_private_pem() const;
  [[nodiscard]] std::expected<Secret, Error> to_private_pem(const Secret& passphrase,
                                                            PassphraseHash hash = PassphraseHash::scrypt) const;
  [[nodiscard]] std::expected<Secret, Error> to_private_der() const;
  [[nodiscard]] std::expected<Secret, Error> to_private_der(const Secret& passphrase,
                                                            PassphraseHash hash = PassphraseHash::scrypt) const;

  // RFC 7515 section 5.1. Errors: internal; signer_failed for a key that is elsewhere.
  [[nodiscard]] std::expected<std::vector<std::byte>, Error> sign(std::string_view signing_input) const;

 private:
  SigningKey(std::shared_ptr<const crypto::KeyMaterial> material, std::string key_id,
             std::shared_ptr<const std::string> certificates) noexcept
      : material_{std::move(material)}, key_id_{std::move(key_id)}, certificates_{std::move(certificates)} {}
  std::shared_ptr<const crypto::KeyMaterial> material_;
  std::string key_id_;
  std::shared_ptr<const std::string> certificates_;  // members of the JWK; null: none
};

}  // namespace signet

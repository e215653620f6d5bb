#pragma once
// Keys that encrypt and keys that decrypt (RFC 7516, RFC 7517). Each is bound to exactly one key management algorithm,
// and neither is, or becomes, a key for signatures (SECURITY_CASES 15). Both are cheap to copy; copies share the
// prepared key.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"
#include "signet/secret.hpp"

namespace signet {

// How the content encryption key reaches the recipient: `alg` (RFC 7518 section 4.1, RFC 8037 section 3.2). RSA1_5 is
// not offered (case 21). What each one is made of stands in one table, src/jwe/algorithms.hpp.
enum class KeyManagement : std::uint8_t {
  dir,  // the shared secret is the content encryption key
  A128KW,
  A192KW,
  A256KW,
  A128GCMKW,
  A192GCMKW,
  A256GCMKW,
  ECDH_ES,
  ECDH_ES_A128KW,
  ECDH_ES_A192KW,
  ECDH_ES_A256KW,
  RSA_OAEP,
  RSA_OAEP_256,
  RSA_OAEP_384,
  RSA_OAEP_512,
  PBES2_HS256_A128KW,
  PBES2_HS384_A192KW,
  PBES2_HS512_A256KW,
};

// How the content is encrypted: `enc` (RFC 7518 section 5.1).
enum class ContentEncryption : std::uint8_t {
  A128CBC_HS256,
  A192CBC_HS384,
  A256CBC_HS512,
  A128GCM,
  A192GCM,
  A256GCM,
};

// For ECDH-ES (RFC 7518 section 6.2.1.1, RFC 8037 section 2).
enum class AgreementCurve : std::uint8_t { P256, P384, P521, X25519, X448 };

// The registered name, as it stands in `alg` and `enc`: "ECDH-ES+A256KW", "A128CBC-HS256".
[[nodiscard]] std::string_view name(KeyManagement algorithm) noexcept;
[[nodiscard]] std::string_view name(ContentEncryption algorithm) noexcept;

// Compared byte for byte (case 53).
[[nodiscard]] std::optional<KeyManagement> key_management_from_name(std::string_view name) noexcept;
[[nodiscard]] std::optional<ContentEncryption> content_encryption_from_name(std::string_view name) noexcept;

namespace jwe {
struct KeyData;
struct KeyAccess;
}  // namespace jwe

// A key that can encrypt and nothing else: the recipient's public key, or a secret shared with the recipient.
class EncryptionKey {
 public:
  // `dir`: of exactly the size that the content encryption takes. Errors: key_mismatch.
  [[nodiscard]] static std::expected<EncryptionKey, Error> direct(ContentEncryption algorithm, const Secret& secret);

  // A*KW and A*GCMKW: an AES key of exactly the algorithm's size. Errors: key_mismatch.
  [[nodiscard]] static std::expected<EncryptionKey, Error> from_secret(KeyManagement algorithm, const Secret& secret);

  // PBES2: 8 to 1024 bytes of passphrase. A decrypter takes such keys only when it is told to. Errors: key_mismatch,
  // key_too_weak.
  [[nodiscard]] static std::expected<EncryptionKey, Error> from_passphrase(KeyManagement algorithm,
                                                                           const Secret& passphrase);

  // A public key for ECDH-ES or RSA-OAEP; the forms and the checks are those of VerifyingKey::from_pem.
  [[nodiscard]] static std::expected<EncryptionKey, Error> from_pem(KeyManagement algorithm, std::string_view pem);
  [[nodiscard]] static std::expected<EncryptionKey, Error> from_der(KeyManagement algorithm,
                                                                    std::span<const std::byte> der);

  // A public or octet JWK. `use`, when there, must be "enc", and `key_ops` must allow the work. The algorithm is the
  // JWK's `alg`; an octet key whose `alg` names a content encryption is for `dir`. A JWK without `alg` needs the second
  // or third form; there, one whose own `alg` differs is key_mismatch. Errors: those of VerifyingKey::from_jwk.
  [[nodiscard]] static std::expected<EncryptionKey, Error> from_jwk(std::string_view jwk);
  [[nodiscard]] static std::expected<EncryptionKey, Error> from_jwk(KeyManagement algorithm, std::string_view jwk);
  [[nodiscard]] static std::expected<EncryptionKey, Error> from_jwk(ContentEncryption direct, std::string_view jwk);

  // The same key for fewer content encryptions: an encrypter and a decrypter keep to them. Errors:
  // invalid_configuration when none is left.
  [[nodiscard]] std::expected<EncryptionKey, Error> only(const std::vector<ContentEncryption>& allowed) const;

  [[nodiscard]] KeyManagement algorithm() const noexcept;
  [[nodiscard]] const std::vector<ContentEncryption>& content_encryptions() const noexcept;
  [[nodiscard]] const std::string& key_id() const noexcept;  // `kid`, empty when there is none
  [[nodiscard]] EncryptionKey with_key_id(std::string key_id) const;

  // The public JWK with `use` "enc", and the public key as SPKI. Errors: key_unsupported for a shared secret.
  [[nodiscard]] std::expected<std::string, Error> to_jwk() const;
  [[nodiscard]] std::expected<std::string, Error> to_pem() const;
  [[nodiscard]] std::expected<std::vector<std::byte>, Error> to_der() const;

  // RFC 7638, SHA-256, base64url. Errors: key_unsupported for a passphrase.
  [[nodiscard]] std::expected<std::string, Error> thumbprint() const;

 private:
  friend class DecryptionKey;
  friend struct jwe::KeyAccess;
  explicit EncryptionKey(std::shared_ptr<const jwe::KeyData> data) noexcept : data_{std::move(data)} {}
  std::shared_ptr<const jwe::KeyData> data_;
};

// A key that decrypts: a private key or a shared secret.
class DecryptionKey {
 public:
  // As for EncryptionKey.
  [[nodiscard]] static std::expected<DecryptionKey, Error> direct(ContentEncryption algorithm, const Secret& secret);
  [[nodiscard]] static std::expected<DecryptionKey, Error> from_secret(KeyManagement algorithm, const Secret& secret);
  [[nodiscard]] static std::expected<DecryptionKey, Error> from_passphrase(KeyManagement algorithm,
                                                                           const Secret& passphrase);

  // A private key; the forms are those of SigningKey::from_pem.
  [[nodiscard]] static std::expected<DecryptionKey, Error> from_pem(KeyManagement algorithm, const Secret& pem);
  [[nodiscard]] static std::expected<DecryptionKey, Error> from_pem(KeyManagement algorithm, const Secret& pem,
                                                                    const Secret& passphrase);
  [[nodiscard]] static std::expected<DecryptionKey, Error> from_der(KeyManagement algorithm, const Secret& der);
  [[nodiscard]] static std::expected<DecryptionKey, Error> from_der(KeyManagement algorithm, const Secret& der,
                                                                    const Secret& passphrase);

  // A private or octet JWK.
  [[nodiscard]] static std::expected<DecryptionKey, Error> from_jwk(const Secret& jwk);
  [[nodiscard]] static std::expected<DecryptionKey, Error> from_jwk(KeyManagement algorithm, const Secret& jwk);
  [[nodiscard]] static std::expected<DecryptionKey, Error> from_jwk(ContentEncryption direct, const Secret& jwk);

  // A new key from the system's random generator. ECDH-ES is over P-256 unless a curve is given; `rsa_bits` matters to
  // RSA only: 2048 to 8192. Errors: key_mismatch for `dir` and PBES2, key_too_weak and key_unsupported for fewer or
  // more bits, internal.
  [[nodiscard]] static std::expected<DecryptionKey, Error> generate(KeyManagement algorithm, unsigned rsa_bits = 3072);
  [[nodiscard]] static std::expected<DecryptionKey, Error> generate(KeyManagement algorithm, AgreementCurve curve);
  [[nodiscard]] static std::expected<DecryptionKey, Error> generate_direct(ContentEncryption algorithm);

  [[nodiscard]] std::expected<DecryptionKey, Error> only(const std::vector<ContentEncryption>& allowed) const;

  [[nodiscard]] KeyManagement algorithm() const noexcept;
  [[nodiscard]] const std::vector<ContentEncryption>& content_encryptions() const noexcept;
  [[nodiscard]] const std::string& key_id() const noexcept;
  [[nodiscard]] DecryptionKey with_key_id(std::string key_id) const;
  [[nodiscard]] std::expected<std::string, Error> thumbprint() const;

  // What encrypts for this key. For a shared secret it holds the same secret.
  [[nodiscard]] EncryptionKey encryption_key() const;

  // As SigningKey's. Errors: key_unsupported for a passphrase, and of PEM and DER for every shared secret.
  [[nodiscard]] std::expected<Secret, Error> to_private_jwk() const;
  [[nodiscard]] std::expected<Secret, Error> to_private_pem() const;
  [[nodiscard]] std::expected<Secret, Error> to_private_pem(const Secret& passphrase,
                                                            PassphraseHash hash = PassphraseHash::scrypt) const;
  [[nodiscard]] std::expected<Secret, Error> to_private_der() const;
  [[nodiscard]] std::expected<Secret, Error> to_private_der(const Secret& passphrase,
                                                            PassphraseHash hash = PassphraseHash::scrypt) const;

 private:
  friend struct jwe::KeyAccess;
  explicit DecryptionKey(std::shared_ptr<const jwe::KeyData> data) noexcept : data_{std::move(data)} {}
  std::shared_ptr<const jwe::KeyData> data_;
};

}  // namespace signet

#pragma once
// The two tables of encryption: a row for each key management algorithm (`alg`), a row for each content encryption
// (`enc`). Adding an algorithm adds a row and its enumerator in signet/encryption_key.hpp; nothing else switches on
// either name.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "signet/encryption_key.hpp"
#include "src/jose/algorithms.hpp"

namespace signet::jwe {

// RFC 7516 section 2.
enum class KeyMode : std::uint8_t {
  direct,
  aes_wrap,        // AES Key Wrap (RFC 3394)
  gcm_wrap,        // AES-GCM over the key
  agreement,       // the agreed key is the content encryption key
  agreement_wrap,  // the agreed key wraps it, by AES Key Wrap
  rsa,             // RSAES-OAEP (RFC 8017 section 7.1)
  passphrase,      // PBKDF2, then AES Key Wrap
};

struct KeyManagementAlgorithm {
  std::string_view name;
  KeyManagement algorithm;
  KeyMode mode;
  std::size_t wrapping_bytes = 0;  // of the AES key that wraps
  const char* digest = nullptr;    // of OAEP with its MGF1, and of PBKDF2: OpenSSL's name
};

// In the order of `enum class KeyManagement`.
inline constexpr std::array key_management_algorithms{
    KeyManagementAlgorithm{"dir", KeyManagement::dir, KeyMode::direct},                    // RFC 7518 section 4.5
    KeyManagementAlgorithm{"A128KW", KeyManagement::A128KW, KeyMode::aes_wrap, 16},        // RFC 7518 section 4.4
    KeyManagementAlgorithm{"A192KW", KeyManagement::A192KW, KeyMode::aes_wrap, 24},        //
    KeyManagementAlgorithm{"A256KW", KeyManagement::A256KW, KeyMode::aes_wrap, 32},        //
    KeyManagementAlgorithm{"A128GCMKW", KeyManagement::A128GCMKW, KeyMode::gcm_wrap, 16},  // RFC 7518 section 4.7
    KeyManagementAlgorithm{"A192GCMKW", KeyManagement::A192GCMKW, KeyMode::gcm_wrap, 24},  //
    KeyManagementAlgorithm{"A256GCMKW", KeyManagement::A256GCMKW, KeyMode::gcm_wrap, 32},  //
    KeyManagementAlgorithm{"ECDH-ES", KeyManagement::ECDH_ES, KeyMode::agreement},  // RFC 7518 section 4.6, RFC 8037
    KeyManagementAlgorithm{"ECDH-ES+A128KW", KeyManagement::ECDH_ES_A128KW, KeyMode::agreement_wrap, 16},  //
    KeyManagementAlgorithm{"ECDH-ES+A192KW", KeyManagement::ECDH_ES_A192KW, KeyMode::agreement_wrap, 24},  //
    KeyManagementAlgorithm{"ECDH-ES+A256KW", KeyManagement::ECDH_ES_A256KW, KeyMode::agreement_wrap, 32},  //
    KeyManagementAlgorithm{"RSA-OAEP", KeyManagement::RSA_OAEP, KeyMode::rsa, 0, "SHA1"},  // RFC 7518 section 4.3
    KeyManagementAlgorithm{"RSA-OAEP-256", KeyManagement::RSA_OAEP_256, KeyMode::rsa, 0, "SHA2-256"},  //
    KeyManagementAlgorithm{"RSA-OAEP-384", KeyManagement::RSA_OAEP_384, KeyMode::rsa, 0, "SHA2-384"},  // W3C WebCrypto
    KeyManagementAlgorithm{"RSA-OAEP-512", KeyManagement::RSA_OAEP_512, KeyMode::rsa, 0, "SHA2-512"},  //
    KeyManagementAlgorithm{"PBES2-HS256+A128KW", KeyManagement::PBES2_HS256_A128KW, KeyMode::passphrase, 16,
                           "SHA2-256"},  // RFC 7518 section 4.8
    KeyManagementAlgorithm{"PBES2-HS384+A192KW", KeyManagement::PBES2_HS384_A192KW, KeyMode::passphrase, 24,
                           "SHA2-384"},  //
    KeyManagementAlgorithm{"PBES2-HS512+A256KW", KeyManagement::PBES2_HS512_A256KW, KeyMode::passphrase, 32,
                           "SHA2-512"},  //
};

struct ContentEncryptionAlgorithm {
  std::string_view name;
  ContentEncryption algorithm;
  const char* cipher;            // OpenSSL's name
  std::size_t key_bytes;         // with CBC, half of it authenticates
  std::size_t iv_bytes;          // exactly (case 22)
  std::size_t tag_bytes;         // exactly
  const char* digest = nullptr;  // of the HMAC beside CBC; GCM has none
};

// In the order of `enum class ContentEncryption`.
inline constexpr std::array content_encryption_algorithms{
    // RFC 7518 section 5.2
    ContentEncryptionAlgorithm{"A128CBC-HS256", ContentEncryption::A128CBC_HS256, "AES-128-CBC", 32, 16, 16,
                               "SHA2-256"},
    ContentEncryptionAlgorithm{"A192CBC-HS384", ContentEncryption::A192CBC_HS384, "AES-192-CBC", 48, 16, 24,
                               "SHA2-384"},
    ContentEncryptionAlgorithm{"A256CBC-HS512", ContentEncryption::A256CBC_HS512, "AES-256-CBC", 64, 16, 32,
                               "SHA2-512"},
    // RFC 7518 section 5.3
    ContentEncryptionAlgorithm{"A128GCM", ContentEncryption::A128GCM, "AES-128-GCM", 16, 12, 16},
    ContentEncryptionAlgorithm{"A192GCM", ContentEncryption::A192GCM, "AES-192-GCM", 24, 12, 16},
    ContentEncryptionAlgorithm{"A256GCM", ContentEncryption::A256GCM, "AES-256-GCM", 32, 12, 16},
};

[[nodiscard]] constexpr const KeyManagementAlgorithm& row(KeyManagement algorithm) noexcept {
  return key_management_algorithms[static_cast<std::size_t>(algorithm)];
}
[[nodiscard]] constexpr const ContentEncryptionAlgorithm& row(ContentEncryption algorithm) noexcept {
  return content_encryption_algorithms[static_cast<std::size_t>(algorithm)];
}

// AES-GCM under a key of that size, which A*GCMKW uses on keys as `enc` does on content.
[[nodiscard]] constexpr const ContentEncryptionAlgorithm& gcm_row(std::size_t key_bytes) noexcept {
  return row(key_bytes == 16   ? ContentEncryption::A128GCM
             : key_bytes == 24 ? ContentEncryption::A192GCM
                               : ContentEncryption::A256GCM);
}

[[nodiscard]] constexpr bool agrees(KeyMode mode) noexcept {
  return mode == KeyMode::agreement || mode == KeyMode::agreement_wrap;
}
// Whether the key is a secret that both sides hold.
[[nodiscard]] constexpr bool is_shared(KeyMode mode) noexcept { return !agrees(mode) && mode != KeyMode::rsa; }
// Whether the recipient's key determines the content encryption key: one recipient, and no encrypted key (case 25).
[[nodiscard]] constexpr bool determines_key(KeyMode mode) noexcept {
  return mode == KeyMode::direct || mode == KeyMode::agreement;
}

// In the order of `enum class AgreementCurve`.
inline constexpr std::array agreement_curves{jose::Curve::p256, jose::Curve::p384, jose::Curve::p521,
                                             jose::Curve::x25519, jose::Curve::x448};

// Rows are found by position: each must stand at its enumerator's place.
static_assert([] {
  for (std::size_t i = 0; i < key_management_algorithms.size(); ++i) {
    if (static_cast<std::size_t>(key_management_algorithms[i].algorithm) != i) return false;
  }
  for (std::size_t i = 0; i < content_encryption_algorithms.size(); ++i) {
    if (static_cast<std::size_t>(content_encryption_algorithms[i].algorithm) != i) return false;
  }
  return true;
}());

}  // namespace signet::jwe

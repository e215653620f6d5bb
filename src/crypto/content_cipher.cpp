#include "src/crypto/content_cipher.hpp"

#include <openssl/core_names.h>

#include <algorithm>
#include <array>

#include "src/crypto/openssl.hpp"

namespace signet::crypto {
namespace {

using jwe::ContentEncryptionAlgorithm;
using View = std::span<const std::byte>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using FetchedCipher = std::unique_ptr<EVP_CIPHER, Freed<EVP_CIPHER_free>>;
using FetchedMac = std::unique_ptr<EVP_MAC, Freed<EVP_MAC_free>>;

constexpr std::size_t most_bytes = std::size_t{1} << 30;  // OpenSSL counts with int

// Kept until the process ends.
const EVP_CIPHER* fetched(const ContentEncryptionAlgorithm& algorithm) {
  static const auto ciphers = [] {
    std::array<FetchedCipher, jwe::content_encryption_algorithms.size()> all;
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].reset(EVP_CIPHER_fetch(nullptr, jwe::content_encryption_algorithms[i].cipher, nullptr));
    }
    return all;
  }();
  return ciphers[static_cast<std::size_t>(algorithm.algorithm)].get();
}

const EVP_CIPHER* wrapping_cipher(std::size_t key_bytes) {
  static const std::array<FetchedCipher, 3> ciphers{
      FetchedCipher{EVP_CIPHER_fetch(nullptr, "AES-128-WRAP", nullptr)},
      FetchedCipher{EVP_CIPHER_fetch(nullptr, "AES-192-WRAP", nullptr)},
      FetchedCipher{EVP_CIPHER_fetch(nullptr, "AES-256-WRAP", nullptr)},
  };
  return ciphers[key_bytes / 8 - 2].get();
}

int size_of(View bytes) { return static_cast<int>(bytes.size()); }

Error failed() { return Error{ErrorCode::internal, "OpenSSL does not encrypt"}; }

// --- AES-GCM

bool gcm_seal(EVP_CIPHER_CTX* context, const EVP_CIPHER* cipher, View key, View iv, View aad, View plaintext,
              Sealed& out) {
  int size = 0;
  OSSL_PARAM tag[]{OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, out.tag.data(), out.tag.size()),
                   OSSL_PARAM_construct_end()};
  return EVP_EncryptInit_ex2(context, cipher, octets(key.data()), octets(iv.data()), nullptr) == 1 &&
         (aad.empty() || EVP_EncryptUpdate(context, nullptr, &size, octets(aad.data()), size_of(aad)) == 1) &&
         (plaintext.empty() || EVP_EncryptUpdate(context, octets(out.ciphertext.data()), &size,
                                                 octets(plaintext.data()), size_of(plaintext)) == 1) &&
         EVP_EncryptFinal_ex(context, nullptr, &size) == 1 && EVP_CIPHER_CTX_get_params(context, tag) == 1;
}

bool gcm_open(EVP_CIPHER_CTX* context, const EVP_CIPHER* cipher, View key, View iv, View aad, View ciphertext, View tag,
              SecretBytes& out) {
  int size = 0;
  OSSL_PARAM expected_tag[]{
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, const_cast<std::byte*>(tag.data()), tag.size()),
      OSSL_PARAM_construct_end()};
  return EVP_DecryptInit_ex2(context, cipher, octets(key.data()), octets(iv.data()), expected_tag) == 1 &&
         (aad.empty() || EVP_DecryptUpdate(context, nullptr, &size, octets(aad.data()), size_of(aad)) == 1) &&
         (ciphertext.empty() ||
          EVP_DecryptUpdate(context, octets(out.data()), &size, octets(ciphertext.data()), size_of(ciphertext)) == 1) &&
         EVP_DecryptFinal_ex(context, nullptr, &size) == 1;
}

// --- AES-CBC with HMAC

// RFC 7518 section 5.2.2.1, steps 4 to 6.
bool cbc_tag(const ContentEncryptionAlgorithm& algorithm, View key, View iv, View aad, View ciphertext,
             std::span<std::byte> tag) {
  static const FetchedMac hmac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  const MacContext context{hmac ? EVP_MAC_CTX_new(hmac.get()) : nullptr};
  std::array<std::byte, 8> bits{};
  for (std::size_t i = 0; i < bits.size(); ++i) {
    bits[i] = static_cast<std::byte>((std::uint64_t{aad.size()} * 8) >> (56 - 8 * i));
  }
  OSSL_PARAM params[]{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(algorithm.digest), 0),
                      OSSL_PARAM_construct_end()};
  const auto update = [&](View bytes) {
    return EVP_MAC_update(context.get(), octets(bytes.data()), bytes.size()) == 1;
  };
  std::array<std::byte, 64> whole;
  std::size_t size = 0;
  const bool done = context && EVP_MAC_init(context.get(), octets(key.data()), key.size(), params) == 1 &&
                    update(aad) && update(iv) && update(ciphertext) && update(bits) &&
                    EVP_MAC_final(context.get(), octets(whole.data()), &size, whole.size()) == 1 && size >= tag.size();
  if (done) std::copy_n(whole.begin(), tag.size(), tag.begin());
  return done;
}

bool cbc_seal(EVP_CIPHER_CTX* context, const ContentEncryptionAlgorithm& algorithm, View key, View iv, View aad,
              View plaintext, Sealed& out) {
  const View mac_key = key.first(key.size() / 2), cipher_key = key.subspan(key.size() / 2);
  int size = 0, last = 0;
  out.ciphertext.resize((plaintext.size() / 16 + 1) * 16);
  return EVP_EncryptInit_ex2(context, fetched(algorithm), octets(cipher_key.data()), octets(iv.data()), nullptr) == 1 &&
         (plaintext.empty() || EVP_EncryptUpdate(context, octets(out.ciphertext.data()), &size,
                                                 octets(plaintext.data()), size_of(plaintext)) == 1) &&
         EVP_EncryptFinal_ex(context, octets(out.ciphertext.data()) + size, &last) == 1 &&
         static_cast<std::size_t>(size) + static_cast<std::size_t>(last) == out.ciphertext.size() &&
         cbc_tag(algorithm, mac_key, iv, aad, out.ciphertext, out.tag);
}

bool cbc_open(EVP_CIPHER_CTX* context, const ContentEncryptionAlgorithm& algorithm, View key, View iv, View aad,
              View ciphertext, View tag, SecretBytes& out) {
  const View mac_key = key.first(key.size() / 2), cipher_key = key.subspan(key.size() / 2);
  std::array<std::byte, 32> expected_tag;
  const auto expected = std::span{expected_tag}.first(algorithm.tag_bytes);
  // The tag before anything is decrypted (case 23).
  if (!cbc_tag(algorithm, mac_key, iv, aad, ciphertext, expected) || !equal(expected, tag)) return false;
  int size = 0, last = 0;
  out.resize(ciphertext.size() + 16);
  const bool done =
      EVP_DecryptInit_ex2(context, fetched(algorithm), octets(cipher_key.data()), octets(iv.data()), nullptr) == 1 &&
      EVP_DecryptUpdate(context, octets(out.data()), &size, octets(ciphertext.data()), size_of(ciphertext)) == 1 &&
      EVP_DecryptFinal_ex(context, octets(out.data()) + size, &last) == 1;
  if (done) out.resize(static_cast<std::size_t>(size) + static_cast<std::size_t>(last));
  return done;
}

}  // namespace

std::expected<Sealed, Error> seal(const ContentEncryptionAlgorithm& algorithm, View key, View iv, View additional_data,
                                  View plaintext) {
  const ErrorQueueMark mark;
  if (plaintext.size() > most_bytes || additional_data.size() > most_bytes) {
    return std::unexpected(Error{ErrorCode::invalid_configuration, "more than a gibibyte at once"});
  }
  Sealed out{Bytes(plaintext.size()), Bytes(algorithm.tag_bytes)};
  const CipherContext context{EVP_CIPHER_CTX_new()};
  const bool done = context && fetched(algorithm) != nullptr && key.size() == algorithm.key_bytes &&
                    iv.size() == algorithm.iv_bytes &&
                    (algorithm.digest == nullptr
                         ? gcm_seal(context.get(), fetched(algorithm), key, iv, additional_data, plaintext, out)
                         : cbc_seal(context.get(), algorithm, key, iv, additional_data, plaintext, out));
  if (!done) return std::unexpected(failed());
  return out;
}

std::optional<SecretBytes> open(const ContentEncryptionAlgorithm& algorithm, View key, View iv, View additional_data,
                                View ciphertext, View tag) {
  const ErrorQueueMark mark;
  if (key.size() != algorithm.key_bytes || iv.size() != algorithm.iv_bytes || tag.size() != algorithm.tag_bytes ||
      ciphertext.size() > most_bytes || additional_data.size() > most_bytes) {
    return std::nullopt;
  }
  const CipherContext context{EVP_CIPHER_CTX_new()};
  SecretBytes out(ciphertext.size());
  const bool done = context && fetched(algorithm) != nullptr &&
                    (algorithm.digest == nullptr
                         ? gcm_open(context.get(), fetched(algorithm), key, iv, additional_data, ciphertext, tag, out)
                         : cbc_open(context.get(), algorithm, key, iv, additional_data, ciphertext, tag, out));
  if (!done) return std::nullopt;
  return out;
}

std::expected<Bytes, Error> wrap(View wrapping, View key) {
  const ErrorQueueMark mark;
  const CipherContext context{EVP_CIPHER_CTX_new()};
  Bytes out(key.size() + 8);
  int size = 0;
  if (!context) return std::unexpected(failed());
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  if (EVP_EncryptInit_ex2(context.get(), wrapping_cipher(wrapping.size()), octets(wrapping.data()), nullptr, nullptr) !=
          1 ||
      EVP_EncryptUpdate(context.get(), octets(out.data()), &size, octets(key.data()), size_of(key)) != 1 ||
      static_cast<std::size_t>(size) != out.size()) {
    return std::unexpected(failed());
  }
  return out;
}

std::optional<SecretBytes> unwrap(View wrapping, View wrapped) {
  const ErrorQueueMark mark;
  if (wrapped.size() < 24 || wrapped.size() % 8 != 0 || wrapped.size() > most_bytes) return std::nullopt;
  const CipherContext context{EVP_CIPHER_CTX_new()};
  SecretBytes out(wrapped.size());
  int size = 0;
  if (!context) return std::nullopt;
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  if (EVP_DecryptInit_ex2(context.get(), wrapping_cipher(wrapping.size()), octets(wrapping.data()), nullptr, nullptr) !=
          1 ||
      EVP_DecryptUpdate(context.get(), octets(out.data()), &size, octets(wrapped.data()), size_of(wrapped)) != 1 ||
      size < 0 || static_cast<std::size_t>(size) != wrapped.size() - 8) {
    return std::nullopt;
  }
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace signet::crypto

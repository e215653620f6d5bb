// Keys as the numbers of a JWK and as DER.

#include <openssl/core_names.h>
#include <openssl/pkcs12.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "src/crypto/asymmetric_key.hpp"

namespace signet::crypto {
namespace {

using jose::KeyType;

constexpr int salt_bytes = 16;
// OWASP's password storage cheat sheet, of equal strength by its reckoning. More memory OpenSSL would not read again.
constexpr unsigned scrypt_n = 16'384, scrypt_r = 8, scrypt_p = 5;
constexpr int pbkdf2_iterations = 600'000;

Error failed(const char* what) { return Error{ErrorCode::internal, what}; }

// What one of OpenSSL's i2d functions writes into memory of its own, which is zeroed.
template <class Container, class Write>
std::optional<Container> written(Write write) {
  unsigned char* out = nullptr;
  const int size = write(&out);
  if (size <= 0) return std::nullopt;
  const auto free = [size](unsigned char* memory) { OPENSSL_clear_free(memory, static_cast<std::size_t>(size)); };
  const std::unique_ptr<unsigned char, decltype(free)> owned{out, free};
  const auto* const first = reinterpret_cast<const std::byte*>(out);
  return std::optional<Container>{std::in_place, first, first + size};
}

EncryptedPkcs8 encrypted(PKCS8_PRIV_KEY_INFO* info, const Protection& protection) noexcept {
  // Salt and IV are random where none are given.
  AlgorithmId method{
      protection.hash == PassphraseHash::scrypt
          ? PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, salt_bytes, nullptr, scrypt_n, scrypt_r, scrypt_p)
          : PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), pbkdf2_iterations, nullptr, salt_bytes, nullptr, NID_hmacWithSHA256)};
  if (!method) return nullptr;
  const auto passphrase = protection.passphrase.reveal_text();
  EncryptedPkcs8 hidden{PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()), info, method.get())};
  if (hidden) static_cast<void>(method.release());  // which is now part of it
  return hidden;
}

}  // namespace

KeyParts public_parts_of(const EVP_PKEY* pkey, KeyShape shape) {
  KeyParts parts;
  switch (shape.key_type) {
    case KeyType::oct:
      break;
    case KeyType::rsa:
      parts.n = big_endian<Bytes>(number(pkey, OSSL_PKEY_PARAM_RSA_N).get());
      parts.e = big_endian<Bytes>(number(pkey, OSSL_PKEY_PARAM_RSA_E).get());
      break;
    case KeyType::ec: {
      const std::size_t field = jose::facts(shape.curve).field_bytes;
      parts.x = big_endian<Bytes>(number(pkey, OSSL_PKEY_PARAM_EC_PUB_X).get(), field);
      parts.y = big_endian<Bytes>(number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y).get(), field);
      break;
    }
    case KeyType::okp:
    case KeyType::akp: {
      std::size_t size = jose::facts(shape.curve).field_bytes;
      parts.x.resize(size);
      if (EVP_PKEY_get_raw_public_key(pkey, octets(parts.x.data()), &size) != 1) {
        throw std::runtime_error{"OpenSSL does not give the public key"};
      }
      break;
    }
  }
  return parts;
}

KeyParts private_parts_of(const EVP_PKEY* pkey, KeyShape shape) {
  KeyParts parts = public_parts_of(pkey, shape);
  const auto secret = [&](const char* name, std::size_t size = 0) {
    return big_endian<SecretBytes>(number(pkey, name).get(), size);
  };
  switch (shape.key_type) {
    case KeyType::oct:
      break;
    case KeyType::rsa:
      parts.d = secret(OSSL_PKEY_PARAM_RSA_D);
      parts.p = secret(OSSL_PKEY_PARAM_RSA_FACTOR1);
      parts.q = secret(OSSL_PKEY_PARAM_RSA_FACTOR2);
      parts.dp = secret(OSSL_PKEY_PARAM_RSA_EXPONENT1);
      parts.dq = secret(OSSL_PKEY_PARAM_RSA_EXPONENT2);
      parts.qi = secret(OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
      break;
    case KeyType::ec:
      parts.d = secret(OSSL_PKEY_PARAM_PRIV_KEY, jose::facts(shape.curve).field_bytes);
      break;
    case KeyType::okp: {
      std::size_t size = jose::facts(shape.curve).field_bytes;
      parts.d.resize(size);
      if (EVP_PKEY_get_raw_private_key(pkey, octets(parts.d.data()), &size) != 1) {
        throw std::runtime_error{"OpenSSL does not give the private key"};
      }
      break;
    }
    case KeyType::akp: {
      std::size_t size = 0;
      parts.d.resize(jose::seed_bytes);
      if (EVP_PKEY_get_octet_string_param(pkey, seed_param, octets(parts.d.data()), parts.d.size(), &size) != 1) {
        throw std::runtime_error{"OpenSSL does not give the seed"};
      }
      break;
    }
  }
  return parts;
}

std::expected<Bytes, Error> public_der_of(const EVP_PKEY* pkey) {
  const ErrorQueueMark mark;
  auto der = written<Bytes>([&](unsigned char** out) { return i2d_PUBKEY(pkey, out); });
  if (!der) return std::unexpected(failed("OpenSSL wrote no public key"));
  return *std::move(der);
}

std::expected<SecretBytes, Error> private_der_of(const EVP_PKEY* pkey, const Protection* protection) {
  const ErrorQueueMark mark;
  const Pkcs8 info{EVP_PKEY2PKCS8(pkey)};
  std::optional<SecretBytes> der;
  if (info && protection == nullptr) {
    der = written<SecretBytes>([&](unsigned char** out) { return i2d_PKCS8_PRIV_KEY_INFO(info.get(), out); });
  } else if (info) {
    const EncryptedPkcs8 hidden = encrypted(info.get(), *protection);
    if (hidden) der = written<SecretBytes>([&](unsigned char** out) { return i2d_X509_SIG(hidden.get(), out); });
  }
  if (!der) return std::unexpected(failed("OpenSSL wrote no private key"));
  return *std::move(der);
}

}  // namespace signet::crypto

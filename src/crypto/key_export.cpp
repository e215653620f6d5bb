// Keys as the numbers of a JWK and as PEM.

#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <stdexcept>

#include "src/crypto/asymmetric_key.hpp"

namespace signet::crypto {
namespace {

using jose::KeyType;

Error failed(const char* what) { return Error{ErrorCode::internal, what}; }

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

std::expected<std::string, Error> public_pem_of(const EVP_PKEY* pkey) {
  const ErrorQueueMark mark;
  const Bio out{BIO_new(BIO_s_mem())};
  char* text = nullptr;
  if (!out || PEM_write_bio_PUBKEY(out.get(), pkey) != 1) return std::unexpected(failed("OpenSSL wrote no PEM"));
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string{text, static_cast<std::size_t>(size)};
}

std::expected<Secret, Error> private_pem_of(const EVP_PKEY* pkey) {
  const ErrorQueueMark mark;
  const Bio out{BIO_new(BIO_s_secmem())};  // zeroed when it goes
  char* text = nullptr;
  if (!out || PEM_write_bio_PKCS8PrivateKey(out.get(), pkey, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return std::unexpected(failed("OpenSSL wrote no PEM"));
  }
  const long size = BIO_get_mem_data(out.get(), &text);
  return Secret::from_text({text, static_cast<std::size_t>(size)});
}

}  // namespace signet::crypto

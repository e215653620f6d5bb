#include "server/hkdf.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "src/crypto/secure_memory.hpp"

namespace signet::server {

Secret hkdf_sha256(const Secret& from, std::string_view label, std::size_t size) {
  static const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> hkdf{EVP_KDF_fetch(nullptr, "HKDF", nullptr),
                                                                      EVP_KDF_free};
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context{EVP_KDF_CTX_new(hkdf.get()),
                                                                          EVP_KDF_CTX_free};
  std::string digest = "SHA256", info{label};
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::byte*>(from.reveal().data()), from.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end(),
  };
  crypto::SecretText out(size);
  if (!context || EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(out.data()), size, parameters) != 1) {
    throw std::runtime_error{"OpenSSL cannot derive a key (HKDF)"};
  }
  return Secret::from_bytes(std::as_bytes(std::span{out}));
}

}  // namespace signet::server

#pragma once
// OpenSSL's objects as values that free themselves. Included inside src/crypto only.

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <cstddef>
#include <memory>
#include <span>

namespace signet::crypto {

// OSSL_PKEY_PARAM_ML_DSA_SEED, by its value: headers older than 3.5 do not know it, while the library that is loaded
// may.
inline constexpr const char* seed_param = "seed";

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

using Bignum = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;
using BignumContext = std::unique_ptr<BN_CTX, Freed<BN_CTX_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Freed<EVP_MAC_CTX_free>>;
// Parameters hold private numbers: OSSL_PARAM_free alone leaves them in memory.
struct CleansedParams {
  void operator()(OSSL_PARAM* params) const noexcept {
    for (OSSL_PARAM* param = params; param->key != nullptr; ++param) OPENSSL_cleanse(param->data, param->data_size);
    OSSL_PARAM_free(params);
  }
};

using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, CleansedParams>;
using Pkey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freed<PKCS8_PRIV_KEY_INFO_free>>;
using AlgorithmId = std::unique_ptr<X509_ALGOR, Freed<X509_ALGOR_free>>;
using EncryptedPkcs8 = std::unique_ptr<X509_SIG, Freed<X509_SIG_free>>;

// What OpenSSL notes about failures of ours does not stay in the thread's error queue, where it would surprise others
// (TLS reads it).
class ErrorQueueMark {
 public:
  ErrorQueueMark() noexcept { ERR_set_mark(); }
  ~ErrorQueueMark() { ERR_pop_to_mark(); }
  ErrorQueueMark(const ErrorQueueMark&) = delete;
  ErrorQueueMark& operator=(const ErrorQueueMark&) = delete;
};

[[nodiscard]] inline const unsigned char* octets(const std::byte* bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes);
}
[[nodiscard]] inline unsigned char* octets(std::byte* bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes);
}

// Whether OpenSSL is configured for approved providers alone: then nothing else may do the cryptography.
[[nodiscard]] inline bool providers_only() noexcept { return EVP_default_properties_is_fips_enabled(nullptr) == 1; }

[[nodiscard]] inline Bignum bignum(std::span<const std::byte> big_endian) noexcept {
  return Bignum{BN_bin2bn(octets(big_endian.data()), static_cast<int>(big_endian.size()), nullptr)};
}

}  // namespace signet::crypto

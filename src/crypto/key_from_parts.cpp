// Keys from the numbers of a JWK.

#include <openssl/core_names.h>

#include "src/crypto/asymmetric_key.hpp"
#include "src/crypto/rsa_primes.hpp"

namespace signet::crypto {
namespace {

using jose::KeyType;

std::unexpected<Error> malformed(const char* why) { return std::unexpected(Error{ErrorCode::key_malformed, why}); }

Pkey from_params(const char* type, OSSL_PARAM_BLD* builder, bool holds_private) noexcept {
  const Params params{OSSL_PARAM_BLD_to_param(builder)};
  const PkeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
  EVP_PKEY* pkey = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &pkey, holds_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params.get()) !=
          1) {
    return nullptr;
  }
  return Pkey{pkey};
}

ReadPkey rsa(const KeyParts& parts) {
  const bool holds_private = !parts.d.empty();
  const Bignum n = bignum(parts.n), e = bignum(parts.e), d = bignum(parts.d);
  RsaPrimes primes{bignum(parts.p), bignum(parts.q), bignum(parts.dp), bignum(parts.dq), bignum(parts.qi)};
  if (holds_private && parts.p.empty()) {  // RFC 7518 section 6.3.2: the primes may be left out
    auto found = rsa_primes(n.get(), e.get(), d.get());
    if (!found) return malformed("the numbers of the RSA private key do not belong together");
    primes = std::move(*found);
  }
  const ParamBuilder builder{OSSL_PARAM_BLD_new()};
  const auto push = [&](const char* name, const Bignum& value) {
    return OSSL_PARAM_BLD_push_BN(builder.get(), name, value.get()) == 1;
  };
  const bool pushed =
      builder && push(OSSL_PKEY_PARAM_RSA_N, n) && push(OSSL_PKEY_PARAM_RSA_E, e) &&
      (!holds_private ||
       (push(OSSL_PKEY_PARAM_RSA_D, d) && push(OSSL_PKEY_PARAM_RSA_FACTOR1, primes.p) &&
        push(OSSL_PKEY_PARAM_RSA_FACTOR2, primes.q) && push(OSSL_PKEY_PARAM_RSA_EXPONENT1, primes.dp) &&
        push(OSSL_PKEY_PARAM_RSA_EXPONENT2, primes.dq) && push(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, primes.qi)));
  Pkey pkey = pushed ? from_params("RSA", builder.get(), holds_private) : nullptr;
  if (!pkey) return malformed("the numbers make no RSA key");
  return pkey;
}

ReadPkey ec(KeyShape shape, const KeyParts& parts) {
  const bool holds_private = !parts.d.empty();
  Bytes point{std::byte{0x04}};  // uncompressed (SEC 1 section 2.3.3)
  point.insert(point.end(), parts.x.begin(), parts.x.end());
  point.insert(point.end(), parts.y.begin(), parts.y.end());
  const Bignum d = bignum(parts.d);
  const ParamBuilder builder{OSSL_PARAM_BLD_new()};
  const bool pushed =
      builder && d &&
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, jose::facts(shape.curve).group, 0) ==
          1 &&
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1 &&
      (!holds_private || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get()) == 1);
  Pkey pkey = pushed ? from_params("EC", builder.get(), holds_private) : nullptr;
  if (!pkey) return malformed("the coordinates are not a point of the curve");
  return pkey;
}

// Ed25519 and its like take the private bytes as they are, ML-DSA grows a key from its seed.
Pkey private_key(KeyShape shape, const SecretBytes& bytes) noexcept {
  const char* type = jose::facts(shape.curve).group;
  if (shape.key_type == KeyType::okp) {
    return Pkey{EVP_PKEY_new_raw_private_key_ex(nullptr, type, nullptr, octets(bytes.data()), bytes.size())};
  }
  const ParamBuilder builder{OSSL_PARAM_BLD_new()};
  const bool pushed =
      builder && OSSL_PARAM_BLD_push_octet_string(builder.get(), seed_param, bytes.data(), bytes.size()) == 1;
  return pushed ? from_params(type, builder.get(), true) : nullptr;
}

ReadPkey of_bytes(KeyShape shape, const KeyParts& parts) {
  const char* type = jose::facts(shape.curve).group;
  if (parts.d.empty()) {
    Pkey pkey{EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr, octets(parts.x.data()), parts.x.size())};
    if (!pkey) return malformed("the bytes are no key of its kind");
    return pkey;
  }
  Pkey pkey = private_key(shape, parts.d);
  if (!pkey) return malformed("the bytes are no key of its kind");
  if (public_parts_of(pkey.get(), shape).x != parts.x) {  // computed from the private half
    return malformed("the private and the public half do not belong together");
  }
  return pkey;
}

}  // namespace

ReadPkey pkey_from_parts(KeyShape shape, const KeyParts& parts) {
  const ErrorQueueMark mark;
  if (auto offered = check_offered(shape); !offered) return std::unexpected(std::move(offered).error());
  switch (shape.key_type) {
    case KeyType::rsa:
      return rsa(parts);
    case KeyType::ec:
      return ec(shape, parts);
    case KeyType::okp:
    case KeyType::akp:
      return of_bytes(shape, parts);
    case KeyType::oct:
      break;
  }
  return std::unexpected(Error{ErrorCode::key_mismatch, "the algorithm takes a secret"});
}

MadeKey key_from_parts(const jose::SignatureAlgorithm& algorithm, const KeyParts& parts) {
  if (algorithm.key_type == KeyType::oct) return hmac_key(algorithm, parts.k);
  auto pkey = pkey_from_parts(shape_of(algorithm), parts);
  if (!pkey) return std::unexpected(std::move(pkey).error());
  return finished_key(algorithm, std::move(*pkey), !parts.d.empty());
}

}  // namespace signet::crypto

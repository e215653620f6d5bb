// What a key must be before anything is done with it (cases 20, 43).

#include <openssl/core_names.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "src/crypto/asymmetric_key.hpp"
#include "src/crypto/edwards_point.hpp"
#include "src/crypto/roca.hpp"
#include "src/crypto/weak_modulus.hpp"

namespace signet::crypto {
namespace {

using jose::KeyType;
using Checked = std::expected<void, Error>;

constexpr int smallest_modulus = 2048;     // RFC 7518 sections 3.3 and 3.5
constexpr int largest_modulus = 16384;     // OpenSSL verifies with no larger one
constexpr int largest_exponent_bits = 64;  // larger ones slow verification down and serve nobody

std::unexpected<Error> refused(ErrorCode code, const char* why) { return std::unexpected(Error{code, why}); }

const char* type_name(KeyShape shape) noexcept {
  switch (shape.key_type) {
    case KeyType::rsa:
      return "RSA";
    case KeyType::ec:
      return "EC";
    case KeyType::okp:
    case KeyType::akp:
      return jose::facts(shape.curve).group;
    case KeyType::oct:
      break;
  }
  return "";
}

// a * b mod m is `expected`.
bool product_is(const BIGNUM* a, const BIGNUM* b, const BIGNUM* modulus, const BIGNUM* expected, BN_CTX* context) {
  const Bignum product{BN_new()};
  return product && BN_mod_mul(product.get(), a, b, modulus, context) == 1 && BN_cmp(product.get(), expected) == 0;
}

// RFC 8017 section 3.2, for two primes.
Checked check_rsa_private(const EVP_PKEY* pkey, const BIGNUM* n, const BIGNUM* e) {
  if (number(pkey, OSSL_PKEY_PARAM_RSA_FACTOR3)) {
    return refused(ErrorCode::key_unsupported, "an RSA key of more than two primes");
  }
  const Bignum d = number(pkey, OSSL_PKEY_PARAM_RSA_D);
  const Bignum p = number(pkey, OSSL_PKEY_PARAM_RSA_FACTOR1), q = number(pkey, OSSL_PKEY_PARAM_RSA_FACTOR2);
  const Bignum dp = number(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT1), dq = number(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT2);
  const Bignum qi = number(pkey, OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
  const BignumContext context{BN_CTX_new()};
  const Bignum p1{BN_new()}, q1{BN_new()}, product{BN_new()};
  const auto inconsistent = [] {
    return refused(ErrorCode::key_malformed, "the numbers of the RSA private key do not belong together");
  };
  if (!d || !p || !q || !dp || !dq || !qi || !context || !p1 || !q1 || !product) return inconsistent();
  if (BN_is_odd(p.get()) == 0 || BN_is_odd(q.get()) == 0 || BN_is_one(p.get()) == 1 || BN_is_one(q.get()) == 1 ||
      BN_cmp(p.get(), q.get()) == 0 || BN_cmp(d.get(), n) >= 0) {
    return inconsistent();
  }
  const bool consistent = BN_mul(product.get(), p.get(), q.get(), context.get()) == 1 &&
                          BN_cmp(product.get(), n) == 0 && BN_sub(p1.get(), p.get(), BN_value_one()) == 1 &&
                          BN_sub(q1.get(), q.get(), BN_value_one()) == 1 && BN_cmp(dp.get(), p1.get()) < 0 &&
                          BN_cmp(dq.get(), q1.get()) < 0 && BN_cmp(qi.get(), p.get()) < 0 &&
                          product_is(dp.get(), e, p1.get(), BN_value_one(), context.get()) &&
                          product_is(dq.get(), e, q1.get(), BN_value_one(), context.get()) &&
                          product_is(d.get(), e, p1.get(), BN_value_one(), context.get()) &&
                          product_is(d.get(), e, q1.get(), BN_value_one(), context.get()) &&
                          product_is(qi.get(), q.get(), p.get(), BN_value_one(), context.get());
  if (!consistent) return inconsistent();
  return {};
}

Checked check_rsa(const EVP_PKEY* pkey, bool holds_private) {
  const Bignum n = number(pkey, OSSL_PKEY_PARAM_RSA_N), e = number(pkey, OSSL_PKEY_PARAM_RSA_E);
  if (!n || !e) return refused(ErrorCode::key_malformed, "an RSA key without modulus or exponent");
  const int bits = BN_num_bits(n.get());
  if (bits < smallest_modulus) return refused(ErrorCode::key_too_weak, "an RSA modulus of less than 2048 bits");
  if (bits > largest_modulus) return refused(ErrorCode::key_unsupported, "an RSA modulus of more than 16384 bits");
  if (BN_is_odd(n.get()) == 0) return refused(ErrorCode::key_malformed, "an even RSA modulus");
  if (BN_is_odd(e.get()) == 0) return refused(ErrorCode::key_malformed, "an even RSA exponent");
  if (BN_is_one(e.get()) == 1) return refused(ErrorCode::key_too_weak, "the RSA exponent 1");
  if (BN_num_bits(e.get()) > largest_exponent_bits) {
    return refused(ErrorCode::key_unsupported, "an RSA exponent of more than 64 bits");
  }
  if (has_roca_fingerprint(n.get())) {
    return refused(ErrorCode::key_too_weak, "an RSA modulus with the ROCA weakness (CVE-2017-15361)");
  }
  if (has_small_factor(n.get())) return refused(ErrorCode::key_too_weak, "an RSA modulus with a small factor");
  if (is_perfect_power(n.get())) return refused(ErrorCode::key_too_weak, "an RSA modulus that is a perfect power");
  if (has_close_primes(n.get())) {
    return refused(ErrorCode::key_too_weak, "an RSA modulus whose primes are close to each other");
  }
  if (holds_private) return check_rsa_private(pkey, n.get(), e.get());
  return {};
}

Checked check_ec(jose::Curve curve, EVP_PKEY* pkey, bool holds_private) {
  int is_explicit = 0;
  if (EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) == 1 &&
      is_explicit != 0) {
    return refused(ErrorCode::key_unsupported, "an EC key that spells its curve out instead of naming it");  // RFC 5480
  }
  std::array<char, 64> group{};
  if (EVP_PKEY_get_group_name(pkey, group.data(), group.size(), nullptr) != 1 ||
      std::strcmp(group.data(), jose::facts(curve).group) != 0) {
    return refused(ErrorCode::key_mismatch, "the EC key's curve is not that of the algorithm");
  }
  const PkeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr)};
  if (!context || EVP_PKEY_public_check(context.get()) != 1) {
    return refused(ErrorCode::key_malformed, "the EC point is not on its curve");
  }
  if (holds_private && EVP_PKEY_check(context.get()) != 1) {
    return refused(ErrorCode::key_malformed, "the private and the public half do not belong together");
  }
  return {};
}

Checked check_okp(jose::Curve curve, const EVP_PKEY* pkey) {
  // Every string of the right length is a public key of X25519 and X448 (RFC 7748 section 5); those of small order give
  // themselves away when they are used.
  if (jose::facts(curve).use == jose::CurveUse::agreement) return {};
  Bytes point(jose::facts(curve).field_bytes);
  std::size_t size = point.size();
  if (EVP_PKEY_get_raw_public_key(pkey, octets(point.data()), &size) != 1 || size != point.size()) {
    return refused(ErrorCode::key_malformed, "a key without all of its bytes");
  }
  switch (classify_edwards_point(curve, point)) {
    case PointClass::good:
      return {};
    case PointClass::invalid:
      return refused(ErrorCode::key_malformed, "not a point of the curve");
    case PointClass::small_order:
      break;
  }
  return refused(ErrorCode::key_too_weak, "a point of small order");
}

// What OpenSSL has read is of the right length. A private key that came without its seed could not become a JWK
// (RFC 9964 section 4).
Checked check_akp(const EVP_PKEY* pkey, bool holds_private) {
  std::size_t size = 0;
  if (holds_private &&
      (EVP_PKEY_get_octet_string_param(pkey, seed_param, nullptr, 0, &size) != 1 || size != jose::seed_bytes)) {
    return refused(ErrorCode::key_unsupported, "an ML-DSA key without its seed");
  }
  return {};
}

}  // namespace

bool is_offered(KeyType key_type, jose::Curve curve) noexcept {
  if (key_type != KeyType::akp) return true;  // the others are in every OpenSSL 3
  const ErrorQueueMark mark;
  const PkeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, jose::facts(curve).group, nullptr)};
  return context && EVP_PKEY_keygen_init(context.get()) == 1;
}

std::expected<void, Error> check_offered(KeyShape shape) {
  if (is_offered(shape.key_type, shape.curve)) return {};
  return refused(ErrorCode::key_unsupported, "ML-DSA needs OpenSSL 3.5");
}

std::expected<void, Error> check_key(KeyShape shape, EVP_PKEY* pkey, bool holds_private) {
  const ErrorQueueMark mark;
  if (EVP_PKEY_is_a(pkey, "RSA-PSS") == 1) {
    return refused(ErrorCode::key_unsupported, "a key of type id-RSASSA-PSS; use rsaEncryption");
  }
  if (EVP_PKEY_is_a(pkey, type_name(shape)) != 1) {
    return refused(ErrorCode::key_mismatch, "the key's type is not that of the algorithm");
  }
  switch (shape.key_type) {
    case KeyType::rsa:
      return check_rsa(pkey, holds_private);
    case KeyType::ec:
      return check_ec(shape.curve, pkey, holds_private);
    case KeyType::okp:
      return check_okp(shape.curve, pkey);
    case KeyType::akp:
      return check_akp(pkey, holds_private);
    case KeyType::oct:
      break;
  }
  return refused(ErrorCode::key_mismatch, "the algorithm takes a secret");
}

}  // namespace signet::crypto

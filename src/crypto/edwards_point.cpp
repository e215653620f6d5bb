#include "src/crypto/edwards_point.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "src/crypto/openssl.hpp"

namespace signet::crypto {
namespace {

// What its equation says of a curve: x^2 (d y^2 + sign) = y^2 - 1.
struct Edwards {
  const char* prime;
  const char* d;
  int sign;
  std::span<const char* const> small_orders;  // the y of the points whose order divides the cofactor
};

// Of order 1, 2 and 4, and the two of order 8.
constexpr std::array<const char*, 5> ed25519_small_orders{
    "1",
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
    "0",
    "5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
    "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7",
};
// RFC 8032 section 5.1: p = 2^255 - 19; d = -121665/121666.
constexpr Edwards ed25519{"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
                          "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3", 1, ed25519_small_orders};

// Of order 1, 2 and 4.
constexpr std::array<const char*, 3> ed448_small_orders{
    "1",
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffffffffffffffffffffffffffffffffffffffffffffffffffffe",
    "0",
};
// RFC 8032 section 5.2: p = 2^448 - 2^224 - 1; d = -39081.
constexpr Edwards ed448{
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffff6756",
    -1, ed448_small_orders};

Bignum from_hex(const char* hex) noexcept {
  BIGNUM* number = nullptr;
  BN_hex2bn(&number, hex);
  return Bignum{number};
}

// There is an x: the quotient is a square when the product is (RFC 8032 sections 5.1.3 and 5.2.3).
bool is_on_curve(const Edwards& curve, const BIGNUM* y, const BIGNUM* p, BN_CTX* context) noexcept {
  const Bignum d = from_hex(curve.d);
  const Bignum square{BN_new()}, u{BN_new()}, v{BN_new()}, product{BN_new()};
  if (!d || !square || !u || !v || !product) return false;
  const auto add_sign = curve.sign > 0 ? BN_mod_add : BN_mod_sub;
  if (BN_mod_sqr(square.get(), y, p, context) != 1 ||
      BN_mod_sub(u.get(), square.get(), BN_value_one(), p, context) != 1 ||
      BN_mod_mul(v.get(), square.get(), d.get(), p, context) != 1 ||
      add_sign(v.get(), v.get(), BN_value_one(), p, context) != 1 ||
      BN_mod_mul(product.get(), u.get(), v.get(), p, context) != 1) {
    return false;
  }
  return BN_kronecker(product.get(), p, context) == 1;  // x = 0 has small order, and was dealt with
}

}  // namespace

PointClass classify_edwards_point(jose::Curve which, std::span<const std::byte> encoded) noexcept {
  const Edwards& curve = which == jose::Curve::ed448 ? ed448 : ed25519;
  std::array<std::byte, 57> reversed;
  const auto big_endian = std::span{reversed}.first(encoded.size());
  std::ranges::reverse_copy(encoded, big_endian.begin());
  big_endian[0] &= std::byte{0x7f};  // the highest bit is the sign of x
  const Bignum y = bignum(big_endian), p = from_hex(curve.prime);
  const BignumContext context{BN_CTX_new()};
  if (!y || !p || !context || BN_cmp(y.get(), p.get()) >= 0) return PointClass::invalid;
  for (const char* hex : curve.small_orders) {
    const Bignum small = from_hex(hex);
    if (!small || BN_cmp(y.get(), small.get()) == 0) return PointClass::small_order;
  }
  return is_on_curve(curve, y.get(), p.get(), context.get()) ? PointClass::good : PointClass::invalid;
}

}  // namespace signet::crypto

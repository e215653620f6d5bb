#include "src/crypto/rsa_primes.hpp"

#include <utility>

namespace signet::crypto {
namespace {

// Each base fails with a probability of one half at most.
constexpr BN_ULONG largest_base = 200;

// A divisor of n: base^(r * 2^i) is, for some i, a root of 1 other than 1 and -1.
Bignum divisor(const BIGNUM* n, const BIGNUM* r, int doublings, BN_ULONG base, BN_CTX* context) noexcept {
  Bignum root{BN_new()}, square{BN_new()}, n1{BN_new()}, found{BN_new()};
  if (!root || !square || !n1 || !found || BN_set_word(square.get(), base) != 1 ||
      BN_sub(n1.get(), n, BN_value_one()) != 1 || BN_mod_exp(root.get(), square.get(), r, n, context) != 1) {
    return nullptr;
  }
  if (BN_is_one(root.get()) == 1 || BN_cmp(root.get(), n1.get()) == 0) return nullptr;
  for (int i = 0; i < doublings; ++i) {
    if (BN_mod_sqr(square.get(), root.get(), n, context) != 1) return nullptr;
    if (BN_is_one(square.get()) == 1) {
      const bool done = BN_sub_word(root.get(), 1) == 1 && BN_gcd(found.get(), root.get(), n, context) == 1;
      return done ? std::move(found) : nullptr;
    }
    if (BN_cmp(square.get(), n1.get()) == 0) return nullptr;
    std::swap(root, square);
  }
  return nullptr;
}

}  // namespace

std::optional<RsaPrimes> rsa_primes(const BIGNUM* n, const BIGNUM* e, const BIGNUM* d) noexcept {
  const BignumContext context{BN_CTX_secure_new()};
  const Bignum k{BN_new()}, rest{BN_new()}, p1{BN_new()}, q1{BN_new()};
  if (!context || !k || !rest || !p1 || !q1 || BN_num_bits(n) < 16 || BN_is_odd(n) == 0 || BN_cmp(d, n) >= 0 ||
      BN_mul(k.get(), d, e, context.get()) != 1 || BN_sub_word(k.get(), 1) != 1 || BN_is_zero(k.get()) == 1 ||
      BN_is_odd(k.get()) == 1) {
    return std::nullopt;
  }
  int doublings = 0;
  while (BN_is_bit_set(k.get(), doublings) == 0) ++doublings;
  if (BN_rshift(rest.get(), k.get(), doublings) != 1) return std::nullopt;

  RsaPrimes primes;
  for (BN_ULONG base = 2; base <= largest_base && !primes.p; ++base) {
    primes.p = divisor(n, rest.get(), doublings, base, context.get());
  }
  primes.q.reset(BN_new());
  primes.dp.reset(BN_new());
  primes.dq.reset(BN_new());
  if (!primes.p || !primes.q || !primes.dp || !primes.dq ||
      BN_div(primes.q.get(), rest.get(), n, primes.p.get(), context.get()) != 1 || BN_is_zero(rest.get()) == 0) {
    return std::nullopt;
  }
  if (BN_cmp(primes.p.get(), primes.q.get()) < 0) std::swap(primes.p, primes.q);
  if (BN_sub(p1.get(), primes.p.get(), BN_value_one()) != 1 || BN_sub(q1.get(), primes.q.get(), BN_value_one()) != 1 ||
      BN_mod(primes.dp.get(), d, p1.get(), context.get()) != 1 ||
      BN_mod(primes.dq.get(), d, q1.get(), context.get()) != 1) {
    return std::nullopt;
  }
  primes.qi.reset(BN_mod_inverse(nullptr, primes.q.get(), primes.p.get(), context.get()));
  if (!primes.qi) return std::nullopt;
  return primes;
}

}  // namespace signet::crypto

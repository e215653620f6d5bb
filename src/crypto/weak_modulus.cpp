#include "src/crypto/weak_modulus.hpp"

#include <array>
#include <cstdint>

#include "src/crypto/openssl.hpp"

namespace signet::crypto {
namespace {

constexpr std::uint32_t smallest_factor = 1000;
constexpr std::array<std::uint32_t, 11> exponents{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31};
constexpr int fermat_steps = 100;

constexpr bool is_prime(std::uint32_t number) noexcept {
  for (std::uint32_t divisor = 2; divisor * divisor <= number; ++divisor) {
    if (number % divisor == 0) return false;
  }
  return number > 1;
}

std::uint32_t power(std::uint64_t base, std::uint32_t exponent, std::uint32_t modulus) noexcept {
  std::uint64_t result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = result * base % modulus;
    base = base * base % modulus;
  }
  return static_cast<std::uint32_t>(result);
}

// A k-th power is one modulo every prime. Of other numbers, one in k is, modulo a prime of the form 2mk + 1: asked for
// enough such primes, none is left. The first prime settles it for most, at the price of a short division.
bool is_power_of_degree(const BIGNUM* number, std::uint32_t degree) noexcept {
  if (BN_is_zero(number) == 1) return true;
  double remaining = 0x1p64;
  for (std::uint32_t prime = 2 * degree + 1; remaining > 1; prime += 2 * degree) {
    if (!is_prime(prime)) continue;
    const auto residue = static_cast<std::uint32_t>(BN_mod_word(number, prime));
    if (residue == 0) continue;
    if (power(residue, (prime - 1) / degree, prime) != 1) return false;
    remaining /= degree;
  }
  return true;
}

// The integer square root, rounded up, by Newton's method from above.
Bignum root_above(const BIGNUM* number, BN_CTX* context) noexcept {
  Bignum root{BN_new()}, next{BN_new()};
  if (!root || !next || BN_set_bit(root.get(), (BN_num_bits(number) + 1) / 2) != 1) return nullptr;
  for (;;) {
    if (BN_div(next.get(), nullptr, number, root.get(), context) != 1 ||
        BN_add(next.get(), next.get(), root.get()) != 1 || BN_rshift1(next.get(), next.get()) != 1) {
      return nullptr;
    }
    if (BN_cmp(next.get(), root.get()) >= 0) break;
    root.swap(next);
  }
  if (BN_sqr(next.get(), root.get(), context) != 1) return nullptr;
  if (BN_cmp(next.get(), number) < 0 && BN_add_word(root.get(), 1) != 1) return nullptr;
  return root;
}

}  // namespace

bool has_small_factor(const BIGNUM* modulus) noexcept {
  for (std::uint32_t prime = 2; prime < smallest_factor; ++prime) {
    if (is_prime(prime) && BN_mod_word(modulus, prime) == 0) return true;
  }
  return false;
}

bool is_perfect_power(const BIGNUM* modulus) noexcept {
  for (const std::uint32_t degree : exponents) {
    if (is_power_of_degree(modulus, degree)) return true;
  }
  return false;
}

// n = a^2 - b^2 = (a + b)(a - b), with a from the root of n upwards.
bool has_close_primes(const BIGNUM* modulus) noexcept {
  const BignumContext context{BN_CTX_new()};
  if (!context) return false;
  const Bignum a = root_above(modulus, context.get());
  const Bignum square{BN_new()};
  if (!a || !square || BN_sqr(square.get(), a.get(), context.get()) != 1 ||
      BN_sub(square.get(), square.get(), modulus) != 1) {
    return false;
  }
  for (int step = 0; step < fermat_steps; ++step) {
    if (is_power_of_degree(square.get(), 2)) return true;
    // (a + 1)^2 - n = (a^2 - n) + 2a + 1
    if (BN_add(square.get(), square.get(), a.get()) != 1 || BN_add_word(a.get(), 1) != 1 ||
        BN_add(square.get(), square.get(), a.get()) != 1) {
      return false;
    }
  }
  return false;
}

}  // namespace signet::crypto

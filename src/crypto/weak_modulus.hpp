#pragma once

#include <openssl/bn.h>

namespace signet::crypto {

// Whether the modulus has a factor below 1000.
[[nodiscard]] bool has_small_factor(const BIGNUM* modulus) noexcept;

// Whether the modulus is a square, a cube, or another power up to the 31st. One other modulus in 2^64 is taken for one.
[[nodiscard]] bool is_perfect_power(const BIGNUM* modulus) noexcept;

// Whether Fermat's method factors the modulus within 100 steps: its two primes are close to each other
// (CVE-2022-26320). False as well when there is no memory to find out.
// Precondition: odd.
[[nodiscard]] bool has_close_primes(const BIGNUM* modulus) noexcept;

}  // namespace signet::crypto

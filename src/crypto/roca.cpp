#include "src/crypto/roca.hpp"

#include <array>
#include <cstddef>
#include <numeric>

namespace signet::crypto {
namespace {

// The odd primes of the M that keys of every size have in common: its first 39 primes.
constexpr std::array<unsigned, 38> primes{3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
                                          47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
                                          107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
constexpr unsigned generator = 65537;
constexpr unsigned none = ~0U;

struct Logarithm {
  unsigned exponent;  // none: not a power of the generator
  unsigned order;     // of the generator
};

Logarithm logarithm(unsigned residue, unsigned prime) noexcept {
  Logarithm found{none, 0};
  unsigned power = 1;  // at most 167 * 65537: no overflow
  do {
    if (power == residue) found.exponent = found.order;
    power = power * generator % prime;
    ++found.order;
  } while (power != 1);
  return found;
}

}  // namespace

bool has_roca_fingerprint(const BIGNUM* modulus) noexcept {
  std::array<Logarithm, primes.size()> logarithms;
  for (std::size_t i = 0; i < primes.size(); ++i) {
    logarithms[i] = logarithm(static_cast<unsigned>(BN_mod_word(modulus, primes[i])), primes[i]);
    if (logarithms[i].exponent == none) return false;
    // One exponent must serve all primes: by the Chinese remainder theorem, when each two agree.
    for (std::size_t j = 0; j < i; ++j) {
      const unsigned shared = std::gcd(logarithms[i].order, logarithms[j].order);
      if (logarithms[i].exponent % shared != logarithms[j].exponent % shared) return false;
    }
  }
  return true;
}

}  // namespace signet::crypto

#pragma once

#include <openssl/bn.h>

namespace signet::crypto {

// Whether a modulus has the fingerprint of keys that Infineon's RSALib made (CVE-2017-15361; Nemec and others, "The
// Return of Coppersmith's Attack", 2017, section 2.3): their primes are k * M + 65537^a mod M, for M the product of the
// first primes. One modulus in about 2^150 others has it too.
[[nodiscard]] bool has_roca_fingerprint(const BIGNUM* modulus) noexcept;

}  // namespace signet::crypto

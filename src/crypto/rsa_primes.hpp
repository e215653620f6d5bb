#pragma once

#include <optional>

#include "src/crypto/openssl.hpp"

namespace signet::crypto {

// The second representation of an RSA private key (RFC 8017 section 3.2).
struct RsaPrimes {
  Bignum p, q, dp, dq, qi;
};

// From the first representation, as NIST SP 800-56B revision 2, appendix C.2 finds them. Nothing when n, e and d do not
// belong together.
[[nodiscard]] std::optional<RsaPrimes> rsa_primes(const BIGNUM* n, const BIGNUM* e, const BIGNUM* d) noexcept;

}  // namespace signet::crypto

#pragma once
// The signature algorithms (RFC 7518 section 3.1, RFC 8037, RFC 8812, RFC 9864, RFC 9964). What each one is made of
// stands in one table, src/jose/algorithms.hpp.

#include <cstdint>
#include <optional>
#include <string_view>

namespace signet {

enum class Algorithm : std::uint8_t {
  HS256,
  HS384,
  HS512,
  RS256,
  RS384,
  RS512,
  PS256,
  PS384,
  PS512,
  ES256,
  ES384,
  ES512,
  ES256K,     // RFC 8812, with secp256k1
  EdDSA,      // RFC 8037, with Ed25519
  Ed25519,    // RFC 9864: the same signatures under a fully specified name
  Ed448,      // RFC 9864; tokens may call it EdDSA too, as RFC 8037 does
  ML_DSA_44,  // RFC 9964; these three are there when OpenSSL has them, which it does from 3.5 on
  ML_DSA_65,
  ML_DSA_87,
};

// The registered name, as it stands in `alg`.
[[nodiscard]] std::string_view name(Algorithm algorithm) noexcept;

// The algorithm of that registered name, compared byte for byte (SECURITY_CASES 53). `none` is not an algorithm here.
[[nodiscard]] std::optional<Algorithm> algorithm_from_name(std::string_view name) noexcept;

// Whether the OpenSSL of this process is one that offers the algorithm: all but ML-DSA are in each. Keys of one that is
// not there are key_unsupported. What its configuration leaves out (`fips=yes` those of ES256K) shows in the key only.
[[nodiscard]] bool is_available(Algorithm algorithm) noexcept;

// Whether the algorithm signs with a secret that its verifiers share (HS256, HS384, HS512).
[[nodiscard]] bool is_symmetric(Algorithm algorithm) noexcept;

}  // namespace signet

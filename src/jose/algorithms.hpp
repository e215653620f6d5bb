#pragma once
// The one table of signature algorithms: a row says everything that code elsewhere needs to know. Adding an algorithm
// adds a row (and its enumerator in signet/algorithm.hpp); nothing else switches on `alg`.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "signet/algorithm.hpp"

namespace signet::jose {

enum class KeyType : std::uint8_t { oct, rsa, ec, okp, akp };  // `kty`
enum class Digest : std::uint8_t { none, sha256, sha384, sha512 };
// The parameter sets of ML-DSA stand among the curves: they are to AKP what a curve is to OKP.
enum class Curve : std::uint8_t {
  none,
  p256,
  p384,
  p521,
  secp256k1,
  ed25519,
  ed448,
  x25519,
  x448,
  ml_dsa_44,
  ml_dsa_65,
  ml_dsa_87,
};
enum class CurveUse : std::uint8_t { both, signatures, agreement };
enum class RsaPadding : std::uint8_t { none, pkcs1, pss };

struct SignatureAlgorithm {
  std::string_view name;
  Algorithm algorithm;
  KeyType key_type;
  Digest digest;
  Curve curve = Curve::none;
  RsaPadding padding = RsaPadding::none;
  std::size_t signature_bytes = 0;  // 0: as many as the modulus has (RSA)
};

// What the curves are called and how long their numbers are.
struct CurveFacts {
  Curve curve;
  std::string_view name;  // `crv` (RFC 7518 section 6.2.1.1, RFC 8037 section 2, RFC 8812 section 3.1); of AKP, `alg`
  const char* group;      // OpenSSL's name
  KeyType key_type;
  std::size_t field_bytes;  // of a coordinate and, but for AKP, of `d`
  CurveUse use = CurveUse::both;
};
inline constexpr std::size_t seed_bytes = 32;  // of the private half of AKP (RFC 9964 section 4)

inline constexpr std::array curves{
    CurveFacts{Curve::p256, "P-256", "prime256v1", KeyType::ec, 32},
    CurveFacts{Curve::p384, "P-384", "secp384r1", KeyType::ec, 48},
    CurveFacts{Curve::p521, "P-521", "secp521r1", KeyType::ec, 66},
    CurveFacts{Curve::secp256k1, "secp256k1", "secp256k1", KeyType::ec, 32, CurveUse::signatures},
    CurveFacts{Curve::ed25519, "Ed25519", "ED25519", KeyType::okp, 32, CurveUse::signatures},
    CurveFacts{Curve::ed448, "Ed448", "ED448", KeyType::okp, 57, CurveUse::signatures},
    CurveFacts{Curve::x25519, "X25519", "X25519", KeyType::okp, 32, CurveUse::agreement},
    CurveFacts{Curve::x448, "X448", "X448", KeyType::okp, 56, CurveUse::agreement},
    // FIPS 204 section 4, table 2
    CurveFacts{Curve::ml_dsa_44, "ML-DSA-44", "ML-DSA-44", KeyType::akp, 1312, CurveUse::signatures},
    CurveFacts{Curve::ml_dsa_65, "ML-DSA-65", "ML-DSA-65", KeyType::akp, 1952, CurveUse::signatures},
    CurveFacts{Curve::ml_dsa_87, "ML-DSA-87", "ML-DSA-87", KeyType::akp, 2592, CurveUse::signatures},
};

[[nodiscard]] constexpr std::size_t size_of(Digest digest) noexcept {
  constexpr std::array<std::size_t, 4> sizes{0, 32, 48, 64};
  return sizes[static_cast<std::size_t>(digest)];
}

[[nodiscard]] constexpr const CurveFacts& facts(Curve curve) noexcept {
  return curves[static_cast<std::size_t>(curve) - 1];
}

namespace table {

constexpr SignatureAlgorithm hmac(std::string_view name, Algorithm algorithm, Digest digest) {
  return {name, algorithm, KeyType::oct, digest, Curve::none, RsaPadding::none, size_of(digest)};
}
constexpr SignatureAlgorithm rsa(std::string_view name, Algorithm algorithm, Digest digest, RsaPadding padding) {
  return {name, algorithm, KeyType::rsa, digest, Curve::none, padding, 0};
}
constexpr SignatureAlgorithm ecdsa(std::string_view name, Algorithm algorithm, Digest digest, Curve curve) {
  return {name, algorithm, KeyType::ec, digest, curve, RsaPadding::none, 2 * facts(curve).field_bytes};
}
constexpr SignatureAlgorithm eddsa(std::string_view name, Algorithm algorithm, Curve curve) {
  return {name, algorithm, KeyType::okp, Digest::none, curve, RsaPadding::none, 2 * facts(curve).field_bytes};
}
constexpr SignatureAlgorithm ml_dsa(std::string_view name, Algorithm algorithm, Curve parameters,
                                    std::size_t signature_bytes) {
  return {name, algorithm, KeyType::akp, Digest::none, parameters, RsaPadding::none, signature_bytes};
}

}  // namespace table

// In the order of `enum class Algorithm`.
inline constexpr std::array signature_algorithms{
    table::hmac("HS256", Algorithm::HS256, Digest::sha256),                       // RFC 7518 section 3.2
    table::hmac("HS384", Algorithm::HS384, Digest::sha384),                       //
    table::hmac("HS512", Algorithm::HS512, Digest::sha512),                       //
    table::rsa("RS256", Algorithm::RS256, Digest::sha256, RsaPadding::pkcs1),     // RFC 7518 section 3.3
    table::rsa("RS384", Algorithm::RS384, Digest::sha384, RsaPadding::pkcs1),     //
    table::rsa("RS512", Algorithm::RS512, Digest::sha512, RsaPadding::pkcs1),     //
    table::rsa("PS256", Algorithm::PS256, Digest::sha256, RsaPadding::pss),       // RFC 7518 section 3.5
    table::rsa("PS384", Algorithm::PS384, Digest::sha384, RsaPadding::pss),       //
    table::rsa("PS512", Algorithm::PS512, Digest::sha512, RsaPadding::pss),       //
    table::ecdsa("ES256", Algorithm::ES256, Digest::sha256, Curve::p256),         // RFC 7518 section 3.4
    table::ecdsa("ES384", Algorithm::ES384, Digest::sha384, Curve::p384),         //
    table::ecdsa("ES512", Algorithm::ES512, Digest::sha512, Curve::p521),         //
    table::ecdsa("ES256K", Algorithm::ES256K, Digest::sha256, Curve::secp256k1),  // RFC 8812 section 3.2
    table::eddsa("EdDSA", Algorithm::EdDSA, Curve::ed25519),                      // RFC 8037 section 3.1
    table::eddsa("Ed25519", Algorithm::Ed25519, Curve::ed25519),                  // RFC 9864 section 2.2
    table::eddsa("Ed448", Algorithm::Ed448, Curve::ed448),                        //
    table::ml_dsa("ML-DSA-44", Algorithm::ML_DSA_44, Curve::ml_dsa_44, 2420),     // RFC 9964
    table::ml_dsa("ML-DSA-65", Algorithm::ML_DSA_65, Curve::ml_dsa_65, 3309),     //
    table::ml_dsa("ML-DSA-87", Algorithm::ML_DSA_87, Curve::ml_dsa_87, 4627),     //
};

[[nodiscard]] constexpr const SignatureAlgorithm& row(Algorithm algorithm) noexcept {
  return signature_algorithms[static_cast<std::size_t>(algorithm)];
}

// Whether a token may call a key's algorithm by that name (case 4). `EdDSA` is another name for what a key of Ed25519
// or of Ed448 does (RFC 8037 section 3.1, RFC 9864 section 2.2); every other algorithm stands for itself.
[[nodiscard]] constexpr bool is_name_of(Algorithm name, Algorithm algorithm_of_key) noexcept {
  const auto is_eddsa = [](Algorithm algorithm) { return algorithm == Algorithm::EdDSA; };
  if (name == algorithm_of_key) return true;
  return (is_eddsa(name) && row(algorithm_of_key).key_type == KeyType::okp) ||
         (is_eddsa(algorithm_of_key) && name == Algorithm::Ed25519);
}

// Rows are found by position: each must stand at its enumerator's place.
static_assert([] {
  for (std::size_t i = 0; i < signature_algorithms.size(); ++i) {
    if (static_cast<std::size_t>(signature_algorithms[i].algorithm) != i) return false;
  }
  for (std::size_t i = 0; i < curves.size(); ++i) {
    if (static_cast<std::size_t>(curves[i].curve) != i + 1) return false;
  }
  return true;
}());
// Of all pairs of different names, those three.
static_assert([] {
  int pairs = 0;
  for (const auto& name : signature_algorithms) {
    for (const auto& key : signature_algorithms)
      pairs += name.algorithm != key.algorithm && is_name_of(name.algorithm, key.algorithm);
  }
  return pairs == 3 && is_name_of(Algorithm::EdDSA, Algorithm::Ed25519) &&
         is_name_of(Algorithm::Ed25519, Algorithm::EdDSA) && is_name_of(Algorithm::EdDSA, Algorithm::Ed448);
}());

}  // namespace signet::jose

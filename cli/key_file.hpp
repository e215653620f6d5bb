#pragma once
// Keys as they come from the command line: JWK or PEM, private or public, in a file, on standard input, at an address
// or in an environment variable.

#include <array>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.hpp"
#include "signet/key.hpp"
#include "signet/key_set.hpp"

namespace signet::cli {

// For these the key says it all: each curve has one algorithm (RFC 7518 section 3.4, RFC 8037 section 3.1, RFC 8812
// section 3.2, RFC 9864 section 2.2), and each parameter set of ML-DSA (RFC 9964).
inline constexpr std::array curve_algorithms{Algorithm::ES256,     Algorithm::ES384,     Algorithm::ES512,
                                             Algorithm::ES256K,    Algorithm::EdDSA,     Algorithm::Ed448,
                                             Algorithm::ML_DSA_44, Algorithm::ML_DSA_65, Algorithm::ML_DSA_87};

// The names of the signature algorithms that are available, with a space between.
[[nodiscard]] std::string algorithm_names();

// `ES256` and so on, byte for byte; the error lists the names.
[[nodiscard]] std::expected<Algorithm, Trouble> parse_algorithm(std::string_view name);

// What `sign` was told about its key: exactly one of the first two.
struct SigningKeySource {
  std::string file;        // JWK or PEM; `-` is standard input
  std::string secret_env;  // needs an HMAC algorithm
  std::string algorithm;   // empty: the key's own
  std::string passphrase_env;
};
[[nodiscard]] std::expected<SigningKey, Trouble> load_signing_key(const SigningKeySource& source, Console& console);

// A public key from whatever holds one: public or private JWK, public or private PEM, certificate. Without `algorithm`,
// the JWK's own or the curve's; `rsa_default` is what an RSA key then gets, and without that it is an error.
[[nodiscard]] std::expected<VerifyingKey, Trouble> load_verifying_key(std::string_view flag, const std::string& file,
                                                                      std::optional<Algorithm> algorithm,
                                                                      std::optional<Algorithm> rsa_default,
                                                                      Console& console);

// What `verify` was told about its keys: exactly one of the first four.
struct VerifyingKeySource {
  std::string key;   // PEM or JWK file
  std::string jwk;   // JWK file
  std::string jwks;  // JWK Set: file or address
  std::string secret_env;
  std::string algorithm;  // empty: the key's own
  std::string cacert;     // for an https address, instead of the system's authorities
};
// One key stands alone: it verifies whatever the token's kid says.
struct VerifyingKeys {
  std::optional<VerifyingKey> one;
  std::optional<KeySet> set;
};
[[nodiscard]] std::expected<VerifyingKeys, Trouble> load_verifying_keys(const VerifyingKeySource& source,
                                                                        Console& console);

}  // namespace signet::cli

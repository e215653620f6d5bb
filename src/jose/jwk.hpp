#pragma once
// JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037 section 2, RFC 9964 section 3), read in two steps, for a key
// set leaves out what it cannot use before it looks at the numbers.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/json.hpp"
#include "signet/limits.hpp"
#include "signet/secret.hpp"
#include "src/crypto/key_material.hpp"
#include "src/jose/algorithms.hpp"

namespace signet::jose {

// What a JWK says about itself.
struct JwkAttributes {
  KeyType key_type = KeyType::oct;
  Curve curve = Curve::none;
  std::string key_id;
  std::optional<std::string> algorithm;
  std::optional<std::string> use;
  std::optional<std::vector<std::string>> operations;  // `key_ops`
  bool is_private = false;                             // has `d`, or for AKP `priv`
};

// Errors: key_unsupported for another kty, a crv that is not for `use`, or what OpenSSL does not offer; key_malformed.
[[nodiscard]] std::expected<JwkAttributes, Error> read_attributes(json::View jwk, const Limits& limits = {},
                                                                  CurveUse use = CurveUse::signatures);

// Whether `use` and `key_ops` allow the operation, "sign" or "verify" (RFC 7517 sections 4.2, 4.3). Errors:
// key_mismatch.
[[nodiscard]] std::expected<void, Error> check_purpose(const JwkAttributes& jwk, std::string_view operation);

// The key's one algorithm (cases 3, 4): its `alg`, which must equal `wanted` if that is given; else `wanted`; else that
// of its curve. Errors: key_mismatch.
[[nodiscard]] std::expected<Algorithm, Error> resolve_algorithm(const JwkAttributes& jwk,
                                                                std::optional<Algorithm> wanted);

// The numbers: all that the key's type requires, each of its exact form. Errors: key_malformed, key_unsupported.
[[nodiscard]] std::expected<crypto::KeyParts, Error> read_parts(json::View jwk, const JwkAttributes& attributes);

// What is written of a key beside its numbers. `use` is "sig" or "enc".
struct JwkLabel {
  KeyType key_type;
  Curve curve;
  std::string_view use;
  std::string_view algorithm;
  std::string_view key_id;
  std::string_view certificates;  // as read_certificates gives them
};
[[nodiscard]] std::string write_public_jwk(const JwkLabel& label, const crypto::KeyParts& parts);
[[nodiscard]] Secret write_private_jwk(const JwkLabel& label, const crypto::KeyParts& parts);
[[nodiscard]] std::string thumbprint(KeyType key_type, Curve curve, const crypto::KeyParts& parts);

// What is written of a key for signatures.
[[nodiscard]] JwkLabel label_of(const crypto::KeyMaterial& material, std::string_view key_id,
                                std::string_view certificates);

// RFC 7638, SHA-256, base64url.
[[nodiscard]] std::string thumbprint(const crypto::KeyMaterial& material);

}  // namespace signet::jose

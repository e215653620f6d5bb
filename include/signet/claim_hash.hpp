#pragma once
// The hashes by which an ID token names what was issued beside it (OpenID Connect Core 1.0): at_hash (section 3.1.3.6)
// and c_hash (section 3.3.2.11). Both are base64url of the left half of a hash, that of the ID token's `alg`: SHA-256,
// -384 or -512 as the algorithm's name ends. For Ed25519 (and EdDSA) it is SHA-512, for Ed448 SHAKE256 of 114 bytes,
// the hashes that these signatures use inside (RFC 8032); the standard says nothing of them, other libraries do the
// same.

#include <expected>
#include <string>
#include <string_view>

#include "signet/algorithm.hpp"
#include "signet/error.hpp"
#include "signet/verified_token.hpp"

namespace signet {

// For an ID token that will be signed under `algorithm`. Errors: key_unsupported (an algorithm without such a hash),
// invalid_configuration (nothing to hash), internal.
[[nodiscard]] std::expected<std::string, Error> access_token_hash(Algorithm algorithm, std::string_view access_token);
[[nodiscard]] std::expected<std::string, Error> code_hash(Algorithm algorithm, std::string_view code);

// Whether a verified ID token was issued beside this access token, or code. Errors: claim_missing, claim_malformed,
// claim_rejected (another one), each with the claim's name in failures(); and the above.
[[nodiscard]] std::expected<void, Error> check_access_token_hash(const VerifiedToken& id_token,
                                                                 std::string_view access_token);
[[nodiscard]] std::expected<void, Error> check_code_hash(const VerifiedToken& id_token, std::string_view code);

}  // namespace signet

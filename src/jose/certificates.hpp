#pragma once
// The certificates of a JWK (RFC 7517 sections 4.6 to 4.9).

#include <expected>
#include <string>

#include "signet/json.hpp"
#include "src/jose/jwk.hpp"

namespace signet::jose {

// The members `x5c`, `x5t` and `x5t#S256` as they are written again, a comma in front of each; empty when there is
// none. They must agree with the key: the first certificate of `x5c` is for it, and the thumbprints are that
// certificate's. Nothing else is asked of a certificate, neither dates nor names nor signatures, and an `x5u` is not
// followed (case 10). Errors: key_malformed.
[[nodiscard]] std::expected<std::string, Error> read_certificates(json::View jwk, const JwkAttributes& attributes,
                                                                  const crypto::KeyParts& parts);

}  // namespace signet::jose

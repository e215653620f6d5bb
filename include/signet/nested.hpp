#pragma once
// Nested JWTs: signed, then encrypted (RFC 7519 sections 5.2 and 11.2). One call each way; there is none that decrypts
// such a token and leaves the signature for later.

#include <expected>
#include <string>
#include <string_view>

#include "signet/claims.hpp"
#include "signet/error.hpp"
#include "signet/jwe.hpp"
#include "signet/signer.hpp"
#include "signet/verified_token.hpp"
#include "signet/verifier.hpp"

namespace signet {

// The compact JWE around the compact JWS, with `cty` "JWT". Errors: those of Signer::sign and Encrypter::encrypt;
// invalid_configuration when the encrypter has another content type.
[[nodiscard]] std::expected<std::string, Error> sign_and_encrypt(const Signer& signer, const Encrypter& encrypter,
                                                                 const Claims& claims);

// The inner token, verified. Compact only (case 17); `cty` must be "JWT", and inside there must be a signature that the
// verifier accepts (case 16). iss, sub and aud that the outer header repeats must be the claims' (RFC 7519
// section 5.3): claim_rejected otherwise. Errors: those of Decrypter::decrypt and Verifier::verify; type_mismatch for
// another `cty`.
[[nodiscard]] std::expected<VerifiedToken, Error> decrypt_and_verify(const Decrypter& decrypter,
                                                                     const Verifier& verifier,
                                                                     std::string_view compact) noexcept;

}  // namespace signet

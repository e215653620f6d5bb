#pragma once
// What is asked of a token: a session, its keys, their attributes.

#include <expected>
#include <vector>

#include "src/pkcs11/module.hpp"

namespace signet {

// A session with the token that the URI names, logged in. The caller closes it. Errors: key_not_found (no such token,
// or several), signer_failed.
[[nodiscard]] std::expected<CK_SESSION_HANDLE, Error> open_session(Pkcs11Module& module,
                                                                   const Pkcs11Module::Visit& visit,
                                                                   const Pkcs11Uri& uri);

// The one key of that class that the URI names: two would make a matter of luck which of them signs. Errors:
// key_not_found, signer_failed.
[[nodiscard]] std::expected<CK_OBJECT_HANDLE, Error> find_key(CK_FUNCTION_LIST& call, CK_SESSION_HANDLE session,
                                                              CK_OBJECT_CLASS type, const Pkcs11Uri& uri);

// The public half, which stands beside the private one under the same names. Errors: as for find_key; key_mismatch
// (another kind of key than the algorithm's), those of VerifyingKey::from_jwk.
[[nodiscard]] std::expected<VerifyingKey, Error> read_public_key(CK_FUNCTION_LIST& call, CK_SESSION_HANDLE session,
                                                                 Algorithm algorithm, const Pkcs11Uri& uri);

}  // namespace signet

#pragma once
// Signing with a key that never enters the process: a cloud's key management service, an HSM behind PKCS#11, an agent
// on the same machine. SigningKey::external makes a key of it that Signer, JwsSigner and key sets take as any other.

#include <cstddef>
#include <expected>
#include <span>
#include <string_view>
#include <vector>

#include "signet/algorithm.hpp"
#include "signet/error.hpp"

namespace signet {

// What is to be signed, in both forms that such services ask for. Both views are the caller's, for the call only.
struct SigningRequest {
  Algorithm algorithm;
  std::string_view input;  // the JWS signing input (RFC 7515 section 5.1)
  std::span<const std::byte>
      digest;  // its hash under the algorithm; empty for EdDSA, Ed25519 and Ed448, which have none
};

// One private key elsewhere. Implement `sign`; everything else is Signet's.
//
// Threads: every copy of the SigningKey shares one ExternalSigner, and `sign` is called from each thread that signs, at
// the same time. An implementation whose connection serves one caller takes its own lock. It lives until the last copy
// of the key is gone, that of a VerifyingKey included.
class ExternalSigner {
 public:
  ExternalSigner() = default;
  ExternalSigner(const ExternalSigner&) = delete;
  ExternalSigner& operator=(const ExternalSigner&) = delete;
  virtual ~ExternalSigner() = default;

  // The signature in the form of JWS: r || s for ECDSA (ecdsa_signature_from_der makes it of what most services
  // answer), PSS with a salt as long as the hash (RFC 7518 section 3.5). May block; Signet sets no time limit. An error
  // reaches who asked for the token as signer_failed with the error's detail, whichever code it had. What it throws is
  // not caught.
  [[nodiscard]] virtual std::expected<std::vector<std::byte>, Error> sign(const SigningRequest& request) = 0;
};

// An ECDSA signature in DER (X9.62: SEQUENCE of two INTEGERs), as r || s (RFC 7518 section 3.4). Strict: minimal
// lengths and numbers, nothing after the end. Errors: key_mismatch (the algorithm is not ECDSA), signer_failed (not
// such DER, or a number longer than the algorithm's curve).
[[nodiscard]] std::expected<std::vector<std::byte>, Error> ecdsa_signature_from_der(Algorithm algorithm,
                                                                                    std::span<const std::byte> der);

}  // namespace signet

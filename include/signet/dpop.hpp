#pragma once
// Demonstrating proof of possession (RFC 9449): a token is bound to a key, and each request proves anew that its sender
// has that key. A stolen token alone is then worth nothing.

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signet/algorithm.hpp"
#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/key.hpp"

namespace signet {

// The request that a proof is for.
struct DpopTarget {
  std::string_view method;             // as in the request line
  std::string_view url;                // absolute, http or https; query and fragment are left out of the comparison
  std::string_view access_token = {};  // the one that is sent with it; empty when there is none (at a token endpoint)
};

// --- the client

// A proof for one request, to be sent in its DPoP header. `nonce`: what the server last sent as DPoP-Nonce, or empty.
// Errors: key_mismatch (a shared secret proves nothing), invalid_configuration (a method, a URL or a nonce that is
// none), and those of SigningKey::sign.
[[nodiscard]] std::expected<std::string, Error> make_dpop_proof(const SigningKey& key, const DpopTarget& target,
                                                                std::string_view nonce = {},
                                                                const Clock& clock = SystemClock::instance());

// --- the server

struct DpopPolicy {
  // What proofs may be signed with; a server names them to its clients (dpop_signing_alg_values_supported, `algs`).
  std::vector<Algorithm> algorithms = {Algorithm::ES256,   Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA,
                                       Algorithm::Ed25519, Algorithm::Ed448, Algorithm::PS256, Algorithm::RS256};
  std::chrono::seconds maximum_age{60};  // now < iat + maximum_age + leeway; 1 s to 10 minutes
  std::chrono::seconds leeway{5};        // iat <= now + leeway; 0 to 60 s: clients' clocks run ahead, too
  // Proofs that are remembered until they are too old to come again, some 50 bytes each. One that finds no room is
  // refused (internal): forgetting another would let that one come twice.
  std::size_t remembered = 1'000'000;
  // HS256 keys that make nonces; with any, every proof must carry one (section 8): a proof can then not be made in
  // advance, by who has the key for a moment. The first makes them, those of all are taken, so that a key can be
  // replaced; servers that stand in for each other share them. Nonces hold no state.
  std::vector<SigningKey> nonce_keys = {};
  std::chrono::seconds nonce_lifetime{300};  // a nonce is taken so long and at most twice that; 10 s to 1 hour
};

// A proof that held. Only a DpopVerifier can make one.
class DpopProof {
 public:
  // RFC 7638, SHA-256, base64url, of the key that signed: `jkt` in the `cnf` of the token that is bound to it.
  [[nodiscard]] const std::string& thumbprint() const noexcept { return thumbprint_; }

 private:
  friend class DpopVerifier;
  explicit DpopProof(std::string thumbprint) noexcept : thumbprint_{std::move(thumbprint)} {}
  std::string thumbprint_;
};

// Checks proofs. Cheap to copy; copies remember the same proofs.
class DpopVerifier {
 public:
  // Errors: invalid_configuration, for a policy out of its bounds.
  [[nodiscard]] static std::expected<DpopVerifier, Error> of(
      DpopPolicy policy = {}, std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>());

  // Section 4.3, all of it: one header line; a JWT of type dpop+jwt, signed under an algorithm of the policy by the
  // public key that it carries; `htm` and `htu` those of the request, `htu` compared after normalisation (RFC 3986
  // sections 6.2.2 and 6.2.3); `iat` within the window; `ath` that of the access token; the nonce one of ours, where
  // the policy wants one; and a `jti` that this key has not used before. Thread-safe.
  //
  // Whether the access token is bound to this key is the caller's question: see Guard, or compare `cnf.jkt`.
  //
  // Errors: proof_invalid; proof_nonce_missing (no nonce, or one that is too old: send `nonce()`); internal (no room
  // for another proof, no memory, OpenSSL failed: nothing was found out).
  [[nodiscard]] std::expected<DpopProof, Error> check(std::span<const std::string_view> dpop_lines,
                                                      const DpopTarget& target) const noexcept;

  // A nonce for the DPoP-Nonce header; empty where the policy wants none.
  [[nodiscard]] std::string nonce() const;

  // Makes and takes nonces under other keys from now on, in every copy. Errors: invalid_configuration (none of them,
  // one that is not HS256, or a policy that wants no nonces).
  [[nodiscard]] std::expected<void, Error> change_nonce_keys(std::vector<SigningKey> keys);

  // The policy's algorithms by name, with spaces between: for `algs` of a challenge (section 7.1).
  [[nodiscard]] std::string_view algorithms() const noexcept;

 private:
  struct State;
  explicit DpopVerifier(std::shared_ptr<const State> state) noexcept : state_{std::move(state)} {}
  std::shared_ptr<const State> state_;
};

}  // namespace signet

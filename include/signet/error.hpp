#pragma once
// What can go wrong, as a value. One closed enum to branch on, a detail for logs, and, for a token whose signature
// held, every claim that failed.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet {

// The closed list of reasons. The names that `to_string` gives are stable: they appear in logs, in the command line's
// JSON and in metrics.
enum class ErrorCode : std::uint8_t {
  // The token's form (RFC 7515 section 5.2, RFC 7519 section 7.2).
  token_malformed,        // not three base64url parts, bad base64url, bad JSON, a header member of the wrong type
  token_too_large,        // longer than Limits allow
  critical_header,        // `crit` malformed or names an extension this verifier does not understand
  algorithm_not_allowed,  // `alg` is unknown, `none`, or not the algorithm of the key
  key_not_found,          // no key, or more than one, fits the header
  bad_signature,          // always reported alone
  type_mismatch,          // header `typ` is not the expected kind of token
  decryption_failed,      // a JWE that no key opens; never says why

  // Claims. Only ever reported once the signature holds; Error::failures() lists all of them.
  token_expired,           // now >= exp + leeway
  token_not_yet_valid,     // now + leeway < nbf
  token_issued_in_future,  // now + leeway < iat
  token_too_old,           // now >= iat + maximum age + leeway
  claim_missing,           // a required claim is absent
  claim_malformed,         // a claim has the wrong type, is null, or is out of range
  issuer_mismatch,
  audience_mismatch,
  subject_mismatch,
  claim_rejected,  // a check of the caller's own said no
  token_revoked,   // a revocation covers this token, or its status is not valid

  // Proof of possession (RFC 9449).
  proof_invalid,        // no DPoP proof where one is due, or one that does not hold
  proof_nonce_missing,  // a proof without the server's nonce, or with one that is too old

  // What would decide on the token cannot be had at the moment; nothing was found wrong with it. Try again.
  keys_unavailable,   // a remote key set that never arrived, or is older than allowed
  revocations_stale,  // revocations, or a status list, are later than WhenStale allows

  // Keys, key sets and configuration.
  key_malformed,          // not a key in the form that was announced
  key_too_weak,           // RSA under 2048 bits, an HMAC key shorter than its hash, a ROCA modulus, ...
  key_mismatch,           // the key does not fit the algorithm, or `use`/`key_ops`/`alg` forbid the use
  key_unsupported,        // a key type or curve that Signet does not offer
  key_set_malformed,      // not a JWK Set, a kid twice, secret and public keys mixed
  invalid_configuration,  // a verifier without a decision, an empty expectation, a relaxation out of bounds
  json_malformed,         // text that is not strict JSON, outside a token
  input_output,           // a file or an environment variable could not be read
  signer_failed,          // an ExternalSigner gave no signature, or none that its public key verifies
  internal,               // OpenSSL failed, or memory ran out; never the token's fault
};

[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

// One failed claim. `claim` is the claim's name, or the name given to a caller's own check.
struct Failure {
  ErrorCode code;
  std::string claim;

  bool operator==(const Failure&) const = default;
};

class Error {
 public:
  explicit Error(ErrorCode code, std::string detail = {}) noexcept : code_{code}, detail_{std::move(detail)} {}

  // Several claim failures as one error; its code is the first failure's.
  // Precondition: `failures` is not empty.
  explicit Error(std::vector<Failure> failures) noexcept
      : code_{failures.front().code}, failures_{std::move(failures)} {}

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }

  // For logs, never for the client: may quote the token's header (escaped, shortened), never a secret.
  [[nodiscard]] std::string detail() const;

  // Every claim that failed; empty unless the signature held.
  [[nodiscard]] const std::vector<Failure>& failures() const noexcept { return failures_; }

  // Whether `code` is among the reasons (like errors.Is of golang-jwt).
  [[nodiscard]] bool is(ErrorCode code) const noexcept;

 private:
  ErrorCode code_;
  std::string detail_;
  std::vector<Failure> failures_;
};

}  // namespace signet

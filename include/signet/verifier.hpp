#pragma once
// Verifying a token (RFC 7519 section 7.2, RFC 8725). A verifier is built once, refuses to exist without keys and
// without a decision on issuer, audience and expiry, and is then used from any number of threads.

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/key.hpp"
#include "signet/key_set.hpp"
#include "signet/limits.hpp"
#include "signet/revocation_source.hpp"
#include "signet/revocations.hpp"
#include "signet/status_list.hpp"
#include "signet/verified_token.hpp"

namespace signet {

class VerifierBuilder;

namespace jwt {
struct Policy;
}

struct CacheFigures {
  std::size_t hits = 0;    // tokens found; their claims, key and revocation were checked all the same
  std::size_t misses = 0;  // tokens not found: new ones, and whatever no verifier accepts
  std::size_t size = 0;    // tokens kept now
};

class Verifier {
 public:
  [[nodiscard]] static VerifierBuilder builder();

  // The token, when its form, its signature and then its claims hold; the order is that of the words. A bad signature
  // is reported alone, and so is a `typ` of another kind of token; claim failures all together, in the order exp, nbf,
  // iat, iss, aud, sub, the others. Thread-safe.
  //
  // Errors: token_malformed, token_too_large, critical_header; algorithm_not_allowed, key_not_found and the others of
  // the key source; bad_signature, type_mismatch; all from token_expired to token_revoked; revocations_stale; internal.
  //
  // The token's `alg` must be the key's algorithm, byte for byte. One exception: `EdDSA` (RFC 8037) and `Ed25519` (RFC
  // 9864) name the same signatures, so an Ed25519 key of either name verifies tokens of both, and a token may say
  // `EdDSA` for an Ed448 key too. Refused beyond what the RFCs ask: `b64` (also without `crit`), `enc` and `zip` in the
  // header; `cty` "JWT", for a nested token is not a set of claims; an empty `aud` array; null for any of exp, nbf,
  // iat, iss, aud, sub, jti, client_id, sid, scope.
  [[nodiscard]] std::expected<VerifiedToken, Error> verify(std::string_view compact) const noexcept;

  // The same without the heap: the token lives in `buffer`, until that is used again or goes. (A token that does not
  // fit, some 2,500 bytes decoded, goes to the heap all the same, and so does one that a cache keeps.) Not thread-safe
  // for one buffer.
  [[nodiscard]] std::expected<const VerifiedToken*, Error> verify(std::string_view compact,
                                                                  TokenBuffer& buffer) const noexcept;
  std::expected<const VerifiedToken*, Error> verify(std::string_view compact, TokenBuffer&& temporary) const = delete;

  // What the cache of verified tokens did; nothing when there is none.
  [[nodiscard]] std::optional<CacheFigures> cache_figures() const;

 private:
  friend class VerifierBuilder;
  explicit Verifier(std::shared_ptr<const jwt::Policy> policy) noexcept : policy_{std::move(policy)} {}
  [[nodiscard]] std::expected<VerifiedToken, Error> verify_into(TokenBuffer* buffer, std::string_view compact) const;
  std::shared_ptr<const jwt::Policy> policy_;
};

class VerifierBuilder {
 public:
  VerifierBuilder();
  VerifierBuilder(VerifierBuilder&&) noexcept;
  VerifierBuilder& operator=(VerifierBuilder&&) noexcept;
  ~VerifierBuilder();

  // Where keys come from: exactly one of these.
  VerifierBuilder& key(VerifyingKey key);  // when both have a `kid`, the token's must be the key's
  VerifierBuilder& keys(KeySet keys);
  VerifierBuilder& key_source(std::shared_ptr<const KeySource> source);

  // Who issued it: exactly one of these. Compared whole (case 37); an expectation makes the claim required (case 39).
  VerifierBuilder& issuer(std::string_view iss);
  VerifierBuilder& issuers(std::vector<std::string> any_of);
  VerifierBuilder& any_issuer();

  // For whom it is: exactly one of these.
  VerifierBuilder& audience(std::string_view aud);
  VerifierBuilder& any_of_audiences(std::vector<std::string> audiences);
  VerifierBuilder& all_of_audiences(std::vector<std::string> audiences);
  VerifierBuilder& any_audience();

  VerifierBuilder& subject(std::string_view sub);

  // The header's `typ`, with or without "application/", without regard to case (RFC 7515 section 4.1.9). Not called:
  // "JWT" or absent, so that an access, refresh or logout token is not taken for a plain one (case 45).
  VerifierBuilder& type(std::string_view typ);
  VerifierBuilder& any_type();

  // `exp` is required unless this is called; when it is there, it is always checked.
  VerifierBuilder& allow_missing_expiry();
  VerifierBuilder& require_not_before();
  // `iat` is required, and now < iat + age + leeway.
  VerifierBuilder& maximum_age(std::chrono::seconds age);
  // For exp, nbf, iat and the maximum age. 0 unless set; at most longest_leeway, 10 minutes.
  VerifierBuilder& leeway(std::chrono::seconds leeway);

  // The claim must be there; null is claim_malformed.
  VerifierBuilder& require(std::string_view claim);
  // A check of the caller's own, run when the signature holds; `name` stands in Failure::claim. It sees the claims, and
  // is called from any thread. What it throws becomes claim_rejected.
  VerifierBuilder& check(std::string_view name, std::function<bool(json::View claims)> accept);

  // A `crit` extension that the caller implements (RFC 7515 section 4.1.11). Never `b64` (case 14).
  VerifierBuilder& understands(std::string_view critical_header);

  // Revoked tokens are refused with token_revoked, whose Failure names no claim.
  // Where they come from, at most one of these: this process itself, or another one, and then what to do when they are
  // late.
  VerifierBuilder& revocations(std::shared_ptr<const Revocations> revocations);
  VerifierBuilder& revocations(std::shared_ptr<const RevocationSource> source, WhenStale when_stale);

  // A token's place in the status lists of its issuer (draft-ietf-oauth-status-list), looked up in memory when all else
  // holds. It needs the claim `status` with a `status_list`. A status other than valid is token_revoked, a place that
  // the list does not have claim_malformed, each of the claim `status`; a list that is late, expired or not there at
  // all is for `when_stale` to decide.
  VerifierBuilder& status_lists(std::shared_ptr<const StatusSource> lists, WhenStale when_stale = WhenStale::deny());
  // Tokens without the claim `status` are accepted. One that has it must name a place all the same.
  VerifierBuilder& allow_missing_status();

  // Keeps up to so many tokens that were verified, 1 to 1,000,000, rounded up to a power of two and at least 4, so that
  // the signature of a token seen again is not computed again. Everything else is checked each time: the key for its
  // header must still be the very key that verified it, and times, claims, revocation and the checks of the caller's
  // own must hold now (case 40). A refusal is never kept. Tokens of more than 4 KiB are not kept; a kept one takes some
  // 2 KiB.
  VerifierBuilder& cache(std::size_t tokens);

  VerifierBuilder& clock(std::shared_ptr<const Clock> clock);
  VerifierBuilder& limits(const Limits& limits);

  // Errors: invalid_configuration, with all that is missing, empty, decided twice or out of bounds.
  [[nodiscard]] std::expected<Verifier, Error> build() const;

 private:
  struct Draft;
  std::unique_ptr<Draft> draft_;
};

}  // namespace signet

#pragma once
// Guards an HTTP resource with a Verifier, for any web framework (RFC 6750, RFC 9449, RFC 8705). An adapter hands over
// the header lines it has and writes the answer it gets; see httplib.hpp and beast.hpp beside this file.

#include <chrono>
#include <expected>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signet/dpop.hpp"
#include "signet/error.hpp"
#include "signet/verifier.hpp"

namespace signet::http {

// What the guard reads of a request. Every Authorization line belongs in `authorization`: two of them are an error.
struct Credentials {
  std::string_view method;
  std::span<const std::string_view> authorization;
  std::span<const std::string_view> cookie;  // Cookie lines
  std::span<const std::string_view> origin;  // Origin lines
  // For Guard::dpop alone.
  std::span<const std::string_view> dpop = {};  // DPoP lines
  std::string_view target = {};                 // the request's path, as it was sent; a query may follow
  // DER, of the certificate with which the client has proved itself to TLS in this connection; empty when there is
  // none. Never out of a header that the client may have written; see signet::http::client_certificate.
  std::span<const std::byte> client_certificate = {};
};

// Who makes the request. Moves with the token it came in.
class Principal {
 public:
  [[nodiscard]] std::string_view subject() const noexcept { return token_.subject(); }
  [[nodiscard]] bool has_scope(std::string_view scope) const noexcept { return token_.has_scope(scope); }
  [[nodiscard]] const VerifiedToken& token() const noexcept { return token_; }

 private:
  friend class Guard;
  explicit Principal(VerifiedToken token) noexcept : token_{std::move(token)} {}
  VerifiedToken token_;
};

// The answer to a request that may not pass (RFC 6750 section 3, RFC 9449 section 7.1): a status, the WWW-Authenticate
// value, and a JSON body {error, error_description}. The same words for every cause of a bad token; `reason` is for
// logs and metrics only.
struct Challenge {
  int status = 401;              // 400, 401, 403 or 503
  std::string www_authenticate;  // empty with 503 only: no other token would help
  std::string body;              // JSON; empty when there were no credentials, or no memory
  std::optional<Error> reason;
  std::optional<std::chrono::seconds> retry_after{};  // the Retry-After of a 503 (RFC 9110 section 10.2.3)
  std::string dpop_nonce{};                           // the DPoP-Nonce to send with it; empty: none
};

class Guard {
 public:
  explicit Guard(Verifier verifier) noexcept;

  // The `realm` of the challenge. Not for quotes, backslashes or control characters: they are dropped.
  Guard& realm(std::string_view realm);

  // Takes the token from this cookie when there is no Authorization header. The name must begin with `__Host-`
  // (RFC 6265bis section 4.1.3.2). A method other than GET, HEAD or OPTIONS then needs an Origin out of
  // `allowed_origins`, so that another site cannot act in the user's name. Errors: invalid_configuration.
  [[nodiscard]] std::expected<void, Error> cookie(std::string_view name, std::vector<std::string> allowed_origins);

  // Takes tokens that are bound to a key as well: `Authorization: DPoP`, and one proof for this very request.
  // `base_url` is where clients find this service, as in https://api.example or https://example/api; the request's
  // target follows it in a proof's `htu`. It is said here and not taken from the request, whose Host anyone may write.
  // Without a call, such tokens are refused. Errors: invalid_configuration.
  [[nodiscard]] std::expected<void, Error> dpop(DpopVerifier verifier, std::string_view base_url);

  // The principal, or the answer to give. All of `scopes` must be in the token. A token with `cnf` names the one who
  // may present it: by a key, with a proof (`dpop`), or by the certificate of the connection (RFC 8705 section 3). It
  // is taken in no other way, and never from a cookie. Thread-safe.
  //   no credentials             401, challenge without an error code
  //   two credentials, bad form  400 invalid_request
  //   any bad token              401 invalid_token
  //   a bad proof                401 invalid_dpop_proof; use_dpop_nonce, when only that is missing
  //   a scope is missing         403 insufficient_scope, with the scopes that are needed
  //   a cookie, and an Origin    403 invalid_request
  //     that is not allowed
  //   it could not be checked    503 temporarily_unavailable: the keys or the revocations of the issuer are not at
  //                              hand, OpenSSL failed, or memory ran out
  [[nodiscard]] std::expected<Principal, Challenge> check(const Credentials& credentials,
                                                          std::span<const std::string_view> scopes = {}) const noexcept;
  [[nodiscard]] std::expected<Principal, Challenge> check(
      const Credentials& credentials, std::initializer_list<std::string_view> scopes) const noexcept {
    return check(credentials, std::span{scopes.begin(), scopes.size()});
  }

 private:
  Verifier verifier_;
  std::string realm_;
  std::string cookie_;
  std::vector<std::string> allowed_origins_;
  std::optional<DpopVerifier> dpop_;
  std::string base_url_;

  class Answers;
  [[nodiscard]] std::expected<void, Challenge> check_possession(const Credentials& credentials, std::string_view text,
                                                                const VerifiedToken& token,
                                                                const Answers& answers) const;
};

}  // namespace signet::http

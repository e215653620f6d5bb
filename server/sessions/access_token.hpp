#pragma once
// Access tokens after RFC 9068: `typ` is at+jwt; iss, sub, aud, exp, iat, jti, client_id, scope, sid, auth_time.

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/accounts/account.hpp"
#include "server/sessions/session.hpp"
#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/key.hpp"
#include "signet/key_set.hpp"
#include "signet/revocations.hpp"
#include "signet/verifier.hpp"

namespace signet::server {

struct AccessTokenPolicy {
  std::string issuer;
  std::string audience;
  std::string client_id = "signet";    // the client of the password login
  std::chrono::seconds lifetime{600};  // 10 s to longest_access_lifetime (revocation/log.hpp)
};

// Whether the policy is within its bounds; the error says which bound it breaks.
[[nodiscard]] std::expected<void, std::string> check(const AccessTokenPolicy& policy);

// Where the status list is served: ISSUER/status/LIST.
[[nodiscard]] std::string status_list_uri(std::string_view issuer, std::int64_t list);
// The list of that address; nothing unless it is written in that form.
[[nodiscard]] std::optional<std::int64_t> status_list_of_uri(std::string_view issuer, std::string_view uri);

struct AccessToken {
  std::string text;
  std::string id;  // its jti
  Time expires_at{};
  std::chrono::seconds expires_in;  // exp - iat, for the answer
};

// What a token is for.
struct TokenGrant {
  std::string subject;
  std::string session;  // its `sid`
  std::string scope;
  std::optional<Time> signed_in_at;     // its `auth_time`; a key for scripts has none
  Time ends_at{};                       // the token does not outlive it
  std::optional<StatusEntry> status{};  // nor the list that it stands in
  std::string binding{};                // its `cnf.jkt` (RFC 9449 section 6.1), or empty
};

// A token for that, issued `now`. Its lifetime is the policy's less a random 0 to 5 %, so that clients do not all
// refresh together. Errors: those of Signer::sign.
[[nodiscard]] std::expected<AccessToken, Error> issue_access_token(const AccessTokenPolicy& policy,
                                                                   const SigningKey& key, const TokenGrant& grant,
                                                                   Time now);

// A token for the session, issued `now`. It never outlives the session: as long as a token lives, its session's row is
// there to be revoked. Errors: as above.
[[nodiscard]] std::expected<AccessToken, Error> issue_access_token(const AccessTokenPolicy& policy,
                                                                   const SigningKey& key, const Account& account,
                                                                   const Session& session, Time now);

// What accepts those tokens and no other kind.
// It keeps this many verified tokens, so that of a client that comes back no signature is computed again. Some 2 kB
// each.
inline constexpr std::size_t cached_access_tokens = 4096;
[[nodiscard]] std::expected<Verifier, Error> access_token_verifier(const AccessTokenPolicy& policy,
                                                                   std::shared_ptr<const KeySource> keys,
                                                                   std::shared_ptr<const Revocations> revocations,
                                                                   std::shared_ptr<const Clock> clock);

}  // namespace signet::server

#pragma once
// Who makes a request: the bearer of a token, in a header or a cookie.

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/api/services.hpp"

namespace signet::server::api {

// Access tokens in a cookie go to every path of this host, and nowhere else; so do refresh tokens, but never with a
// request that another site causes. Both names begin with __Host-, so that no sibling domain can plant one (RFC 6265bis
// section 4.1.3.2): a refresh token planted there would sign the user in as somebody else. That excludes Path=/refresh,
// which would keep the cookie from a few requests to the same origin.
inline constexpr std::string_view access_cookie = "__Host-signet";
inline constexpr std::string_view refresh_cookie = "__Host-signet-refresh";

// Who makes a request: one of the three is there.
struct Bearer {
  std::optional<signet::http::Principal> token{};  // an access token
  std::optional<FoundSession> session{};           // the opaque token of a session in server mode
  std::shared_ptr<const ApiKey> key{};

  [[nodiscard]] std::string subject() const;
  [[nodiscard]] std::string session_id() const;  // its `sid`
};

// Whether the request bears a whole opaque token, which only the store can say more of.
[[nodiscard]] bool bears_opaque_token(const http::Request& request);
// Whether it does, or bears an API key that this process has not heard of. What else it may bear is found out from
// memory.
[[nodiscard]] bool needs_store(const http::Request& request, const Services& services);

// Brings such a key in from the store before it is looked for. The answer when that fails: 503.
[[nodiscard]] std::expected<void, http::Response> learn_api_key(std::string_view text, const http::Request& request,
                                                                const Services& services);
[[nodiscard]] std::expected<void, http::Response> learn_api_key(const http::Request& request, const Services& services);

// Who bears an access token, in the header or the cookie, signed or opaque; the guard's answer otherwise, with the
// failure counted and reported. `method`: the request's own unless given.
[[nodiscard]] std::expected<Bearer, http::Response> authenticate(const http::Request& request, const Services& services,
                                                                 std::span<const std::string_view> scopes = {},
                                                                 std::string_view method = {});
// The same, or who bears an API key in the Authorization header. For what a script may do as well as whoever has signed
// in.
[[nodiscard]] std::expected<Bearer, http::Response> identify(const http::Request& request, const Services& services,
                                                             std::span<const std::string_view> scopes = {},
                                                             std::string_view method = {});

// The API key in the Authorization header. The answer otherwise: 401.
[[nodiscard]] std::expected<std::shared_ptr<const ApiKey>, http::Response> api_key(const http::Request& request,
                                                                                   const Services& services);

// An account's own session, as its token names it. Not a token that an API key was exchanged for.
struct SignedIn {
  AccountId account;
  SessionId session;
  Time signed_in_at{};                        // by password
  std::optional<FoundSession> server_side{};  // in server mode
};
[[nodiscard]] std::expected<SignedIn, http::Response> signed_in(const http::Request& request, const Services& services);

// For what a session alone, which may be somebody else's by now, is not enough: 401 when the user signed in longer ago
// than that (RFC 9470 section 3).
[[nodiscard]] std::expected<void, http::Response> signed_in_within(const SignedIn& who, std::chrono::milliseconds age,
                                                                   const Services& services);

// 429 when there were too many changes lately. `whose`: the text of a session, so that who holds another session of the
// account cannot keep its owner from ending that; of an account, which may have many sessions, for what leaves rows in
// the log that every verifier reads. An API key that is made leaves one when it ends.
[[nodiscard]] std::expected<void, http::Response> may_change(std::string_view whose, const Services& services);

// The token in the cookie of that name; nothing when it is absent, comes twice or is malformed.
[[nodiscard]] std::optional<std::string_view> cookie(const http::Request& request, std::string_view name);

// RFC 9110 section 9.2.1: what changes nothing.
[[nodiscard]] bool is_safe(std::string_view method);

// The thumbprint of the key that the request's DPoP proof shows its sender to have; empty when there is none. For a
// request that is sent without an access token (RFC 9449 section 5). The answer otherwise: 400 or 503.
[[nodiscard]] std::expected<std::string, http::Response> proven_key(const http::Request& request,
                                                                    const Services& services);
// The nonce for the client's next proof, where proofs need one (RFC 9449 section 8.2).
void give_nonce(http::Response& response, const Services& services);

// A token that is bound to a key was used: its refresh token's predecessor is spent.
void note_bound_use(const VerifiedToken& token, const Services& services);

// Whether the request's one Origin is allowed to use cookies.
[[nodiscard]] bool has_allowed_origin(const http::Request& request, const Services& services);

// Refusals cost nothing, so they may come in any number: the store gets one of a kind a minute from each address.
void record_refusal(AuditKind kind, const http::Request& request, Services& services);

[[nodiscard]] Caller caller(const http::Request& request);
[[nodiscard]] AuditSource audit_source(const http::Request& request, const std::optional<AccountId>& actor = {});

}  // namespace signet::server::api

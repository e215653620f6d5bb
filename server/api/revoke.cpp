#include <algorithm>

#include "server/api/body.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"
#include "server/api_keys/key_text.hpp"
#include "server/revocation/log.hpp"

namespace signet::server::api {
namespace {

using http::Request;
using http::Response;

Response done() {
  Response response;
  response.header("Cache-Control", "no-store");
  return response;
}

// One access token, by its jti. Its session goes on: RFC 7009 section 2.1 leaves that open, and a client that wants the
// end of it has the refresh token to revoke.
Response revoke_access_token(std::string_view text, const Request& request, Services& services) {
  auto token = services.verifier.verify(text);
  if (!token && token.error().code() == ErrorCode::internal) return unavailable();
  if (!token || !token->expires_at()) return done();  // nobody accepts it anyway
  const auto account = AccountId::from_text(token->subject());
  const auto session = SessionId::from_text(token->claim<std::string_view>("sid").value_or(""));
  // Every token is a row in two logs, and a session gives as many tokens as it refreshes.
  if (auto allowed = services.change_limit.take(token->subject(), services.clock.now()); !allowed)
    return too_many(allowed.error().retry_after);
  auto written = write_revoking(
      services.store, services.revocations, services.clock, [&](Transaction& transaction, RevocationLog& log) {
        log.token(token->id(), *token->expires_at());
        transaction.append_audit(
            audit_event(AuditKind::token_revoked, log.now(), audit_source(request, account), {account, session}));
      });
  return written ? done() : unavailable();
}

// An API key by itself: whoever found it in the wrong place may end it.
Response revoke_by_itself(std::string_view text, const Request& request, Services& services) {
  const auto key = services.api_key_table.find(text);
  if (!key) return done();
  auto revoked = services.api_keys.revoke((*key)->id, {}, audit_source(request, (*key)->account));
  if (!revoked && revoked.error().problem == ApiKeyProblem::unavailable) return unavailable();
  return done();
}

}  // namespace

// RFC 7009. Who has the token may revoke it: no client authentication (all clients here are public). A refresh token takes
// its session with it, and with that every access token of the session (section 2.1); so does an opaque token.
Response revoke(const Request& request, Services& services) {
  auto form = parse_form(request);
  if (!form) return std::move(form.error());
  const auto token = form->find("token");
  if (!token || token->empty()) return problem(Problem::invalid_request, "`token` is missing.");

  if (token->starts_with(api_key_prefix)) return revoke_by_itself(*token, request, services);
  if (token->starts_with(RefreshTokenCodec::prefix) || token->starts_with(session_token_prefix)) {
    auto revoked = services.sessions.revoke(*token, name(AuditKind::session_revoked), caller(request));
    return revoked ? done() : unavailable();
  }
  if (std::ranges::count(*token, '.') == 2) return revoke_access_token(*token, request, services);
  // The hint is optional and may be wrong; it matters when the token is of neither kind (section 2.2.1).
  const auto hint = form->find("token_type_hint").value_or("access_token");
  if (hint != "access_token" && hint != "refresh_token") return problem(Problem::unsupported_token_type);
  return done();
}

}  // namespace signet::server::api

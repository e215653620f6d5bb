#include <algorithm>
#include <limits>

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

// Where the token stands in our status lists; nothing for one that names no place.
StatusEntries place_of(const VerifiedToken& token, const Services& services) {
  const auto status = token.claim<json::View>("status");
  const auto entry = status ? status->find("status_list") : std::nullopt;
  const auto uri = entry ? entry->find("uri") : std::nullopt, index = entry ? entry->find("idx") : std::nullopt;
  const auto number = index ? index->integer() : std::nullopt;
  const auto list = uri ? status_list_of_uri(services.tokens.issuer, uri->string().value_or("")) : std::nullopt;
  if (!list || !number || *number < 0 || *number > std::numeric_limits<std::uint32_t>::max()) return {};
  return {{.list = *list, .index = static_cast<std::uint32_t>(*number)}};
}

// The place is its session's, or its API key's, which needs another one for the tokens that it gets from now on.
void leave_place(Transaction& transaction, const VerifiedToken& token, const StatusEntry& place) {
  const auto sid = token.claim<std::string_view>("sid").value_or("");
  if (sid.starts_with(api_key_prefix)) {
    const auto id = api_key_id(sid.substr(api_key_prefix.size()));
    auto key = id ? transaction.api_key(*id) : std::nullopt;
    if (key && std::erase(key->status, place) > 0) transaction.place_api_key(*id, key->status);
  } else if (const auto id = SessionId::from_text(sid)) {
    auto session = transaction.session(*id);
    // It is rotated at the same moment, or not at all: the transaction sees to that.
    if (session && std::erase(session->status, place) > 0)
      (void)transaction.advance_session(*session, session->counter);
  }
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
  if (auto allowed = may_change(token->subject(), services); !allowed) return std::move(allowed.error());
  auto written = write_revoking(
      services.store, services.revocations, services.clock, [&](Transaction& transaction, RevocationLog& log) {
        const auto places = place_of(*token, services);
        log.token(token->id(), *token->expires_at(), places);
        for (const auto& place : places) leave_place(transaction, *token, place);
        transaction.append_audit(
            audit_event(AuditKind::token_revoked, log.now(), audit_source(request, account), {account, session}));
      });
  return written ? done() : unavailable();
}

// An API key by itself: whoever found it in the wrong place may end it.
Response revoke_by_itself(std::string_view text, const Request& request, Services& services) {
  if (auto learned = learn_api_key(text, request, services); !learned) return std::move(learned.error());
  const auto key = services.api_key_table.find(text);
  if (!key) return done();
  if (auto allowed = may_change((*key)->account.text(), services); !allowed) return std::move(allowed.error());
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
    auto revoked = services.sessions.revoke(*token, AuditKind::session_revoked, caller(request));
    return revoked ? done() : unavailable();
  }
  if (std::ranges::count(*token, '.') == 2) return revoke_access_token(*token, request, services);
  // The hint is optional and may be wrong; it matters when the token is of neither kind (section 2.2.1).
  const auto hint = form->find("token_type_hint").value_or("access_token");
  if (hint != "access_token" && hint != "refresh_token") return problem(Problem::unsupported_token_type);
  return done();
}

}  // namespace signet::server::api

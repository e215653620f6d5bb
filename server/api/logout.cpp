#include "server/api/answer.hpp"
#include "server/api/body.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"
#include "server/api/token_answer.hpp"

namespace signet::server::api {
namespace {

using http::Request;
using http::Response;

enum class Scope : std::uint8_t { this_session, others, all };

std::optional<Scope> scope_of(const Request& request) {
  auto query = parse_pairs(request.query);
  if (!query) return std::nullopt;
  const auto scope = query->find("scope").value_or("this");
  if (scope == "this") return Scope::this_session;
  if (scope == "others") return Scope::others;
  if (scope == "all") return Scope::all;
  return std::nullopt;
}

bool uses_cookies(const Request& request) { return cookie(request, access_cookie) || cookie(request, refresh_cookie); }

// The session to end: the access token's, or the refresh cookie's when the browser has dropped the access token
// already.
std::expected<SignedIn, Response> who_leaves(const Request& request, Services& services) {
  const auto refresh_token = cookie(request, refresh_cookie);
  const bool nothing_else = !cookie(request, access_cookie) && !request.header("Authorization");
  if (!refresh_token || !nothing_else) return signed_in(request, services);
  if (!has_allowed_origin(request, services)) return std::unexpected(foreign_origin());
  auto session = services.sessions.find(*refresh_token);
  if (!session) return std::unexpected(unavailable());
  if (!*session) return signed_in(request, services);  // answers 401
  return SignedIn{(*session)->account, (*session)->id};
}

}  // namespace

Response logout(const Request& request, Services& services) {
  const auto scope = scope_of(request);
  if (!scope) return problem(Problem::invalid_request, "`scope` is this, others or all.");
  auto who = who_leaves(request, services);
  if (!who) return std::move(who.error());
  if (auto allowed = may_change(who->session.text(), services); !allowed) return std::move(allowed.error());

  bool done = false;
  switch (*scope) {
    case Scope::this_session:
      done = services.sessions.revoke(who->session, who->account, AuditKind::logout, caller(request)).has_value();
      break;
    case Scope::others:
      done = services.sessions.revoke_all(who->account, who->session, AuditKind::logout_others, caller(request))
                 .has_value();
      break;
    case Scope::all:
      done = services.sessions.revoke_all(who->account, {}, AuditKind::logout_all, caller(request)).has_value();
      break;
  }
  if (!done) return unavailable();
  auto response = no_content();
  if (*scope != Scope::others && uses_cookies(request)) clear_cookies(response);
  return response;
}

}  // namespace signet::server::api

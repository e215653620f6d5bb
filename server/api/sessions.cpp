#include "server/sessions/sessions.hpp"

#include <chrono>

#include "server/api/answer.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"
#include "server/api/token_answer.hpp"

namespace signet::server::api {
namespace {

// NumericDate, as in tokens (RFC 7519 section 2).
std::int64_t seconds(Time time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); }

}  // namespace

http::Response list_sessions(const http::Request& request, Services& services) {
  auto who = signed_in(request, services);
  if (!who) return std::move(who.error());
  auto sessions = services.sessions.list(who->account);
  if (!sessions) return unavailable();

  json::Array list;
  for (const Session& session : *sessions) {
    const bool current = session.id == who->session;
    json::Object shown;
    shown.set("id", session.id.text()).set("current", current).set("created_at", seconds(session.created_at));
    // Nothing here may tell a thief who holds the pair when its owner refreshes, for then he could come right after
    // her, within the grace (judge_refresh). So the day has to do, for the thief's own session not even that, and the
    // idle end, which moves with each refresh, is left out.
    if (!current) shown.set("last_used_at", seconds(std::chrono::floor<std::chrono::days>(session.last_used_at)));
    list.add(shown.set("expires_at", seconds(session.expires_at))
                 .set("address", session.address)
                 .set("user_agent", session.user_agent));
  }
  return json_answer(200, json::Object{}.set("sessions", list));
}

http::Response end_session(const http::Request& request, Services& services) {
  auto who = signed_in(request, services);
  if (!who) return std::move(who.error());
  const auto session = SessionId::from_text(request.route_parameter);
  if (!session) return problem(Problem::not_found);
  if (auto allowed = may_change(who->session.text(), services); !allowed) return std::move(allowed.error());
  auto ended = services.sessions.revoke(*session, who->account, AuditKind::session_revoked, caller(request));
  if (!ended) return unavailable();
  // Somebody else's session and none look the same.
  if (!*ended) return problem(Problem::not_found);
  auto response = no_content();
  if (*session == who->session && cookie(request, access_cookie)) clear_cookies(response);
  return response;
}

}  // namespace signet::server::api

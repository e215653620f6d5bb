#include "server/api/token_answer.hpp"

#include <algorithm>

#include "server/api/answer.hpp"
#include "server/api/caller.hpp"
#include "server/api/problem.hpp"

namespace signet::server::api {
namespace {

using http::Request;
using http::Response;

std::string set_cookie(std::string_view name, std::string_view value, std::chrono::seconds age,
                       std::string_view same_site) {
  return std::string{name}.append("=").append(value) + "; Path=/; Max-Age=" + std::to_string(age.count()) +
         "; Secure; HttpOnly; SameSite=" + std::string{same_site};
}

}  // namespace

std::optional<Response> cannot_sign(Services& services) {
  if (services.keys.can_sign()) return std::nullopt;
  ++services.counters.unsigned_tokens;
  return unavailable();
}

Response unsigned_token(const Request& request, const Error& why, Services& services) {
  services.reports.failed(request, "an access token could not be signed", why.detail());
  if (why.code() != ErrorCode::signer_failed) return problem(Problem::server_error);
  ++services.counters.unsigned_tokens;
  return unavailable("The token could not be signed. Try again in a moment.");
}

Response token_answer(const Request& request, const Granted& granted, Delivery delivery, Services& services) {
  const Time now = services.clock.now();
  const auto left = [&](Time end) { return std::chrono::floor<std::chrono::seconds>(end - now); };
  const bool opaque = !granted.opaque_token.empty();
  // The opaque token lives as long as its session; use moves the idle end, so its cookie is kept for all of it.
  const auto lasts = left(std::min(granted.session.idle_expires_at, granted.session.expires_at));
  std::string text = granted.opaque_token;
  auto expires_in = lasts, kept = left(granted.session.expires_at);
  if (!opaque) {
    auto token =
        issue_access_token(services.tokens, services.keys.signing_key(), granted.account, granted.session, now);
    if (!token) return unsigned_token(request, token.error(), services);
    text = std::move(token->text);
    expires_in = kept = token->expires_in;
    ++services.counters.issued_tokens;
  }

  json::Object body;
  if (delivery == Delivery::body) body.set("access_token", text);
  body.set("token_type", granted.session.binding.empty() ? "Bearer" : "DPoP").set("expires_in", expires_in.count());
  if (delivery == Delivery::body && !opaque) body.set("refresh_token", granted.refresh_token);
  if (!granted.account.scope.empty()) body.set("scope", granted.account.scope);
  Response response = json_answer(200, body);
  if (!granted.session.binding.empty()) give_nonce(response, services);
  if (delivery == Delivery::cookies) {
    // Lax, so that a link from elsewhere opens a page signed in; the refresh token needs no such thing. Where there is
    // none, one that another session has left goes.
    response.header("Set-Cookie", set_cookie(access_cookie, text, kept, "Lax"))
        .header("Set-Cookie",
                set_cookie(refresh_cookie, granted.refresh_token, opaque ? std::chrono::seconds{0} : lasts, "Strict"));
  }
  return response;
}

void clear_cookies(Response& response) {
  response.header("Set-Cookie", set_cookie(access_cookie, "", std::chrono::seconds{0}, "Lax"))
      .header("Set-Cookie", set_cookie(refresh_cookie, "", std::chrono::seconds{0}, "Strict"));
}

}  // namespace signet::server::api

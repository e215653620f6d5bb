#include "server/api/answer.hpp"
#include "server/api/body.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"
#include "server/api/token_answer.hpp"

namespace signet::server::api {
namespace {

constexpr Field fields[]{{"current_password", FieldKind::text}, {"new_password", FieldKind::text}};

// Each change hashes twice, so whoever knows the password is limited as well.
std::expected<void, http::Response> may_attempt(const AccountId& account, Services& services) {
  const Time now = services.clock.now();
  auto allowed = services.password_limit.check(account.text(), now);
  if (allowed) allowed = services.password_attempt_limit.take(account.text(), now);
  if (!allowed) return std::unexpected(too_many(allowed.error().retry_after));
  return {};
}

// Whose credentials only the handler looks at: an opaque token may wait for the store, and a proof is good once.
bool is_for_handler(const http::Request& request) { return bears_opaque_token(request) || request.header("DPoP"); }

}  // namespace

std::optional<http::Response> admit_password_change(const http::Request& request, Services& services) {
  if (auto form = parse_json(request, fields); !form) return std::move(form.error());
  if (!is_for_handler(request)) {
    auto who = signed_in(request, services);
    if (!who) return std::move(who.error());
    if (auto allowed = may_attempt(who->account, services); !allowed) return std::move(allowed.error());
  }
  auto allowed = services.attempt_limit.take(address_key(request.client), services.clock.now());
  if (!allowed) return too_many(allowed.error().retry_after);
  return std::nullopt;
}

http::Response change_password(const http::Request& request, Services& services) {
  auto who = signed_in(request, services);
  if (!who) return std::move(who.error());
  auto form = parse_json(request, fields);
  if (!form) return std::move(form.error());
  if (is_for_handler(request)) {
    if (auto allowed = may_attempt(who->account, services); !allowed) return std::move(allowed.error());
  }
  std::optional<MadeCredential> next;
  if (who->server_side) next = make_session_token(who->session);

  // Whoever has stolen an access token must not find out the password with it.
  const auto account = who->account.text();
  if (auto allowed = services.password_limit.take(account, services.clock.now()); !allowed) {
    return too_many(allowed.error().retry_after);
  }
  auto changed = services.accounts.change_password(who->account, who->session, form->text("current_password"),
                                                   form->text("new_password"), audit_source(request, who->account),
                                                   next ? std::optional{next->secret_sha256} : std::nullopt);
  if (!changed && changed.error().problem == AccountProblem::invalid_credentials) {
    // Not 401: the token is good, and a client that gets 401 would try to refresh it.
    auto response = problem(Problem::invalid_credentials, "The current password is wrong.");
    response.status = 403;
    response.headers.remove("WWW-Authenticate");
    return response;
  }
  services.password_limit.give_back(account, services.clock.now());
  if (changed && next && !*changed) {  // somebody has ended it meanwhile
    auto response = no_content();
    if (cookie(request, access_cookie)) clear_cookies(response);
    return response;
  }
  if (changed && next) {
    const Granted granted{.session = who->server_side->session,
                          .account = who->server_side->account,
                          .refresh_token = {},
                          .opaque_token = std::move(next->text)};
    return token_answer(request, granted, cookie(request, access_cookie) ? Delivery::cookies : Delivery::body,
                        services);
  }
  if (changed) return no_content();
  if (changed.error().problem == AccountProblem::weak_password) {
    return problem(Problem::weak_password, changed.error().reason);
  }
  services.reports.failed(request, "a change of password failed", changed.error().reason);
  return unavailable();
}

}  // namespace signet::server::api

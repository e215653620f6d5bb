#include "server/api/answer.hpp"
#include "server/api/body.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"

namespace signet::server::api {
namespace {

constexpr Field fields[]{{"current_password", FieldKind::text}, {"new_password", FieldKind::text}};

}  // namespace

std::optional<http::Response> admit_password_change(const http::Request& request, Services& services) {
  auto who = signed_in(request, services);
  if (!who) return std::move(who.error());
  auto form = parse_json(request, fields);
  if (!form) return std::move(form.error());
  const Time now = services.clock.now();
  const auto account = who->account.text();
  auto allowed = services.password_limit.check(account, now);
  // Each change hashes twice, so whoever knows the password is limited as well.
  if (allowed) allowed = services.password_attempt_limit.take(account, now);
  if (allowed) allowed = services.attempt_limit.take(address_key(request.client), now);
  if (!allowed) return too_many(allowed.error().retry_after);
  return std::nullopt;
}

http::Response change_password(const http::Request& request, Services& services) {
  auto who = signed_in(request, services);
  if (!who) return std::move(who.error());
  auto form = parse_json(request, fields);
  if (!form) return std::move(form.error());

  // Whoever has stolen an access token must not find out the password with it.
  const auto account = who->account.text();
  if (auto allowed = services.password_limit.take(account, services.clock.now()); !allowed) {
    return too_many(allowed.error().retry_after);
  }
  auto changed = services.accounts.change_password(who->account, who->session, form->text("current_password"),
                                                   form->text("new_password"), audit_source(request, who->account));
  if (!changed && changed.error().problem == AccountProblem::invalid_credentials) {
    // Not 401: the token is good, and a client that gets 401 would try to refresh it.
    auto response = problem(Problem::invalid_credentials, "The current password is wrong.");
    response.status = 403;
    std::erase_if(response.headers, [](const auto& header) { return header.first == "WWW-Authenticate"; });
    return response;
  }
  services.password_limit.give_back(account, services.clock.now());
  if (changed) return no_content();
  if (changed.error().problem == AccountProblem::weak_password) {
    return problem(Problem::weak_password, changed.error().reason);
  }
  services.reports.failed(request, "a change of password failed", changed.error().reason);
  return unavailable();
}

}  // namespace signet::server::api

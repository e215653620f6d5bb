#include "server/api/answer.hpp"
#include "server/api/body.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"

namespace signet::server::api {
namespace {

constexpr Field fields[]{{"username", FieldKind::text}, {"password", FieldKind::text}};

}  // namespace

std::optional<http::Response> admit_signup(const http::Request& request, Services& services) {
  if (!services.settings.now()->signup_open) return problem(Problem::signup_closed);
  auto form = parse_json(request, fields);
  if (!form) return std::move(form.error());
  if (auto name = prepare_username(form->text("username")); !name)
    return problem(Problem::invalid_username, reason(name.error()));
  const Time now = services.clock.now();
  const auto address = address_key(request.client);
  auto allowed = services.signup_limit.check(address, now, signup_cost);
  if (allowed) allowed = services.attempt_limit.take(address, now);
  if (!allowed) return too_many(allowed.error().retry_after);
  return std::nullopt;
}

http::Response signup(const http::Request& request, Services& services) {
  const auto settings = services.settings.now();
  if (!settings->signup_open) return problem(Problem::signup_closed);
  auto form = parse_json(request, fields);
  if (!form) return std::move(form.error());

  const auto address = address_key(request.client);
  if (auto allowed = services.signup_limit.take(address, services.clock.now(), signup_cost); !allowed) {
    return too_many(allowed.error().retry_after);
  }
  auto account = services.accounts.sign_up(form->text("username"), form->text("password"), settings->signup_scope,
                                           audit_source(request));
  if (account) {
    return json_answer(201, json::Object{}.set("id", account->id.text()).set("username", account->username));
  }
  const AccountError& error = account.error();
  // A taken name stays counted: asking which names exist is what the limit is for.
  auto cost = error.problem == AccountProblem::taken ? signup_cost : 0;
  if (error.problem == AccountProblem::weak_password) cost = weak_password_cost;
  services.signup_limit.give_back(address, services.clock.now(), signup_cost - cost);
  switch (error.problem) {
    case AccountProblem::taken:
      return problem(Problem::username_taken);
    case AccountProblem::bad_username:
      return problem(Problem::invalid_username, error.reason);
    case AccountProblem::weak_password:
      return problem(Problem::weak_password, error.reason);
    default:
      break;
  }
  services.reports.failed(request, "a signup failed", error.reason);
  return unavailable();
}

}  // namespace signet::server::api

#include "server/api/body.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"
#include "server/api/token_answer.hpp"

namespace signet::server::api {
namespace {

struct Presented {
  std::string token;
  Delivery delivery;
};

// The refresh token in the body, or else in the cookie.
std::expected<Presented, http::Response> presented(const http::Request& request, const Services& services) {
  static constexpr Field fields[]{{"refresh_token", FieldKind::optional_text}};
  const auto in_cookie = cookie(request, refresh_cookie);
  std::string token;
  if (!in_cookie || !request.body.empty()) {
    auto form = parse_json(request, fields);
    if (!form) return std::unexpected(std::move(form.error()));
    if (const std::string* in_body = form->text_if("refresh_token")) {
      if (in_cookie) return std::unexpected(problem(Problem::invalid_request, "There are two refresh tokens."));
      return Presented{*in_body, Delivery::body};
    }
  }
  if (!in_cookie) return std::unexpected(problem(Problem::invalid_request, "`refresh_token` is missing."));
  if (!has_allowed_origin(request, services)) return std::unexpected(foreign_origin());
  return Presented{std::string{*in_cookie}, Delivery::cookies};
}

RefreshOutcome outcome(SessionProblem problem) {
  switch (problem) {
    case SessionProblem::invalid_grant:
      return RefreshOutcome::invalid;
    case SessionProblem::reuse:
      return RefreshOutcome::reuse;
    case SessionProblem::unavailable:
      return RefreshOutcome::unavailable;
  }
  return RefreshOutcome::invalid;
}

// Reuse is told like any other dead token: a thief learns nothing.
http::Response dead_token(Delivery delivery) {
  auto response = problem(Problem::invalid_grant);
  if (delivery == Delivery::cookies) clear_cookies(response);
  return response;
}

}  // namespace

http::Response refresh(const http::Request& request, Services& services) {
  auto given = presented(request, services);
  if (!given) return std::move(given.error());

  // Before the proof is looked at, which is remembered, and so would fill a memory that all share.
  const auto session = services.sessions.session_of(given->token);
  if (!session) {
    services.counters.refresh(RefreshOutcome::invalid);
    return dead_token(given->delivery);
  }
  // By session, not by account or address: nobody spends another session's budget. All count, repeats as well: each
  // costs a signature. What is no token of ours costs nothing and is not counted.
  const std::string counted = session->text();
  if (auto allowed = services.refresh_limit.take(counted, services.clock.now()); !allowed) {
    services.counters.refresh(RefreshOutcome::limited);
    return too_many(allowed.error().retry_after);
  }
  const auto binding = proven_key(request, services);
  if (!binding) {
    services.counters.refresh(RefreshOutcome::invalid);
    return binding.error();
  }
  if (auto refused = cannot_sign(services)) {
    services.counters.refresh(RefreshOutcome::unavailable);
    if (session) services.refresh_limit.give_back(counted, services.clock.now());
    return std::move(*refused);
  }
  auto granted = services.sessions.refresh(given->token, *binding, caller(request));
  if (granted) {
    services.counters.refresh(granted->repeated ? RefreshOutcome::repeated : RefreshOutcome::granted);
    return token_answer(request, *granted, given->delivery, services);
  }
  services.counters.refresh(outcome(granted.error()));
  if (granted.error() == SessionProblem::unavailable) {
    services.refresh_limit.give_back(counted, services.clock.now());
    return unavailable();
  }
  return dead_token(given->delivery);
}

}  // namespace signet::server::api

#include "server/api/body.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"
#include "server/api/token_answer.hpp"

namespace signet::server::api {
namespace {

Delivery delivery_of(const JsonForm& form) { return form.flag("cookies") ? Delivery::cookies : Delivery::body; }

std::expected<JsonForm, http::Response> read_form(const http::Request& request, const Services& services) {
  static constexpr Field fields[]{{"username", FieldKind::text},
                                  {"password", FieldKind::text},
                                  {"new_password", FieldKind::optional_text},
                                  {"cookies", FieldKind::optional_flag}};
  auto form = parse_json(request, fields);
  // Another site must not sign the user in to an account of its choice.
  if (form && delivery_of(*form) == Delivery::cookies && !has_allowed_origin(request, services))
    return std::unexpected(foreign_origin());
  return form;
}

// Whoever gets one of these answers has learnt that the password is right: it is on record, and counted as a guess.
http::Response not_yet(Problem answer, std::string_view description, std::string_view why, const Account& account,
                       const http::Request& request, Services& services) {
  const auto event = audit_event(AuditKind::login_failed, services.clock.now(), audit_source(request),
                                 {.account = account.id, .session = {}}, why);
  auto written = services.store.write([&](Transaction& transaction) { transaction.append_audit(event); });
  if (written) return problem(answer, description);
  services.reports.failed(request, "a login failed", written.error().detail);
  return unavailable();
}

// An administrator wants another password before the next session. The answer when there is none yet; otherwise
// `account` is as it is after the change.
std::optional<http::Response> change_first(Account& account, const JsonForm& form, const http::Request& request,
                                           Services& services) {
  const auto refuse = [&](Problem answer, std::string_view description, std::string_view why) {
    return not_yet(answer, description, why, account, request, services);
  };
  const auto* next = form.text_if("new_password");
  if (!account.must_change_password) {
    return refuse(Problem::invalid_request, "`new_password` is for when it has to be changed.",
                  "the right password, with a new one that nobody asked for");
  }
  if (!next) return refuse(Problem::password_change_required, {}, "the right password, which has to be changed");
  if (*next == form.text("password"))
    return refuse(Problem::weak_password, "The new password is the old one.", "the new password is the old one");
  auto changed = services.accounts.change_password(account.id, {}, form.text("password"), *next,
                                                   audit_source(request, account.id));
  if (changed) {
    auto found = services.accounts.find(account.id);
    if (!found) return unavailable();
    account = std::move(*found);
    return std::nullopt;
  }
  if (changed.error().problem == AccountProblem::weak_password) {
    return refuse(Problem::weak_password, changed.error().reason, "the new password is too weak");
  }
  if (changed.error().problem == AccountProblem::invalid_credentials) return problem(Problem::invalid_credentials);
  services.reports.failed(request, "a change of password failed", changed.error().reason);
  return unavailable();
}

}  // namespace

std::optional<http::Response> admit_login(const http::Request& request, Services& services) {
  auto form = read_form(request, services);
  if (!form) return std::move(form.error());
  const Time now = services.clock.now();
  const auto address = address_key(request.client);
  auto allowed = services.login_limits.check(form->text("username"), request.client, now);
  // One refusal a minute goes on to the handler, which may wait for the store and records it.
  if (!allowed && services.audit_limit.take("limited " + address, now)) return std::nullopt;
  if (allowed) allowed = services.attempt_limit.take(address, now);
  if (allowed) return std::nullopt;
  services.counters.login(LoginOutcome::limited);
  return too_many(allowed.error().retry_after);
}

http::Response login(const http::Request& request, Services& services) {
  auto form = read_form(request, services);
  if (!form) return std::move(form.error());
  const std::string& username = form->text("username");
  const auto binding = proven_key(request, services);
  if (!binding) return binding.error();
  if (!binding->empty() && delivery_of(*form) == Delivery::cookies) {
    return problem(Problem::invalid_request, "A page cannot prove possession of a key with its cookies.");
  }
  const auto mode = services.settings.now()->session_mode;
  if (!binding->empty() && mode == SessionMode::server) {
    return problem(Problem::invalid_request, "Sessions that the server keeps are not bound to keys.");
  }
  if (mode == SessionMode::token) {
    if (auto none = cannot_sign(services)) {
      services.counters.login(LoginOutcome::unavailable);
      return std::move(*none);
    }
  }

  const Time now = services.clock.now();
  if (auto allowed = services.login_limits.begin(username, request.client, now); !allowed) {
    services.counters.login(LoginOutcome::limited);
    record_refusal(AuditKind::login_limited, request, services);
    return too_many(allowed.error().retry_after);
  }
  auto not_decided = [&](std::string_view detail) {
    services.login_limits.undecided(username, request.client, services.clock.now());
    services.counters.login(LoginOutcome::unavailable);
    services.reports.failed(request, "a login failed", detail);
    return unavailable();
  };
  auto refused = [&] {
    services.counters.login(LoginOutcome::refused);
    return problem(Problem::invalid_credentials);
  };

  auto account = services.accounts.authenticate(username, form->text("password"), audit_source(request));
  if (!account)
    return account.error().problem == AccountProblem::unavailable ? not_decided(account.error().reason) : refused();
  if (account->must_change_password || form->text_if("new_password")) {
    if (auto not_changed = change_first(*account, *form, request, services)) {
      const bool undecided = not_changed->status == 503;
      if (undecided) services.login_limits.undecided(username, request.client, services.clock.now());
      services.counters.login(undecided ? LoginOutcome::unavailable : LoginOutcome::refused);
      return std::move(*not_changed);
    }
  }
  const auto delivery = delivery_of(*form);
  const auto instead_of = delivery == Delivery::cookies ? cookie(request, access_cookie) : std::nullopt;
  auto granted = services.sessions.open(*account, caller(request),
                                        {.mode = mode, .binding = *binding, .instead_of = instead_of.value_or("")});
  if (!granted) {
    return granted.error() == SessionProblem::unavailable ? not_decided("the session could not be stored") : refused();
  }
  services.login_limits.succeeded(username, request.client, services.clock.now());
  services.counters.login(LoginOutcome::granted);
  return token_answer(request, *granted, delivery, services);
}

}  // namespace signet::server::api

#include "server/api/caller.hpp"

#include <algorithm>

#include "server/api/problem.hpp"

namespace signet::server::api {

using http::Request;
using http::Response;

std::expected<signet::http::Principal, Response> authenticate(const Request& request, const Services& services,
                                                              std::span<const std::string_view> scopes,
                                                              std::string_view method) {
  const auto authorization = request.all("Authorization");
  const auto cookies = request.all("Cookie");
  const auto origin = request.all("Origin");
  auto principal = services.guard.check({.method = method.empty() ? request.method : method,
                                         .authorization = authorization,
                                         .cookie = cookies,
                                         .origin = origin},
                                        scopes);
  if (principal) return std::move(*principal);

  const signet::http::Challenge& challenge = principal.error();
  if (challenge.reason) {
    services.counters.refused(challenge.reason->code());
    services.reports.refused(request, *challenge.reason);
  }
  if (challenge.status == 503) return std::unexpected(unavailable());
  Response response{.status = challenge.status, .headers = {}, .body = challenge.body};
  if (!response.body.empty()) response.header("Content-Type", "application/json");
  response.header("WWW-Authenticate", challenge.www_authenticate)
      .header("Cache-Control", "no-store")
      .header("X-Content-Type-Options", "nosniff");
  return std::unexpected(std::move(response));
}

std::expected<SignedIn, Response> signed_in(const Request& request, const Services& services) {
  auto principal = authenticate(request, services);
  if (!principal) return std::unexpected(std::move(principal.error()));
  auto account = AccountId::from_text(principal->subject());
  auto session = SessionId::from_text(principal->token().claim<std::string_view>("sid").value_or(""));
  // With an issuer's key in other hands (a shared secret), a good token can name what was never ours.
  if (!account || !session) return std::unexpected(problem(Problem::invalid_token));
  return SignedIn{*account, *session};
}

std::expected<void, Response> may_change(const SessionId& session, const Services& services) {
  if (auto allowed = services.change_limit.take(session.text(), services.clock.now()); !allowed)
    return std::unexpected(too_many(allowed.error().retry_after));
  return {};
}

std::optional<std::string_view> cookie(const Request& request, std::string_view name) {
  std::optional<std::string_view> found;
  for (std::string_view line : request.all("Cookie")) {
    while (!line.empty()) {
      auto pair = line.substr(0, line.find(';'));
      line.remove_prefix(std::min(pair.size() + 1, line.size()));
      while (pair.starts_with(' ')) pair.remove_prefix(1);
      if (!pair.starts_with(name) || !pair.substr(name.size()).starts_with('=')) continue;
      if (found) return std::nullopt;
      found = pair.substr(name.size() + 1);
    }
  }
  return found;
}

bool has_allowed_origin(const Request& request, const Services& services) {
  const auto origin = request.all("Origin");
  return origin.size() == 1 && std::ranges::find(services.origins, origin.front()) != services.origins.end();
}

void record_refusal(AuditKind kind, const Request& request, Services& services) {
  const Time now = services.clock.now();
  const auto key = std::string{name(kind)} + ' ' + address_key(request.client);
  if (!services.audit_limit.take(key, now)) return;
  auto written = services.store.write(
      [&](Transaction& transaction) { transaction.append_audit(audit_event(kind, now, audit_source(request))); });
  if (!written) services.reports.failed(request, "a refusal was not recorded", written.error().detail);
}

Caller caller(const Request& request) {
  return {.address = std::string{request.client},
          .user_agent = std::string{request.header("User-Agent").value_or("")},
          .request_id = std::string{request.id},
          .actor = {}};
}

AuditSource audit_source(const Request& request, const std::optional<AccountId>& actor) {
  return {.actor = actor ? actor->text() : "",
          .address = std::string{request.client},
          .request_id = std::string{request.id}};
}

}  // namespace signet::server::api

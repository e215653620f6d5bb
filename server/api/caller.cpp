#include "server/api/caller.hpp"

#include <algorithm>

#include "server/api/body.hpp"
#include "server/api/problem.hpp"
#include "server/api_keys/key_text.hpp"
#include "server/http/proxies.hpp"
#include "server/words.hpp"
#include "src/http/credentials.hpp"

namespace signet::server::api {

using http::Request;
using http::Response;

namespace {

// What follows "Bearer " when it is an API key's beginning.
std::optional<std::string_view> presented_api_key(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() < scheme.size() || !http::same_name(authorization.substr(0, scheme.size()), scheme)) {
    return std::nullopt;
  }
  authorization.remove_prefix(scheme.size());
  if (!authorization.starts_with(api_key_prefix)) return std::nullopt;
  return authorization;
}

bool may_come_from(const ApiKey& key, std::string_view client) {
  if (key.networks.empty()) return true;
  std::vector<std::string> entries;
  for (const auto word : words(key.networks)) entries.emplace_back(word);
  const auto networks = http::Proxies::parse(entries);
  const auto address = http::Address::parse(client);
  return networks && address && networks->trusts(*address);
}

// RFC 6750 section 3.1.
Response challenge(Response response) {
  std::erase_if(response.headers, [](const auto& header) { return header.first == "WWW-Authenticate"; });
  response.header("WWW-Authenticate",
                  "Bearer error=\"invalid_token\", error_description=\"The API key is invalid, expired or revoked\"");
  return response;
}

}  // namespace

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

std::expected<std::shared_ptr<const ApiKey>, Response> api_key(const Request& request, const Services& services) {
  const auto authorization = request.all("Authorization");
  const auto presented = authorization.size() == 1 ? presented_api_key(authorization.front()) : std::nullopt;
  if (!presented) return std::unexpected(challenge(problem(Problem::invalid_token)));
  auto key = services.api_key_table.find(*presented);
  if (key && !may_come_from(**key, request.client)) {
    key = std::unexpected(Error{ErrorCode::claim_rejected, "the API key was used from outside its networks"});
  }
  if (key) return std::move(*key);
  services.counters.refused(key.error().code());
  services.reports.refused(request, key.error());
  return std::unexpected(challenge(problem(Problem::invalid_token)));
}

std::expected<Bearer, Response> identify(const Request& request, const Services& services,
                                         std::span<const std::string_view> scopes, std::string_view method) {
  const auto authorization = request.all("Authorization");
  if (authorization.size() != 1 || !presented_api_key(authorization.front())) {
    auto token = authenticate(request, services, scopes, method);
    if (!token) return std::unexpected(std::move(token.error()));
    return Bearer{.token = std::move(*token), .key = nullptr};
  }
  // RFC 6750 section 2: not more than one method in a request.
  if (cookie(request, access_cookie)) return std::unexpected(problem(Problem::invalid_request));
  auto key = api_key(request, services);
  if (!key) return std::unexpected(std::move(key.error()));
  const auto have = words((*key)->scope);
  for (const auto scope : scopes) {
    if (std::ranges::find(have, scope) != have.end()) continue;
    auto response = problem(Problem::insufficient_scope);
    std::string needed;
    for (const auto one : scopes) needed.append(needed.empty() ? "" : " ").append(one);
    response.header("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"" + needed + "\"");
    return std::unexpected(std::move(response));
  }
  return Bearer{.token = std::nullopt, .key = std::move(*key)};
}

std::expected<SignedIn, Response> signed_in(const Request& request, const Services& services) {
  auto principal = authenticate(request, services);
  if (!principal) return std::unexpected(std::move(principal.error()));
  auto account = AccountId::from_text(principal->subject());
  const auto sid = principal->token().claim<std::string_view>("sid").value_or("");
  if (sid.starts_with(api_key_prefix)) {
    return std::unexpected(problem(Problem::insufficient_scope, "This takes a login; an API key does not do."));
  }
  auto session = SessionId::from_text(sid);
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
  const auto found = signet::http::cookie_token(request.all("Cookie"), name);
  if (found.kind != signet::http::Found::Kind::token) return std::nullopt;
  return found.token;
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

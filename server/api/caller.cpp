#include "server/api/caller.hpp"

#include <algorithm>
#include <array>

#include "server/api/body.hpp"
#include "server/api/problem.hpp"
#include "server/api_keys/key_text.hpp"
#include "server/words.hpp"
#include "src/http/credentials.hpp"

namespace signet::server::api {

using http::Request;
using http::Response;
using signet::http::Found;

namespace {

constexpr std::string_view nonce_header = "DPoP-Nonce";

constexpr std::string_view scheme = "Bearer ";

// Whether what follows "Bearer " in the value of an Authorization header begins like this.
bool bears(std::string_view authorization, std::string_view prefix) {
  return http::same_name(authorization.substr(0, scheme.size()), scheme) &&
         authorization.substr(scheme.size()).starts_with(prefix);
}

// What follows "Bearer " in the one Authorization header when it is an API key's beginning. Asked at every request:
// allocates nothing.
std::optional<std::string_view> presented_api_key(const Request& request) {
  std::string_view authorization;
  for (const http::Header& header : request.headers) {
    if (!http::same_name(header.name, "Authorization")) continue;
    if (!authorization.empty()) return std::nullopt;
    authorization = header.value;
  }
  if (!bears(authorization, api_key_prefix)) return std::nullopt;
  return authorization.substr(scheme.size());
}

// RFC 6750 section 3.1.
Response invalid(std::string_view what) {
  auto response = problem(Problem::invalid_token);
  response.headers.remove("WWW-Authenticate");
  return response.header("WWW-Authenticate", "Bearer error=\"invalid_token\", error_description=\"" +
                                                 std::string{what} + " is invalid, expired or revoked\"");
}

// The answer when the scope of a credential that is looked up lacks one of these.
std::optional<Response> lacks(std::string_view scope, std::span<const std::string_view> needed) {
  if (has_words(scope, needed)) return std::nullopt;
  auto response = problem(Problem::insufficient_scope);
  std::string names;
  for (const auto one : needed) names.append(names.empty() ? "" : " ").append(one);
  response.header("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"" + names + "\"");
  return response;
}

// The opaque token that the request bears, by its beginning alone. Asked at every request: allocates nothing.
std::optional<std::string_view> presented_opaque_token(const Request& request) {
  for (const http::Header& header : request.headers) {
    const bool authorization = http::same_name(header.name, "Authorization");
    if (!authorization && !http::same_name(header.name, "Cookie")) continue;
    if (authorization && !bears(header.value, session_token_prefix)) continue;  // as are nearly all
    const std::array line{header.value};
    const auto found =
        authorization ? signet::http::token_of("bearer", line) : signet::http::cookie_token(line, access_cookie);
    if (found.kind == Found::Kind::token && found.token.starts_with(session_token_prefix)) return found.token;
  }
  return std::nullopt;
}

Response refuse(const Error& why, std::string_view what, const Request& request, const Services& services) {
  services.counters.refused(why.code());
  services.reports.refused(request, why);
  return why.code() == ErrorCode::internal ? unavailable() : invalid(what);
}

// The guard's rules for a token that it does not know.
std::expected<Bearer, Response> authenticate_opaque(std::string_view token, const Request& request,
                                                    const Services& services, std::span<const std::string_view> scopes,
                                                    std::string_view method) {
  const auto in_cookie = signet::http::cookie_token(request.all("Cookie"), access_cookie).kind;
  const std::size_t cookies = in_cookie == Found::Kind::none ? 0 : 1;
  // RFC 6750 section 2: not more than one method in a request.
  if (in_cookie == Found::Kind::malformed || request.all("Authorization").size() + cookies != 1)
    return std::unexpected(problem(Problem::invalid_request));
  if (cookies == 1 && !is_safe(method) && !has_allowed_origin(request, services))
    return std::unexpected(foreign_origin());
  auto session = services.server_sessions.find(token);
  if (!session) return std::unexpected(refuse(session.error(), "The access token", request, services));
  if (auto refused = lacks(session->account.scope, scopes)) return std::unexpected(std::move(*refused));
  return Bearer{.session = std::move(*session)};
}

}  // namespace

std::string Bearer::subject() const {
  if (key) return key->account.text();
  return session ? session->account.id.text() : std::string{token->subject()};
}

std::string Bearer::session_id() const {
  if (key) return api_key_session(key->id);
  return session ? session->session.id.text() : token->token().claim<std::string>("sid").value_or("");
}

bool bears_opaque_token(const Request& request) {
  const auto token = presented_opaque_token(request);
  return token && read_session_token(*token);
}

bool needs_store(const Request& request, const Services& services) {
  if (const auto key = presented_api_key(request)) return services.api_key_table.lacks(*key);
  return bears_opaque_token(request);
}

std::expected<void, Response> learn_api_key(std::string_view text, const Request& request, const Services& services) {
  const auto learned = services.api_key_table.learn(text, services.store);
  if (learned) return {};
  services.reports.failed(request, "the API keys could not be read", learned.error().detail);
  return std::unexpected(unavailable());
}

std::expected<void, Response> learn_api_key(const Request& request, const Services& services) {
  const auto key = presented_api_key(request);
  return key ? learn_api_key(*key, request, services) : std::expected<void, Response>{};
}

std::expected<Bearer, Response> authenticate(const Request& request, const Services& services,
                                             std::span<const std::string_view> scopes, std::string_view method) {
  if (method.empty()) method = request.method;
  if (const auto token = presented_opaque_token(request))
    return authenticate_opaque(*token, request, services, scopes, method);
  const auto authorization = request.all("Authorization");
  const auto cookies = request.all("Cookie");
  const auto origin = request.all("Origin");
  const auto proofs = request.all("DPoP");
  auto principal = services.guard.check({.method = method,
                                         .authorization = authorization,
                                         .cookie = cookies,
                                         .origin = origin,
                                         .dpop = proofs,
                                         .target = request.path},
                                        scopes);
  if (principal) {
    // The guard knows no other way to be bound here than by a proof.
    if (!proofs.empty()) note_bound_use(principal->token(), services);
    return Bearer{.token = std::move(*principal)};
  }

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
  if (!challenge.dpop_nonce.empty()) response.header(nonce_header, challenge.dpop_nonce);
  return std::unexpected(std::move(response));
}

std::expected<std::string, Response> proven_key(const Request& request, const Services& services) {
  const auto proofs = request.all("DPoP");
  if (proofs.empty()) return "";
  const std::string url = services.tokens.issuer + std::string{request.path};
  auto proof = services.dpop.check(proofs, {.method = request.method, .url = url});
  if (proof) return proof->thumbprint();
  services.counters.refused(proof.error().code());
  services.reports.refused(request, proof.error());
  if (proof.error().code() == ErrorCode::internal) return std::unexpected(unavailable());
  if (proof.error().code() != ErrorCode::proof_nonce_missing) {
    return std::unexpected(problem(Problem::invalid_dpop_proof));
  }
  Response response = problem(Problem::use_dpop_nonce);
  give_nonce(response, services);
  return std::unexpected(std::move(response));
}

void give_nonce(Response& response, const Services& services) {
  if (auto nonce = services.dpop.nonce(); !nonce.empty()) response.header(nonce_header, std::move(nonce));
}

std::expected<std::shared_ptr<const ApiKey>, Response> api_key(const Request& request, const Services& services) {
  const auto presented = presented_api_key(request);
  if (!presented) {
    const auto lines = request.all("Authorization").size();
    if (lines > 1) return std::unexpected(problem(Problem::invalid_request));
    if (lines == 1) return std::unexpected(invalid("The API key"));
    // RFC 6750 section 3.1: without any credentials, no code says what is wrong with them.
    Response response{.status = 401, .headers = {}, .body = {}};
    response.header("WWW-Authenticate", "Bearer").header("Cache-Control", "no-store");
    return std::unexpected(std::move(response));
  }
  auto key = services.api_key_table.find_used_from(*presented, request.client);
  if (key) return std::move(*key);
  return std::unexpected(refuse(key.error(), "The API key", request, services));
}

std::expected<Bearer, Response> identify(const Request& request, const Services& services,
                                         std::span<const std::string_view> scopes, std::string_view method) {
  if (!presented_api_key(request)) return authenticate(request, services, scopes, method);
  // RFC 6750 section 2: not more than one method in a request.
  if (signet::http::cookie_token(request.all("Cookie"), access_cookie).kind != Found::Kind::none)
    return std::unexpected(problem(Problem::invalid_request));
  auto key = api_key(request, services);
  if (!key) return std::unexpected(std::move(key.error()));
  if (auto refused = lacks((*key)->scope, scopes)) return std::unexpected(std::move(*refused));
  return Bearer{.key = std::move(*key)};
}

std::expected<SignedIn, Response> signed_in(const Request& request, const Services& services) {
  auto bearer = authenticate(request, services);
  if (!bearer) return std::unexpected(std::move(bearer.error()));
  if (auto& found = bearer->session)
    return SignedIn{.account = found->account.id,
                    .session = found->session.id,
                    .signed_in_at = found->session.created_at,
                    .server_side = std::move(found)};
  const auto sid = bearer->session_id();
  if (sid.starts_with(api_key_prefix)) {
    return std::unexpected(problem(Problem::insufficient_scope, "This takes a login; an API key does not do."));
  }
  auto account = AccountId::from_text(bearer->subject());
  auto session = SessionId::from_text(sid);
  // With an issuer's key in other hands (a shared secret), a good token can name what was never ours.
  if (!account || !session) return std::unexpected(problem(Problem::invalid_token));
  const std::chrono::seconds at{bearer->token->token().claim<std::int64_t>("auth_time").value_or(0)};
  return SignedIn{.account = *account, .session = *session, .signed_in_at = Time{at}};
}

std::expected<void, Response> signed_in_within(const SignedIn& who, std::chrono::milliseconds age,
                                               const Services& services) {
  if (services.clock.now() - who.signed_in_at <= age) return {};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(age).count();
  auto response = problem(Problem::insufficient_user_authentication);
  response.header("WWW-Authenticate",
                  "Bearer error=\"insufficient_user_authentication\", max_age=\"" + std::to_string(seconds) + "\"");
  return std::unexpected(std::move(response));
}

std::expected<void, Response> may_change(std::string_view whose, const Services& services) {
  if (auto allowed = services.change_limit.take(whose, services.clock.now()); !allowed)
    return std::unexpected(too_many(allowed.error().retry_after));
  return {};
}

std::optional<std::string_view> cookie(const Request& request, std::string_view name) {
  const auto found = signet::http::cookie_token(request.all("Cookie"), name);
  if (found.kind != signet::http::Found::Kind::token) return std::nullopt;
  return found.token;
}

bool is_safe(std::string_view method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

void note_bound_use(const VerifiedToken& token, const Services& services) {
  if (!token.has("cnf")) return;
  const auto session = SessionId::from_text(token.claim<std::string_view>("sid").value_or(""));
  const auto issued_at = token.issued_at();
  if (session && issued_at) services.sessions.seen_in_use(*session, *issued_at);
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

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "server/api/answer.hpp"
#include "server/api/body.hpp"
#include "server/api/caller.hpp"
#include "server/api/described.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"
#include "server/api/sha256.hpp"
#include "server/api_keys/key_text.hpp"
#include "src/crypto/secure_memory.hpp"
#include "src/jose/base64url.hpp"

namespace signet::server::api {
namespace {

using http::Request;
using http::Response;

Response unknown_client() {
  auto response = problem(Problem::invalid_client);
  response.header("WWW-Authenticate", "Basic realm=\"introspection\", charset=\"UTF-8\"");
  return response;
}

// RFC 7617. Base64 with padding, as in base64url but for two characters.
std::optional<std::string> decode_basic(std::string_view credentials) {
  while (credentials.ends_with('=')) credentials.remove_suffix(1);
  std::string text{credentials};
  if (text.find_first_of("-_") != std::string::npos) return std::nullopt;
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  auto bytes = jose::base64url_decode(text);
  if (!bytes) return std::nullopt;
  return std::string{reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

// Every client's secret is compared, so that the time says nothing of which names exist.
bool is_client(std::string_view id, std::string_view secret, const Settings& settings) {
  if (secret.empty()) return false;
  const auto digest = sha256(std::as_bytes(std::span{secret}));
  bool known = false;
  for (const Client& client : settings.clients) {
    const bool same = CRYPTO_memcmp(digest.data(), client.secret_sha256.data(), digest.size()) == 0;
    if (same && client.id == id) known = true;
  }
  return known;
}

// RFC 6749 section 2.3.1 has both encoded as in a form before they are joined. Many clients send them as they are.
bool is_client(std::string_view credentials, const Settings& settings) {
  auto text = decode_basic(credentials);
  if (!text) return false;
  const auto colon = std::min(text->find(':'), text->size());
  const auto id = std::string_view{*text}.substr(0, colon);
  const auto secret = std::string_view{*text}.substr(std::min(colon + 1, text->size()));
  auto decoded_id = form_decoded(id), decoded_secret = form_decoded(secret);
  const bool as_it_is = is_client(id, secret, settings);
  const bool decoded = decoded_id && decoded_secret && is_client(*decoded_id, *decoded_secret, settings);
  crypto::cleanse(*text);
  if (decoded_secret) crypto::cleanse(*decoded_secret);
  return as_it_is || decoded;
}

bool is_basic(std::string_view authorization) {
  constexpr std::string_view scheme = "basic ";
  return authorization.size() > scheme.size() &&
         std::ranges::equal(authorization.substr(0, scheme.size()), scheme, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
}

// RFC 7662 section 2.1: the caller is a client of the configuration, or bears a token with the scope `introspect`.
std::optional<Response> refusal(const Request& request, Services& services) {
  const auto authorization = request.all("Authorization");
  if (authorization.empty() && !cookie(request, access_cookie)) return unknown_client();
  if (authorization.size() == 1 && is_basic(authorization.front())) {
    const auto settings = services.settings.now();
    const auto address = address_key(request.client);
    const Time now = services.clock.now();
    // Taken before the look, so that a right guess is no exception.
    if (auto allowed = services.introspection_limit.take(address, now); !allowed)
      return too_many(allowed.error().retry_after);
    if (is_client(authorization.front().substr(6), *settings)) {
      services.introspection_limit.give_back(address, now);
      return std::nullopt;
    }
    ++services.counters.refused_clients;
    record_refusal(AuditKind::introspection_refused, request, services);
    return unknown_client();
  }
  static constexpr std::array<std::string_view, 1> scopes{"introspect"};
  auto bearer = authenticate(request, services, scopes);
  if (bearer) return std::nullopt;
  return std::move(bearer.error());
}

Response inactive() { return json_answer(200, json::Object{}.set("active", false)); }

Response introspect_access_token(std::string_view token, Services& services) {
  static constexpr std::array shown{"iss",       "sub",   "aud", "exp",       "iat", "jti",
                                    "client_id", "scope", "sid", "auth_time", "cnf"};
  auto verified = services.verifier.verify(token);
  if (!verified) return verified.error().code() == ErrorCode::internal ? unavailable() : inactive();
  note_bound_use(*verified, services);
  json::Object body;
  body.set("active", true).set("token_type", verified->has("cnf") ? "DPoP" : "Bearer");
  for (const char* name : shown) {
    if (auto value = verified->claims().find(name)) body.set_raw(name, value->text());
  }
  return json_answer(200, body);
}

Response introspect_refresh_token(std::string_view token, Services& services) {
  auto session = services.sessions.find(token);
  if (!session) return unavailable();
  if (!*session) return inactive();
  auto seconds = [](Time time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); };
  json::Object body;
  body.set("active", true)
      .set("iss", services.tokens.issuer)
      .set("sub", (*session)->account.text())
      .set("client_id", services.tokens.client_id)
      .set("sid", (*session)->id.text())
      .set("exp", seconds(std::min((*session)->idle_expires_at, (*session)->expires_at)))
      .set("iat", seconds((*session)->rotated_at))
      .set("auth_time", seconds((*session)->created_at));
  if (!(*session)->binding.empty()) body.set("cnf", json::Object{}.set("jkt", (*session)->binding));
  return json_answer(200, body);
}

Response introspect_api_key(std::string_view text, const Request& request, Services& services) {
  if (auto learned = learn_api_key(text, request, services); !learned) return std::move(learned.error());
  const auto key = services.api_key_table.find(text);
  // Who asks does not say where the key was used; for one that is not good everywhere, no is the safe answer.
  if (!key || !(*key)->networks.empty()) return inactive();
  json::Object body;
  body.set("active", true).set("iss", services.tokens.issuer);
  return json_answer(200, describe(**key, services, body));
}

Response introspect_opaque_token(std::string_view text, Services& services) {
  const auto found = services.server_sessions.find(text);
  if (!found) return found.error().code() == ErrorCode::internal ? unavailable() : inactive();
  json::Object body;
  body.set("active", true).set("token_type", "Bearer").set("iss", services.tokens.issuer);
  return json_answer(200, describe(*found, services, body));
}

}  // namespace

// RFC 7662. The form of a token says which kind it is; `token_type_hint` is not needed.
Response introspect(const Request& request, Services& services) {
  if (auto refused = refusal(request, services)) return std::move(*refused);
  auto form = parse_form(request);
  if (!form) return std::move(form.error());
  const auto token = form->find("token");
  if (!token || token->empty()) return problem(Problem::invalid_request, "`token` is missing.");
  if (token->starts_with(api_key_prefix)) return introspect_api_key(*token, request, services);
  if (token->starts_with(RefreshTokenCodec::prefix)) return introspect_refresh_token(*token, services);
  if (token->starts_with(session_token_prefix)) return introspect_opaque_token(*token, services);
  return introspect_access_token(*token, services);
}

}  // namespace signet::server::api

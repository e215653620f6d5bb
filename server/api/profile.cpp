#include <array>
#include <chrono>

#include "server/api/answer.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api_keys/key_text.hpp"

namespace signet::server::api {

namespace {

// What a token of the key would say.
json::Object& describe(const ApiKey& key, const Services& services, json::Object& body) {
  const auto seconds = [](Time time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  };
  body.set("sub", key.account.text());
  if (!key.scope.empty()) body.set("scope", key.scope);
  return body.set("client_id", services.tokens.client_id)
      .set("sid", api_key_session(key.id))
      .set("iat", seconds(key.created_at))
      .set("exp", seconds(key.expires_at));
}

}  // namespace

// The claims that concern the user, as the token has them: from memory, whatever the database does.
http::Response profile(const http::Request& request, Services& services) {
  static constexpr std::array shown{"sub", "scope", "client_id", "sid", "auth_time", "iat", "exp"};
  auto bearer = identify(request, services);
  if (!bearer) return std::move(bearer.error());
  json::Object body;
  if (bearer->key) return json_answer(200, describe(*bearer->key, services, body));
  const json::View claims = bearer->token->token().claims();
  for (const char* name : shown) {
    if (auto value = claims.find(name)) body.set_raw(name, value->text());
  }
  return json_answer(200, body);
}

}  // namespace signet::server::api

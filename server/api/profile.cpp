#include <array>

#include "server/api/answer.hpp"
#include "server/api/caller.hpp"
#include "server/api/described.hpp"
#include "server/api/endpoints.hpp"

namespace signet::server::api {

// The claims that concern the user, as the token has them: from memory, whatever the database does, unless the token is
// opaque.
http::Response profile(const http::Request& request, Services& services) {
  static constexpr std::array shown{"sub", "scope", "client_id", "sid", "auth_time", "iat", "exp"};
  auto bearer = identify(request, services);
  if (!bearer) return std::move(bearer.error());
  json::Object body;
  if (bearer->key) return json_answer(200, describe(*bearer->key, services, body));
  if (bearer->session) return json_answer(200, describe(*bearer->session, services, body));
  const json::View claims = bearer->token->token().claims();
  for (const char* name : shown) {
    if (auto value = claims.find(name)) body.set_raw(name, value->text());
  }
  return json_answer(200, body);
}

}  // namespace signet::server::api

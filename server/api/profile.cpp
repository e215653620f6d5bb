#include <array>
#include <string_view>

#include "server/api/answer.hpp"
#include "server/api/caller.hpp"
#include "server/api/described.hpp"
#include "server/api/endpoints.hpp"

namespace signet::server::api {

// The claims that concern the user, as the token has them: from memory, whatever the database does, unless the token is
// opaque.
http::Response profile(const http::Request& request, Services& services) {
  static constexpr std::array<std::string_view, 7> shown{"sub", "scope", "client_id", "sid", "auth_time", "iat", "exp"};
  auto bearer = identify(request, services);
  if (!bearer) return std::move(bearer.error());
  json::Object described;
  if (bearer->key) return json_answer(200, describe(*bearer->key, services, described));
  if (bearer->session) return json_answer(200, describe(*bearer->session, services, described));
  auto response = json_answer(200);
  auto& body = response.body;
  for (const auto name : shown) {
    const auto value = bearer->token->token().claim<json::View>(name);
    if (value) body.append(body.empty() ? "{\"" : ",\"").append(name).append("\":").append(value->text());
  }
  body += '}';
  return response;
}

}  // namespace signet::server::api

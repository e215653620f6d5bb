#include <array>

#include "server/api/answer.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"

namespace signet::server::api {

// The claims that concern the user, as the token has them: from memory, whatever the database does.
http::Response profile(const http::Request& request, Services& services) {
  static constexpr std::array shown{"sub", "scope", "client_id", "sid", "auth_time", "iat", "exp"};
  auto principal = authenticate(request, services);
  if (!principal) return std::move(principal.error());
  const json::View claims = principal->token().claims();
  json::Object body;
  for (const char* name : shown) {
    if (auto value = claims.find(name)) body.set_raw(name, value->text());
  }
  return json_answer(200, body);
}

}  // namespace signet::server::api

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
  struct Shown {
    std::string_view name;
    std::string_view text;  // as a member after others
  };
  static constexpr std::array<Shown, 7> shown{{{"sub", R"(,"sub":)"},
                                               {"scope", R"(,"scope":)"},
                                               {"client_id", R"(,"client_id":)"},
                                               {"sid", R"(,"sid":)"},
                                               {"auth_time", R"(,"auth_time":)"},
                                               {"iat", R"(,"iat":)"},
                                               {"exp", R"(,"exp":)"}}};
  auto bearer = identify(request, services);
  if (!bearer) return std::move(bearer.error());
  json::Object described;
  if (bearer->key) return json_answer(200, describe(*bearer->key, services, described));
  if (bearer->session) return json_answer(200, describe(*bearer->session, services, described));
  auto response = json_answer(200);
  auto& body = response.body;
  for (const auto& [name, text] : shown) {
    if (const auto value = bearer->token->token().claim<json::View>(name)) body.append(text).append(value->text());
  }
  body.front() = '{';  // there is a `sub`
  body += '}';
  return response;
}

}  // namespace signet::server::api

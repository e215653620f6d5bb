#include <algorithm>
#include <optional>

#include "server/api/body.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"
#include "server/words.hpp"

namespace signet::server::api {
namespace {

bool is_scope(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

// The gateway asks with GET whatever its client does. With a cookie the client's method decides whether an Origin is
// needed. A gateway sets one of these headers and may let the other, or its client's own beside it, pass: the least
// safe counts, so that a client can only make it harder for itself. From a gateway that says nothing it may be
// anything.
std::string_view original_method(const http::Request& request) {
  std::optional<std::string_view> method;
  for (const http::Header& header : request.headers) {
    const bool tells =
        http::same_name(header.name, "X-Original-Method") || http::same_name(header.name, "X-Forwarded-Method");
    if (tells && (!method || is_safe(*method))) method = header.value.empty() ? "an empty one" : header.value;
  }
  return method.value_or("an unknown one");
}

http::Response identity(std::string_view subject, std::string_view scope, std::string_view session,
                        std::string_view client) {
  auto response = http::blank_response();
  response.header("X-Auth-Subject", subject)
      .header("X-Auth-Scope", scope)
      .header("X-Auth-Session", session)
      .header("X-Auth-Client", client)
      .header("Cache-Control", "no-store");
  return response;
}

http::Response identity_of(const Bearer& bearer, const Services& services) {
  if (bearer.token) {
    const VerifiedToken& token = bearer.token->token();
    const auto text = [&](std::string_view name) { return token.claim<std::string_view>(name).value_or(""); };
    return identity(token.subject(), text("scope"), text("sid"), text("client_id"));
  }
  return identity(bearer.subject(), bearer.key ? bearer.key->scope : bearer.session->account.scope, bearer.session_id(),
                  services.tokens.client_id);
}

}  // namespace

// Forward authentication: a gateway asks with the client's headers before it lets the client through. From memory,
// unless its token is opaque.
http::Response verify(const http::Request& request, Services& services) {
  auto query = parse_pairs(request.query);
  if (!query) return problem(Problem::invalid_request, "The query is malformed.");
  const auto scopes = words(query->find("scope").value_or(""));  // all must be there
  if (!std::ranges::all_of(scopes, is_scope)) return problem(Problem::invalid_request, "`scope` is malformed.");

  auto bearer = identify(request, services, scopes, original_method(request));
  if (!bearer) return std::move(bearer.error());
  return identity_of(*bearer, services);
}

}  // namespace signet::server::api

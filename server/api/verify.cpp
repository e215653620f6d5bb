#include <algorithm>

#include "server/api/body.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"

namespace signet::server::api {
namespace {

// The scopes in `?scope=a+b`, which all must be there.
std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!word.empty()) out.push_back(word);
  }
  return out;
}

bool is_scope(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

bool is_safe(std::string_view method) {  // RFC 9110 section 9.2.1
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

// The gateway asks with GET whatever its client does. With a cookie the client's method decides whether an Origin is
// needed. A gateway sets one of these headers and may let the other, or its client's own beside it, pass: the least
// safe counts, so that a client can only make it harder for itself.
std::string_view original_method(const http::Request& request) {
  auto method = request.method;
  for (const http::Header& header : request.headers) {
    const bool tells =
        http::same_name(header.name, "X-Original-Method") || http::same_name(header.name, "X-Forwarded-Method");
    if (tells && is_safe(method)) method = header.value.empty() ? "an empty one" : header.value;
  }
  return method;
}

}  // namespace

// Forward authentication: a gateway asks with the client's headers before it lets the client through. From memory.
http::Response verify(const http::Request& request, Services& services) {
  auto query = parse_pairs(request.query);
  if (!query) return problem(Problem::invalid_request, "The query is malformed.");
  const auto scopes = words(query->find("scope").value_or(""));
  if (!std::ranges::all_of(scopes, is_scope)) return problem(Problem::invalid_request, "`scope` is malformed.");

  auto principal = authenticate(request, services, scopes, original_method(request));
  if (!principal) return std::move(principal.error());

  const VerifiedToken& token = principal->token();
  http::Response response;
  response.header("X-Auth-Subject", token.subject())
      .header("X-Auth-Scope", token.claim<std::string>("scope").value_or(""))
      .header("X-Auth-Session", token.claim<std::string>("sid").value_or(""))
      .header("X-Auth-Client", token.claim<std::string>("client_id").value_or(""))
      .header("Cache-Control", "no-store");
  return response;
}

}  // namespace signet::server::api

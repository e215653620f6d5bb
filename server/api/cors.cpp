#include "server/api/cors.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "server/api/endpoints.hpp"

namespace signet::server::api {
namespace {

using http::Request;
using http::Response;

// Not here: what administrators, services and gateways ask, and what scripts do with API keys.
constexpr std::array<std::string_view, 11> for_pages{"/signup",   "/login",         "/refresh",       "/logout",
                                                     "/profile",  "/sessions",      "/sessions/{id}", "/password",
                                                     "/api-keys", "/api-keys/{id}", "/revoke"};
// The draft of status lists asks for that, section 8.1; libraries that verify tokens in browsers, for the others.
constexpr std::array<std::string_view, 4> for_anybody{
    "/.well-known/jwks.json", "/.well-known/oauth-authorization-server", "/status", "/status/{list}"};

constexpr std::string_view allow_origin = "Access-Control-Allow-Origin";

}  // namespace

Readers readers_of(std::string_view path) noexcept {
  if (std::ranges::find(for_pages, path) != for_pages.end()) return Readers::configured;
  return std::ranges::find(for_anybody, path) != for_anybody.end() ? Readers::anybody : Readers::own_origin;
}

void Cors::allow(const Request& request, Readers readers, Response& response) const {
  if (readers == Readers::anybody) response.header(allow_origin, "*");
  if (readers != Readers::configured || origins_.empty()) return;
  response.header("Vary", "Origin");
  const auto origins = request.all("Origin");
  if (origins.size() != 1 || std::ranges::find(origins_, origins.front()) == origins_.end()) return;
  response.header(allow_origin, origins.front())
      .header("Access-Control-Expose-Headers", "DPoP-Nonce, Retry-After, WWW-Authenticate, X-Request-Id");
}

Response Cors::preflight(const Request& request, Readers readers, std::string_view methods) const {
  Response response{.status = 204, .headers = {}, .body = {}};
  allow(request, readers, response);
  if (response.headers.all(allow_origin).empty()) return response;
  response.header("Access-Control-Allow-Methods", methods)
      .header("Access-Control-Allow-Headers",
              readers == Readers::anybody ? "If-None-Match" : "Authorization, Content-Type, DPoP")
      .header("Access-Control-Max-Age", "600");
  return response;
}

void Cors::add_preflights(http::Router& router) const {
  std::map<std::string_view, std::string> methods_of;
  for (const Endpoint& endpoint : endpoints()) {
    const auto readers = readers_of(endpoint.path);
    if (readers == Readers::own_origin || (readers == Readers::configured && origins_.empty())) continue;
    auto& methods = methods_of[endpoint.path];
    methods.append(methods.empty() ? "" : ", ").append(endpoint.method);
    if (endpoint.method == "GET") methods += ", HEAD";
  }
  for (const auto& [path, methods] : methods_of) {
    router.add("OPTIONS", path, http::Lane::loop, [this, readers = readers_of(path), methods](const Request& request) {
      return preflight(request, readers, methods);
    });
  }
}

}  // namespace signet::server::api

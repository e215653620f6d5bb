#pragma once
// The guard for cpp-httplib:
//   server.Get("/profile", signet::http::require(guard, [](const httplib::Request&, httplib::Response& answer,
//                                                           const signet::http::Principal& who) {
//     answer.set_content("hello " + std::string{who.subject()}, "text/plain");
//   }));
// Where cpp-httplib is a compiled library (Debian's is), its header must be compiled with the definitions that the
// library was: take them from `pkg-config cpp-httplib`, or httplib::Request has another layout on each side.

#include <httplib.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "signet/http/guard.hpp"

namespace signet::http {

#ifdef CPPHTTPLIB_OPENSSL_SUPPORT
// DER of the certificate that the client of an SSLServer has shown; empty when there is none. Who calls it links
// libssl.
[[nodiscard]] inline std::vector<std::byte> client_certificate(const httplib::Request& request) {
  if (request.ssl == nullptr) return {};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{SSL_get_peer_certificate(request.ssl), X509_free};
  const int size = certificate ? i2d_X509(certificate.get(), nullptr) : 0;
  if (size <= 0) return {};
  std::vector<std::byte> der(static_cast<std::size_t>(size));
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate.get(), &at);
  return der;
}
#endif

// The principal of a cpp-httplib request, or the answer to give. `certificate`: for tokens that are bound to one, see
// Credentials.
[[nodiscard]] inline std::expected<Principal, Challenge> check(const Guard& guard, const httplib::Request& request,
                                                               std::span<const std::string_view> scopes = {},
                                                               std::span<const std::byte> certificate = {}) {
  const auto lines = [&](const char* name) {
    std::vector<std::string_view> values;
    for (auto [line, end] = request.headers.equal_range(name); line != end; ++line) values.push_back(line->second);
    return values;
  };
  const auto authorization = lines("Authorization"), cookie = lines("Cookie"), origin = lines("Origin"),
             proofs = lines("DPoP");
  return guard.check({request.method, authorization, cookie, origin, proofs, request.target, certificate}, scopes);
}

inline void answer(const Challenge& challenge, httplib::Response& response) {
  response.status = challenge.status;
  if (!challenge.www_authenticate.empty()) response.set_header("WWW-Authenticate", challenge.www_authenticate);
  if (challenge.retry_after) response.set_header("Retry-After", std::to_string(challenge.retry_after->count()));
  if (!challenge.dpop_nonce.empty()) response.set_header("DPoP-Nonce", challenge.dpop_nonce);
  if (!challenge.body.empty()) response.set_content(challenge.body, "application/json");
}

// A handler for cpp-httplib that calls `handler(request, response, principal)` when the guard lets the request pass,
// and otherwise answers for it. All of `scopes` must be in the token.
template <class Handler>
[[nodiscard]] httplib::Server::Handler require(const Guard& guard, Handler handler,
                                               std::vector<std::string> scopes = {}) {
  return [guard, handler = std::move(handler), scopes = std::move(scopes)](const httplib::Request& request,
                                                                           httplib::Response& response) {
    const std::vector<std::string_view> needed{scopes.begin(), scopes.end()};
    auto principal = check(guard, request, needed);
    if (!principal) return answer(principal.error(), response);
    handler(request, response, *principal);
  };
}

}  // namespace signet::http

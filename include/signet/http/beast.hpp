#pragma once
// The guard for Boost.Beast:
//   auto who = signet::http::require(guard, request);
//   if (!who) return send(std::move(who.error()));

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "signet/http/guard.hpp"

namespace signet::http {

// The principal of a Beast request, or the response to send. All of `scopes` must be in the token.
// `client_certificate`: as in Credentials; of an ssl_stream by SSL_get_peer_certificate and i2d_X509.
template <class Body, class Fields>
[[nodiscard]] std::expected<Principal, boost::beast::http::response<boost::beast::http::string_body>> require(
    const Guard& guard, const boost::beast::http::request<Body, Fields>& request,
    std::span<const std::string_view> scopes = {}, std::span<const std::byte> client_certificate = {}) {
  namespace beast_http = boost::beast::http;
  const auto view = [](const auto& text) { return std::string_view{text.data(), text.size()}; };
  const auto lines = [&](beast_http::field name) {
    std::vector<std::string_view> values;
    for (auto [line, end] = request.equal_range(name); line != end; ++line) values.push_back(view(line->value()));
    return values;
  };
  const auto authorization = lines(beast_http::field::authorization), cookie = lines(beast_http::field::cookie),
             origin = lines(beast_http::field::origin);
  std::vector<std::string_view> proofs;  // DPoP has no number among Beast's fields
  for (auto [line, end] = request.equal_range("DPoP"); line != end; ++line) proofs.push_back(view(line->value()));
  auto principal = guard.check({view(request.method_string()), authorization, cookie, origin, proofs,
                                view(request.target()), client_certificate},
                               scopes);
  if (principal) return std::move(*principal);

  const Challenge& challenge = principal.error();
  beast_http::response<beast_http::string_body> response{
      beast_http::int_to_status(static_cast<unsigned>(challenge.status)), request.version()};
  if (!challenge.www_authenticate.empty()) {
    response.set(beast_http::field::www_authenticate, challenge.www_authenticate);
  }
  if (challenge.retry_after) {
    response.set(beast_http::field::retry_after, std::to_string(challenge.retry_after->count()));
  }
  if (!challenge.dpop_nonce.empty()) response.set("DPoP-Nonce", challenge.dpop_nonce);
  if (!challenge.body.empty()) response.set(beast_http::field::content_type, "application/json");
  response.keep_alive(request.keep_alive());
  if (request.method() == beast_http::verb::head) {
    response.content_length(challenge.body.size());  // what GET would send; HEAD sends none (RFC 9110 section 9.3.2)
  } else {
    response.body() = challenge.body;
    response.prepare_payload();
  }
  return std::unexpected(std::move(response));
}

template <class Body, class Fields>
[[nodiscard]] auto require(const Guard& guard, const boost::beast::http::request<Body, Fields>& request,
                           std::initializer_list<std::string_view> scopes,
                           std::span<const std::byte> client_certificate = {}) {
  return require(guard, request, std::span{scopes.begin(), scopes.size()}, client_certificate);
}

}  // namespace signet::http

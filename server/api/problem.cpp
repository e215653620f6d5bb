#include "server/api/problem.hpp"

#include <algorithm>
#include <array>

#include "server/api/answer.hpp"
#include "signet/json.hpp"

namespace signet::server::api {
namespace {

using enum Problem;

// In the order of the enum.
constexpr std::array rows{
    ProblemRow{invalid_request, "invalid_request", 400, "The request is not well formed."},
    ProblemRow{unsupported_media_type, "unsupported_media_type", 415, "This content type is not read here."},
    ProblemRow{invalid_credentials, "invalid_credentials", 401, "The username or the password is wrong."},
    ProblemRow{invalid_grant, "invalid_grant", 400, "The refresh token is not valid."},
    ProblemRow{invalid_client, "invalid_client", 401, "The client is not known here, or its secret is wrong."},
    ProblemRow{invalid_dpop_proof, "invalid_dpop_proof", 400, "The DPoP proof is not one for this request."},
    ProblemRow{use_dpop_nonce, "use_dpop_nonce", 400, "The DPoP proof must carry the nonce of the DPoP-Nonce header."},
    ProblemRow{invalid_token, "invalid_token", 401, "The access token is not valid."},
    ProblemRow{insufficient_scope, "insufficient_scope", 403, "The access token lacks a scope."},
    ProblemRow{insufficient_user_authentication, "insufficient_user_authentication", 401,
               "The last login with a password is too long ago for this. Log in again."},
    ProblemRow{unsupported_token_type, "unsupported_token_type", 400, "Tokens of this type cannot be revoked here."},
    ProblemRow{signup_closed, "signup_closed", 403, "Accounts are made by an administrator here."},
    ProblemRow{username_taken, "username_taken", 409, "This username is taken."},
    ProblemRow{invalid_username, "invalid_username", 422, "This cannot be a username."},
    ProblemRow{weak_password, "weak_password", 422, "This password is too easy to guess."},
    ProblemRow{password_change_required, "password_change_required", 403, "Log in with `new_password` as well."},
    ProblemRow{invalid_scope, "invalid_scope", 400, "A scope that is not yours to give."},
    ProblemRow{too_many_api_keys, "too_many_api_keys", 409, "There are too many API keys. Revoke one first."},
    ProblemRow{not_found, "not_found", 404, "There is no such thing here."},
    ProblemRow{too_many_requests, "too_many_requests", 429, "Too many attempts. Try again later."},
    ProblemRow{temporarily_unavailable, "temporarily_unavailable", 503,
               "Try again in a moment. It may have been done already."},
    ProblemRow{server_error, "server_error", 500, "Something went wrong here."},
    ProblemRow{method_not_allowed, "method_not_allowed", 405, ""},
    ProblemRow{request_timeout, "request_timeout", 408, ""},
    ProblemRow{payload_too_large, "payload_too_large", 413, ""},
    ProblemRow{uri_too_long, "uri_too_long", 414, ""},
    ProblemRow{headers_too_large, "headers_too_large", 431, ""},
    ProblemRow{not_implemented, "not_implemented", 501, ""},
    ProblemRow{http_version_not_supported, "http_version_not_supported", 505, ""},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].problem != static_cast<Problem>(i)) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const ProblemRow> problems() noexcept { return rows; }

http::Response problem(Problem problem, std::string_view description) {
  const ProblemRow& row = rows[static_cast<std::size_t>(problem)];
  auto response =
      json_answer(row.status, json::Object{}
                                  .set("error", row.name)
                                  .set("error_description", description.empty() ? row.description : description));
  // RFC 9110 section 15.5.2: a 401 names the schemes that would help.
  if (row.problem == invalid_credentials || row.problem == invalid_token) response.header("WWW-Authenticate", "Bearer");
  return response;
}

http::Response foreign_origin() {
  auto response = problem(invalid_request, "The request comes from a site that may not act in the user's name");
  response.status = 403;
  return response;
}

http::Response too_many(std::chrono::seconds retry_after) {
  auto response = problem(too_many_requests);
  response.header("Retry-After", std::to_string(retry_after.count()));
  return response;
}

http::Response unavailable(std::string_view description) {
  auto response = problem(temporarily_unavailable, description);
  response.header("Retry-After", "1");
  return response;
}

}  // namespace signet::server::api

#pragma once
// What the API answers when it cannot do what was asked: a closed list, the same in docs/openapi.yaml.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/http/message.hpp"

namespace signet::server::api {

enum class Problem : std::uint8_t {
  invalid_request,
  unsupported_media_type,
  invalid_credentials,
  invalid_grant,                     // RFC 6749 section 5.2
  invalid_client,                    // RFC 6749 section 5.2
  invalid_dpop_proof,                // RFC 9449 section 5
  use_dpop_nonce,                    // RFC 9449 section 8
  invalid_token,                     // RFC 6750 section 3.1
  insufficient_scope,                // RFC 6750 section 3.1
  insufficient_user_authentication,  // RFC 9470 section 3
  unsupported_token_type,            // RFC 7009 section 2.2.1
  signup_closed,
  username_taken,
  invalid_username,
  weak_password,
  password_change_required,
  invalid_scope,  // RFC 6749 section 5.2
  too_many_api_keys,
  not_found,
  too_many_requests,
  temporarily_unavailable,
  server_error,
  // Answered by the listener (server/http), before or instead of an endpoint.
  method_not_allowed,
  request_timeout,
  payload_too_large,
  uri_too_long,
  headers_too_large,
  not_implemented,
  http_version_not_supported,
};

struct ProblemRow {
  Problem problem;
  std::string_view name;  // `error` in the answer
  int status;             // unless an endpoint says otherwise
  std::string_view description;
};

[[nodiscard]] std::span<const ProblemRow> problems() noexcept;

// The answer {error, error_description}; `description` in place of the usual one when it is not empty.
[[nodiscard]] http::Response problem(Problem problem, std::string_view description = {});

// 403: cookies came from a page of another site, or without an Origin. The guard's answer to the same.
[[nodiscard]] http::Response foreign_origin();

// 429 and 503 say when to come back (RFC 9110 section 10.2.3).
[[nodiscard]] http::Response too_many(std::chrono::seconds retry_after);
[[nodiscard]] http::Response unavailable(std::string_view description = {});

}  // namespace signet::server::api

#pragma once

#include <optional>

#include "server/api/services.hpp"

namespace signet::server::api {

enum class Delivery : std::uint8_t { body, cookies };

// Before anything changes that is to end in a signed token: the answer when none can be signed, for the key is
// elsewhere and does not answer.
[[nodiscard]] std::optional<http::Response> cannot_sign(Services& services);

// What could not be signed: 503 when the key is elsewhere and did not answer, else 500.
[[nodiscard]] http::Response unsigned_token(const http::Request& request, const Error& why, Services& services);

// 200 with an access token and the refresh token of the grant, or its opaque token alone (RFC 6749 section 5.1), in the
// body or in cookies.
[[nodiscard]] http::Response token_answer(const http::Request& request, const Granted& granted, Delivery delivery,
                                          Services& services);

// Takes both cookies back.
void clear_cookies(http::Response& response);

}  // namespace signet::server::api

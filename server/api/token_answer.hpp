#pragma once

#include "server/api/services.hpp"

namespace signet::server::api {

enum class Delivery : std::uint8_t { body, cookies };

// 200 with an access token and the refresh token of the grant, or its opaque token alone (RFC 6749 section 5.1), in the
// body or in cookies.
[[nodiscard]] http::Response token_answer(const http::Request& request, const Granted& granted, Delivery delivery,
                                          Services& services);

// Takes both cookies back.
void clear_cookies(http::Response& response);

}  // namespace signet::server::api

#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "server/deliveries/delivery.hpp"
#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/key.hpp"

namespace signet::server {

// A logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4) for one relying party: `sub`, and `sid` when one
// session has ended; without it, all that the subject has. Good for two minutes from `now`; its `jti` is the delivery's
// id, the same at every attempt. Errors: those of Signer::sign.
[[nodiscard]] std::expected<std::string, Error> issue_logout_token(std::string_view issuer, std::string_view client_id,
                                                                   const SigningKey& key, const Delivery& delivery,
                                                                   Time now);

}  // namespace signet::server

#include "server/deliveries/logout_token.hpp"

#include <chrono>

#include "signet/claims.hpp"
#include "signet/json.hpp"
#include "signet/logout_token.hpp"
#include "signet/signer.hpp"

namespace signet::server {

std::expected<std::string, Error> issue_logout_token(std::string_view issuer, std::string_view client_id,
                                                     const SigningKey& key, const Delivery& delivery, Time now) {
  constexpr auto lifetime = std::chrono::minutes{2};
  const auto issued_at = std::chrono::floor<std::chrono::seconds>(now);
  Claims claims;
  claims.issuer(issuer)
      .subject(delivery.account)
      .audience(client_id)
      .issued_at(issued_at)
      .expires_at(issued_at + lifetime)
      .id(delivery.id())
      .set("events", json::Object{}.set(backchannel_logout_event, json::Object{}));
  if (!delivery.session.empty()) claims.set("sid", delivery.session);
  return Signer{key}.type(logout_token_type).sign(claims);
}

}  // namespace signet::server

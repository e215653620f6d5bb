#pragma once
// For a service that keeps sessions of its own for users who log in elsewhere: the login server tells it, by a signed
// token that it posts, which of them have ended (OpenID Connect Back-Channel Logout 1.0).
//
//   auto logouts = signet::LogoutVerifier::with(auth.keys(), "https://auth.example", "shop");
//   auto logout = logouts->verify(form["logout_token"]);
//   if (!logout) return answer(400);
//   logout->session ? sessions.end(*logout->session) : sessions.end_all_of(*logout->subject);

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/key_set.hpp"
#include "signet/verifier.hpp"

namespace signet {

inline constexpr std::string_view logout_token_type = "logout+jwt";  // section 2.4: explicit typing
inline constexpr std::string_view backchannel_logout_event = "http://schemas.openid.net/event/backchannel-logout";

// What has ended. At least one of the two is there; without `session`, everything that the subject has.
struct LogoutToken {
  std::optional<std::string> subject;  // `sub`
  std::optional<std::string> session;  // `sid`
  // `jti`. A server that heard no answer tells it again with the same one: to log out twice does no harm, and whoever
  // wants to do it once remembers this until `expires_at`.
  std::string id;
  Time issued_at{};
  Time expires_at{};
};

class LogoutVerifier {
 public:
  // `keys` and `issuer`: the login server's; `client_id`: what it knows this service by. Errors: invalid_configuration
  // when one of them is empty.
  [[nodiscard]] static std::expected<LogoutVerifier, Error> with(
      std::shared_ptr<const KeySource> keys, std::string_view issuer, std::string_view client_id,
      std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>());

  // Section 2.6, in full: `typ` logout+jwt, the signature, iss, aud, iat, exp, jti; sub or sid, or both; `events` with
  // the member of the specification, which is an object; no nonce. Errors: as
  // Verifier::verify; claim_rejected names what is wrong, `sub or sid` when neither is there. Thread-safe.
  [[nodiscard]] std::expected<LogoutToken, Error> verify(std::string_view compact) const;

 private:
  explicit LogoutVerifier(Verifier verifier) noexcept : verifier_{std::move(verifier)} {}
  Verifier verifier_;
};

}  // namespace signet

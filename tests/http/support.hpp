#pragma once
// The tokens and the guard that the tests of the guard and of its adapters share.

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "signet/dpop.hpp"
#include "signet/http/guard.hpp"
#include "signet/signet.hpp"

namespace signet::test {

inline constexpr Time now{std::chrono::seconds{1'800'000'000}};

inline const SigningKey& key() {
  static const SigningKey key =
      SigningKey::hmac(Algorithm::HS256, Secret::from_text("a secret for tests, of more than 32 bytes")).value();
  return key;
}

inline Claims claims() {
  return Claims{}
      .issuer("https://auth.example")
      .audience("api")
      .subject("user-42")
      .expires_at(now + std::chrono::minutes{5})
      .set("scope", "read write");
}

inline std::string token(const Claims& claims, const SigningKey& key) { return Signer{key}.sign(claims).value(); }
inline std::string token(const Claims& claims) { return token(claims, key()); }
inline std::string token() { return token(claims()); }

inline http::Guard guard() {
  return http::Guard{Verifier::builder()
                         .key(key().verifying_key())
                         .issuer("https://auth.example")
                         .audience("api")
                         .clock(std::make_shared<const ManualClock>(now))
                         .build()
                         .value()};
}

// A client that has a key, a token bound to it, and a guard of the service that it knows as https://shop.example/api:
// a proxy takes that prefix away, and speaks HTTP to a port that clients never hear of.
struct BehindProxy {
  BehindProxy() {
    DpopPolicy policy;
    policy.nonce_keys = {key()};
    proofs = DpopVerifier::of(std::move(policy), std::make_shared<const ManualClock>(now)).value();
    if (!guard.dpop(*proofs, "https://shop.example/api")) throw std::logic_error{"the guard takes no proofs"};
  }
  [[nodiscard]] std::string proof(std::string_view method, std::string_view url, bool with_nonce = true) const {
    const std::string nonce = with_nonce ? proofs->nonce() : "";
    return make_dpop_proof(client, {method, url, bound}, nonce, ManualClock{now}).value();
  }

  SigningKey client = SigningKey::generate(Algorithm::ES256).value();
  std::string bound = token(claims().set("cnf", json::Object{}.set("jkt", client.thumbprint())));
  std::optional<DpopVerifier> proofs;
  http::Guard guard = test::guard();
};

// Keys that cannot be had say nothing about the token.
class AbsentKeys final : public KeySource {
 public:
  std::expected<VerifyingKey, Error> find(const KeyQuery& /*query*/) const noexcept override {
    return std::unexpected(Error{ErrorCode::keys_unavailable});
  }
};

inline http::Guard guard_without_keys() {
  return http::Guard{
      Verifier::builder().key_source(std::make_shared<AbsentKeys>()).any_issuer().any_audience().build().value()};
}

// The answers, word for word (RFC 6750 section 3).
inline constexpr std::string_view no_credentials = "Bearer";
inline constexpr std::string_view invalid_request =
    R"(Bearer error="invalid_request", error_description="The request must carry exactly one well-formed access token")";
inline constexpr std::string_view invalid_token =
    R"(Bearer error="invalid_token", error_description="The access token is invalid, expired or revoked")";
inline constexpr std::string_view invalid_token_body =
    R"({"error":"invalid_token","error_description":"The access token is invalid, expired or revoked"})";

}  // namespace signet::test

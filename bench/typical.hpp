#pragma once
// What is measured: a typical access token, and a verifier as a service would build it.

#include <chrono>
#include <string_view>

#include "signet/claims.hpp"
#include "signet/verifier.hpp"

namespace signet::bench {

inline constexpr std::string_view issuer = "https://auth.example";
inline constexpr std::string_view audience = "api";

// About 300 characters with HS256.
inline Claims typical_claims() {
  return Claims{}
      .issuer(issuer)
      .subject("01J9ZB3M6K2Q8W4T5R7Y")
      .audience(audience)
      .expires_in(std::chrono::hours{1})
      .id("Zx3kQ9pLm2Vt7Rw8Yb1NcA")
      .set("scope", "profile:read profile:write");
}

inline VerifierBuilder rules() {
  auto builder = Verifier::builder();
  builder.issuer(issuer).audience(audience);
  return builder;
}

}  // namespace signet::bench

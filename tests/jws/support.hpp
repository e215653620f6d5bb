#pragma once
// What the tests of signatures over any payload share: keys, verifiers, and outcomes as text.

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "signet/signet.hpp"
#include "tests/jose/support.hpp"

namespace signet::test {

// Made once an algorithm, since making RSA keys takes long.
inline SigningKey signing_key(Algorithm algorithm) {
  return name(algorithm).starts_with("RS") || name(algorithm).starts_with("PS")
             ? SigningKey::generate(algorithm, 2048).value()
             : SigningKey::generate(algorithm).value();
}

inline SigningKey hmac_key(std::string_view text = "a secret of at least thirty-two bytes, for HS256") {
  return SigningKey::hmac(Algorithm::HS256, Secret::from_text(text)).value();
}

inline JwsVerifierBuilder jws_builder(std::initializer_list<SigningKey> keys) {
  auto builder = JwsVerifier::builder();
  for (const SigningKey& key : keys) builder.key(key.verifying_key());
  return builder;
}

inline JwsVerifier jws_verifier(std::initializer_list<SigningKey> keys) { return jws_builder(keys).build().value(); }

// The payload, or the name of the error.
inline std::string outcome(const std::expected<VerifiedJws, Error>& result) {
  return result ? std::string{result->payload()} : std::string{to_string(result.error().code())};
}

}  // namespace signet::test

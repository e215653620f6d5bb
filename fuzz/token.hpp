#pragma once
// The key, the clock and the verifier that the token fuzzers share; the seeds in corpus/ are signed with the same key.

#include <chrono>
#include <memory>
#include <string_view>

#include "signet/signet.hpp"

namespace signet::fuzz {

inline const SigningKey& key() {
  static const SigningKey key =
      *SigningKey::hmac(Algorithm::HS256, Secret::from_text("a key for the fuzzers and for nothing else"));
  return key;
}

inline constexpr Time now{std::chrono::seconds{1'800'000'000}};

inline Verifier verifier() {
  return *Verifier::builder()
              .key(key().verifying_key())
              .issuer("https://auth.example")
              .audience("api")
              .clock(std::make_shared<const ManualClock>(now))
              .build();
}

}  // namespace signet::fuzz

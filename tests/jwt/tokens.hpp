#pragma once
// What the tests of this folder share: keys, a clock that stands still, and tokens that no signer would write.

#include <gtest/gtest.h>

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "signet/signet.hpp"
#include "src/jose/base64url.hpp"

namespace signet::test {

using namespace std::chrono_literals;

inline constexpr Time noon{std::chrono::seconds{1'800'000'000}};

inline std::shared_ptr<ManualClock> clock_at(Time now) { return std::make_shared<ManualClock>(now); }

inline SigningKey hmac_key(Algorithm algorithm = Algorithm::HS256, char fill = 'k') {
  // No bytes that could be taken for text of a key (case 2).
  return SigningKey::hmac(algorithm, Secret::from_text(std::string(56, fill) + "!#$%&()*")).value();
}

// A compact token of exactly this header and payload, signed by `key`, whatever the header says.
inline std::string compact(std::string_view header, std::string_view payload, const SigningKey& key) {
  auto token = jose::base64url_encode(header) + "." + jose::base64url_encode(payload);
  const auto signature = key.sign(token).value();
  return token + "." + jose::base64url_encode(signature);
}

inline std::string header_for(const SigningKey& key) { return json::Object{}.set("alg", name(key.algorithm())).text(); }

// With a header that fits the key.
inline std::string token_of(std::string_view payload, const SigningKey& key = hmac_key()) {
  return compact(header_for(key), payload, key);
}

inline std::string token_with_header(std::string_view header, const SigningKey& key = hmac_key()) {
  return compact(header, R"({"iss":"https://auth.example","aud":"api","exp":1800000060})", key);
}

// Decided on everything, expecting nothing: each test adds what it is about.
inline VerifierBuilder lenient(const SigningKey& key = hmac_key(), Time now = noon) {
  auto builder = Verifier::builder();
  builder.key(key.verifying_key()).any_issuer().any_audience().allow_missing_expiry().clock(clock_at(now));
  return builder;
}

// As a service would build it.
inline VerifierBuilder strict(const SigningKey& key = hmac_key(), Time now = noon) {
  auto builder = Verifier::builder();
  builder.key(key.verifying_key()).issuer("https://auth.example").audience("api").clock(clock_at(now));
  return builder;
}

// "ok", or the name of the error: reads well in a failed expectation.
template <class T>
std::string outcome(const std::expected<T, Error>& result) {
  return result ? "ok" : std::string{to_string(result.error().code())};
}

inline std::string verify(const VerifierBuilder& builder, std::string_view token) {
  const auto verifier = builder.build();
  if (!verifier) return "no verifier: " + verifier.error().detail();
  return outcome(verifier->verify(token));
}

// "token_expired exp, issuer_mismatch iss": every failure, in order.
inline std::string failures(const Error& error) {
  std::string out;
  for (const auto& failure : error.failures()) {
    if (!out.empty()) out += ", ";
    out.append(to_string(failure.code)).append(" ").append(failure.claim);
  }
  return out;
}

inline std::string failures(const VerifierBuilder& builder, std::string_view token) {
  const auto verified = builder.build().value().verify(token);
  return verified ? "ok" : failures(verified.error());
}

}  // namespace signet::test

#pragma once
// The key, the clock and the verifier that the token fuzzers share; the seeds in corpus/ are signed with the same key.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "fuzz/property.hpp"
#include "signet/signet.hpp"
#include "src/jose/base64url.hpp"

namespace signet::fuzz {

inline const SigningKey& key() {
  static const SigningKey key =
      *SigningKey::hmac(Algorithm::HS256, Secret::from_text("a key for the fuzzers and for nothing else"));
  return key;
}

// The key of a client that proves its possession: RFC 8037 appendix A.1, for the seeds name it.
inline const SigningKey& client_key() {
  static const SigningKey key = *SigningKey::from_jwk(
      Algorithm::EdDSA, Secret::from_text(R"({"kty":"OKP","crv":"Ed25519",)"
                                          R"("d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
                                          R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"));
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

inline std::string signed_text(std::string_view signing_input, const SigningKey& by = key()) {
  const auto signature = by.sign(signing_input);
  require(signature.has_value());
  return std::string{signing_input} + '.' + jose::base64url_encode(*signature);
}

// Header and claims, whatever they say, with a signature that holds: what lies behind the signature is reached too.
inline std::string sealed(std::string_view header, std::string_view claims, const SigningKey& by = key()) {
  return signed_text(jose::base64url_encode(header) + '.' + jose::base64url_encode(claims), by);
}

// The text up to the next line end, and takes both away.
inline std::string_view take_line(std::string_view& text) noexcept {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
  return line;
}

}  // namespace signet::fuzz

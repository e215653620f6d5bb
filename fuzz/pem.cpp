// A key in PEM as it stands ('T' in front), or DER that gets its armour here ('D'), so that changes reach the DER. The
// second byte names the algorithm, the third the label. DER is read as it is, too: when both are accepted, they are one
// key. No passphrase is given: its hashing would take all the time.
// What is accepted is written again, and read back as the same.

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "fuzz/property.hpp"
#include "signet/signet.hpp"
#include "src/jose/base64url.hpp"

namespace {

using namespace signet;

constexpr std::array algorithms{Algorithm::RS256, Algorithm::PS384, Algorithm::ES256, Algorithm::ES384,
                                Algorithm::ES512, Algorithm::EdDSA, Algorithm::HS256};
constexpr std::array<std::string_view, 7> labels{"PUBLIC KEY",           "RSA PUBLIC KEY",  "CERTIFICATE",
                                                 "PRIVATE KEY",          "RSA PRIVATE KEY", "EC PRIVATE KEY",
                                                 "ENCRYPTED PRIVATE KEY"};

std::string armoured(std::string_view label, std::string_view der) {
  auto body = jose::base64url_encode(der);
  std::ranges::replace(body, '-', '+');
  std::ranges::replace(body, '_', '/');
  body.append((4 - body.size() % 4) % 4, '=');
  std::string pem = "-----BEGIN " + std::string{label} + "-----\n";
  for (std::size_t i = 0; i < body.size(); i += 64) pem += body.substr(i, 64) + '\n';
  return pem + "-----END " + std::string{label} + "-----\n";
}

void try_pem(Algorithm algorithm, std::string_view pem) {
  if (const auto key = VerifyingKey::from_pem(algorithm, pem)) {
    const auto written = key->to_pem();
    fuzz::require(written.has_value());
    const auto again = VerifyingKey::from_pem(algorithm, *written);
    fuzz::require(again.has_value() && again->thumbprint() == key->thumbprint() && again->to_pem() == *written);
  }
  if (const auto key = SigningKey::from_pem(algorithm, Secret::from_text(pem))) {
    const auto written = key->to_private_pem();
    fuzz::require(written.has_value());
    const auto again = SigningKey::from_pem(algorithm, *written);
    fuzz::require(again.has_value() && again->thumbprint() == key->thumbprint());
    fuzz::require(again->to_private_pem()->reveal_text() == written->reveal_text());
    fuzz::require(!VerifyingKey::from_pem(algorithm, pem));  // one text is not both
  }
}

void try_der(Algorithm algorithm, std::string_view label, std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  const auto pem = armoured(label, text);
  if (const auto key = VerifyingKey::from_der(algorithm, bytes)) {
    const auto written = key->to_der();
    fuzz::require(written.has_value());
    const auto again = VerifyingKey::from_der(algorithm, *written);
    fuzz::require(again.has_value() && again->thumbprint() == key->thumbprint() && again->to_der() == *written);
    const auto same = VerifyingKey::from_pem(algorithm, pem);
    fuzz::require(!same || same->thumbprint() == key->thumbprint());
  }
  if (const auto key = SigningKey::from_der(algorithm, Secret::from_bytes(bytes))) {
    const auto written = key->to_private_der();
    fuzz::require(written.has_value());
    const auto again = SigningKey::from_der(algorithm, *written);
    fuzz::require(again.has_value() && again->to_private_der()->reveal_text() == written->reveal_text());
    fuzz::require(!VerifyingKey::from_der(algorithm, bytes));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  if (size < 3) return 0;
  const auto algorithm = algorithms[data[1] % algorithms.size()];
  if (text.front() == 'D') {
    const auto label = labels[data[2] % labels.size()];
    try_pem(algorithm, armoured(label, text.substr(3)));
    try_der(algorithm, label, text.substr(3));
  } else {
    try_pem(algorithm, text.substr(3));
  }
  return 0;
}

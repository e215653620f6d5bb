// A JWS in any serialization, as it stands; and three lines (protected header, unprotected header, payload), of which a
// JSON message is made that the key signs, so that what lies behind the signature is reached too.

#include "signet/jws.hpp"

#include <string>

#include "fuzz/property.hpp"
#include "fuzz/token.hpp"
#include "src/jose/base64url.hpp"

namespace {

using namespace signet;

void require_sound(const std::expected<VerifiedJws, Error>& verified) {
  if (!verified) {
    fuzz::require(verified.error().code() != ErrorCode::internal);
    return;
  }
  for (const auto& signature : verified->signatures()) {
    const auto header = signature.header(), unprotected = signature.unprotected_header();
    fuzz::require(header && header->find("alg") && header->find("alg")->string() == "HS256");  // case 5
    if (!unprotected) continue;
    for (const auto& member : unprotected->members()) fuzz::require(!header->find(member.name));  // case 19
  }
}

void try_message(std::string_view text) {
  static const JwsVerifier all = JwsVerifier::builder().key(fuzz::key().verifying_key()).build().value();
  static const JwsVerifier any =
      JwsVerifier::builder().key(fuzz::key().verifying_key()).any_signature().understands("exp").build().value();
  const auto compact = all.verify(text);
  require_sound(compact);
  if (compact) {
    const auto signing_input = text.substr(0, text.rfind('.'));
    fuzz::require(jose::base64url_encode(*fuzz::key().sign(signing_input)) == text.substr(signing_input.size() + 1));
  }
  const auto json = all.verify_json(text);
  require_sound(json);
  const auto lenient = any.verify_json(text);
  require_sound(lenient);
  // Whoever asks for more accepts no more, and both see the same payload.
  if (json) fuzz::require(lenient && lenient->payload() == json->payload());
  require_sound(all.verify_json_detached(text, "payload"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = fuzz::text_of(data, size);
  try_message(text);

  const auto first = text.find('\n');
  const auto second = first == std::string_view::npos ? first : text.find('\n', first + 1);
  if (second == std::string_view::npos) return 0;
  const auto protected_header = jose::base64url_encode(text.substr(0, first));
  const auto unprotected = text.substr(first + 1, second - first - 1);
  const auto payload = jose::base64url_encode(text.substr(second + 1));
  const auto signature = fuzz::key().sign(protected_header + '.' + payload);
  fuzz::require(signature.has_value());
  std::string message = R"({"protected":")" + protected_header + '"';
  if (!unprotected.empty()) message.append(R"(,"header":)").append(unprotected);
  message += R"(,"payload":")" + payload + R"(","signature":")" + jose::base64url_encode(*signature) + "\"}";
  try_message(message);
  return 0;
}

// A JWK as each kind of key, and as a key set. What is accepted is written again, and read back as the same.

#include "fuzz/property.hpp"
#include "signet/signet.hpp"

namespace {

using namespace signet;

template <class Key>
void require_same(const Key& key, const Key& again) {
  fuzz::require(again.algorithm() == key.algorithm() && again.key_id() == key.key_id() &&
                again.thumbprint() == key.thumbprint());
}

void verifying(std::string_view text) {
  const auto key = VerifyingKey::from_jwk(text);
  if (!key) return fuzz::require(key.error().code() != ErrorCode::internal);
  const auto jwk = key->to_jwk();
  if (!jwk) return fuzz::require(is_symmetric(key->algorithm()));
  const auto again = VerifyingKey::from_jwk(*jwk);
  fuzz::require(again.has_value());
  require_same(*key, *again);
  fuzz::require(again->to_jwk() == *jwk);
}

void signing(std::string_view text) {
  const auto key = SigningKey::from_jwk(Secret::from_text(text));
  if (!key) return fuzz::require(key.error().code() != ErrorCode::internal);
  const auto jwk = key->to_private_jwk();
  fuzz::require(jwk.has_value());
  const auto again = SigningKey::from_jwk(*jwk);
  fuzz::require(again.has_value());
  require_same(*key, *again);
  fuzz::require(again->to_private_jwk()->reveal_text() == jwk->reveal_text());
}

void encryption(std::string_view text) {
  const auto key = EncryptionKey::from_jwk(text);
  if (!key) return fuzz::require(key.error().code() != ErrorCode::internal);
  const auto jwk = key->to_jwk();
  if (!jwk) return;  // a shared secret has no public form
  const auto again = EncryptionKey::from_jwk(*jwk);
  fuzz::require(again.has_value() && again->algorithm() == key->algorithm());
  fuzz::require(again->to_jwk() == *jwk);
}

void set(std::string_view text) {
  const auto keys = KeySet::parse(text, {.rsa_algorithm = Algorithm::RS256, .limits = {}});
  if (!keys) return fuzz::require(keys.error().code() != ErrorCode::internal);
  fuzz::require(!keys->keys().empty());
  for (const auto& key : keys->keys()) {
    if (is_symmetric(key.algorithm())) return;  // a set of secrets is not published
    if (key.key_id().empty()) continue;
    const auto found = keys->find({.algorithm = name(key.algorithm()), .key_id = key.key_id()});
    fuzz::require(found.has_value() && found->thumbprint() == key.thumbprint());
  }
  const auto again = KeySet::parse(keys->to_json());
  fuzz::require(again.has_value() && again->to_json() == keys->to_json());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = signet::fuzz::text_of(data, size);
  verifying(text);
  signing(text);
  encryption(text);
  set(text);
  return 0;
}

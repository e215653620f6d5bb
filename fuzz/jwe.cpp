// A message, compact or JSON, as it stands, and with its content sealed again under the key, so that what lies behind
// the tag is reached too. An accepted message opens to what encrypting it again would give back, and was within the
// limits.

#include <string>
#include <vector>

#include "fuzz/property.hpp"
#include "signet/signet.hpp"
#include "src/crypto/content_cipher.hpp"
#include "src/jose/base64url.hpp"
#include "src/jwe/message.hpp"

namespace {

using namespace signet;

constexpr std::size_t most_inflated = 20'000;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

// The seeds in corpus/ are sealed with the same key.
const Secret& secret() {
  static const Secret secret = Secret::from_text("a key for the fuzzers, no other ");
  return secret;
}

const DecryptionKey& key() {
  static const DecryptionKey key = *DecryptionKey::direct(ContentEncryption::A256GCM, secret());
  return key;
}

const Decrypter& decrypter() {
  static const Decrypter decrypter = *Decrypter::builder()
                                          .key(key())
                                          .key(*DecryptionKey::from_secret(KeyManagement::A256KW, secret()))
                                          .key(*DecryptionKey::from_secret(KeyManagement::A256GCMKW, secret()))
                                          .key(*DecryptionKey::generate(KeyManagement::ECDH_ES, AgreementCurve::X25519))
                                          .allow_compression(most_inflated)
                                          .allow_unprotected_algorithms()
                                          .build();
  return decrypter;
}

void check(const std::expected<Decrypted, Error>& opened) {
  if (!opened) {
    fuzz::require(opened.error().code() != ErrorCode::internal);
    fuzz::require(!opened.error().detail().empty());
    return;
  }
  const auto text = opened->plaintext();
  const auto header = opened->header();
  fuzz::require(!header || !header->find("zip") || text.size() <= most_inflated);
  fuzz::require(!header || header->kind() == json::Kind::object);
  const auto again = Encrypter{key().encryption_key()}.encrypt(text);
  fuzz::require(again && (again->size() > Limits{}.token_bytes || decrypter().decrypt(*again)->plaintext() == text));
}

std::string sealed(std::string_view header, std::string_view plaintext) {
  const auto text = jose::base64url_encode(header);
  const std::vector<std::byte> iv(12);
  const auto content =
      crypto::seal(jwe::row(ContentEncryption::A256GCM), secret().reveal(), iv, bytes_of(text), bytes_of(plaintext));
  fuzz::require(content.has_value());
  return text + ".." + jose::base64url_encode(iv) + '.' + jose::base64url_encode(content->ciphertext) + '.' +
         jose::base64url_encode(content->tag);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check(decrypter().decrypt(text));
  check(decrypter().decrypt_json(text));

  // What was read is written as the same bytes.
  if (const auto message = jwe::read_compact(text, Limits{})) fuzz::require(jwe::write_compact(*message) == text);

  // Two lines: a header in JSON and a plaintext, which the key seals whatever they say.
  if (const auto line = text.find('\n'); line != std::string_view::npos) {
    check(decrypter().decrypt(sealed(text.substr(0, line), text.substr(line + 1))));
  }
  return 0;
}

#pragma once
// What the tests of encryption share: a key for every algorithm, decrypters, and outcomes as text.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "signet/signet.hpp"
#include "src/jwe/algorithms.hpp"
#include "tests/jose/support.hpp"

namespace signet::test {

inline Secret secret_of(std::size_t bytes, char fill = 'k') { return Secret::from_text(std::string(bytes, fill)); }

// A key of the algorithm. Asymmetric ones are made once, since making RSA keys takes long.
inline DecryptionKey decryption_key(KeyManagement algorithm, ContentEncryption direct = ContentEncryption::A256GCM) {
  switch (jwe::row(algorithm).mode) {
    case jwe::KeyMode::direct:
      return DecryptionKey::direct(direct, secret_of(jwe::row(direct).key_bytes)).value();
    case jwe::KeyMode::passphrase:
      return DecryptionKey::from_passphrase(algorithm, Secret::from_text("correct horse battery")).value();
    case jwe::KeyMode::rsa: {
      static const Secret pem = DecryptionKey::generate(KeyManagement::RSA_OAEP, 2048).value().to_private_pem().value();
      return DecryptionKey::from_pem(algorithm, pem).value();
    }
    default:
      return DecryptionKey::generate(algorithm).value();
  }
}

// Everything that a decrypter can be told to take.
inline DecrypterBuilder lenient(const DecryptionKey& key) {
  auto builder = Decrypter::builder();
  builder.key(key).allow_passphrases().allow_compression();
  return builder;
}

inline Decrypter decrypter(const DecryptionKey& key) { return lenient(key).build().value(); }

// The plaintext, or the name of the error.
inline std::string outcome(const std::expected<Decrypted, Error>& result) {
  return result ? std::string{result->plaintext()} : std::string{to_string(result.error().code())};
}

inline std::string decrypt(const DecrypterBuilder& builder, std::string_view compact) {
  const auto built = builder.build();
  return built ? outcome(built->decrypt(compact)) : "no decrypter: " + built.error().detail();
}

inline std::string decrypt_json(const DecrypterBuilder& builder, std::string_view json) {
  const auto built = builder.build();
  return built ? outcome(built->decrypt_json(json)) : "no decrypter: " + built.error().detail();
}

// A test's name from an algorithm's: letters, digits and underscores.
inline std::string test_name(std::string_view name) {
  std::string out{name};
  for (char& c : out) {
    if (c == '-' || c == '+') c = '_';
  }
  return out;
}

}  // namespace signet::test

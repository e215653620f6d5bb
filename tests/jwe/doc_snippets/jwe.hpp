#pragma once
// What the snippets of docs/jwe.md find in place.

#include <gtest/gtest.h>

#include <string>

#include "signet/signet.hpp"

using namespace signet;
using namespace std::chrono_literals;

class DocSnippet : public testing::Test {
 protected:
  static void deny(const Error& error) { ADD_FAILURE() << error.detail(); }

  static DecryptionKey new_key() {
    return DecryptionKey::generate(KeyManagement::ECDH_ES_A128KW, AgreementCurve::P256).value();
  }

  DecryptionKey hers = new_key(), his = new_key();
  EncryptionKey alice = hers.encryption_key(), bob = his.encryption_key();
  Encrypter encrypter{bob};
  std::expected<Decrypter, Error> decrypter = Decrypter::builder().key(his).build();

  SigningKey key = SigningKey::generate(Algorithm::ES256).value();
  Signer signer{key};
  Claims claims = Claims{}.issuer("https://auth.example").audience("api").expires_in(1h);
  Verifier verifier =
      Verifier::builder().key(key.verifying_key()).issuer("https://auth.example").audience("api").build().value();
};

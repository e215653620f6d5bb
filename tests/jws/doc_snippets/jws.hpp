#pragma once
// What the snippets of docs/jws.md find in place.

#include <gtest/gtest.h>

#include <string>

#include "signet/signet.hpp"

using namespace signet;

class DocSnippet : public testing::Test {
 protected:
  static void deny(const Error& error) { ADD_FAILURE() << error.detail(); }

  SigningKey key = SigningKey::generate(Algorithm::ES256).value();
  SigningKey alice = SigningKey::generate(Algorithm::ES256)->with_key_id("alice");
  SigningKey bob = SigningKey::generate(Algorithm::EdDSA)->with_key_id("bob");
  VerifyingKey alice_public = alice.verifying_key(), bob_public = bob.verifying_key();
  std::expected<JwsVerifier, Error> verifier = JwsVerifier::builder().key(key.verifying_key()).build();
  std::string payload = "for the two of you", file = "a file, elsewhere";
};

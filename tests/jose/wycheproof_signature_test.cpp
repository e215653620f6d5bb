// Project Wycheproof's signatures (json_web_signature_test.json), at the level of one key and one compact token.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "signet/json.hpp"
#include "signet/key.hpp"
#include "tests/jose/support.hpp"

namespace signet {
namespace {

// Whether the label is to be taken the other way round for a strict reader: quirks.json says which and why.
bool expected_valid(json::View quirks, std::int64_t id, std::string_view label) {
  if (const auto quirk = quirks.find(std::to_string(id))) {
    if (const auto strict = quirk->find("expect_strict")) return strict->string() == "valid";
  }
  return label == "valid";
}

TEST(WycheproofSignatures, verify_or_not_as_they_should) {  // cases 1, 4, 6, 7, 8, 9, 17
  SIGNET_VECTORS_OR_SKIP(text, "wycheproof/json_web_signature_test.json");
  SIGNET_VECTORS_OR_SKIP(quirks_text, "wycheproof/quirks.json");
  const auto document = json::parse(*text, test::vector_limits());
  ASSERT_TRUE(document) << document.error().detail();
  const auto all_quirks = json::parse(*quirks_text, test::vector_limits());
  ASSERT_TRUE(all_quirks) << all_quirks.error().detail();
  const auto quirks = *all_quirks->find("json_web_signature_test.json");

  int tests = 0, valid = 0, with_table = 0;
  for (const json::View group : document->find("testGroups")->elements()) {
    const auto jwk = group.find("public") ? group.find("public") : group.find("private");
    const auto key = VerifyingKey::from_jwk(jwk->text());
    const bool is_es256 = key && key->algorithm() == Algorithm::ES256;
    const auto tabled = is_es256 ? std::optional{key->with_table()} : std::nullopt;
    for (const json::View test : group.find("tests")->elements()) {
      const auto id = *test.find("tcId")->integer();
      const bool expected = expected_valid(quirks, id, *test.find("result")->string());
      EXPECT_EQ(key && test::verifies(*key, *test.find("jws")->string()), expected)
          << id << ' ' << *test.find("comment")->string() << (key ? "" : ": " + key.error().detail());
      if (tabled) {
        EXPECT_EQ(test::verifies(*tabled, *test.find("jws")->string()), expected) << id << " with a table";
        ++with_table;
      }
      ++tests;
      valid += expected;
    }
  }
  EXPECT_EQ(tests, document->find("numberOfTests")->integer());
  EXPECT_GT(valid, 30);
  EXPECT_GT(with_table, 10);
}

struct Curve {
  std::string file;
  Algorithm algorithm;
};

class WycheproofEcdsa : public testing::TestWithParam<Curve> {};

// All of Wycheproof's ECDSA signatures in the form that JWS has: SIGNET_WYCHEPROOF names a checkout's folder
// testvectors or testvectors_v1. "acceptable" are those that are not of their full length.
TEST_P(WycheproofEcdsa, verify_or_not_as_they_should) {  // cases 6, 7
  const auto text = test::vectors(GetParam().file + "_p1363_test.json", "SIGNET_WYCHEPROOF");
  if (!text) GTEST_SKIP() << "SIGNET_WYCHEPROOF is not set: it names Wycheproof's own folder of vectors";
  const auto document = json::parse(*text, test::vector_limits());
  ASSERT_TRUE(document) << document.error().detail();
  int tests = 0;
  for (const json::View group : document->find("testGroups")->elements()) {
    const auto pem = group.find("publicKeyPem") ? group.find("publicKeyPem") : group.find("keyPem");
    ASSERT_TRUE(pem);
    const auto key = VerifyingKey::from_pem(GetParam().algorithm, *pem->string());
    ASSERT_TRUE(key) << key.error().detail();
    const auto tabled = key->with_table();
    for (const json::View test : group.find("tests")->elements()) {
      const auto input = test::from_hex(*test.find("msg")->string());
      const auto signature = test::from_hex(*test.find("sig")->string());
      const auto message = std::string_view{reinterpret_cast<const char*>(input.data()), input.size()};
      const auto expected = test.find("result")->string() == "valid" ? SignatureCheck::good : SignatureCheck::bad;
      EXPECT_EQ(key->check(message, signature), expected) << *test.find("tcId")->integer();
      EXPECT_EQ(tabled.check(message, signature), expected) << *test.find("tcId")->integer() << " with a table";
      ++tests;
    }
  }
  EXPECT_EQ(tests, document->find("numberOfTests")->integer());
}

INSTANTIATE_TEST_SUITE_P(Files, WycheproofEcdsa,
                         testing::Values(Curve{"ecdsa_secp256r1_sha256", Algorithm::ES256},
                                         Curve{"ecdsa_secp384r1_sha384", Algorithm::ES384},
                                         Curve{"ecdsa_secp521r1_sha512", Algorithm::ES512},
                                         Curve{"ecdsa_secp256k1_sha256", Algorithm::ES256K}),
                         [](const auto& parameter) { return parameter.param.file; });

TEST(WycheproofSignatures, by_private_keys_are_made_again) {
  SIGNET_VECTORS_OR_SKIP(text, "wycheproof/json_web_signature_test.json");
  const auto document = json::parse(*text, test::vector_limits());
  ASSERT_TRUE(document) << document.error().detail();
  int signed_by = 0;
  for (const json::View group : document->find("testGroups")->elements()) {
    const auto key = SigningKey::from_jwk(Secret::from_text(group.find("private")->text()));
    if (!key) continue;  // not meant for signing, or under an alg that does not exist
    const auto signature = key->sign("text");
    ASSERT_TRUE(signature);
    EXPECT_TRUE(key->verifying_key().verifies("text", *signature));
    ++signed_by;
  }
  EXPECT_GE(signed_by, 12);
}

}  // namespace
}  // namespace signet

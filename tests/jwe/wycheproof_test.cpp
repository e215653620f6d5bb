// Project Wycheproof: whole messages (json_web_encryption_test.json), and AES-CBC with HMAC alone.

#include <algorithm>
#include <cctype>
#include <set>

#include "src/crypto/content_cipher.hpp"
#include "tests/jwe/support.hpp"

namespace signet {
namespace {

// quirks.json: RSA1_5 is valid only where it is offered, and here it is not.
const std::set<std::int64_t> rsa1_5{100, 101, 102, 103, 104, 105, 112, 128};

TEST(WycheproofEncryption, messages_open_or_not_as_they_should) {  // cases 4, 20, 21, 22, 23, 24
  SIGNET_VECTORS_OR_SKIP(text, "wycheproof/json_web_encryption_test.json");
  SIGNET_VECTORS_OR_SKIP(quirks_text, "wycheproof/quirks.json");
  const auto document = json::parse(*text, test::vector_limits()).value();
  const auto quirks = json::parse(*quirks_text, test::vector_limits()).value();
  ASSERT_TRUE(quirks.find("json_web_encryption_test.json")->find("100-105,112,128"));
  int tests = 0, valid = 0;
  for (const json::View group : document.find("testGroups")->elements()) {
    const auto key = DecryptionKey::from_jwk(Secret::from_text(group.find("private")->text()));
    for (const json::View test : group.find("tests")->elements()) {
      const auto id = *test.find("tcId")->integer();
      ++tests;
      const bool expected = test.find("result")->string() == "valid" && !rsa1_5.contains(id);
      valid += expected;
      const auto comment = std::to_string(id) + ' ' + *test.find("comment")->string();
      if (!key) {
        EXPECT_FALSE(expected) << comment << ": " << key.error().detail();
        continue;
      }
      // 135 is compressed: only where that is asked for.
      const auto compact = *test.find("jwe")->string();
      const auto outcome = test::decrypter(*key).decrypt(compact);
      EXPECT_EQ(outcome.has_value(), expected) << comment << (outcome ? "" : ": " + outcome.error().detail());
      if (id == 135) {
        EXPECT_EQ(test::outcome(Decrypter::builder().key(*key).build()->decrypt(compact)), "algorithm_not_allowed");
      }
      if (!outcome) continue;
      if (const auto plaintext = test.find("pt")) {
        EXPECT_EQ(test::from_base64url(jose::base64url_encode(outcome->plaintext())),
                  test::from_hex(*plaintext->string()))
            << comment;
      }
    }
  }
  EXPECT_EQ(tests, document.find("numberOfTests")->integer());
  EXPECT_GT(valid, 50);
}

class WycheproofCbcHmac : public testing::TestWithParam<ContentEncryption> {};

TEST_P(WycheproofCbcHmac, opens_and_seals_as_it_should) {  // case 23
  const auto& algorithm = jwe::row(GetParam());
  std::string file = test::test_name(algorithm.name);
  for (char& c : file) c = static_cast<char>(std::tolower(c));
  SIGNET_VECTORS_OR_SKIP(text, "wycheproof/" + file + "_test.json");
  const auto document = json::parse(*text, test::vector_limits()).value();
  int tests = 0;
  for (const json::View group : document.find("testGroups")->elements()) {
    for (const json::View test : group.find("tests")->elements()) {
      const auto bytes = [&](std::string_view name) { return test::from_hex(*test.find(name)->string()); };
      const auto key = bytes("key"), iv = bytes("iv"), aad = bytes("aad"), message = bytes("msg"), sealed = bytes("ct"),
                 tag = bytes("tag");
      const bool expected = test.find("result")->string() == "valid";
      const auto id = *test.find("tcId")->integer();
      ++tests;
      const auto opened = crypto::open(algorithm, key, iv, aad, sealed, tag);
      EXPECT_EQ(opened.has_value(), expected) << id;
      if (!expected) continue;
      EXPECT_TRUE(opened && std::ranges::equal(*opened, message)) << id;
      const auto again = crypto::seal(algorithm, key, iv, aad, message);
      ASSERT_TRUE(again) << id;
      EXPECT_EQ(again->ciphertext, sealed) << id;
      EXPECT_EQ(again->tag, tag) << id;
    }
  }
  EXPECT_EQ(tests, document.find("numberOfTests")->integer());
}

INSTANTIATE_TEST_SUITE_P(All, WycheproofCbcHmac,
                         testing::Values(ContentEncryption::A128CBC_HS256, ContentEncryption::A192CBC_HS384,
                                         ContentEncryption::A256CBC_HS512),
                         [](const auto& one) { return test::test_name(name(one.param)); });

}  // namespace
}  // namespace signet

// Project Wycheproof's signatures (json_web_signature_test.json) as messages: every test, in the serialization it is
// in.

#include <map>

#include "tests/jws/support.hpp"

namespace signet {
namespace {

// quirks.json: tests whose label a strict reader contradicts, and why. It lists 17 too, as valid JSON under a label for
// readers of compact only; but the file's text lacks its last two brackets, and so is invalid here as well.
const std::map<std::int64_t, bool> quirks{
    {346, false}, {350, false},  // the key's alg is PS256, the token's PS384
    {347, false}, {351, false},  // the key's alg is ES521, which does not exist
    {367, true},  {370, true},   // byte for byte the valid 357
    {372, false}, {373, false},  // '?' in base64url
};

TEST(WycheproofJws, messages_verify_or_not_as_they_should) {  // cases 1, 4, 6, 7, 8, 9, 17
  SIGNET_VECTORS_OR_SKIP(text, "wycheproof/json_web_signature_test.json");
  SIGNET_VECTORS_OR_SKIP(quirks_text, "wycheproof/quirks.json");
  const auto document = json::parse(*text, test::vector_limits()).value();
  const auto all_quirks = json::parse(*quirks_text, test::vector_limits()).value();
  for (const auto& [id, valid] : quirks) {
    EXPECT_TRUE(all_quirks.find("json_web_signature_test.json")->find(std::to_string(id))) << id;
  }
  int tests = 0, valid = 0;
  for (const json::View group : document.find("testGroups")->elements()) {
    const auto jwk = group.find("public") ? group.find("public") : group.find("private");
    const auto key = VerifyingKey::from_jwk(jwk->text());
    const auto verifier = key ? JwsVerifier::builder().key(*key).build() : std::unexpected(key.error());
    for (const json::View test : group.find("tests")->elements()) {
      const auto id = *test.find("tcId")->integer();
      const auto message = *test.find("jws")->string();
      const auto quirk = quirks.find(id);
      const bool expected = quirk != quirks.end() ? quirk->second : test.find("result")->string() == "valid";
      const bool is_json = message.starts_with('{');
      const bool accepted = verifier && (is_json ? verifier->verify_json(message) : verifier->verify(message));
      EXPECT_EQ(accepted, expected) << id << ' ' << *test.find("comment")->string();
      if (is_json) {
        EXPECT_FALSE(verifier->verify(message)) << id;
        EXPECT_TRUE(verifier->verify_json(message + "]}")) << id;
      }
      ++tests;
      valid += expected;
    }
  }
  EXPECT_EQ(tests, document.find("numberOfTests")->integer());
  EXPECT_GT(valid, 30);
}

}  // namespace
}  // namespace signet

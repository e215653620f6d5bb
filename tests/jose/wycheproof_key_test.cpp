// Project Wycheproof's key sets (json_web_key_test.json): which are taken, and what they then verify.

#include <gtest/gtest.h>

#include "signet/json.hpp"
#include "signet/key_set.hpp"
#include "tests/jose/support.hpp"

namespace signet {
namespace {

// Whether the token is signed by a key of the set.
bool accepted(std::string_view jwks, std::string_view token) {
  const auto keys = KeySet::parse(jwks);
  if (!keys) return false;
  const auto parts = test::split(token);
  if (!parts) return false;
  const auto header = json::parse(parts->header);
  if (!header) return false;
  const auto alg = header->find("alg"), kid = header->find("kid");
  const std::string algorithm = alg ? alg->string().value_or("") : "";
  const std::string key_id = kid ? kid->string().value_or("") : "";
  const auto key = keys->find({algorithm, kid ? std::optional<std::string_view>{key_id} : std::nullopt});
  return key && key->verifies(parts->signing_input, parts->signature);
}

TEST(WycheproofKeySets, are_taken_or_refused_as_they_should_be) {  // cases 3, 20, 35, 43, 44
  SIGNET_VECTORS_OR_SKIP(text, "wycheproof/json_web_key_test.json");
  const auto document = json::parse(*text, test::vector_limits());
  ASSERT_TRUE(document) << document.error().detail();
  int tests = 0;
  for (const json::View group : document->find("testGroups")->elements()) {
    const auto keys = group.find("public") ? group.find("public") : group.find("private");
    for (const json::View test : group.find("tests")->elements()) {
      const bool valid = test.find("result")->string() == "valid";
      EXPECT_EQ(accepted(keys->text(), *test.find("jws")->string()), valid)
          << *test.find("tcId")->integer() << ' ' << *test.find("comment")->string();
      ++tests;
    }
  }
  EXPECT_EQ(tests, document->find("numberOfTests")->integer());
}

TEST(WycheproofKeySets, with_broken_keys_are_refused_at_import) {
  SIGNET_VECTORS_OR_SKIP(text, "wycheproof/json_web_key_test.json");
  const auto document = json::parse(*text, test::vector_limits());
  ASSERT_TRUE(document) << document.error().detail();
  const auto refusal = [&](std::int64_t id) -> std::optional<ErrorCode> {
    for (const json::View group : document->find("testGroups")->elements()) {
      for (const json::View test : group.find("tests")->elements()) {
        if (test.find("tcId")->integer() != id) continue;
        const auto keys = KeySet::parse((group.find("public") ? group.find("public") : group.find("private"))->text());
        return keys ? std::optional<ErrorCode>{} : keys.error().code();
      }
    }
    throw std::invalid_argument{"no such test"};
  };
  EXPECT_EQ(refusal(1), ErrorCode::key_set_malformed);  // secret and public keys together
  EXPECT_EQ(refusal(4), ErrorCode::key_malformed);      // a kid twice, the second time with bits left over in `k`
  EXPECT_EQ(refusal(5), std::nullopt);
  EXPECT_EQ(refusal(7), ErrorCode::key_too_weak);                                                       // ROCA
  EXPECT_EQ(refusal(8), ErrorCode::key_too_weak);                                                       // 1024 bits
  EXPECT_EQ(refusal(9), ErrorCode::key_too_weak);                                                       // e = 1
  for (const int id : {10, 11, 12, 16, 17, 18}) EXPECT_EQ(refusal(id), ErrorCode::key_too_weak) << id;  // short HMAC
  EXPECT_EQ(refusal(22), ErrorCode::key_malformed);                                                     // off the curve
  EXPECT_EQ(refusal(23), ErrorCode::key_mismatch);  // ES256 with P-384
  EXPECT_EQ(refusal(24), ErrorCode::key_mismatch);  // ES256 with RSA
}

}  // namespace
}  // namespace signet

#include "signet/verified_token.hpp"

#include <gtest/gtest.h>

#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using test::failures;

VerifiedToken verified(std::string_view claims) {
  return test::lenient().build()->verify(test::token_of(claims)).value();
}

TEST(VerifiedToken, gives_the_registered_claims) {
  const auto token =
      verified(R"({"iss":"i","sub":"s","aud":"a","jti":"j","exp":1800000060.5,"nbf":1799999999,"iat":1799999998})");
  EXPECT_EQ(token.issuer(), "i");
  EXPECT_EQ(token.subject(), "s");
  EXPECT_EQ(token.audience(), std::vector<std::string>{"a"});
  EXPECT_EQ(token.id(), "j");
  EXPECT_EQ(token.expires_at(), Time{1800000060500ms});
  EXPECT_EQ(token.not_before(), Time{1799999999s});
  EXPECT_EQ(token.issued_at(), Time{1799999998s});
}

TEST(VerifiedToken, gives_nothing_for_absent_claims) {
  const auto token = verified("{}");
  EXPECT_EQ(token.issuer(), "");
  EXPECT_EQ(token.subject(), "");
  EXPECT_TRUE(token.audience().empty());
  EXPECT_EQ(token.id(), "");
  EXPECT_FALSE(token.expires_at() || token.not_before() || token.issued_at());
  EXPECT_FALSE(token.has("sub"));
  EXPECT_FALSE(token.claim<json::View>("sub"));
}

TEST(VerifiedToken, gives_the_header) {
  const auto key = test::hmac_key().with_key_id("k1");
  const auto token =
      test::lenient(key).build()->verify(test::compact(R"({"alg":"HS256","kid":"k1","typ":"JWT","x":[1]})", "{}", key));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->algorithm(), Algorithm::HS256);
  EXPECT_EQ(token->key_id(), "k1");
  EXPECT_EQ(token->type(), "JWT");
  EXPECT_EQ(token->header().find("x")->text(), "[1]");
}

TEST(VerifiedToken, key_id_and_type_are_nullopt_when_absent) {
  const auto token = verified("{}");
  EXPECT_EQ(token.key_id(), std::nullopt);
  EXPECT_EQ(token.type(), std::nullopt);
}

TEST(VerifiedToken, gives_claims_of_every_type) {
  const auto token = verified(R"({"yes":true,"int":-7,"float":0.5,"text":"t","list":["a","b"],"object":{"x":1}})");
  EXPECT_EQ(token.claim<bool>("yes"), true);
  EXPECT_EQ(token.claim<std::int64_t>("int"), -7);
  EXPECT_EQ(token.claim<double>("int"), -7.0);
  EXPECT_EQ(token.claim<double>("float"), 0.5);
  EXPECT_EQ(token.claim<std::string_view>("text"), "t");
  EXPECT_EQ(token.claim<std::string>("text"), "t");
  EXPECT_EQ(token.claim<std::vector<std::string>>("list"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(token.claim<json::View>("object")->find("x")->integer(), 1);
}

TEST(VerifiedToken, never_takes_one_type_for_another) {
  const auto token = verified(R"({"yes":"true","int":"7","float":1.5,"text":7,"list":["a",1],"null":null})");
  EXPECT_FALSE(token.claim<bool>("yes"));
  EXPECT_FALSE(token.claim<std::int64_t>("int"));
  EXPECT_FALSE(token.claim<std::int64_t>("float"));
  EXPECT_FALSE(token.claim<std::string_view>("text"));
  EXPECT_FALSE(token.claim<std::vector<std::string>>("list"));
  EXPECT_FALSE(token.claim<std::string>("null"));
  EXPECT_TRUE(token.has("null"));
}

TEST(VerifiedToken, resolves_escapes_in_names_and_values) {
  const auto token = verified(R"({"s\u0075b":"a\u00e9\n\"\ud83d\ude00","\u0072ole":"admin","aud":["x\/y"]})");
  EXPECT_EQ(token.subject(), "aé\n\"😀");
  EXPECT_EQ(token.claim<std::string_view>("role"), "admin");
  EXPECT_EQ(token.audience(), std::vector<std::string>{"x/y"});
}

TEST(VerifiedToken, views_stay_valid_through_moves) {
  auto first = verified(R"({"sub":"s","plain":"p","escaped":"\u0065"})");
  const auto subject = first.subject();
  const auto plain = *first.claim<std::string_view>("plain");
  const auto escaped = *first.claim<std::string_view>("escaped");
  std::vector<VerifiedToken> tokens;
  tokens.push_back(std::move(first));
  for (int i = 0; i < 10; ++i) tokens.push_back(verified("{}"));
  EXPECT_EQ(subject, "s");
  EXPECT_EQ(plain, "p");
  EXPECT_EQ(escaped, "e");
  EXPECT_EQ(tokens.front().subject().data(), subject.data());
}

TEST(VerifiedToken, outlives_the_text_it_came_from) {
  auto text = test::token_of(R"({"sub":"user-42"})");
  const auto token = test::lenient().build()->verify(text).value();
  text.assign(text.size(), 'x');
  EXPECT_EQ(token.subject(), "user-42");
}

TEST(VerifiedToken, finds_claims_beyond_those_kept_in_place) {
  json::Object claims;
  for (int i = 0; i < 100; ++i) claims.set("claim" + std::to_string(i), i);
  claims.set("sub", "last");
  const auto token = verified(claims.text());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(token.claim<std::int64_t>("claim" + std::to_string(i)), i);
  EXPECT_EQ(token.subject(), "last");
  EXPECT_FALSE(token.has("claim100"));
}

TEST(VerifiedToken, finds_whole_scopes_only) {
  const auto token = verified(R"({"scope":"read write:all  admin"})");
  EXPECT_TRUE(token.has_scope("read"));
  EXPECT_TRUE(token.has_scope("write:all"));
  EXPECT_TRUE(token.has_scope("admin"));
  EXPECT_FALSE(token.has_scope("write"));
  EXPECT_FALSE(token.has_scope("rea"));
  EXPECT_FALSE(token.has_scope(""));
  EXPECT_FALSE(token.has_scope("read write:all"));
  EXPECT_FALSE(verified("{}").has_scope("read"));
}

struct Account {
  std::string role;
  std::optional<std::int64_t> level;
  std::vector<std::string> teams;
  bool active = false;
  double score = 0;
  static constexpr auto claims =
      fields(field("role", &Account::role), field("level", &Account::level), field("teams", &Account::teams),
             field("active", &Account::active), field("score", &Account::score));
};

TEST(VerifiedToken, reads_claims_into_a_described_struct) {
  const auto account = verified(R"({"role":"admin","level":3,"teams":["a"],"active":true,"score":1.5})").as<Account>();
  ASSERT_TRUE(account);
  EXPECT_EQ(account->role, "admin");
  EXPECT_EQ(account->level, 3);
  EXPECT_EQ(account->teams, std::vector<std::string>{"a"});
  EXPECT_TRUE(account->active);
  EXPECT_EQ(account->score, 1.5);
}

TEST(VerifiedToken, a_struct_reports_all_that_is_missing_or_malformed) {
  const auto account = verified(R"({"role":7,"level":null,"teams":[]})").as<Account>();
  ASSERT_FALSE(account);
  EXPECT_EQ(failures(account.error()),
            "claim_malformed role, claim_malformed level, claim_missing active, claim_missing score");
}

TEST(VerifiedToken, an_optional_field_may_be_absent) {
  const auto account = verified(R"({"role":"r","teams":[],"active":false,"score":0})").as<Account>();
  ASSERT_TRUE(account);
  EXPECT_EQ(account->level, std::nullopt);
}

TEST(VerifiedToken, gives_back_what_a_struct_put_in) {
  const auto token =
      Signer{test::hmac_key()}.sign(Claims{}.set_all(Account{"admin", 3, {"a", "b"}, true, 0.25})).value();
  const auto account = test::lenient().build()->verify(token)->as<Account>();
  ASSERT_TRUE(account);
  EXPECT_EQ(account->teams, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(account->score, 0.25);
}

}  // namespace
}  // namespace signet

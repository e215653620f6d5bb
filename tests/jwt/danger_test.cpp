#include "signet/danger.hpp"

#include <gtest/gtest.h>

#include <type_traits>

#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

using danger::read_unverified;
using test::outcome;

// A verified token cannot come out of an unverified one (case 1).
static_assert(!std::is_constructible_v<VerifiedToken, danger::UnverifiedToken>);
static_assert(!std::is_convertible_v<danger::UnverifiedToken, VerifiedToken>);
static_assert(!std::is_default_constructible_v<danger::UnverifiedToken>);
static_assert(!std::is_default_constructible_v<VerifiedToken>);

TEST(Danger, reads_an_unsecured_token) {  // RFC 7519 section 6.1
  const auto token = read_unverified(
      "eyJhbGciOiJub25lIn0"
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
      ".");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->header().text(), R"({"alg":"none"})");
  EXPECT_EQ(token->claims().find("iss")->string(), "joe");
  EXPECT_EQ(token->claims().find("exp")->integer(), 1300819380);
  EXPECT_EQ(token->claims().find("http://example.com/is_root")->boolean(), true);
  EXPECT_EQ(token->signature(), "");
}

TEST(Danger, reads_without_asking_for_a_key_or_the_time) {
  const auto token = read_unverified(test::token_of(R"({"sub":"someone","exp":1})"));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->claims().find("sub")->string(), "someone");
  EXPECT_EQ(token->signature().size(), 43U);
}

TEST(Danger, views_hold_after_a_move_when_taken_anew) {
  auto first = read_unverified(test::token_of(R"({"a":1})")).value();
  const auto second = std::move(first);
  EXPECT_EQ(second.claims().text(), R"({"a":1})");
}

TEST(Danger, is_as_strict_about_form_as_a_verifier) {
  const auto key = test::hmac_key();
  EXPECT_EQ(outcome(read_unverified("")), "token_malformed");
  EXPECT_EQ(outcome(read_unverified("a.b")), "token_malformed");
  EXPECT_EQ(outcome(read_unverified(test::token_of("{}") + "=")), "token_malformed");
  EXPECT_EQ(outcome(read_unverified(test::token_of("[]"))), "token_malformed");
  EXPECT_EQ(outcome(read_unverified(test::token_of(R"({"a":1,"a":2})"))), "token_malformed");
  EXPECT_EQ(outcome(read_unverified(test::compact("null", "{}", key))), "token_malformed");
  EXPECT_EQ(outcome(read_unverified(test::compact("{", "{}", key))), "token_malformed");
  EXPECT_EQ(outcome(read_unverified("e30.e30.A")), "token_malformed");  // no byte has one character
  EXPECT_EQ(outcome(read_unverified("e30.e31.")), "token_malformed");   // trailing bits
  EXPECT_EQ(outcome(read_unverified(std::string(20'000, 'a'))), "token_too_large");
  EXPECT_EQ(outcome(read_unverified(test::compact(R"({"a":")" + std::string(5000, 'a') + "\"}", "{}", key))),
            "token_too_large");
}

TEST(Danger, keeps_to_the_limits_it_is_given) {
  const auto deep = test::token_of(R"({"a":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]})");
  EXPECT_EQ(outcome(read_unverified(deep)), "token_malformed");
  const auto token = read_unverified(deep, {.json_depth = 32});
  ASSERT_TRUE(token);
  EXPECT_EQ(token->claims().members().begin().raw_name(), "a");
}

}  // namespace
}  // namespace signet

#include "signet/claims.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

using test::noon;
using namespace std::chrono_literals;

std::string json_of(const Claims& claims) {
  const auto json = claims.to_json(noon);
  return json ? *json : std::string{to_string(json.error().code())};
}

TEST(Claims, are_an_empty_object_at_first) { EXPECT_EQ(json_of(Claims{}), "{}"); }

TEST(Claims, are_written_in_the_order_they_were_set) {
  EXPECT_EQ(json_of(Claims{}.issuer("joe").expires_at(Time{1300819380s}).set("http://example.com/is_root", true)),
            R"({"iss":"joe","exp":1300819380,"http://example.com/is_root":true})");  // RFC 7519 section 3.1
}

TEST(Claims, write_every_registered_claim) {
  EXPECT_EQ(
      json_of(
          Claims{}.issuer("i").subject("s").audience("a").id("j").expires_at(Time{3s}).not_before(Time{1s}).issued_at(
              Time{2s})),
      R"({"iss":"i","sub":"s","aud":"a","jti":"j","exp":3,"nbf":1,"iat":2})");
}

TEST(Claims, replace_an_earlier_value_of_the_same_name) {
  EXPECT_EQ(json_of(Claims{}.set("role", "user").set("n", 1).set("role", "admin")), R"({"role":"admin","n":1})");
}

TEST(Claims, write_values_of_every_type) {
  EXPECT_EQ(json_of(Claims{}
                        .set("text", "a")
                        .set("string", std::string{"b"})
                        .set("yes", true)
                        .set("int", -7)
                        .set("big", std::numeric_limits<std::uint64_t>::max())
                        .set("fraction", 0.5)
                        .set("list", std::vector<std::string>{"x", "y"})
                        .set("none", std::vector<std::string>{})
                        .set("object", json::Object{}.set("deep", 1))
                        .set_json("raw", "[1,null]")),
            R"({"text":"a","string":"b","yes":true,"int":-7,"big":18446744073709551615,"fraction":0.5,)"
            R"("list":["x","y"],"none":[],"object":{"deep":1},"raw":[1,null]})");
}

TEST(Claims, escape_what_json_does_not_allow_in_a_string) {
  EXPECT_EQ(json_of(Claims{}.set("a\"b", "c\\d\n\x01é")), "{\"a\\\"b\":\"c\\\\d\\u000a\\u0001é\"}");
}

TEST(Claims, audience_may_be_several) {
  EXPECT_EQ(json_of(Claims{}.audience(std::vector<std::string>{"a", "b"})), R"({"aud":["a","b"]})");
}

TEST(Claims, keep_times_to_the_millisecond) {
  EXPECT_EQ(json_of(Claims{}.expires_at(Time{1500ms}).not_before(Time{1005ms})), R"({"exp":1.500,"nbf":1.005})");
}

TEST(Claims, reach_from_1970_to_the_end_of_9999) {
  EXPECT_EQ(json_of(Claims{}.not_before(Time{0s}).expires_at(Time{253402300799s})), R"({"nbf":0,"exp":253402300799})");
  for (const auto outside :
       {Time{-1ms}, Time{-500ms}, Time{-1s}, Time{253402300799s} + 1ms, Time::max(), Time::min()}) {
    EXPECT_EQ(json_of(Claims{}.expires_at(outside)), "invalid_configuration") << outside.time_since_epoch().count();
  }
}

TEST(Claims, a_lifetime_counts_from_the_signers_clock_and_adds_iat) {
  EXPECT_EQ(json_of(Claims{}.subject("s").expires_in(24h)), R"({"sub":"s","iat":1800000000,"exp":1800086400})");
}

TEST(Claims, a_lifetime_counts_in_whole_seconds) {
  EXPECT_EQ(Claims{}.expires_in(60s).to_json(noon + 999ms).value(), R"({"iat":1800000000,"exp":1800000060})");
}

TEST(Claims, a_lifetime_leaves_an_iat_of_the_caller_alone) {
  EXPECT_EQ(json_of(Claims{}.issued_at(Time{5s}).expires_in(60s)), R"({"iat":5,"exp":1800000060})");
}

TEST(Claims, the_last_word_on_expiry_counts) {
  EXPECT_EQ(json_of(Claims{}.expires_at(Time{5s}).expires_in(60s)), R"({"iat":1800000000,"exp":1800000060})");
  EXPECT_EQ(json_of(Claims{}.expires_in(60s).expires_at(Time{5s})), R"({"exp":5})");
}

TEST(Claims, a_lifetime_is_positive_and_ends_before_the_year_10000) {
  for (const auto lifetime :
       {0s, -1s, std::chrono::seconds{253402300799}, std::chrono::seconds::max(), std::chrono::seconds::min()}) {
    EXPECT_EQ(json_of(Claims{}.expires_in(lifetime)), "invalid_configuration") << lifetime.count();
  }
}

TEST(Claims, random_ids_are_128_bits_and_differ) {
  const auto one = json_of(Claims{}.random_id());
  EXPECT_EQ(one.size(), std::string_view{R"({"jti":"0123456789012345678901"})"}.size());
  EXPECT_NE(one, json_of(Claims{}.random_id()));
}

TEST(Claims, refuse_what_is_not_strict_json) {
  for (const auto* json : {"", "{", "nope", "1 2", "{\"a\":1,\"a\":2}", "\"\xff\"", "1,\"admin\":true", "\"x\"}", "01",
                           "'a'", "[1,]", "NaN"}) {
    EXPECT_EQ(json_of(Claims{}.set_json("claim", json)), "invalid_configuration") << json;
  }
}

TEST(Claims, refuse_text_that_is_not_utf8_instead_of_repairing_it) {
  EXPECT_EQ(json_of(Claims{}.set("name", "\xc3\x28")), "invalid_configuration");
  EXPECT_EQ(json_of(Claims{}.set("na\xffme", "x")), "invalid_configuration");
  EXPECT_EQ(json_of(Claims{}.set("list", std::vector<std::string>{"\xed\xa0\x80"})), "invalid_configuration");
}

TEST(Claims, refuse_numbers_that_json_has_not) {
  EXPECT_EQ(json_of(Claims{}.set("n", std::nan(""))), "invalid_configuration");
  EXPECT_EQ(json_of(Claims{}.set("n", std::numeric_limits<double>::infinity())), "invalid_configuration");
}

TEST(Claims, refuse_a_registered_claim_of_another_shape) {
  EXPECT_EQ(json_of(Claims{}.set("exp", "tomorrow")), "invalid_configuration");
  EXPECT_EQ(json_of(Claims{}.set("iss", 5)), "invalid_configuration");
  EXPECT_EQ(json_of(Claims{}.set_json("sub", "null")), "invalid_configuration");
  EXPECT_EQ(json_of(Claims{}.audience(std::vector<std::string>{})), "invalid_configuration");
  EXPECT_EQ(json_of(Claims{}.set("scope", std::vector<std::string>{"a"})), "invalid_configuration");
}

TEST(Claims, a_refusal_names_the_claim_and_not_its_value) {
  const auto json = Claims{}.set_json("session\n", "{secret").to_json(noon);
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().detail(), R"(claim "session\x0a": not strict JSON)");
}

struct Account {
  std::string role;
  std::optional<std::int64_t> level;
  std::vector<std::string> teams;
  static constexpr auto claims =
      fields(field("role", &Account::role), field("level", &Account::level), field("teams", &Account::teams));
};

TEST(Claims, take_the_fields_of_a_described_struct) {
  EXPECT_EQ(json_of(Claims{}.set_all(Account{"admin", 3, {"a"}})), R"({"role":"admin","level":3,"teams":["a"]})");
  EXPECT_EQ(json_of(Claims{}.set_all(Account{"admin", std::nullopt, {}})), R"({"role":"admin","teams":[]})");
}

}  // namespace
}  // namespace signet

// A Status List Token as it is read: the form, every claim, the bits.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "signet/status_list.hpp"
#include "src/jose/base64url.hpp"
#include "tests/jose/support.hpp"
#include "tests/status/support.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using test::list_claims;
using test::list_token;
using test::lst_of;
using test::status_list_claim;
using test::verified_list;

// "good", or the error's name and the claim.
std::string outcome(const std::expected<StatusList, Error>& list) {
  if (list) return "good";
  const auto& failures = list.error().failures();
  return std::string{to_string(list.error().code())} + (failures.empty() ? "" : " " + failures.front().claim);
}

std::string outcome_of(const json::Object& status_list) {
  return outcome(verified_list(list_token(list_claims(status_list).text())));
}

TEST(StatusList, of_every_width_says_the_status_of_every_place) {
  // The examples of the draft's sections 4.1 and 4.2, and the same bytes at the other widths.
  const std::vector<std::uint8_t> bytes{0xB9, 0xA3};
  const std::vector<std::pair<int, std::vector<int>>> expected{
      {1, {1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1}},
      {2, {1, 2, 3, 2, 3, 0, 2, 2}},
      {4, {9, 11, 3, 10}},
      {8, {0xB9, 0xA3}},
  };
  for (const auto& [bits, statuses] : expected) {
    const auto list = verified_list(list_token(list_claims(status_list_claim(bits, lst_of(bytes))).text()));
    ASSERT_TRUE(list) << list.error().detail();
    ASSERT_EQ(list->size(), statuses.size());
    for (std::size_t i = 0; i < statuses.size(); ++i) {
      EXPECT_EQ(list->status(i), TokenStatus{static_cast<std::uint8_t>(statuses[i])}) << bits << ' ' << i;
    }
    for (const auto beyond : {std::uint64_t{statuses.size()}, std::uint64_t{1} << 61, ~std::uint64_t{0}}) {
      EXPECT_EQ(list->status(beyond), std::nullopt) << bits << ' ' << beyond;
    }
  }
}

TEST(StatusList, reads_the_drafts_own_vectors) {
  SIGNET_VECTORS_OR_SKIP(text, "token-status-list/lists.json");
  const auto document = json::parse(*text).value();
  std::size_t lists = 0;
  for (const auto vector : document.find("lists")->elements()) {
    const auto claim =
        status_list_claim(static_cast<int>(*vector.find("bits")->integer()), *vector.find("lst")->string());
    const auto list = verified_list(list_token(list_claims(claim).text()));
    ASSERT_TRUE(list) << list.error().detail();
    EXPECT_EQ(list->size(), static_cast<std::uint64_t>(*vector.find("size")->integer()));
    std::uint64_t set = 0;
    for (const auto& [name, value] : vector.find("set")->members()) {
      EXPECT_EQ(list->status(std::stoull(name)), TokenStatus{static_cast<std::uint8_t>(*value.integer())}) << name;
      ++set;
    }
    for (std::uint64_t i = 0; i < list->size(); ++i) set -= list->status(i) == TokenStatus::valid ? 0 : 1;
    EXPECT_EQ(set, 0U);  // no other place
    ++lists;
  }
  EXPECT_EQ(lists, 2U);
}

TEST(StatusList, tells_its_times) {
  const auto list = test::list_of({0});
  EXPECT_EQ(list.uri(), test::list_uri);
  EXPECT_EQ(list.issued_at(), test::now);
  EXPECT_EQ(list.expires_at(), test::now + 600s);
  EXPECT_EQ(list.ttl(), 60s);
  const auto bare = json::Object{}
                        .set("sub", test::list_uri)
                        .set("iat", test::now.time_since_epoch().count() / 1000)
                        .set("status_list", status_list_claim(1, lst_of({0})));
  const auto timeless = verified_list(list_token(bare.text()));
  ASSERT_TRUE(timeless) << timeless.error().detail();
  EXPECT_FALSE(timeless->expires_at() || timeless->ttl());
}

TEST(StatusList, is_the_one_that_was_asked_for_of_now_and_signed_by_its_issuer) {
  const auto good = list_claims(status_list_claim(1, lst_of({0}))).text();
  const auto with = [&](std::string_view from, std::string_view to) {
    auto text = good;
    return list_token(text.replace(text.find(from), from.size(), to));
  };
  EXPECT_EQ(outcome(verified_list(list_token(good))), "good");
  EXPECT_EQ(outcome(verified_list(list_token(good, "application/statuslist+jwt"))), "good");
  EXPECT_EQ(outcome(verified_list(list_token(good, "JWT"))), "type_mismatch");
  EXPECT_EQ(outcome(verified_list(list_token(good, "at+jwt"))), "type_mismatch");
  EXPECT_EQ(outcome(verified_list(with("/status/1", "/status/1/"))), "subject_mismatch sub");
  EXPECT_EQ(outcome(verified_list(with("\"sub\"", "\"obj\""))), "claim_missing sub");
  EXPECT_EQ(outcome(verified_list(with("\"iat\"", "\"at\""))), "claim_missing iat");
  EXPECT_EQ(outcome(verified_list(with("\"iat\":1800000000", "\"iat\":1800000001"))), "token_issued_in_future iat");
  EXPECT_EQ(outcome(verified_list(with("\"exp\":1800000600", "\"exp\":1800000000"))), "token_expired exp");
  EXPECT_EQ(outcome(verified_list(with("\"status_list\"", "\"list\""))), "claim_missing status_list");
  for (const auto* ttl : {"0", "-1", "\"60\"", "null", "[]"}) {
    EXPECT_EQ(outcome(verified_list(with("\"ttl\":60", std::string{"\"ttl\":"} + ttl))), "claim_malformed ttl") << ttl;
  }
  EXPECT_EQ(outcome(verified_list(with("\"ttl\":60", "\"ttl\":1e300"))), "good");

  const auto other =
      SigningKey::hmac(Algorithm::HS256, Secret::from_text("another secret of more than 32 bytes......"));
  EXPECT_EQ(outcome(verified_list(list_token(good, "statuslist+jwt", *other))), "bad_signature");

  const StatusListRules rules{.issuer = "https://auth.example", .clock = {}};
  EXPECT_EQ(outcome(verified_list(list_token(good), rules)), "good");  // a list need not name its issuer
  EXPECT_EQ(outcome(verified_list(with("{", R"({"iss":"https://auth.example",)"), rules)), "good");
  EXPECT_EQ(outcome(verified_list(with("{", R"({"iss":"https://evil.example",)"), rules)), "claim_rejected iss");
  EXPECT_EQ(outcome(StatusList::verify(list_token(good), "", test::list_keys())), "invalid_configuration");
}

TEST(StatusList, not_as_the_draft_describes_it_is_refused) {
  const auto lst = lst_of({1, 2, 3});
  for (const int bits : {0, 3, 5, 16, -1}) {
    EXPECT_EQ(outcome_of(status_list_claim(bits, lst)), "claim_malformed status_list") << bits;
  }
  EXPECT_EQ(outcome_of(json::Object{}.set("lst", lst)), "claim_malformed status_list");
  EXPECT_EQ(outcome_of(json::Object{}.set("bits", 1)), "claim_malformed status_list");
  EXPECT_EQ(outcome_of(json::Object{}.set("bits", "1").set("lst", lst)), "claim_malformed status_list");
  const auto raw = jose::base64url_decode(lst).value();
  const auto encoded = [&](std::size_t from, std::size_t to) {
    return jose::base64url_encode(std::span{raw}.subspan(from, to - from));
  };
  for (const auto& broken :
       {std::string{}, std::string{"AAAA"}, std::string{"?"}, lst + "=", encoded(0, raw.size() - 1),
        encoded(2, raw.size() - 4) /* DEFLATE without zlib's format */, lst_of({})}) {
    EXPECT_EQ(outcome_of(status_list_claim(1, broken)), "claim_malformed status_list") << broken;
  }
  auto longer = raw;
  longer.push_back(std::byte{0});
  EXPECT_EQ(outcome_of(status_list_claim(1, jose::base64url_encode(longer))), "claim_malformed status_list");
}

// case 27
TEST(StatusList, that_inflates_to_more_than_the_limit_is_refused) {
  const auto token = [](std::size_t bytes) {
    return list_token(list_claims(status_list_claim(1, lst_of(std::vector<std::uint8_t>(bytes)))).text());
  };
  const StatusListRules rules{.issuer = {}, .most_bytes = 10'000, .clock = {}};
  EXPECT_EQ(outcome(verified_list(token(10'000), rules)), "good");
  EXPECT_EQ(outcome(verified_list(token(10'001), rules)), "claim_malformed status_list");
  EXPECT_EQ(outcome(verified_list(token(1'000'000), rules)), "claim_malformed status_list");
}

}  // namespace
}  // namespace signet

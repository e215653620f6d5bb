// Keys that are announced, sign, are retired and go, by a clock that the test turns.

#include "signet/key_ring.hpp"

#include <gtest/gtest.h>

#include <string>

#include "signet/json.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr Time begin{std::chrono::seconds{1'800'000'000}};

// "announced 0, signing 5": each key's generation, and since how many days.
std::string shape_of(const KeyRing& ring, Time now) {
  std::string text;
  for (const auto& entry : ring.entries()) {
    text.append(text.empty() ? "" : ", ").append(to_string(entry.generation)).append(" ");
    text.append(std::to_string((now - entry.since) / days{1}));
  }
  return text;
}

bool advance(KeyRing& ring, Time now) { return ring.advance(now).value(); }

TEST(KeyRing, begins_with_a_key_that_signs) {
  const auto ring = KeyRing::create(begin).value();
  EXPECT_EQ(shape_of(ring, begin), "signing 0");
  EXPECT_EQ(ring.signing_key().algorithm(), Algorithm::ES256);
  EXPECT_EQ(ring.signing_key().key_id(), ring.signing_key().thumbprint());
  EXPECT_TRUE(ring.public_keys().find({.algorithm = "ES256", .key_id = ring.signing_key().key_id()}));
}

TEST(KeyRing, passes_through_its_generations_at_their_times) {
  auto ring = KeyRing::create(begin).value();
  const auto first = ring.signing_key().key_id();
  EXPECT_FALSE(advance(ring, begin + days{89} - 1ms));
  EXPECT_TRUE(advance(ring, begin + days{89}));
  EXPECT_EQ(shape_of(ring, begin + days{89}), "signing 89, announced 0");
  EXPECT_EQ(ring.public_keys().keys().size(), 2U);
  EXPECT_EQ(ring.signing_key().key_id(), first);  // not before every verifier can know the next one
  const auto next = ring.entries().at(1).key_id;

  EXPECT_FALSE(advance(ring, begin + days{90} - 1ms));
  EXPECT_TRUE(advance(ring, begin + days{90}));
  EXPECT_EQ(shape_of(ring, begin + days{90}), "retired 0, signing 0");
  EXPECT_EQ(ring.signing_key().key_id(), next);
  EXPECT_TRUE(ring.public_keys().find({.algorithm = "ES256", .key_id = first}));  // what it signed is still good

  EXPECT_FALSE(advance(ring, begin + days{90} + 2h - 1ms));
  EXPECT_TRUE(advance(ring, begin + days{90} + 2h));
  EXPECT_EQ(shape_of(ring, begin + days{91}), "signing 1");
  EXPECT_FALSE(ring.public_keys().find({.algorithm = "ES256", .key_id = first}));
  EXPECT_FALSE(advance(ring, begin));  // a clock that was put back changes nothing
}

TEST(KeyRing, takes_a_key_announced_by_hand_when_it_has_been_announced_long_enough) {
  auto ring = KeyRing::create(begin).value();
  EXPECT_TRUE(ring.announce(begin + 1h).value());
  EXPECT_FALSE(ring.announce(begin + 2h).value());  // one at a time
  EXPECT_FALSE(advance(ring, begin + 25h - 1ms));
  EXPECT_TRUE(advance(ring, begin + 25h));
  EXPECT_EQ(shape_of(ring, begin + 25h), "retired 0, signing 0");
}

TEST(KeyRing, drops_a_key_in_other_hands_at_once) {
  auto ring = KeyRing::create(begin).value();
  const auto first = ring.signing_key().key_id();
  EXPECT_FALSE(ring.revoke("nobody's", begin).value());
  EXPECT_TRUE(ring.announce(begin).value());
  const auto next = ring.entries().at(1).key_id;
  EXPECT_TRUE(ring.revoke(first, begin + 1s).value());
  EXPECT_EQ(ring.signing_key().key_id(), next);
  EXPECT_FALSE(ring.public_keys().find({.algorithm = "ES256", .key_id = first}));
  EXPECT_TRUE(ring.revoke(next, begin + 2s).value());  // none is announced: a new one signs
  EXPECT_EQ(shape_of(ring, begin + 2s), "signing 0");
  EXPECT_NE(ring.signing_key().key_id(), next);
}

TEST(KeyRing, changes_to_another_algorithm_as_to_another_key) {
  auto old = KeyRing::create(begin).value();
  EXPECT_TRUE(old.announce(begin).value());
  const KeyRingRules rules{.algorithm = Algorithm::EdDSA, .sign_for = 0s};
  auto ring = KeyRing::parse(old.to_jwks().value(), rules).value();
  EXPECT_TRUE(advance(ring, begin + 1h));  // the announced one is of the old algorithm: away with it
  EXPECT_EQ(shape_of(ring, begin + 1h), "signing 0, announced 0");
  EXPECT_TRUE(advance(ring, begin + 25h));
  EXPECT_EQ(ring.signing_key().algorithm(), Algorithm::EdDSA);
  EXPECT_EQ(ring.public_keys().keys().size(), 2U);
  EXPECT_TRUE(advance(ring, begin + days{1000}));
  EXPECT_FALSE(advance(ring, begin + days{100'000}));  // signs until it is told otherwise
}

TEST(KeyRing, is_the_same_when_it_is_read_again_and_keeps_no_private_half_it_does_not_need) {
  auto ring = KeyRing::create(begin).value();
  EXPECT_TRUE(ring.announce(begin).value());
  EXPECT_TRUE(advance(ring, begin + days{1}));
  EXPECT_TRUE(ring.announce(begin + days{1}).value());
  const auto text = ring.to_jwks().value();
  const auto again = KeyRing::parse(text).value();
  EXPECT_EQ(shape_of(again, begin + days{2}), "retired 1, signing 1, announced 1");
  EXPECT_EQ(again.to_jwks()->reveal_text(), text.reveal_text());
  EXPECT_EQ(again.signing_key().key_id(), ring.signing_key().key_id());
  EXPECT_EQ(again.public_keys().to_json(), ring.public_keys().to_json());
  const auto signature = again.signing_key().sign("text").value();
  EXPECT_TRUE(ring.signing_key().verifying_key().verifies("text", signature));

  std::string private_halves;
  for (const auto jwk : json::parse(text.reveal_text())->find("keys")->elements()) {
    private_halves += jwk.find("d") ? "1" : "0";
  }
  EXPECT_EQ(private_halves, "011");
  EXPECT_EQ(ring.public_keys().to_json().find("\"d\""), std::string::npos);
}

TEST(KeyRing, of_many_retired_keys_is_read_again) {
  auto ring = KeyRing::create(
                  begin, {.algorithm = Algorithm::EdDSA, .announce_for = 1h, .sign_for = 2h, .keep_retired = days{60}})
                  .value();
  for (int i = 1; i <= 200; ++i) EXPECT_TRUE(advance(ring, begin + i * 1h)) << i;
  ASSERT_EQ(ring.entries().size(), 101U);
  const auto again = KeyRing::parse(ring.to_jwks().value());
  ASSERT_TRUE(again) << again.error().detail();
  EXPECT_EQ(again->entries().size(), 101U);
  EXPECT_EQ(again->signing_key().key_id(), ring.signing_key().key_id());
  EXPECT_TRUE(KeySet::parse(ring.public_keys().to_json()));
}

TEST(KeyRing, has_no_more_keys_than_a_verifier_reads) {
  const auto ring = KeyRing::create(begin, {.algorithm = Algorithm::EdDSA}).value();
  const auto jwks = ring.to_jwks().value();
  std::string text{jwks.reveal_text()};
  text.resize(text.size() - 2);
  const auto retired = ring.signing_key().verifying_key();
  for (int i = 0; i < 1023; ++i) {
    auto jwk = retired.with_key_id("k" + std::to_string(i)).to_jwk().value();
    jwk.pop_back();
    text += "," + jwk + R"(,"signet_generation":"retired","signet_since":0})";
  }
  auto full = KeyRing::parse(Secret::from_text(text + "]}"), {.keep_retired = days{100'000}});
  ASSERT_TRUE(full) << full.error().detail();
  const auto more = full->announce(begin);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code(), ErrorCode::invalid_configuration);
  EXPECT_EQ(full->entries().size(), 1024U);
}

TEST(KeyRing, refuses_what_is_no_ring) {
  const auto ring = KeyRing::create(begin).value();
  const auto secret = ring.to_jwks().value();
  const std::string good{secret.reveal_text()};
  const auto code = [](const std::string& text) {
    const auto parsed = KeyRing::parse(Secret::from_text(text));
    return parsed ? std::string{"good"} : std::string{to_string(parsed.error().code())};
  };
  const auto with = [&](std::string_view from, std::string_view to) {
    auto text = good;
    return code(text.replace(text.find(from), from.size(), to));
  };
  EXPECT_EQ(code(good), "good");
  for (const auto* text : {"", "{}", "[]", R"({"keys":[]})", R"({"keys":{}})", R"({"keys":[1]})"}) {
    EXPECT_EQ(code(text), "key_set_malformed") << text;
  }
  EXPECT_EQ(with("\"signing\"", "\"announced\""), "key_set_malformed");  // none signs
  EXPECT_EQ(with("\"signing\"", "\"Signing\""), "key_set_malformed");
  EXPECT_EQ(with("1800000000000", "-1"), "key_set_malformed");
  EXPECT_EQ(with("\"kid\"", "\"kit\""), "key_set_malformed");
  EXPECT_EQ(with("\"d\"", "\"e\""), "key_mismatch");  // a public half cannot sign
  const auto jwk = good.substr(9, good.size() - 11);
  auto retired = jwk;  // case 44: a kid twice
  retired.replace(retired.find("\"signing\""), 9, "\"announced\"");
  EXPECT_EQ(code(R"({"keys":[)" + retired + "," + jwk + "]}"), "key_set_malformed");
  EXPECT_EQ(code(R"({"keys":[)" + jwk + "," + jwk + "]}"), "key_set_malformed");  // two that sign
}

TEST(KeyRing, refuses_rules_that_cannot_be_kept) {
  for (const auto& rules : {KeyRingRules{.algorithm = Algorithm::HS256}, KeyRingRules{.announce_for = -1ms},
                            KeyRingRules{.sign_for = 24h}, KeyRingRules{.keep_retired = -1ms}}) {
    const auto made = KeyRing::create(begin, rules);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), ErrorCode::invalid_configuration);
  }
}

}  // namespace
}  // namespace signet

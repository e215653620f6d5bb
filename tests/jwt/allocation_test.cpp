// What a verification takes from the heap. A binary of its own, for it replaces `operator new`.

#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "signet/http/guard.hpp"
#include "tests/jwt/counting_allocator.hpp"
#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;

std::string typical_token(const SigningKey& key) {
  return Signer{key}
      .type("at+jwt")
      .sign(Claims{}
                .issuer("https://auth.example")
                .subject("01J9ZB3M6K2Q8W4T5R7Y")
                .audience("api")
                .expires_at(test::noon + 15min)
                .issued_at(test::noon)
                .id("Zx3kQ9pLm2Vt7Rw8Yb1NcA")
                .set("scope", "profile:read profile:write"))
      .value();
}

template <class Work>
std::size_t allocations_of(const Work& work) {
  const auto before = test::allocations;
  work();
  return test::allocations - before;
}

TEST(Allocation, verifying_a_typical_token_takes_the_block_of_the_one_before) {
  const auto key = test::hmac_key().with_key_id("2026-01");
  const auto token = typical_token(key);
  ASSERT_NEAR(static_cast<double>(token.size()), 300, 60);
  auto builder = Verifier::builder();
  builder.keys(KeySet::of({key.verifying_key()}).value()).issuer("https://auth.example").audience("api").type("at+jwt");
  builder.revocations(std::make_shared<Revocations>()).require("jti").clock(test::clock_at(test::noon));
  const auto verifier = builder.build().value();
  ASSERT_TRUE(verifier.verify(token));  // what is prepared once, is prepared now

  bool accepted = false;
  std::optional<VerifiedToken> first;
  EXPECT_EQ(allocations_of([&] { first = verifier.verify(token).value(); }), 0U) << "the block of the one before";
  EXPECT_EQ(allocations_of([&] { accepted = verifier.verify(token).has_value(); }), 1U) << "while the first one lives";
  EXPECT_TRUE(accepted);
  EXPECT_EQ(allocations_of([&] { accepted = verifier.verify(token).has_value(); }), 0U);
}

TEST(Allocation, a_thread_keeps_few_blocks) {
  const auto key = test::hmac_key();
  const auto token = typical_token(key);
  const auto verifier = test::strict(key).type("at+jwt").build().value();
  const auto many_at_once = [&] {
    std::array<std::optional<VerifiedToken>, 10> all;
    for (auto& one : all) one = verifier.verify(token).value();
  };
  many_at_once();
  EXPECT_EQ(allocations_of(many_at_once), 10U - 4U);
}

TEST(Allocation, a_token_of_unusual_size_takes_a_block_of_its_own) {
  const auto key = test::hmac_key();
  const auto token = Signer{key}.sign(Claims{}.set("data", std::string(2000, 'x')).expires_in(1h)).value();
  auto builder = Verifier::builder();
  const auto verifier = builder.key(key.verifying_key()).any_issuer().any_audience().build().value();
  ASSERT_TRUE(verifier.verify(token));
  EXPECT_EQ(allocations_of([&] { EXPECT_TRUE(verifier.verify(token)); }), 1U);
}

TEST(Allocation, verifying_into_a_buffer_takes_nothing) {
  const auto key = test::hmac_key().with_key_id("2026-01");
  const auto token = typical_token(key);
  const auto verifier = test::strict(key).type("at+jwt").revocations(std::make_shared<Revocations>()).build().value();
  TokenBuffer buffer;
  bool accepted = false;
  EXPECT_EQ(allocations_of([&] { accepted = verifier.verify(token, buffer).has_value(); }), 0U);
  EXPECT_TRUE(accepted);
}

TEST(Allocation, a_cache_hit_takes_nothing) {
  const auto key = test::hmac_key();
  const auto token = typical_token(key);
  const auto verifier = test::strict(key).type("at+jwt").cache(64).build().value();
  ASSERT_TRUE(verifier.verify(token));
  bool accepted = false;
  EXPECT_EQ(allocations_of([&] { accepted = verifier.verify(token).has_value(); }), 0U);
  EXPECT_TRUE(accepted);
}

TEST(Allocation, a_guard_takes_no_more_than_its_verifier) {
  const auto key = test::hmac_key();
  const auto header = "Bearer " + typical_token(key);
  const std::array<std::string_view, 1> authorization{header};
  const http::Credentials credentials{.method = "GET", .authorization = authorization, .cookie = {}, .origin = {}};
  for (const auto& [cached, blocks] : {std::pair{0U, 1U}, {64U, 0U}}) {
    auto builder = test::strict(key);
    builder.type("at+jwt");
    if (cached != 0) builder.cache(cached);
    const http::Guard guard{builder.build().value()};
    ASSERT_TRUE(guard.check(credentials));
    bool passed = false;
    EXPECT_LE(allocations_of([&] { passed = guard.check(credentials, {"profile:read"}).has_value(); }), blocks);
    EXPECT_TRUE(passed);
  }
}

TEST(Allocation, signing_takes_the_token_and_what_it_is_made_of) {
  for (const auto& key : {test::hmac_key(), SigningKey::generate(Algorithm::EdDSA).value()}) {
    const auto signer = Signer{key};
    const auto claims =
        Claims{}.issuer("https://auth.example").subject("01J9ZB3M6K2Q8W4T5R7Y").audience("api").expires_in(15min);
    ASSERT_TRUE(signer.sign(claims));
    bool signed_it = false;
    EXPECT_LE(allocations_of([&] { signed_it = signer.sign(claims).has_value(); }), 3U);
    EXPECT_TRUE(signed_it);
  }
}

TEST(Allocation, looking_at_claims_takes_nothing) {
  const auto key = test::hmac_key();
  const auto token = test::lenient(key).any_type().build()->verify(typical_token(key)).value();
  EXPECT_EQ(allocations_of([&] {
              EXPECT_TRUE(token.has_scope("profile:write"));
              EXPECT_EQ(token.claim<std::string_view>("iss"), "https://auth.example");
              EXPECT_TRUE(token.expires_at());
              EXPECT_EQ(token.subject().size(), 20U);
            }),
            0U);
}

TEST(Allocation, what_is_too_large_takes_nothing) {
  const auto verifier = test::lenient().build().value();
  const std::string huge(1'000'000, '.');
  EXPECT_EQ(allocations_of([&] { EXPECT_FALSE(verifier.verify(huge)); }), 0U);
}

// Wherever memory runs out, verify answers `internal` and leaks nothing (the address sanitizer looks).
TEST(Allocation, running_out_of_memory_is_an_error_like_others) {
  const auto key = test::hmac_key();
  const auto verifier = test::lenient(key)
                            .check("own", [](json::View claims) { return claims.find("a")->strings().has_value(); })
                            .build()
                            .value();
  const auto token =
      test::token_of(R"({"a":["some text that is longer than a string keeps in place"],"\u0062":"\u0063"})", key);
  ASSERT_TRUE(verifier.verify(token));
  bool accepted = false;
  int failures_seen = 0;
  for (std::size_t budget = 0; !accepted && budget < 100; ++budget) {
    test::allocations_left = budget;
    const auto verified = verifier.verify(token);
    test::allocations_left = ~std::size_t{0};
    accepted = verified.has_value();
    if (accepted) break;
    ++failures_seen;
    // A check of the caller's own that finds no memory is a check that said no.
    EXPECT_TRUE(verified.error().is(ErrorCode::internal) || verified.error().is(ErrorCode::claim_rejected));
  }
  EXPECT_TRUE(accepted);
  EXPECT_GT(failures_seen, 2);
}

}  // namespace
}  // namespace signet

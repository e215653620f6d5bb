// The verified-token cache, and each way in which such caches went wrong (case 40).

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;

// Keys that can be exchanged while the verifier lives.
class ChangingKeys final : public KeySource {
 public:
  explicit ChangingKeys(VerifyingKey key) : key_{std::move(key)} {}
  void set(std::optional<VerifyingKey> key) {
    const std::lock_guard lock{mutex_};
    key_ = std::move(key);
  }
  std::expected<VerifyingKey, Error> find(const KeyQuery&) const noexcept override {
    const std::lock_guard lock{mutex_};
    if (!key_) return std::unexpected(Error{ErrorCode::key_not_found});
    return *key_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<VerifyingKey> key_;
};

struct World {
  std::shared_ptr<ManualClock> clock = test::clock_at(test::noon);
  SigningKey key = test::hmac_key();
  std::shared_ptr<ChangingKeys> keys = std::make_shared<ChangingKeys>(key.verifying_key());
  std::shared_ptr<Revocations> revocations = std::make_shared<Revocations>();
  Verifier verifier = make();

  Verifier make() {
    auto builder = Verifier::builder();
    builder.key_source(keys).any_issuer().any_audience().allow_missing_expiry().clock(clock);
    return builder.revocations(revocations).cache(64).build().value();
  }
  std::string verify(std::string_view token) const { return test::outcome(verifier.verify(token)); }
  CacheFigures figures() const { return verifier.cache_figures().value(); }
};

TEST(TokenCache, finds_a_token_that_was_verified_before) {
  const World world;
  const auto token = test::token_of(R"({"sub":"ada","a\u0062c":"\u0064"})");
  EXPECT_EQ(world.verify(token), "ok");
  const auto again = world.verifier.verify(token);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->subject(), "ada");
  EXPECT_EQ(again->claim<std::string_view>("abc"), "d");
  EXPECT_EQ(world.figures().hits, 1U);
  EXPECT_EQ(world.figures().misses, 1U);
  EXPECT_EQ(world.figures().size, 1U);
}

TEST(TokenCache, is_not_there_unless_asked_for) {
  EXPECT_FALSE(test::lenient().build()->cache_figures());
  for (const std::size_t tokens : {std::size_t{0}, std::size_t{1'000'001}}) {
    EXPECT_FALSE(test::lenient().cache(tokens).build()) << tokens;
  }
}

TEST(TokenCache, compares_the_whole_token_case_40) {
  const World world;
  const auto token = test::token_of(R"({"sub":"ada","data":"0123456789"})");
  ASSERT_EQ(world.verify(token), "ok");
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto other = token;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(world.verify(other), "ok") << i;
    EXPECT_NE(world.verify(token.substr(0, i)), "ok") << i;
  }
  EXPECT_NE(world.verify(token + 'A'), "ok");
  EXPECT_NE(world.verify(""), "ok");
  // Another's claims under the signature of this one.
  const auto evil = test::token_of(R"({"sub":"eve","data":"0123456789"})");
  EXPECT_EQ(world.verify(evil.substr(0, evil.rfind('.')) + token.substr(token.rfind('.'))), "bad_signature");
  EXPECT_EQ(world.figures().hits, 0U);
}

// fast-jwt 6.3 served expired tokens that have no iat.
TEST(TokenCache, a_token_expires_in_it_with_and_without_iat_case_40) {
  for (const std::string_view claims : {R"({"exp":1800000060})", R"({"exp":1800000060,"iat":1800000000})"}) {
    const World world;
    const auto token = test::token_of(claims);
    EXPECT_EQ(world.verify(token), "ok");
    world.clock->advance(59'999ms);
    EXPECT_EQ(world.verify(token), "ok");
    world.clock->advance(1ms);
    EXPECT_EQ(world.verify(token), "token_expired");
    EXPECT_EQ(world.verify(token), "token_expired");
  }
}

TEST(TokenCache, checks_not_before_again_and_keeps_no_refusal_case_40) {
  const World world;
  const auto token = test::token_of(R"({"nbf":1800000060})");
  EXPECT_EQ(world.verify(token), "token_not_yet_valid");
  EXPECT_EQ(world.figures().size, 0U);
  world.clock->advance(60s);
  EXPECT_EQ(world.verify(token), "ok");
  world.clock->advance(-1ms);
  EXPECT_EQ(world.verify(token), "token_not_yet_valid");
}

TEST(TokenCache, a_key_that_went_takes_its_tokens_along_case_40) {
  const World world;
  const auto token = test::token_of("{}");
  EXPECT_EQ(world.verify(token), "ok");
  world.keys->set(test::hmac_key(Algorithm::HS256, 'o').verifying_key());
  EXPECT_EQ(world.verify(token), "bad_signature");
  EXPECT_EQ(world.figures().size, 0U);
  world.keys->set(std::nullopt);
  EXPECT_EQ(world.verify(token), "key_not_found");
  // The same secret, read again: verified again.
  world.keys->set(test::hmac_key().verifying_key());
  EXPECT_EQ(world.verify(token), "ok");
  EXPECT_EQ(world.figures().hits, 1U);  // found, and not taken
}

TEST(TokenCache, a_key_under_another_name_is_another_key_case_40) {
  const World world;
  const auto token = test::token_of(R"({"sub":"ada"})");
  world.keys->set(world.key.verifying_key().with_key_id("old"));
  EXPECT_EQ(world.verify(token), "ok");
  world.keys->set(world.key.verifying_key().with_key_id("new"));
  world.revocations->add(
      {.kind = RevocationKind::key, .key = "new", .cutoff = test::noon, .expires_at = test::noon + 1h});
  EXPECT_EQ(world.verify(token), "token_revoked");
}

TEST(TokenCache, a_revocation_reaches_what_is_in_it_case_40) {
  const auto token = test::token_of(R"({"jti":"one","sid":"s","sub":"ada","client_id":"c","iat":1800000000})");
  for (const auto& [kind, key] : {std::pair{RevocationKind::token, "one"},
                                  {RevocationKind::session, "s"},
                                  {RevocationKind::subject, "ada"},
                                  {RevocationKind::client, "c"},
                                  {RevocationKind::key, "k"},
                                  {RevocationKind::everyone, ""}}) {
    const World world;
    world.keys->set(world.key.verifying_key().with_key_id("k"));
    ASSERT_EQ(world.verify(token), "ok");
    world.revocations->add({.kind = kind, .key = key, .cutoff = test::noon + 1s, .expires_at = test::noon + 1h});
    EXPECT_EQ(world.verify(token), "token_revoked") << to_string(kind);
  }
}

TEST(TokenCache, asks_the_callers_own_checks_each_time_case_40) {
  bool welcome = true;
  const auto verifier = test::lenient().cache(64).check("mood", [&](json::View) { return welcome; }).build().value();
  const auto token = test::token_of("{}");
  EXPECT_EQ(test::outcome(verifier.verify(token)), "ok");
  welcome = false;
  EXPECT_EQ(test::outcome(verifier.verify(token)), "claim_rejected");
}

TEST(TokenCache, is_one_verifiers_own_case_40) {
  const auto token = test::token_of(R"({"aud":"api","iss":"i"})");
  auto rules = test::lenient();
  rules.cache(64);
  EXPECT_EQ(test::outcome(rules.build()->verify(token)), "ok");
  auto others = Verifier::builder();
  others.key(test::hmac_key().verifying_key()).any_issuer().audience("other").allow_missing_expiry().cache(64);
  EXPECT_EQ(test::verify(others, token), "audience_mismatch");
  EXPECT_EQ(rules.build()->cache_figures()->size, 0U);
}

TEST(TokenCache, holds_no_more_than_it_may) {
  const auto verifier = test::lenient().cache(64).build().value();
  std::vector<std::string> tokens;
  for (int i = 0; i < 1000; ++i) tokens.push_back(test::token_of(R"({"sub":")" + std::to_string(i) + "\"}"));
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const auto verified = verifier.verify(tokens[i]);
      ASSERT_TRUE(verified);
      EXPECT_EQ(verified->subject(), std::to_string(i));
    }
  }
  EXPECT_LE(verifier.cache_figures()->size, 64U);
  EXPECT_GT(verifier.cache_figures()->size, 32U);
  // Too long to be kept.
  const auto verified_once = verifier.cache_figures()->size;
  EXPECT_TRUE(verifier.verify(test::token_of(R"({"data":")" + std::string(5000, 'x') + "\"}")));
  EXPECT_EQ(verifier.cache_figures()->size, verified_once);
}

TEST(TokenCache, a_token_outlives_its_place_and_its_verifier) {
  std::optional<VerifiedToken> kept;
  {
    const World world;
    const auto token = test::token_of(R"({"sub":"ada"})");
    ASSERT_EQ(world.verify(token), "ok");
    kept = world.verifier.verify(token).value();
    world.revocations->add(
        {.kind = RevocationKind::everyone, .key = "", .cutoff = test::noon, .expires_at = test::noon + 1h});
  }
  EXPECT_EQ(kept->subject(), "ada");
}

TEST(TokenCache, serves_many_threads_while_its_places_change_hands) {
  const World world;
  std::vector<std::string> tokens;
  for (int i = 0; i < 100; ++i) tokens.push_back(test::token_of(R"({"sub":")" + std::to_string(i) + "\"}"));
  std::atomic<int> failed = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::size_t i = 0; i < 400; ++i) {
          const auto which = (i * 7 + static_cast<std::size_t>(thread)) % tokens.size();
          const auto verified = world.verifier.verify(tokens[which]);
          if (!verified || verified->subject() != std::to_string(which)) ++failed;
        }
      });
    }
  }
  EXPECT_EQ(failed, 0);
}

TEST(TokenBuffer, holds_one_token_at_a_time) {
  const auto verifier = test::lenient().build().value();
  TokenBuffer buffer;
  const auto first = verifier.verify(test::token_of(R"({"sub":"ada"})"), buffer);
  ASSERT_TRUE(first);
  EXPECT_EQ((*first)->subject(), "ada");
  // Escapes and many claims take memory of their own, which goes with the token.
  std::string many = R"({"sub":"gr\u0061ce")";
  for (int i = 0; i < 40; ++i) many += ",\"c" + std::to_string(i) + "\":1";
  const auto second = verifier.verify(test::token_of(many + '}'), buffer);
  ASSERT_TRUE(second);
  EXPECT_EQ((*second)->subject(), "grace");
  EXPECT_EQ((*second)->claim<std::int64_t>("c39"), 1);
  EXPECT_FALSE(verifier.verify("a.b.c", buffer));
  // Larger than the buffer.
  const auto large =
      verifier.verify(test::token_of(R"({"sub":"ada","data":")" + std::string(9000, 'x') + "\"}"), buffer);
  ASSERT_TRUE(large);
  EXPECT_EQ((*large)->subject(), "ada");
}

TEST(TokenBuffer, serves_a_verifier_with_a_cache_too) {
  const World world;
  const auto token = test::token_of(R"({"sub":"ada"})");
  TokenBuffer buffer;
  for (int i = 0; i < 3; ++i) EXPECT_EQ((*world.verifier.verify(token, buffer))->subject(), "ada");
  EXPECT_EQ(world.figures().hits, 2U);
}

}  // namespace
}  // namespace signet

// One verifier and one signer, used from many threads at once; the thread sanitizer watches.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

constexpr int threads = 4;
constexpr int rounds = 200;

void run_beside_each_other(const std::function<bool(int)>& round) {
  std::atomic<int> failed = 0;
  std::vector<std::jthread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&] {
      for (int i = 0; i < rounds; ++i) failed += round(i) ? 0 : 1;
    });
  }
  running.clear();
  EXPECT_EQ(failed, 0);
}

TEST(Threads, share_a_verifier_and_a_signer) {
  for (const auto algorithm : {Algorithm::HS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256}) {
    const auto key =
        (is_symmetric(algorithm) ? test::hmac_key() : SigningKey::generate(algorithm, 2048).value()).with_key_id("k");
    auto builder = Verifier::builder();
    builder.keys(KeySet::of({key.verifying_key()}).value()).any_issuer().any_audience();
    builder.check("sub", [](json::View claims) { return claims.find("sub").has_value(); });
    const auto verifier = builder.build().value();
    const Signer signer{key};
    run_beside_each_other([&](int i) {
      const auto subject = std::to_string(i);
      const auto token = signer.sign(Claims{}.subject(subject).expires_in(std::chrono::hours{1})).value();
      const auto verified = verifier.verify(token);
      return verified && verified->subject() == subject;
    });
  }
}

TEST(Threads, verify_while_tokens_are_taken_back) {
  const auto revocations = std::make_shared<Revocations>();
  const auto verifier = std::move(test::lenient().revocations(revocations)).build().value();
  const auto token = test::token_of(R"({"jti":"mine","iat":1799999999})");
  std::jthread revoking{[&](const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); ++i) {
      revocations->add({.kind = RevocationKind::token,
                        .key = std::to_string(i % 1000),
                        .cutoff = test::noon,
                        .expires_at = test::noon + std::chrono::hours{1}});
    }
  }};
  run_beside_each_other([&](int) { return verifier.verify(token).has_value(); });
}

TEST(Threads, hand_tokens_to_others_that_outlive_them) {
  const auto verifier = test::lenient().build().value();
  const auto text = test::token_of(R"({"jti":"mine"})");
  std::vector<VerifiedToken> kept;
  std::jthread{[&] {
    // Destroyed after everything that a verification leaves in the thread.
    static thread_local std::optional<VerifiedToken> last;
    last.emplace(verifier.verify(text).value());
    for (int i = 0; i < 10; ++i) kept.push_back(verifier.verify(text).value());
    kept.erase(kept.begin(), kept.begin() + 6);
    for (int i = 0; i < 10; ++i) kept.push_back(verifier.verify(text).value());
  }}.join();
  ASSERT_EQ(kept.size(), 14U);
  for (const auto& token : kept) EXPECT_EQ(token.id(), "mine");
  kept.clear();
  EXPECT_EQ(verifier.verify(text)->id(), "mine");
}

}  // namespace
}  // namespace signet

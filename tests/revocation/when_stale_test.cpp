// The staleness contract, as a verifier keeps it and the guard answers for it.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "signet/http/guard.hpp"
#include "signet/revocation_source.hpp"
#include "tests/http/support.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;

class TestSource final : public RevocationSource {
 public:
  [[nodiscard]] const Revocations& revocations() const noexcept override { return held; }
  [[nodiscard]] std::optional<std::chrono::milliseconds> staleness() const noexcept override { return stale_for; }

  Revocations held;
  std::optional<std::chrono::milliseconds> stale_for = 0ms;
};

VerifierBuilder strict() {
  auto builder = Verifier::builder();
  builder.key(test::key().verifying_key()).issuer("https://auth.example").audience("api");
  builder.clock(std::make_shared<const ManualClock>(test::now));
  return builder;
}

class Staleness : public testing::Test {
 protected:
  [[nodiscard]] Verifier verifier(WhenStale when_stale) const {
    return strict().revocations(source, std::move(when_stale)).build().value();
  }
  // "accepted", or the error's name.
  [[nodiscard]] static std::string outcome(const Verifier& verifier, const std::string& token = test::token()) {
    const auto verified = verifier.verify(token);
    return verified ? "accepted" : std::string{to_string(verified.error().code())};
  }
  [[nodiscard]] WhenStale ask(std::expected<bool, Error> answer) {
    return WhenStale::introspect([this, answer](std::string_view token) {
      EXPECT_EQ(token, test::token());
      ++asked;
      return answer;
    });
  }
  void revoke() { source->held.add({RevocationKind::subject, "user-42", test::now, test::now + 1h}); }

  std::shared_ptr<TestSource> source = std::make_shared<TestSource>();
  int asked = 0;
};

TEST_F(Staleness, within_its_limit_changes_nothing) {
  for (const auto& policy : {WhenStale::deny(), WhenStale::allow(), ask(false)}) {
    source->stale_for = 2000ms;
    EXPECT_EQ(outcome(verifier(policy)), "accepted");
  }
  EXPECT_EQ(asked, 0);
}

TEST_F(Staleness, past_its_limit_refuses_accepts_or_asks_as_the_policy_says) {
  source->stale_for = 2001ms;
  EXPECT_EQ(outcome(verifier(WhenStale::deny())), "revocations_stale");
  EXPECT_EQ(outcome(verifier(WhenStale::deny(2001ms))), "accepted");
  EXPECT_EQ(outcome(verifier(WhenStale::allow())), "accepted");
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(outcome(verifier(ask(true))), "accepted");
  EXPECT_EQ(outcome(verifier(ask(false))), "token_revoked");
  EXPECT_EQ(outcome(verifier(ask(std::unexpected(Error{ErrorCode::input_output})))), "revocations_stale");
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(outcome(verifier(WhenStale::introspect(
                [](std::string_view) -> std::expected<bool, Error> { throw std::runtime_error{"no"}; }))),
            "revocations_stale");
}

TEST_F(Staleness, before_the_source_was_ever_ready_nothing_is_accepted_on_trust) {
  source->stale_for.reset();
  EXPECT_EQ(outcome(verifier(WhenStale::deny())), "revocations_stale");
  EXPECT_EQ(outcome(verifier(WhenStale::allow())), "revocations_stale");
  EXPECT_EQ(outcome(verifier(ask(true))), "accepted");
}

TEST_F(Staleness, does_not_hide_what_is_known) {
  revoke();
  source->stale_for = 1h;
  for (const auto& policy : {WhenStale::deny(), WhenStale::allow(), ask(true)}) {
    EXPECT_EQ(outcome(verifier(policy)), "token_revoked");
    EXPECT_EQ(outcome(verifier(policy), test::token(test::claims().expires_at(test::now))), "token_expired");
    EXPECT_EQ(outcome(verifier(policy), test::token() + "A"), "bad_signature");
  }
  EXPECT_EQ(asked, 0);
}

TEST_F(Staleness, needs_a_source_a_limit_and_a_single_decision) {
  const auto problem = [](const VerifierBuilder& builder) {
    const auto built = builder.build();
    return built ? "none" : built.error().detail();
  };
  EXPECT_EQ(problem(std::move(strict().revocations(nullptr, WhenStale::deny()))), "the source of revocations is null");
  EXPECT_EQ(problem(std::move(strict().revocations(source, WhenStale::deny(0ms)))),
            "a maximum staleness that is not positive");
  EXPECT_EQ(problem(std::move(strict().revocations(source, WhenStale::introspect({})))),
            "an introspection without a function");
  EXPECT_EQ(problem(std::move(
                strict().revocations(source, WhenStale::deny()).revocations(std::make_shared<const Revocations>()))),
            "more than one source of revocations");
}

TEST_F(Staleness, is_not_the_tokens_fault_so_the_guard_answers_503_and_not_401) {
  source->stale_for = 3s;
  const http::Guard guard{verifier(WhenStale::deny())};
  const std::string line = "Bearer " + test::token();
  const std::string_view lines[] = {line};
  const auto who = guard.check({"GET", lines, {}, {}});
  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().status, 503);
  EXPECT_EQ(who.error().www_authenticate, "");  // another token would not help
  EXPECT_EQ(who.error().retry_after, 1s);
  EXPECT_EQ(
      who.error().body,
      R"({"error":"temporarily_unavailable","error_description":"The access token could not be checked. Try again"})");
  EXPECT_EQ(who.error().reason->code(), ErrorCode::revocations_stale);
  EXPECT_EQ(who.error().reason->detail(), "nothing heard for 3000 ms");

  revoke();
  EXPECT_EQ(guard.check({"GET", lines, {}, {}}).error().status, 401);
}

}  // namespace
}  // namespace signet

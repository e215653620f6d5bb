#include "server/sessions/access_token.hpp"

#include <gmock/gmock.h>

#include <set>

#include "signet/signer.hpp"
#include "tests/server/sessions/login.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;

class AccessTokens : public SessionTest {
 protected:
  AccessToken issued(const Session& session) {
    auto token = issue_access_token(policy, key, alice, session, clock.now());
    if (!token) throw std::runtime_error{token.error().detail()};
    return std::move(*token);
  }
  std::expected<VerifiedToken, Error> verify(const std::string& text) { return verifier.verify(text); }
  bool alive(const AccessToken& token) { return verify(token.text).has_value(); }

  AccessTokenPolicy policy{.issuer = "https://auth.example", .audience = "api"};
  SigningKey key = [] {
    auto made = *SigningKey::generate(Algorithm::ES256);
    return made.with_key_id(made.thumbprint());
  }();
  // The fixture's own, shared without owning.
  std::shared_ptr<const Revocations> enforced{std::shared_ptr<void>{}, &revocations};
  std::shared_ptr<const Clock> now{std::shared_ptr<void>{}, &clock};
  Verifier verifier =
      *access_token_verifier(policy, std::make_shared<KeySet>(*KeySet::of({key.verifying_key()})), enforced, now);
};
SIGNET_OVER_EVERY_ENGINE(AccessTokens);

// RFC 9068 section 2.
TEST_P(AccessTokens, say_what_rfc_9068_asks_for) {
  auto login = opened();
  clock.advance(1h);
  auto token = issued(login.session);
  auto verified = verify(token.text);
  ASSERT_TRUE(verified) << verified.error().detail();
  EXPECT_EQ(verified->type(), "at+jwt");
  EXPECT_EQ(verified->key_id(), key.thumbprint());
  EXPECT_EQ(verified->issuer(), "https://auth.example");
  EXPECT_EQ(verified->subject(), alice.id.text());
  EXPECT_THAT(verified->audience(), ::testing::ElementsAre("api"));
  EXPECT_EQ(verified->id(), token.id);
  EXPECT_EQ(verified->issued_at(), std::chrono::floor<std::chrono::seconds>(clock.now()));
  EXPECT_EQ(verified->expires_at(), token.expires_at);
  EXPECT_EQ(verified->claim<std::string>("client_id"), "signet");
  EXPECT_EQ(verified->claim<std::string>("sid"), login.session.id.text());
  EXPECT_EQ(verified->claim<std::string>("scope"), "profile keys");
  EXPECT_EQ(verified->claim<std::int64_t>("auth_time"),
            std::chrono::floor<std::chrono::seconds>(login.session.created_at).time_since_epoch().count());
}

TEST_P(AccessTokens, have_no_scope_claim_when_the_account_has_none) {
  alice.scope.clear();
  auto login = opened();
  auto verified = verify(issued(login.session).text);
  ASSERT_TRUE(verified);
  EXPECT_FALSE(verified->has("scope"));
}

TEST_P(AccessTokens, live_up_to_a_twentieth_less_than_the_policy_says_and_not_all_equally_long) {
  auto login = opened();
  std::set<std::chrono::seconds> lifetimes;
  std::set<std::string> ids;
  for (int i = 0; i < 300; ++i) {
    auto token = issued(login.session);
    EXPECT_GT(token.expires_in, 569s);
    EXPECT_LE(token.expires_in, 600s);
    EXPECT_EQ(token.expires_at - std::chrono::floor<std::chrono::seconds>(clock.now()), token.expires_in);
    lifetimes.insert(token.expires_in);
    ids.insert(token.id);
  }
  EXPECT_GT(lifetimes.size(), 10u);
  EXPECT_EQ(ids.size(), 300u);
}

TEST_P(AccessTokens, never_outlive_their_session) {
  auto login = opened();
  auto session = login.session;
  session.idle_expires_at = clock.now() + 90s;
  EXPECT_EQ(issued(session).expires_at, std::chrono::floor<std::chrono::seconds>(session.idle_expires_at));
  session.expires_at = clock.now() + 20s;
  EXPECT_EQ(issued(session).expires_at, std::chrono::floor<std::chrono::seconds>(session.expires_at));
}

// Case 45: each kind of token has its own policy.
TEST_P(AccessTokens, are_the_only_kind_that_their_verifier_takes) {
  auto login = opened();
  Claims claims;
  claims.issuer(policy.issuer)
      .subject("x")
      .audience("api")
      .issued_at(clock.now())
      .expires_at(clock.now() + 60s)
      .id("j");
  claims.set("client_id", "signet").set("sid", login.session.id.text());
  EXPECT_TRUE(verify(*Signer{key}.type("at+jwt").sign(claims)));
  for (auto type : {"JWT", "logout+jwt", ""}) {
    EXPECT_FALSE(verify(*Signer{key}.type(type).sign(claims))) << type;
  }
  EXPECT_FALSE(verify(login.refresh_token));
}

TEST_P(AccessTokens, die_with_their_session_and_leave_the_others_alone) {
  auto first = opened(), second = opened();
  auto token = issued(first.session), other = issued(second.session);
  ASSERT_TRUE(alive(token));
  ASSERT_TRUE(*sessions.revoke(first.session.id, alice.id, AuditKind::logout, caller));
  EXPECT_EQ(verify(token.text).error().code(), ErrorCode::token_revoked);
  EXPECT_TRUE(alive(other));
}

// `iat` counts whole seconds. Everything below happens within one of them, in both orders.
TEST_P(AccessTokens, of_the_very_second_of_a_log_out_everywhere_die_when_older_and_live_when_newer) {
  for (auto within : {0ms, 1ms, 500ms, 998ms}) {
    clock.set(std::chrono::ceil<std::chrono::seconds>(clock.now()) + 1h + within);
    auto before = opened();
    auto old = issued(before.session);
    ASSERT_TRUE(alive(old));
    ASSERT_TRUE(sessions.revoke_all(alice.id, {}, AuditKind::logout_all, caller));
    EXPECT_FALSE(alive(old)) << within.count();

    auto after = opened();
    auto young = issued(after.session);
    EXPECT_TRUE(alive(young)) << within.count();
    clock.advance(1ms);
    EXPECT_TRUE(alive(issued(refresh(after.refresh_token)->session)));
    EXPECT_FALSE(alive(old));
  }
}

// A token signed from a session that was read before the log-out, and signed after it.
TEST_P(AccessTokens, signed_a_moment_too_late_are_dead_at_birth) {
  auto login = opened();
  ASSERT_TRUE(sessions.revoke_all(alice.id, {}, AuditKind::logout_all, caller));
  clock.advance(3s);
  EXPECT_FALSE(alive(issued(login.session)));
}

TEST_P(AccessTokens, of_before_a_log_out_everywhere_die_even_without_a_session) {
  Claims claims;
  claims.issuer(policy.issuer)
      .subject(alice.id.text())
      .audience("api")
      .id("j")
      .set("client_id", "x")
      .set("sid", "none");
  claims.issued_at(std::chrono::floor<std::chrono::seconds>(clock.now())).expires_at(clock.now() + 60s);
  auto text = *Signer{key}.type("at+jwt").sign(claims);
  ASSERT_TRUE(verify(text));
  clock.advance(1s);
  ASSERT_TRUE(sessions.revoke_all(alice.id, {}, AuditKind::logout_all, caller));
  EXPECT_FALSE(verify(text));
}

TEST_P(AccessTokens, have_a_policy_whose_bounds_are_named) {
  EXPECT_TRUE(check(policy));
  auto broken = [&](auto change) {
    auto changed = policy;
    change(changed);
    return !check(changed).has_value();
  };
  EXPECT_TRUE(broken([](auto& p) { p.issuer.clear(); }));
  EXPECT_TRUE(broken([](auto& p) { p.audience.clear(); }));
  EXPECT_TRUE(broken([](auto& p) { p.client_id.clear(); }));
  EXPECT_TRUE(broken([](auto& p) { p.lifetime = 9s; }));
  EXPECT_TRUE(broken([](auto& p) { p.lifetime = 1h + 1s; }));
  EXPECT_FALSE(broken([](auto& p) { p.lifetime = 1h; }));
}

}  // namespace
}  // namespace signet::server::testing

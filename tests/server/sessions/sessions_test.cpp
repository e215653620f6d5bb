#include "server/sessions/sessions.hpp"

#include <gmock/gmock.h>

#include "tests/server/sessions/login.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SessionsTest : public SessionTest {};
SIGNET_OVER_EVERY_ENGINE(SessionsTest);

TEST_P(SessionsTest, a_login_opens_a_session_and_is_audited) {
  caller.user_agent = "Nice\r\nInjected: yes \xe2\x98\x83" + std::string(500, 'x');
  auto granted = opened("jkt");
  auto session = kept(granted.session.id);
  ASSERT_TRUE(session);
  EXPECT_TRUE(same(*session, granted.session));
  EXPECT_EQ(session->account, alice.id);
  EXPECT_EQ(session->counter, 0u);
  EXPECT_EQ(session->created_at, clock.now());
  EXPECT_EQ(session->idle_expires_at, clock.now() + std::chrono::days{14});
  EXPECT_EQ(session->expires_at, clock.now() + std::chrono::days{90});
  EXPECT_EQ(session->binding, "jkt");
  EXPECT_EQ(session->address, "192.0.2.7");
  EXPECT_EQ(session->user_agent.substr(0, 26), "Nice??Injected: yes ???xxx");
  EXPECT_EQ(session->user_agent.size(), 200u);
  EXPECT_TRUE(same(granted.account, alice));

  ASSERT_TRUE(store->read([&](Transaction& t) {
    auto events = t.audit_after(0, 10);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].kind, "login");
    EXPECT_EQ(events[0].account, alice.id.text());
    EXPECT_EQ(events[0].session, session->id.text());
    EXPECT_EQ(events[0].actor, alice.id.text());
    EXPECT_EQ(events[0].address, "192.0.2.7");
    EXPECT_EQ(events[0].request_id, "r1");
    EXPECT_EQ(events[0].at, clock.now());
  }));
}

TEST_P(SessionsTest, a_login_is_refused_when_the_account_changed_after_its_password_was_checked) {
  change_account([](Account& account) { account.password_changed_at += 1ms; });
  EXPECT_EQ(sessions.open(alice, caller).error(), SessionProblem::invalid_grant);
  change_account([&](Account& account) { account.password_changed_at = alice.password_changed_at; });
  EXPECT_TRUE(sessions.open(alice, caller));
  // A hash raised to newer parameters is the same password.
  change_account([](Account& account) { account.password_hash = "stronger"; });
  EXPECT_TRUE(sessions.open(alice, caller));
  change_account([](Account& account) { account.disabled = true; });
  EXPECT_EQ(sessions.open(alice, caller).error(), SessionProblem::invalid_grant);
  EXPECT_EQ(sessions.open(account_named("nobody"), caller).error(), SessionProblem::invalid_grant);
  EXPECT_EQ(sessions.list(alice.id)->size(), 2u);
}

TEST_P(SessionsTest, a_login_that_began_before_the_password_expired_gets_no_session) {
  change_account([](Account& account) { account.must_change_password = true; });
  EXPECT_EQ(sessions.open(alice, caller).error(), SessionProblem::invalid_grant);
  EXPECT_TRUE(sessions.list(alice.id)->empty());
}

TEST_P(SessionsTest, a_refresh_rotates_and_writes_what_the_rule_says) {
  auto login = opened();
  clock.advance(1h);
  auto next = refresh(login.refresh_token);
  ASSERT_TRUE(next);
  EXPECT_NE(next->refresh_token, login.refresh_token);
  EXPECT_EQ(next->session.counter, 1u);
  EXPECT_EQ(next->session.rotated_at, clock.now());
  EXPECT_TRUE(same(*kept(login.session.id), next->session));
  EXPECT_TRUE(same(next->account, alice));
  EXPECT_TRUE(refresh(next->refresh_token));
  EXPECT_THAT(audit_kinds(), ElementsAre("login"));
  EXPECT_THAT(logged(), IsEmpty());
}

TEST_P(SessionsTest, two_tabs_that_refresh_at_once_both_stay_signed_in) {
  auto login = opened();
  clock.advance(10min);
  auto first = refresh(login.refresh_token);
  auto after_first = kept(login.session.id);
  clock.advance(9s);
  auto second = refresh(login.refresh_token);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->refresh_token, first->refresh_token);
  EXPECT_TRUE(same(*kept(login.session.id), *after_first));  // the grace did not slide
  clock.advance(1h);
  EXPECT_TRUE(refresh(second->refresh_token));
}

TEST_P(SessionsTest, a_repeat_within_the_grace_is_told_with_what_differs_from_the_login) {
  auto login = opened();
  auto first = refresh(login.refresh_token);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->repeated);
  auto same_browser = refresh(login.refresh_token);
  ASSERT_TRUE(same_browser);
  EXPECT_TRUE(same_browser->repeated);
  caller = {.address = "203.0.113.9", .user_agent = "curl/8\n\xff", .request_id = "r2", .actor = {}};
  EXPECT_TRUE(refresh(login.refresh_token)->repeated);

  auto events = events_of("refresh_repeated");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].detail, "presented 0, current 1");
  EXPECT_EQ(events[0].address, "192.0.2.7");
  EXPECT_EQ(events[1].detail,
            "presented 0, current 1; from 203.0.113.9, the login from 192.0.2.7; by curl/8??, the login by Browser/1");
  EXPECT_EQ(events[1].session, login.session.id.text());
  EXPECT_EQ(events[1].account, alice.id.text());
  EXPECT_EQ(events[1].request_id, "r2");
  EXPECT_EQ(kept(login.session.id)->counter, 1u);
}

TEST_P(SessionsTest, a_repeat_is_told_once_for_each_rotation_and_address) {
  auto token = opened().refresh_token;
  for (std::size_t rotation = 1; rotation <= 3; ++rotation) {
    auto next = refresh(token);
    ASSERT_TRUE(next);
    for (int tab = 0; tab < 50; ++tab) EXPECT_TRUE(refresh(token));
    EXPECT_EQ(events_of("refresh_repeated").size(), rotation);
    token = next->refresh_token;
  }
}

TEST_P(SessionsTest, a_refresh_token_names_its_session_without_the_store) {
  auto login = opened();
  EXPECT_EQ(sessions.session_of(login.refresh_token), login.session.id);
  EXPECT_FALSE(sessions.session_of("sgr_nonsense"));
  EXPECT_FALSE(sessions.session_of(login.refresh_token.substr(1)));
}

TEST_P(SessionsTest, a_login_too_many_ends_the_session_that_was_used_least_recently) {
  Sessions three{*store, revocations, clock, RefreshTokenCodec{test_master()}, {}, 3};
  std::vector<Granted> logins;
  for (int i = 0; i < 3; ++i) {
    logins.push_back(*three.open(alice, caller));
    clock.advance(1min);
  }
  ASSERT_TRUE(three.refresh(logins[0].refresh_token, {}, caller));  // so the second is now the one
  clock.advance(1min);
  EXPECT_THAT(logged(), IsEmpty());

  caller.request_id = "the fourth";
  auto fourth = three.open(alice, caller);
  ASSERT_TRUE(fourth);
  EXPECT_FALSE(kept(logins[1].session.id));
  EXPECT_TRUE(enforced_on(logins[1].session.id));
  EXPECT_TRUE(kept(logins[0].session.id) && kept(logins[2].session.id) && kept(fourth->session.id));
  EXPECT_EQ(three.list(alice.id)->size(), 3u);
  ASSERT_EQ(logged().size(), 1u);
  EXPECT_EQ(logged()[0].key, logins[1].session.id.text());
  auto events = events_of("session_revoked");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].session, logins[1].session.id.text());
  EXPECT_EQ(events[0].account, alice.id.text());
  EXPECT_EQ(events[0].request_id, "the fourth");
  EXPECT_EQ(events[0].detail, "the least recently used of more than 3 sessions");
}

TEST_P(SessionsTest, expired_sessions_take_nobodys_place) {
  Sessions two{*store, revocations, clock, RefreshTokenCodec{test_master()}, {}, 2};
  auto first = two.open(alice, caller), second = two.open(alice, caller);
  clock.advance(std::chrono::days{14});
  auto third = two.open(alice, caller), fourth = two.open(alice, caller);
  EXPECT_TRUE(kept(first->session.id) && kept(second->session.id));  // the sweep's
  EXPECT_TRUE(kept(third->session.id) && kept(fourth->session.id));
  EXPECT_THAT(logged(), IsEmpty());
}

TEST_P(SessionsTest, the_sessions_of_others_take_nobodys_place) {
  auto bob = user_named("bob");
  ASSERT_TRUE(store->write([&](Transaction& t) { ASSERT_TRUE(t.insert_account(bob)); }));
  Sessions one{*store, revocations, clock, RefreshTokenCodec{test_master()}, {}, 1};
  auto bobs = one.open(bob, caller), mine = one.open(alice, caller);
  EXPECT_TRUE(kept(bobs->session.id) && kept(mine->session.id));
}

TEST_P(SessionsTest, after_the_number_was_lowered_each_login_ends_a_few_more) {
  for (int i = 0; i < 30; ++i) {
    clock.advance(1s);
    opened();
  }
  clock.advance(1s);
  Sessions five{*store, revocations, clock, RefreshTokenCodec{test_master()}, {}, 5};
  ASSERT_TRUE(five.open(alice, caller));
  EXPECT_EQ(logged().size(), 20u);
  EXPECT_EQ(five.list(alice.id)->size(), 5u);  // the most recently used
  EXPECT_EQ(five.list(alice.id)->back().created_at, clock.now());
  clock.advance(1s);
  ASSERT_TRUE(five.open(alice, caller));
  EXPECT_EQ(logged().size(), 27u);
  EXPECT_EQ(sessions.list(alice.id)->size(), 5u);
}

TEST_P(SessionsTest, a_spent_token_ends_the_session_and_its_access_tokens) {
  auto login = opened(), other = opened();
  auto next = refresh(login.refresh_token);
  ASSERT_TRUE(next);
  clock.advance(10s);
  EXPECT_FALSE(enforced_on(login.session.id));

  EXPECT_EQ(refresh(login.refresh_token).error(), SessionProblem::reuse);
  EXPECT_FALSE(kept(login.session.id));
  EXPECT_TRUE(enforced_on(login.session.id));
  EXPECT_THAT(audit_kinds(), ElementsAre("login", "login", "refresh_reuse"));
  auto rows = logged();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].kind, RevocationKind::session);
  EXPECT_EQ(rows[0].key, login.session.id.text());
  EXPECT_GE(rows[0].expires_at, clock.now() + longest_access_lifetime);

  // Dead for both, and told once.
  EXPECT_EQ(refresh(next->refresh_token).error(), SessionProblem::invalid_grant);
  EXPECT_EQ(refresh(login.refresh_token).error(), SessionProblem::invalid_grant);
  EXPECT_EQ(audit_kinds().size(), 3u);
  EXPECT_TRUE(refresh(other.refresh_token));
  EXPECT_FALSE(enforced_on(other.session.id));
}

TEST_P(SessionsTest, a_bad_mac_an_unknown_session_and_an_expired_one_change_nothing) {
  auto login = opened();
  auto before = kept(login.session.id);
  auto forged = login.refresh_token;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(refresh(forged).error(), SessionProblem::invalid_grant);
  EXPECT_EQ(refresh("").error(), SessionProblem::invalid_grant);
  EXPECT_EQ(refresh(RefreshTokenCodec{test_master()}.write({SessionId::random(), 0})).error(),
            SessionProblem::invalid_grant);
  clock.advance(std::chrono::days{14});
  EXPECT_EQ(refresh(login.refresh_token).error(), SessionProblem::invalid_grant);
  EXPECT_TRUE(same(*kept(login.session.id), *before));
  EXPECT_THAT(audit_kinds(), ElementsAre("login"));
  EXPECT_THAT(logged(), IsEmpty());
}

TEST_P(SessionsTest, garbage_never_reaches_the_store) {
  struct Untouchable final : Store {
    Stored<void> write(const std::function<void(Transaction&)>&) override { throw std::logic_error{"asked"}; }
    Stored<void> read(const std::function<void(Transaction&)>&) override { throw std::logic_error{"asked"}; }
    bool healthy() const noexcept override { return true; }
  } untouchable;
  Sessions over_it{untouchable, revocations, clock, RefreshTokenCodec{test_master()}};
  auto token = RefreshTokenCodec{Secret::from_text("another master, thirty-two bytes")}.write({SessionId::random(), 0});
  EXPECT_EQ(over_it.refresh(token, {}, caller).error(), SessionProblem::invalid_grant);
  EXPECT_FALSE(*over_it.find(token));
  EXPECT_FALSE(*over_it.revoke(token, AuditKind::logout, caller));
  EXPECT_THROW((void)over_it.refresh(RefreshTokenCodec{test_master()}.write({SessionId::random(), 0}), {}, caller),
               std::logic_error);
}

TEST_P(SessionsTest, a_session_ends_ninety_days_after_the_login_however_busy_it_was) {
  auto token = opened().refresh_token;
  for (int day = 10; day < 90; day += 10) {
    clock.advance(std::chrono::days{10});
    auto next = refresh(token);
    ASSERT_TRUE(next) << day;
    token = next->refresh_token;
  }
  clock.advance(std::chrono::days{10});
  EXPECT_EQ(refresh(token).error(), SessionProblem::invalid_grant);
}

TEST_P(SessionsTest, a_disabled_account_cannot_refresh_until_it_is_enabled) {
  auto login = opened();
  change_account([](Account& account) { account.disabled = true; });
  EXPECT_EQ(refresh(login.refresh_token).error(), SessionProblem::invalid_grant);
  EXPECT_FALSE(*sessions.find(login.refresh_token));
  EXPECT_EQ(kept(login.session.id)->counter, 0u);
  change_account([](Account& account) { account.disabled = false; });
  EXPECT_TRUE(refresh(login.refresh_token));
}

TEST_P(SessionsTest, a_bound_session_is_refreshed_only_by_its_client) {
  auto login = opened("jkt");
  EXPECT_EQ(refresh(login.refresh_token).error(), SessionProblem::invalid_grant);
  EXPECT_EQ(refresh(login.refresh_token, "other").error(), SessionProblem::invalid_grant);
  EXPECT_TRUE(refresh(login.refresh_token, "jkt"));
}

TEST_P(SessionsTest, a_bound_client_that_lost_the_answer_may_ask_again_until_the_answer_is_seen_in_use) {
  auto login = opened("jkt");
  clock.advance(1h);
  auto answer = refresh(login.refresh_token, "jkt");
  auto rotated_at = clock.now();
  clock.advance(1h);
  auto again = refresh(login.refresh_token, "jkt");
  ASSERT_TRUE(answer && again);
  EXPECT_EQ(again->refresh_token, answer->refresh_token);

  // An access token of before the rotation proves nothing.
  for (auto issued_at : {rotated_at - 1h, rotated_at - 1s}) {
    sessions.seen_in_use(login.session.id, std::chrono::floor<std::chrono::seconds>(issued_at));
    ASSERT_TRUE(sessions.write_uses());
    EXPECT_TRUE(refresh(login.refresh_token, "jkt"));
  }
  sessions.seen_in_use(login.session.id, std::chrono::floor<std::chrono::seconds>(rotated_at));
  EXPECT_FALSE(kept(login.session.id)->successor_used) << "requests that are answered from memory write nothing";
  EXPECT_EQ(refresh(login.refresh_token, "jkt").error(), SessionProblem::reuse);
}

TEST_P(SessionsTest, use_that_one_node_has_seen_the_others_know_once_it_is_written) {
  auto login = opened("jkt");
  ASSERT_TRUE(refresh(login.refresh_token, "jkt"));
  auto issued_at = clock.now();
  clock.advance(1h);
  auto elsewhere = database->open();
  Revocations enforced_there;
  Sessions there{*elsewhere, enforced_there, clock, RefreshTokenCodec{test_master()}};
  there.seen_in_use(login.session.id, issued_at);
  EXPECT_TRUE(refresh(login.refresh_token, "jkt"));
  ASSERT_TRUE(there.write_uses());
  EXPECT_TRUE(kept(login.session.id)->successor_used);
  EXPECT_EQ(refresh(login.refresh_token, "jkt").error(), SessionProblem::reuse);
}

TEST_P(SessionsTest, use_of_an_unbound_or_unknown_session_is_not_noted) {
  auto login = opened();
  ASSERT_TRUE(refresh(login.refresh_token));
  sessions.seen_in_use(login.session.id, clock.now() + 1s);
  sessions.seen_in_use(SessionId::random(), clock.now());
  ASSERT_TRUE(sessions.write_uses());
  EXPECT_FALSE(kept(login.session.id)->successor_used);
}

TEST_P(SessionsTest, a_refresh_after_the_answer_was_seen_in_use_starts_afresh) {
  auto login = opened("jkt");
  auto first = refresh(login.refresh_token, "jkt");
  sessions.seen_in_use(login.session.id, clock.now());
  ASSERT_TRUE(sessions.write_uses());
  clock.advance(1h);
  auto second = refresh(first->refresh_token, "jkt");
  ASSERT_TRUE(second);
  EXPECT_FALSE(kept(login.session.id)->successor_used);
  clock.advance(1h);
  EXPECT_TRUE(refresh(first->refresh_token, "jkt"));  // its answer was lost
}

TEST_P(SessionsTest, only_living_sessions_are_listed_oldest_first) {
  auto old = opened();
  clock.advance(std::chrono::days{10});
  auto young = opened();
  auto list = sessions.list(alice.id);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ(list->front().id, old.session.id);
  clock.advance(std::chrono::days{4});
  list = sessions.list(alice.id);
  ASSERT_EQ(list->size(), 1u);
  EXPECT_EQ(list->front().id, young.session.id);
  EXPECT_THAT(*sessions.list(AccountId::random()), IsEmpty());
}

TEST_P(SessionsTest, a_refresh_token_finds_its_session_only_while_it_is_the_current_one) {
  auto login = opened();
  ASSERT_TRUE(*sessions.find(login.refresh_token));
  EXPECT_EQ((*sessions.find(login.refresh_token))->id, login.session.id);
  auto next = refresh(login.refresh_token);
  EXPECT_FALSE(*sessions.find(login.refresh_token));
  EXPECT_TRUE(*sessions.find(next->refresh_token));
  EXPECT_TRUE(kept(login.session.id));  // looking is not presenting
  clock.advance(std::chrono::days{14});
  EXPECT_FALSE(*sessions.find(next->refresh_token));
}

TEST_P(SessionsTest, a_session_is_ended_by_its_owner_and_by_nobody_else) {
  auto mine = opened(), other = opened();
  EXPECT_FALSE(*sessions.revoke(mine.session.id, AccountId::random(), AuditKind::logout, caller));
  EXPECT_FALSE(*sessions.revoke(SessionId::random(), alice.id, AuditKind::logout, caller));
  EXPECT_TRUE(kept(mine.session.id));
  EXPECT_THAT(logged(), IsEmpty());

  caller.actor = "cli";
  EXPECT_TRUE(*sessions.revoke(mine.session.id, alice.id, AuditKind::session_revoked, caller));
  EXPECT_FALSE(kept(mine.session.id));
  EXPECT_TRUE(enforced_on(mine.session.id));
  EXPECT_FALSE(enforced_on(other.session.id));
  EXPECT_FALSE(*sessions.revoke(mine.session.id, alice.id, AuditKind::session_revoked, caller));
  EXPECT_EQ(refresh(mine.refresh_token).error(), SessionProblem::invalid_grant);
  EXPECT_EQ(logged().size(), 1u);
  ASSERT_TRUE(store->read([&](Transaction& t) {
    auto event = t.audit_after(0, 10).back();
    EXPECT_EQ(event.kind, "session_revoked");
    EXPECT_EQ(event.actor, "cli");
    EXPECT_EQ(event.account, alice.id.text());
    EXPECT_EQ(event.session, mine.session.id.text());
  }));
}

TEST_P(SessionsTest, a_session_is_ended_by_its_refresh_token_even_a_spent_one) {
  auto login = opened();
  auto next = refresh(login.refresh_token);
  EXPECT_FALSE(*sessions.revoke("sgr_nonsense", AuditKind::token_revoked, caller));
  EXPECT_TRUE(*sessions.revoke(login.refresh_token, AuditKind::token_revoked, caller));
  EXPECT_TRUE(enforced_on(login.session.id));
  EXPECT_EQ(refresh(next->refresh_token).error(), SessionProblem::invalid_grant);
  EXPECT_FALSE(*sessions.revoke(next->refresh_token, AuditKind::token_revoked, caller));
  EXPECT_THAT(audit_kinds(), ElementsAre("login", "token_revoked"));
}

TEST_P(SessionsTest, ending_the_others_keeps_this_one) {
  auto mine = opened(), second = opened(), third = opened();
  EXPECT_EQ(*sessions.revoke_all(alice.id, mine.session.id, AuditKind::logout_others, caller), 2u);
  EXPECT_TRUE(refresh(mine.refresh_token));
  EXPECT_FALSE(enforced_on(mine.session.id));
  EXPECT_TRUE(enforced_on(second.session.id));
  EXPECT_TRUE(enforced_on(third.session.id));
  for (const auto& row : logged()) EXPECT_EQ(row.kind, RevocationKind::session);
}

TEST_P(SessionsTest, ending_all_reaches_every_session_of_that_account_and_no_other_account) {
  auto bob = user_named("bob");
  ASSERT_TRUE(store->write([&](Transaction& t) { ASSERT_TRUE(t.insert_account(bob)); }));
  auto first = opened(), second = opened();
  auto bobs = sessions.open(bob, caller);
  EXPECT_EQ(*sessions.revoke_all(alice.id, {}, AuditKind::logout_all, caller), 2u);
  EXPECT_TRUE(enforced_on(first.session.id));
  EXPECT_TRUE(enforced_on(second.session.id));
  EXPECT_FALSE(enforced_on(bobs->session.id));
  EXPECT_THAT(*sessions.list(alice.id), IsEmpty());
  EXPECT_EQ(sessions.list(bob.id)->size(), 1u);
  EXPECT_EQ(audit_kinds().back(), "logout_all");
}

TEST_P(SessionsTest, ending_the_others_where_there_are_none_writes_nothing) {
  auto mine = opened();
  EXPECT_EQ(*sessions.revoke_all(alice.id, mine.session.id, AuditKind::logout_others, caller), 0u);
  EXPECT_THAT(audit_kinds(), ElementsAre("login"));
  EXPECT_THAT(logged(), IsEmpty());
}

// A store whose commits fail: what the work did is undone, and the answer says so.
TEST_P(SessionsTest, a_failed_commit_is_unavailable_and_enforces_nothing) {
  struct Failing final : Store {
    explicit Failing(Store& real) : store{real} {}
    Stored<void> write(const std::function<void(Transaction&)>& work) override {
      return store.write([&](Transaction& t) {
        work(t);
        throw StoreFailed{{StoreFailure::unavailable, "no space"}};
      });
    }
    Stored<void> read(const std::function<void(Transaction&)>&) override {
      return std::unexpected(StoreError{StoreFailure::unavailable, "no space"});
    }
    bool healthy() const noexcept override { return false; }
    Store& store;
  } failing{*store};
  auto login = opened();
  auto before = kept(login.session.id);
  Sessions over_it{failing, revocations, clock, RefreshTokenCodec{test_master()}};
  EXPECT_EQ(over_it.open(alice, caller).error(), SessionProblem::unavailable);
  EXPECT_EQ(over_it.refresh(login.refresh_token, {}, caller).error(), SessionProblem::unavailable);
  EXPECT_FALSE(over_it.revoke(login.session.id, alice.id, AuditKind::logout, caller));
  EXPECT_FALSE(over_it.revoke(login.refresh_token, AuditKind::logout, caller));
  EXPECT_FALSE(over_it.revoke_all(alice.id, {}, AuditKind::logout_all, caller));
  EXPECT_FALSE(over_it.list(alice.id));
  EXPECT_FALSE(over_it.find(login.refresh_token));
  EXPECT_TRUE(same(*kept(login.session.id), *before));
  EXPECT_EQ(revocations.size(), 0u);
  EXPECT_THAT(audit_kinds(), ElementsAre("login"));
}

}  // namespace
}  // namespace signet::server::testing

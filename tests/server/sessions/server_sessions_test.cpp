#include "server/sessions/server_sessions.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>

#include "server/accounts/accounts.hpp"
#include "tests/server/sessions/login.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr std::string_view password = "correct horse battery staple 42";

// Keeps the password as it is.
class NoHash final : public PasswordHasher {
 public:
  std::expected<std::string, Error> hash(const Secret& secret) const override {
    return std::string{secret.reveal_text()};
  }
  std::expected<bool, Error> verify(std::string_view kept, const Secret& secret) const override {
    return kept == secret.reveal_text();
  }
  void verify_nothing(const Secret&) const override {}
  bool needs_rehash(std::string_view) const override { return false; }
};

class ServerSessionsTest : public SessionTest {
 protected:
  void SetUp() override {
    alice.password_hash = password;
    SessionTest::SetUp();
  }

  Granted logged_in(std::string_view instead_of = {}) {
    auto granted = sessions.open(alice, caller, {.mode = SessionMode::server, .binding = {}, .instead_of = instead_of});
    if (!granted) throw std::runtime_error{"a login was refused"};
    return std::move(*granted);
  }
  ErrorCode why_not(std::string_view token) {
    auto found = server_sessions.find(token);
    return found ? ErrorCode{} : found.error().code();
  }
  void expect_dead(std::string_view token, std::string_view cause) {
    EXPECT_EQ(why_not(token), ErrorCode::token_revoked) << cause;
    // However long ago it was revoked, and whatever has been forgotten since.
    clock.advance(24h);
    revocations.forget_expired(clock.now());
    ASSERT_TRUE(store->write([&](Transaction& t) { (void)t.sweep(clock.now(), 1000); }));
    EXPECT_EQ(why_not(token), ErrorCode::token_revoked) << cause << ", a day later";
  }

  const RefreshPolicy policy;
  ServerSessions server_sessions{*store, revocations, clock, policy, "signet"};
  NoHash hasher;
  Accounts accounts{*store, clock, hasher, {.password = {}, .enforced = &revocations}};
};
SIGNET_OVER_EVERY_ENGINE(ServerSessionsTest);

TEST_P(ServerSessionsTest, a_login_gives_one_opaque_token_of_which_the_store_knows_the_hash) {
  const auto login = logged_in();
  EXPECT_TRUE(login.refresh_token.empty());
  EXPECT_TRUE(login.opaque_token.starts_with("sgs_"));
  EXPECT_EQ(login.opaque_token.size(), 4u + 22 + 1 + 43 + 1 + 6);
  const auto row = kept(login.session.id);
  ASSERT_TRUE(row && row->secret_sha256);
  EXPECT_TRUE(read_session_token(login.opaque_token)->is_of(*row));
  EXPECT_TRUE(row->status.empty()) << "no signed token, no place in a status list";
  EXPECT_THAT(audit_kinds(), ElementsAre("login"));

  const auto found = server_sessions.find(login.opaque_token);
  ASSERT_TRUE(found) << found.error().detail();
  EXPECT_TRUE(same(found->session, *row));
  EXPECT_TRUE(same(found->account, alice));
  EXPECT_NE(logged_in().opaque_token, login.opaque_token);
}

TEST_P(ServerSessionsTest, another_secret_another_session_and_a_session_in_token_mode_are_not_found) {
  const auto login = logged_in(), other = logged_in();
  const auto pair = opened();
  EXPECT_EQ(why_not(make_session_token(login.session.id).text), ErrorCode::token_revoked);
  EXPECT_EQ(why_not(make_session_token(SessionId::random()).text), ErrorCode::token_revoked);
  EXPECT_EQ(why_not(make_session_token(pair.session.id).text), ErrorCode::token_revoked);
  EXPECT_EQ(why_not(write_credential(session_token_prefix, pair.session.id.bytes, SecretHash{})),
            ErrorCode::token_revoked);
  for (std::string text : {std::string{}, std::string{"sgs_"}, pair.refresh_token, login.opaque_token + "0",
                           login.opaque_token.substr(0, login.opaque_token.size() - 1)}) {
    EXPECT_EQ(why_not(text), ErrorCode::token_malformed) << text;
  }
  for (const auto* granted : {&login, &other}) EXPECT_TRUE(server_sessions.find(granted->opaque_token));
}

TEST_P(ServerSessionsTest, nothing_but_a_whole_token_is_looked_up) {
  const auto token = logged_in().opaque_token;
  class NoStore final : public Store {
   public:
    Stored<void> write(const std::function<void(Transaction&)>&) override { return read({}); }
    Stored<void> read(const std::function<void(Transaction&)>&) override {
      ++asked;
      return std::unexpected(StoreError{StoreFailure::unavailable, "gone"});
    }
    bool healthy() const noexcept override { return false; }
    int asked = 0;
  } away;
  ServerSessions elsewhere{away, revocations, clock, policy, "signet"};
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_EQ(elsewhere.find(changed).error().code(), ErrorCode::token_malformed) << i;
  }
  EXPECT_EQ(away.asked, 0);
  EXPECT_EQ(elsewhere.find(token).error().code(), ErrorCode::internal);
  EXPECT_EQ(away.asked, 1);
}

TEST_P(ServerSessionsTest, use_keeps_it_alive_until_its_absolute_end) {
  const auto token = logged_in().opaque_token;
  const auto began = clock.now();
  while (clock.now() + 13 * 24h < began + policy.absolute) {
    clock.advance(13 * 24h);
    ASSERT_TRUE(server_sessions.find(token));
    ASSERT_TRUE(server_sessions.write_uses());
  }
  const auto found = server_sessions.find(token);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->session.idle_expires_at, began + policy.absolute);
  clock.advance(began + policy.absolute - clock.now());
  EXPECT_EQ(why_not(token), ErrorCode::token_expired);
}

TEST_P(ServerSessionsTest, without_use_it_ends_and_asking_too_late_is_no_use) {
  const auto token = logged_in().opaque_token;
  clock.advance(policy.idle - 1ms);
  EXPECT_TRUE(server_sessions.find(token));
  clock.advance(1ms);
  EXPECT_EQ(why_not(token), ErrorCode::token_expired) << "the use is not written yet";
  ASSERT_TRUE(server_sessions.write_uses());
  EXPECT_TRUE(server_sessions.find(token)) << "it was used before the end";
  ASSERT_TRUE(server_sessions.write_uses());
  clock.advance(policy.idle);
  EXPECT_EQ(why_not(token), ErrorCode::token_expired);
  ASSERT_TRUE(server_sessions.write_uses());
  EXPECT_EQ(why_not(token), ErrorCode::token_expired);
}

TEST_P(ServerSessionsTest, uses_are_written_together_each_minute_at_most_and_never_back_in_time) {
  std::vector<Granted> logins;
  ASSERT_TRUE(store->write([&](Transaction& t) {
    logins.clear();
    for (int i = 0; i < 1200; ++i) {  // more than go into one transaction
      Granted login{.session = session_of(alice.id), .account = alice, .refresh_token = {}};
      auto made = make_session_token(login.session.id);
      login.session.created_at = login.session.rotated_at = login.session.last_used_at = clock.now();
      login.session.idle_expires_at = clock.now() + policy.idle;
      login.session.expires_at = clock.now() + policy.absolute;
      login.session.secret_sha256 = made.secret_sha256;
      login.opaque_token = std::move(made.text);
      t.insert_session(login.session);
      logins.push_back(std::move(login));
    }
  }));
  const auto used_at = [&](const Granted& login) { return kept(login.session.id)->last_used_at; };
  const auto began = clock.now();
  clock.advance(59s);
  ASSERT_TRUE(server_sessions.find(logins[0].opaque_token));
  ASSERT_TRUE(server_sessions.write_uses());
  EXPECT_EQ(used_at(logins[0]), began) << "not worth a write yet";

  clock.advance(1s);
  for (const auto& login : logins) ASSERT_TRUE(server_sessions.find(login.opaque_token));
  EXPECT_EQ(used_at(logins[0]), began) << "a request writes nothing";
  ASSERT_TRUE(server_sessions.write_uses());
  for (const auto& login : logins) ASSERT_EQ(used_at(login), clock.now());
  EXPECT_EQ(kept(logins[7].session.id)->idle_expires_at, clock.now() + policy.idle);

  ASSERT_TRUE(store->write([&](Transaction& t) { t.note_session_use(logins[0].session.id, began, began); }));
  EXPECT_EQ(used_at(logins[0]), clock.now());
  ASSERT_TRUE(store->write([&](Transaction& t) { t.note_session_use(SessionId::random(), began, began); }));
}

TEST_P(ServerSessionsTest, another_node_knows_it_at_once_and_its_end_as_well) {
  const auto other = database->open();
  Revocations not_told;
  ServerSessions elsewhere{*other, not_told, clock, policy, "signet"};
  const auto login = logged_in();
  ASSERT_TRUE(elsewhere.find(login.opaque_token));
  ASSERT_TRUE(*sessions.revoke(login.session.id, alice.id, AuditKind::logout, caller));
  EXPECT_EQ(elsewhere.find(login.opaque_token).error().code(), ErrorCode::token_revoked);
}

TEST_P(ServerSessionsTest, every_cause_ends_it_for_good) {
  const AuditSource source{.actor = "cli", .address = {}, .request_id = {}};
  const auto log = [&](void (*row)(RevocationLog&)) {
    ASSERT_TRUE(
        write_revoking(*store, revocations, clock, [&](Transaction&, RevocationLog& written) { row(written); }));
  };
  const std::pair<const char*, std::function<void(const Granted&)>> causes[]{
      {"logout",
       [&](const Granted& g) { EXPECT_TRUE(*sessions.revoke(g.session.id, alice.id, AuditKind::logout, caller)); }},
      {"RFC 7009",
       [&](const Granted& g) { EXPECT_TRUE(*sessions.revoke(g.opaque_token, AuditKind::session_revoked, caller)); }},
      {"logout of the others",
       [&](const Granted&) {
         EXPECT_TRUE(sessions.revoke_all(alice.id, opened().session.id, AuditKind::logout_others, caller));
       }},
      {"logout of all",
       [&](const Granted&) { EXPECT_TRUE(sessions.revoke_all(alice.id, {}, AuditKind::logout_all, caller)); }},
      {"another login in its place", [&](const Granted& g) { (void)logged_in(g.opaque_token); }},
      {"a password changed elsewhere",
       [&](const Granted&) {
         const auto here = opened().session.id;
         EXPECT_TRUE(accounts.change_password(alice.id, here, password, "a brand new pass phrase 5", source));
         EXPECT_TRUE(accounts.set_password(alice.id, password, false, source));
         alice = *accounts.find(alice.id);
       }},
      {"a password that has to be changed",
       [&](const Granted&) {
         EXPECT_TRUE(accounts.expire_password(alice.id, true, source));
         EXPECT_TRUE(accounts.expire_password(alice.id, false, source));
       }},
      {"everyone", [&](const Granted&) { log([](RevocationLog& row) { row.everyone(); }); }},
      {"the client", [&](const Granted&) { log([](RevocationLog& row) { row.client("signet"); }); }},
      {"the account disabled",
       [&](const Granted&) {
         EXPECT_TRUE(accounts.set_disabled(alice.id, true, source));
         EXPECT_TRUE(accounts.set_disabled(alice.id, false, source));
       }},
      {"the account deleted", [&](const Granted&) { EXPECT_TRUE(accounts.remove(alice.id, source)); }},
  };
  for (const auto& [cause, end] : causes) {
    const auto login = logged_in();
    ASSERT_TRUE(server_sessions.find(login.opaque_token)) << cause;
    end(login);
    expect_dead(login.opaque_token, cause);
  }
}

TEST_P(ServerSessionsTest, a_disabled_account_is_refused_even_where_its_rows_are_still_there) {
  const auto login = logged_in();
  change_account([](Account& account) { account.disabled = true; });
  EXPECT_EQ(why_not(login.opaque_token), ErrorCode::token_revoked);
}

TEST_P(ServerSessionsTest, a_change_of_password_replaces_the_token_of_the_session_it_keeps) {
  const auto here = logged_in(), there = logged_in();
  const auto next = make_session_token(here.session.id);
  clock.advance(1h);
  ASSERT_TRUE(accounts.change_password(alice.id, here.session.id, password, "a brand new pass phrase 5",
                                       {.actor = {}, .address = {}, .request_id = {}}, next.secret_sha256));
  EXPECT_EQ(why_not(here.opaque_token), ErrorCode::token_revoked);
  EXPECT_EQ(why_not(there.opaque_token), ErrorCode::token_revoked);
  const auto found = server_sessions.find(next.text);
  ASSERT_TRUE(found) << found.error().detail();
  EXPECT_EQ(found->session.id, here.session.id);
  EXPECT_EQ(found->session.rotated_at, clock.now());
  EXPECT_EQ(found->session.expires_at, here.session.expires_at);
}

TEST_P(ServerSessionsTest, a_replaced_token_ends_nothing) {
  const auto login = logged_in();
  const auto stranger = make_session_token(login.session.id);
  EXPECT_FALSE(*sessions.revoke(stranger.text, AuditKind::session_revoked, caller));
  (void)logged_in(stranger.text);
  EXPECT_TRUE(server_sessions.find(login.opaque_token));
}

}  // namespace
}  // namespace signet::server::testing

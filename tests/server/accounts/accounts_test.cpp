#include "server/accounts/accounts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/api_keys/api_keys.hpp"
#include "server/sessions/session.hpp"
#include "tests/server/store/engines.hpp"

namespace signet::server {
namespace {

using namespace std::chrono_literals;
using testing::SqliteDatabase;

// Counts instead of being slow. A hash of cost n must be renewed by a hasher of a higher cost.
class CountingHasher final : public PasswordHasher {
 public:
  explicit CountingHasher(int cost = 1) : cost_{cost} {}

  std::expected<std::string, Error> hash(const Secret& password) const override {
    ++hashes;
    if (out_of_memory) return std::unexpected(Error{ErrorCode::internal, "no memory"});
    return std::to_string(cost_) + ":" + std::string{password.reveal_text()};
  }
  std::expected<bool, Error> verify(std::string_view phc, const Secret& password) const override {
    ++verifications;
    if (const auto meanwhile = std::exchange(on_verify, nullptr)) meanwhile();
    if (out_of_memory) return std::unexpected(Error{ErrorCode::internal, "no memory"});
    return phc.substr(phc.find(':') + 1) == password.reveal_text();
  }
  void verify_nothing(const Secret&) const override { ++verifications; }
  bool needs_rehash(std::string_view phc) const override { return std::stoi(std::string{phc}) < cost_; }

  mutable std::atomic<int> hashes = 0, verifications = 0;
  mutable std::function<void()> on_verify;  // runs once, within the next `verify`
  bool out_of_memory = false;

 private:
  int cost_;
};

// A store that fails on demand, in front of one that works.
class Unreliable final : public Store {
 public:
  explicit Unreliable(Store& under) : under_{under} {}
  Stored<void> write(const std::function<void(Transaction&)>& work) override {
    if (!writes) return std::unexpected(StoreError{StoreFailure::unavailable, "disk full"});
    return under_.write(work);
  }
  Stored<void> read(const std::function<void(Transaction&)>& work) override {
    if (!reads) return std::unexpected(StoreError{StoreFailure::unavailable, "gone"});
    return under_.read(work);
  }
  bool healthy() const noexcept override { return reads && writes; }
  bool reads = true, writes = true;

 private:
  Store& under_;
};

constexpr auto good = "correct horse battery staple 42";
constexpr auto better = "another good pass phrase 77";

class AccountsTest : public ::testing::Test {
 protected:
  Account sign_up(std::string_view username = "anna") {
    auto account = accounts.sign_up(username, good, "profile", source);
    if (!account) throw std::runtime_error{account.error().reason};
    return *account;
  }
  SessionId open_session(const AccountId& account) {
    Session session{.id = SessionId::random(),
                    .account = account,
                    .created_at = clock.now(),
                    .idle_expires_at = clock.now() + 1h,
                    .expires_at = clock.now() + 1h,
                    .binding = {},
                    .user_agent = {},
                    .address = {}};
    EXPECT_TRUE(store->write([&](Transaction& transaction) { transaction.insert_session(session); }));
    return session.id;
  }
  std::vector<AuditEvent> events() {
    std::vector<AuditEvent> found;
    EXPECT_TRUE(store->read([&](Transaction& transaction) { found = transaction.audit_after(0, 1000); }));
    return found;
  }
  std::vector<std::string> sessions_left(const AccountId& account) {
    std::vector<std::string> found;
    EXPECT_TRUE(store->read([&](Transaction& transaction) {
      found.clear();
      for (const auto& session : transaction.sessions_of(account)) found.push_back(session.id.text());
    }));
    return found;
  }
  std::vector<Revocation> revocations() {
    std::vector<Revocation> found;
    EXPECT_TRUE(store->read([&](Transaction& transaction) {
      found.clear();
      for (auto& row : transaction.revocations_after(0, 1000)) found.push_back(row.revocation);
    }));
    return found;
  }
  bool session_is_revoked(const SessionId& id) {
    const auto text = id.text();
    RevocationQuery query;
    query.session = text;
    query.issued_at = clock.now();
    return enforced.covers(query);
  }
  bool account_is_cut_off(const AccountId& id) {
    const auto text = id.text();
    RevocationQuery query;
    query.subject = text;
    query.issued_at = clock.now() - 1s;
    return enforced.covers(query);
  }
  Account stored(const AccountId& id) {
    auto account = accounts.find(id);
    if (!account) throw std::runtime_error{"gone"};
    return *account;
  }

  SqliteDatabase database;
  std::unique_ptr<Store> store = database.open();
  Unreliable unreliable{*store};
  ManualClock clock{Time{1'700'000'000s}};
  CountingHasher hasher;
  Revocations enforced;
  Accounts accounts{unreliable, clock, hasher, {.password = {}, .enforced = &enforced}};
  AuditSource source{.actor = {}, .address = "192.0.2.7", .request_id = "req-1"};
};

TEST_F(AccountsTest, sign_up_stores_the_prepared_name_a_hash_and_an_audit_event) {
  const auto account = accounts.sign_up("Anna.Berg@Example.COM", good, "profile", source);
  ASSERT_TRUE(account);
  EXPECT_EQ(account->username, "anna.berg@example.com");
  EXPECT_EQ(account->scope, "profile");
  EXPECT_EQ(account->created_at, clock.now());
  EXPECT_FALSE(account->disabled);
  EXPECT_EQ(stored(account->id).password_hash, account->password_hash);
  ASSERT_EQ(events().size(), 1U);
  const auto event = events().front();
  EXPECT_EQ(event.kind, "signup");
  EXPECT_EQ(event.account, account->id.text());
  EXPECT_EQ(event.actor, account->id.text());
  EXPECT_EQ(event.address, "192.0.2.7");
  EXPECT_EQ(event.request_id, "req-1");
}

TEST_F(AccountsTest, a_taken_username_is_taken_in_every_spelling_and_costs_no_hash) {
  sign_up("strasse");
  const int before = hasher.hashes;
  for (const auto spelling : {"strasse", "STRASSE", "Straße", "ｓｔｒａｓｓｅ"}) {
    const auto again = accounts.sign_up(spelling, better, "", source);
    ASSERT_FALSE(again) << spelling;
    EXPECT_EQ(again.error().problem, AccountProblem::taken) << spelling;
  }
  EXPECT_EQ(hasher.hashes, before);
  EXPECT_EQ(events().size(), 1U);
}

TEST_F(AccountsTest, of_many_who_sign_up_at_once_under_one_name_one_succeeds) {
  std::atomic<int> succeeded = 0, taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        const auto account = accounts.sign_up("anna", good, "", source);
        if (account) ++succeeded;
        if (!account && account.error().problem == AccountProblem::taken) ++taken;
      });
    }
  }
  EXPECT_EQ(succeeded, 1);
  EXPECT_EQ(taken, 7);
}

TEST_F(AccountsTest, a_bad_name_or_a_weak_password_is_refused_with_a_reason_and_no_hash) {
  const auto bad = accounts.sign_up("an na", good, "", source);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().problem, AccountProblem::bad_username);
  EXPECT_GT(bad.error().reason.size(), 10U);
  for (const auto weak : {"short", "password123", "anna1", "correct\nhorse battery", "\xFFxxxxxxxxxxxxx"}) {
    const auto refused = accounts.sign_up("anna", weak, "", source);
    ASSERT_FALSE(refused) << weak;
    EXPECT_EQ(refused.error().problem, AccountProblem::weak_password) << weak;
    EXPECT_GT(refused.error().reason.size(), 10U) << weak;
  }
  EXPECT_EQ(hasher.hashes, 0);
  EXPECT_TRUE(events().empty());
}

TEST_F(AccountsTest, the_right_password_opens_in_every_spelling_of_name_and_accent) {
  ASSERT_TRUE(accounts.sign_up("Renée", "caf\u00E9 zebra lamp 9", "profile", source));
  const auto account = accounts.authenticate("RENE\u0301E", "cafe\u0301\u00A0zebra lamp 9", source);
  ASSERT_TRUE(account);
  EXPECT_EQ(account->username, "renée");
}

TEST_F(AccountsTest, an_unknown_name_a_wrong_password_and_a_disabled_account_look_alike_and_cost_one_hash_each) {
  sign_up("anna");
  const auto gone = sign_up("gone");
  ASSERT_TRUE(accounts.set_disabled(gone.id, true, {.actor = "cli", .address = {}, .request_id = {}}));
  struct Row {
    std::string_view username, password;
  };
  const Row rows[] = {
      {"anna", "not her password 9"}, {"nobody", "not her password 9"}, {"no such name", "not her password 9"},
      {"\xFF", "not her password 9"}, {"", "not her password 9"},       {"gone", good},
      {"gone", "not her password 9"},
  };
  for (const auto& row : rows) {
    const int verifications = hasher.verifications, hashes = hasher.hashes;
    const auto refused = accounts.authenticate(row.username, row.password, source);
    ASSERT_FALSE(refused) << row.username;
    EXPECT_EQ(refused.error().problem, AccountProblem::invalid_credentials) << row.username;
    EXPECT_EQ(refused.error().reason, "") << row.username;
    EXPECT_EQ(hasher.verifications, verifications + 1) << row.username;
    EXPECT_EQ(hasher.hashes, hashes) << row.username;
  }
}

TEST_F(AccountsTest, a_password_that_none_can_be_is_refused_alike_for_every_name_without_a_hash) {
  sign_up("anna");
  for (const auto username : {"anna", "nobody"}) {
    for (const auto& password : {std::string{}, std::string(1025, 'x'), std::string{"\xFF"}, std::string{"a\0b", 3}}) {
      const int before = hasher.verifications;
      const auto refused = accounts.authenticate(username, password, source);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().problem, AccountProblem::invalid_credentials);
      EXPECT_EQ(hasher.verifications, before);
    }
  }
}

TEST_F(AccountsTest, a_failed_login_is_recorded_without_what_was_typed) {
  const auto account = sign_up();
  EXPECT_FALSE(accounts.authenticate("anna", "my secret pass phrase", source));
  EXPECT_FALSE(accounts.authenticate("my-password-in-the-wrong-field", "x-secret", source));
  const auto found = events();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[1].kind, "login_failed");
  EXPECT_EQ(found[1].account, account.id.text());
  EXPECT_EQ(found[1].actor, "") << "nobody has shown to be her";
  EXPECT_EQ(found[1].detail, "wrong password");
  EXPECT_EQ(found[2].account, "");
  EXPECT_EQ(found[2].detail, "unknown username");
  for (const auto& event : found) {
    for (const auto& field : {event.detail, event.actor, event.account}) {
      EXPECT_EQ(field.find("secret"), std::string::npos);
      EXPECT_EQ(field.find("wrong-field"), std::string::npos);
    }
  }
}

TEST_F(AccountsTest, a_login_renews_the_hash_when_the_costs_have_risen) {
  const auto account = sign_up();
  CountingHasher dearer{2};
  Accounts raised{*store, clock, dearer};
  EXPECT_FALSE(raised.authenticate("anna", "not her password 9", source));
  EXPECT_EQ(dearer.hashes, 0) << "only who knows the password gets a new hash";
  clock.advance(1min);
  ASSERT_TRUE(raised.authenticate("anna", good, source));
  EXPECT_EQ(dearer.hashes, 1);
  EXPECT_TRUE(stored(account.id).password_hash.starts_with("2:"));
  EXPECT_EQ(stored(account.id).password_changed_at, account.password_changed_at) << "the password is the same";
  ASSERT_TRUE(raised.authenticate("anna", good, source));
  EXPECT_EQ(dearer.hashes, 1);
}

TEST_F(AccountsTest, renewing_a_hash_never_undoes_a_password_changed_meanwhile) {
  const auto account = sign_up();
  CountingHasher dearer{2};
  // Between the check and the renewal, the password changes.
  dearer.on_verify = [&] { ASSERT_TRUE(accounts.change_password(account.id, {}, good, better, source)); };
  Accounts raised{*store, clock, dearer};
  ASSERT_TRUE(raised.authenticate("anna", good, source));
  EXPECT_EQ(stored(account.id).password_hash, "1:" + std::string{better});
}

TEST_F(AccountsTest, a_store_or_a_hasher_that_fails_is_unavailable_whatever_the_password) {
  sign_up();
  unreliable.reads = false;
  for (const auto username : {"anna", "nobody"}) {
    EXPECT_EQ(accounts.authenticate(username, good, source).error().problem, AccountProblem::unavailable);
  }
  EXPECT_EQ(accounts.sign_up("bert", good, "", source).error().problem, AccountProblem::unavailable);
  unreliable.reads = true;
  unreliable.writes = false;
  EXPECT_EQ(accounts.authenticate("anna", "not her password 9", source).error().problem, AccountProblem::unavailable);
  EXPECT_EQ(accounts.authenticate("nobody", "not her password 9", source).error().problem, AccountProblem::unavailable);
  EXPECT_EQ(accounts.sign_up("bert", good, "", source).error().problem, AccountProblem::unavailable);
  unreliable.writes = true;
  hasher.out_of_memory = true;
  EXPECT_EQ(accounts.authenticate("anna", good, source).error().problem, AccountProblem::unavailable);
  EXPECT_EQ(accounts.sign_up("bert", good, "", source).error().problem, AccountProblem::unavailable);
}

TEST_F(AccountsTest, changing_the_password_ends_the_other_sessions_and_revokes_them_at_once) {
  const auto account = sign_up();
  const auto here = open_session(account.id), there = open_session(account.id);
  clock.advance(1min);
  ASSERT_TRUE(accounts.change_password(account.id, here, good, better, source));
  EXPECT_EQ(sessions_left(account.id), std::vector{here.text()});
  ASSERT_EQ(revocations().size(), 1U);
  EXPECT_EQ(revocations()[0].kind, RevocationKind::session);
  EXPECT_EQ(revocations()[0].key, there.text());
  EXPECT_TRUE(session_is_revoked(there)) << "enforced when it has returned";
  EXPECT_FALSE(session_is_revoked(here));
  EXPECT_GT(stored(account.id).password_changed_at, account.password_changed_at);
  EXPECT_FALSE(accounts.authenticate("anna", good, source));
  EXPECT_TRUE(accounts.authenticate("anna", better, source));
  const auto event = events()[1];
  EXPECT_EQ(event.kind, "password_changed");
  EXPECT_EQ(event.actor, account.id.text());
  EXPECT_EQ(event.session, here.text());
  EXPECT_EQ(event.detail, "1 sessions ended");
}

TEST_F(AccountsTest, changing_the_password_without_a_session_to_keep_ends_all_of_them) {
  const auto account = sign_up();
  const auto other = sign_up("bert");
  const auto hers = open_session(account.id), his = open_session(other.id);
  clock.advance(1min);
  // A session of someone else is not one to keep.
  ASSERT_TRUE(accounts.change_password(account.id, his, good, better, source));
  EXPECT_TRUE(sessions_left(account.id).empty());
  EXPECT_EQ(sessions_left(other.id), std::vector{his.text()});
  EXPECT_TRUE(session_is_revoked(hers));
  EXPECT_TRUE(account_is_cut_off(account.id));
}

TEST_F(AccountsTest, two_changes_within_one_tick_of_the_clock_are_still_told_apart) {
  const auto account = sign_up();
  ASSERT_TRUE(accounts.change_password(account.id, {}, good, better, source));
  const auto first = stored(account.id).password_changed_at;
  ASSERT_TRUE(accounts.change_password(account.id, {}, better, good, source));
  EXPECT_LT(account.password_changed_at, first);
  EXPECT_LT(first, stored(account.id).password_changed_at);
}

TEST_F(AccountsTest, a_password_is_not_changed_without_the_current_one_nor_into_a_weak_one) {
  const auto account = sign_up();
  const auto session = open_session(account.id);
  EXPECT_EQ(accounts.change_password(account.id, session, "not her password 9", better, source).error().problem,
            AccountProblem::invalid_credentials);
  EXPECT_EQ(accounts.change_password(account.id, session, "", better, source).error().problem,
            AccountProblem::invalid_credentials);
  EXPECT_EQ(accounts.change_password(AccountId::random(), {}, good, better, source).error().problem,
            AccountProblem::invalid_credentials);
  const auto weak = accounts.change_password(account.id, session, good, "password123", source);
  ASSERT_FALSE(weak);
  EXPECT_EQ(weak.error().problem, AccountProblem::weak_password);
  EXPECT_GT(weak.error().reason.size(), 10U);
  ASSERT_TRUE(accounts.set_disabled(account.id, true, source));
  EXPECT_EQ(accounts.change_password(account.id, session, good, better, source).error().problem,
            AccountProblem::invalid_credentials);
  EXPECT_EQ(stored(account.id).password_hash, account.password_hash);
  EXPECT_EQ(events()[1].kind, "password_change_failed");
}

TEST_F(AccountsTest, a_change_that_meets_a_renewed_hash_looks_again_and_succeeds) {
  const auto account = sign_up();
  CountingHasher dearer{2};
  Accounts raised{*store, clock, dearer};
  hasher.on_verify = [&] {
    ASSERT_TRUE(raised.authenticate("anna", good, source));  // renews the hash
  };
  ASSERT_TRUE(accounts.change_password(account.id, {}, good, better, source));
  EXPECT_TRUE(accounts.authenticate("anna", better, source));
}

TEST_F(AccountsTest, of_two_changes_from_one_password_the_later_fails) {
  const auto account = sign_up();
  hasher.on_verify = [&] {
    ASSERT_TRUE(accounts.change_password(account.id, {}, good, "the first one wins 31", source));
  };
  EXPECT_EQ(accounts.change_password(account.id, {}, good, better, source).error().problem,
            AccountProblem::invalid_credentials);
  EXPECT_TRUE(accounts.authenticate("anna", "the first one wins 31", source));
}

TEST_F(AccountsTest, when_the_change_cannot_be_written_nothing_has_changed) {
  const auto account = sign_up();
  const auto session = open_session(account.id);
  unreliable.writes = false;
  EXPECT_EQ(accounts.change_password(account.id, {}, good, better, source).error().problem,
            AccountProblem::unavailable);
  EXPECT_EQ(accounts.set_disabled(account.id, true, source).error().problem, AccountProblem::unavailable);
  unreliable.writes = true;
  EXPECT_EQ(stored(account.id).password_hash, account.password_hash);
  EXPECT_EQ(sessions_left(account.id), std::vector{session.text()});
  EXPECT_TRUE(revocations().empty());
  EXPECT_EQ(enforced.size(), 0U);
}

TEST_F(AccountsTest, disabling_ends_everything_and_enabling_lets_a_new_login_in) {
  const auto account = sign_up();
  const auto session = open_session(account.id);
  clock.advance(1min);
  const AuditSource cli{.actor = "cli", .address = {}, .request_id = {}};
  ASSERT_TRUE(accounts.set_disabled(account.id, true, cli));
  ASSERT_TRUE(accounts.set_disabled(account.id, true, cli)) << "twice is once";
  EXPECT_TRUE(sessions_left(account.id).empty());
  EXPECT_TRUE(session_is_revoked(session));
  EXPECT_TRUE(account_is_cut_off(account.id));
  EXPECT_FALSE(accounts.authenticate("anna", good, source));
  ASSERT_TRUE(accounts.set_disabled(account.id, false, cli));
  EXPECT_TRUE(accounts.authenticate("anna", good, source));
  std::vector<std::string> kinds;
  for (const auto& event : events()) kinds.push_back(event.kind);
  EXPECT_EQ(kinds, (std::vector<std::string>{"signup", "account_disabled", "login_failed", "account_enabled"}));
  EXPECT_EQ(events()[1].actor, "cli");
  EXPECT_EQ(accounts.set_disabled(AccountId::random(), true, cli).error().problem, AccountProblem::not_found);
}

TEST_F(AccountsTest, an_administrators_password_ends_the_sessions_and_is_held_to_the_rules) {
  const auto account = sign_up();
  const AuditSource cli{.actor = "cli", .address = {}, .request_id = {}};
  open_session(account.id);
  EXPECT_EQ(accounts.set_password(account.id, "password1", false, cli).error().problem, AccountProblem::weak_password);
  EXPECT_EQ(sessions_left(account.id).size(), 1U);
  ASSERT_TRUE(accounts.set_password(account.id, better, true, cli));
  EXPECT_TRUE(sessions_left(account.id).empty());
  EXPECT_FALSE(accounts.authenticate("anna", good, source));
  const auto found = accounts.authenticate("anna", better, source);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->must_change_password);
  EXPECT_GT(found->password_changed_at, account.password_changed_at);
  ASSERT_TRUE(accounts.change_password(account.id, {}, better, good, source));
  EXPECT_FALSE(accounts.find(account.id)->must_change_password) << "the user's own choice";
  EXPECT_EQ(accounts.set_password(AccountId::random(), better, false, cli).error().problem, AccountProblem::not_found);
}

TEST_F(AccountsTest, an_administrator_who_takes_a_password_away_takes_api_keys_too_unless_they_stay) {
  const auto account = sign_up();
  const AuditSource cli{.actor = "cli", .address = {}, .request_id = {}};
  ApiKeys keys{*store, enforced, clock};
  const auto left = [&] { return keys.list(account.id)->size(); };
  const auto make = [&] { ASSERT_TRUE(keys.create(account.id, {.name = "x"}, cli)); };
  make();
  ASSERT_TRUE(accounts.set_password(account.id, better, false, cli, ApiKeyFate::keep));
  ASSERT_TRUE(accounts.expire_password(account.id, true, cli, ApiKeyFate::keep));
  ASSERT_TRUE(accounts.expire_password(account.id, false, cli));
  ASSERT_TRUE(accounts.change_password(account.id, {}, better, good, source)) << "her own choice";
  EXPECT_EQ(left(), 1U);
  ASSERT_TRUE(accounts.expire_password(account.id, true, cli));
  EXPECT_EQ(left(), 0U);
  EXPECT_EQ(events().back().detail, "0 sessions ended, 1 API keys revoked");
  make();
  ASSERT_TRUE(accounts.set_password(account.id, better, false, cli));
  EXPECT_EQ(left(), 0U);
}

TEST_F(AccountsTest, an_expired_password_ends_the_sessions_once) {
  const auto account = sign_up();
  const AuditSource cli{.actor = "cli", .address = {}, .request_id = {}};
  open_session(account.id);
  ASSERT_TRUE(accounts.expire_password(account.id, true, cli));
  EXPECT_TRUE(sessions_left(account.id).empty());
  EXPECT_TRUE(accounts.find(account.id)->must_change_password);
  const auto recorded = events().size();
  ASSERT_TRUE(accounts.expire_password(account.id, true, cli));
  EXPECT_EQ(events().size(), recorded) << "twice is once";
  EXPECT_EQ(events().back().kind, "password_expired");
  ASSERT_TRUE(accounts.expire_password(account.id, false, cli));
  EXPECT_FALSE(accounts.find(account.id)->must_change_password);
  EXPECT_EQ(accounts.expire_password(AccountId::random(), true, cli).error().problem, AccountProblem::not_found);
}

TEST_F(AccountsTest, a_removed_account_is_gone_with_everything_and_its_name_is_free) {
  const auto account = sign_up(), other = sign_up("otto");
  const AuditSource cli{.actor = "cli", .address = {}, .request_id = {}};
  open_session(account.id);
  open_session(other.id);
  ASSERT_TRUE(accounts.remove(account.id, cli));
  EXPECT_EQ(accounts.find(account.id).error().problem, AccountProblem::not_found);
  EXPECT_FALSE(accounts.authenticate("anna", good, source));
  EXPECT_EQ(sessions_left(other.id).size(), 1U);
  EXPECT_EQ(accounts.remove(account.id, cli).error().problem, AccountProblem::not_found);
  EXPECT_NE(sign_up().id, account.id);
  const auto all = events();
  EXPECT_TRUE(std::ranges::any_of(all, [&](const AuditEvent& event) {
    return event.kind == "account_deleted" && event.account == account.id.text() && event.actor == "cli";
  }));
}

TEST_F(AccountsTest, accounts_are_found_by_id_and_by_any_spelling_and_listed_in_order) {
  const auto anna = sign_up("anna");
  sign_up("carl");
  sign_up("bert");
  EXPECT_EQ(accounts.find(anna.id)->username, "anna");
  EXPECT_EQ(accounts.find("ANNA")->id, anna.id);
  EXPECT_EQ(accounts.find("dora").error().problem, AccountProblem::not_found);
  EXPECT_EQ(accounts.find("an na").error().problem, AccountProblem::bad_username);
  EXPECT_EQ(accounts.find(AccountId::random()).error().problem, AccountProblem::not_found);
  const auto page = accounts.list("", 2);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->size(), 2U);
  EXPECT_EQ((*page)[0].username, "anna");
  EXPECT_EQ((*page)[1].username, "bert");
  EXPECT_EQ(accounts.list("bert")->front().username, "carl");
  EXPECT_TRUE(accounts.list("carl")->empty());
  EXPECT_EQ(accounts.search("CA")->front().username, "carl");
  EXPECT_TRUE(accounts.search("ar")->empty()) << "in the middle of it";
  EXPECT_TRUE(accounts.search("c\xff")->empty() && accounts.search("c", "a\xff")->empty());
}

TEST_F(AccountsTest, works_with_the_real_hash) {
  auto argon2id = Argon2id::with({.memory_kib = 7 * 1024, .passes = 5});
  ASSERT_TRUE(argon2id);
  Accounts real{*store, clock, *argon2id};
  ASSERT_TRUE(real.sign_up("real", good, "", source));
  EXPECT_TRUE(real.authenticate("real", good, source));
  EXPECT_FALSE(real.authenticate("real", better, source));
  EXPECT_FALSE(real.authenticate("unreal", better, source));
}

}  // namespace
}  // namespace signet::server

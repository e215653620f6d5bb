#include "server/api_keys/api_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "server/accounts/accounts.hpp"
#include "server/api_keys/key_text.hpp"
#include "server/api_keys/table.hpp"
#include "server/revocation/follower.hpp"
#include "server/sessions/sessions.hpp"
#include "tests/server/store/engines.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;

struct BrokenStore final : Store {
  Stored<void> write(const std::function<void(Transaction&)>&) override { return gone(); }
  Stored<void> read(const std::function<void(Transaction&)>&) override { return gone(); }
  bool healthy() const noexcept override { return false; }
  static Stored<void> gone() { return std::unexpected(StoreError{StoreFailure::unavailable, "gone"}); }
};

class ApiKeysTest : public OverEveryEngine {
 protected:
  // A server: its own view of the same database.
  struct Node {
    Node(Store& opened, const Clock& clock)
        : store{opened}, follower{opened, revocations, clock}, table{ApiKeyPolicy{}, revocations, clock} {}
    void follow() {
      EXPECT_TRUE(follower.catch_up());
      EXPECT_TRUE(table.follow(store));
    }
    Store& store;
    Revocations revocations;
    RevocationFollower follower;
    ApiKeyTable table;
  };

  void SetUp() override {
    account = account_named("alice");
    ASSERT_TRUE(store->write([&](Transaction& t) { ASSERT_TRUE(t.insert_account(account)); }));
  }
  MadeApiKey made(NewApiKey wanted = {.name = "backup"}) {
    auto key = keys.create(account.id, wanted, {});
    if (!key) throw std::runtime_error{"no key: " + key.error().reason};
    return std::move(*key);
  }
  ApiKeyProblem refused(const NewApiKey& wanted) {
    const auto key = keys.create(account.id, wanted, {});
    EXPECT_FALSE(key);
    return key ? ApiKeyProblem::unavailable : key.error().problem;
  }
  std::vector<std::string> audited() {
    std::vector<std::string> kinds;
    EXPECT_TRUE(store->read([&](Transaction& t) {
      kinds.clear();
      for (const auto& event : t.audit_after(0, 100)) kinds.push_back(event.kind);
    }));
    return kinds;
  }
  static ErrorCode why_not(const ApiKeyTable& table, std::string_view text) {
    const auto found = table.find(text);
    return found ? ErrorCode::internal : found.error().code();
  }

  ManualClock clock{at(1'700'000'000'000)};
  Node here{*store, clock};
  ApiKeys keys{*store, here.revocations, clock, {.most_per_account = 3}};
  Account account;
};
SIGNET_OVER_EVERY_ENGINE(ApiKeysTest);

TEST_P(ApiKeysTest, a_key_is_found_by_its_text_and_the_store_has_no_secret) {
  const auto key = made({.name = "backup", .scope = "keys", .networks = "192.0.2.0/24"});
  here.follow();
  const auto found = here.table.find(key.text);
  ASSERT_TRUE(found) << found.error().detail();
  EXPECT_EQ((*found)->account, account.id);
  EXPECT_EQ((*found)->scope, "keys");
  EXPECT_EQ((*found)->networks, "192.0.2.0/24");
  EXPECT_EQ((*found)->expires_at, clock.now() + ApiKeyPolicy{}.lifetime);
  const auto secret = key.text.substr(key.text.rfind('_') - 43, 43);
  std::optional<ApiKey> stored;
  ASSERT_TRUE(store->read([&](Transaction& t) { stored = t.api_key(key.key.id); }));
  ASSERT_TRUE(stored);
  const std::string_view hash{reinterpret_cast<const char*>(stored->secret_sha256.data()), 32};
  EXPECT_EQ(hash.find(secret), hash.npos);
  EXPECT_EQ(audited(), std::vector<std::string>{"api_key_created"});
}

TEST_P(ApiKeysTest, another_key_of_the_same_id_is_not_taken) {
  const auto key = made();
  here.follow();
  const auto forged = write_credential("sgn_live_", key.key.id.bytes, std::array<std::byte, 32>{});
  EXPECT_EQ(why_not(here.table, forged), ErrorCode::key_not_found);
  EXPECT_EQ(why_not(here.table, write_credential("sgn_live_", ApiKeyId::random().bytes, std::array<std::byte, 32>{})),
            ErrorCode::key_not_found);
  EXPECT_EQ(why_not(here.table, "sgn_live_nonsense"), ErrorCode::token_malformed);
}

TEST_P(ApiKeysTest, other_servers_hear_of_a_key_and_of_its_end) {
  const auto other = database->open();
  Node there{*other, clock};
  there.follow();
  const auto key = made();
  EXPECT_EQ(why_not(there.table, key.text), ErrorCode::key_not_found);
  there.follow();
  EXPECT_TRUE(there.table.find(key.text));
  ASSERT_TRUE(keys.revoke(key.key.id, account.id, {}));
  EXPECT_EQ(why_not(here.table, key.text), ErrorCode::key_not_found) << "it never came here";
  EXPECT_TRUE(there.follower.catch_up());
  EXPECT_EQ(why_not(there.table, key.text), ErrorCode::token_revoked) << "by the log alone";
  there.follow();
  EXPECT_EQ(there.table.size(), 0U);
  EXPECT_EQ(audited(), (std::vector<std::string>{"api_key_created", "api_key_revoked"}));
}

TEST_P(ApiKeysTest, a_server_asks_the_store_once_about_a_key_it_has_not_heard_of) {
  const auto other = database->open();
  Node there{*other, clock};
  there.follow();
  const auto key = made();
  ASSERT_TRUE(there.table.lacks(key.text));
  ASSERT_TRUE(there.table.learn(key.text, there.store));
  EXPECT_FALSE(there.table.lacks(key.text));
  EXPECT_TRUE(there.table.find(key.text));

  const auto stranger = write_credential("sgn_live_", ApiKeyId::random().bytes, std::array<std::byte, 32>{});
  BrokenStore broken;
  ASSERT_TRUE(there.table.lacks(stranger));
  EXPECT_FALSE(there.table.learn(stranger, broken));
  ASSERT_TRUE(there.table.lacks(stranger)) << "nobody could say";
  ASSERT_TRUE(there.table.learn(stranger, there.store));
  EXPECT_FALSE(there.table.lacks(stranger));
  EXPECT_TRUE(there.table.learn(stranger, broken)) << "not asked again";
  EXPECT_EQ(why_not(there.table, stranger), ErrorCode::key_not_found);
  EXPECT_FALSE(there.table.lacks("sgn_live_nonsense")) << "only what may be a key";

  // A dead key is a stranger too.
  ASSERT_TRUE(keys.revoke(key.key.id, account.id, {}));
  there.follow();
  ASSERT_TRUE(there.table.learn(key.text, there.store));
  EXPECT_FALSE(there.table.lacks(key.text));
  EXPECT_FALSE(there.table.find(key.text));
}

TEST_P(ApiKeysTest, a_revoked_key_does_not_come_back_when_its_revocation_is_forgotten) {
  const auto key = made({.name = "backup", .lifetime = std::chrono::days{300}});
  here.follow();
  ASSERT_TRUE(keys.revoke(key.key.id, account.id, {}));
  EXPECT_EQ(why_not(here.table, key.text), ErrorCode::token_revoked);
  here.follow();
  clock.advance(2h);
  here.revocations.forget_expired(clock.now());
  EXPECT_EQ(why_not(here.table, key.text), ErrorCode::key_not_found);
}

TEST_P(ApiKeysTest, revoking_everyone_or_the_client_ends_every_key_made_until_then) {
  using Cause = void (*)(RevocationLog&);
  for (const Cause cause :
       {Cause{[](RevocationLog& log) { log.everyone(); }}, Cause{[](RevocationLog& log) { log.client("signet"); }}}) {
    const auto old = made();
    here.follow();
    ASSERT_TRUE(write_revoking(*store, here.revocations, clock,
                               [](Transaction&, RevocationLog& log) { log.client("another"); }));
    ASSERT_TRUE(here.table.find(old.text));
    ASSERT_TRUE(write_revoking(*store, here.revocations, clock, [&](Transaction&, RevocationLog& log) { cause(log); }));
    EXPECT_EQ(why_not(here.table, old.text), ErrorCode::token_revoked);
    EXPECT_TRUE(keys.list(account.id)->empty());
    clock.advance(5min);
    here.follow();
    here.revocations.forget_expired(clock.now());
    EXPECT_EQ(here.table.size(), 1U) << "its row is there and read anew";
    EXPECT_EQ(why_not(here.table, old.text), ErrorCode::token_revoked);

    // In all as many as there may be: the dead ones make room.
    std::vector<MadeApiKey> next;
    for (int i = 0; i < 3; ++i) next.push_back(made());
    EXPECT_EQ(refused({.name = "x"}), ApiKeyProblem::too_many);
    here.follow();
    EXPECT_TRUE(here.table.find(next.front().text)) << "made after it";
    for (const auto& key : next) ASSERT_TRUE(keys.revoke(key.key.id, {}, {}));
  }
}

TEST_P(ApiKeysTest, a_key_ends_when_its_time_is_up) {
  const auto key = made({.name = "backup", .lifetime = 60s});
  here.follow();
  clock.advance(60s - 1ms);
  EXPECT_TRUE(here.table.find(key.text));
  clock.advance(1ms);
  EXPECT_EQ(why_not(here.table, key.text), ErrorCode::token_expired);
  EXPECT_TRUE(keys.list(account.id)->empty());
  here.follow();
  EXPECT_EQ(here.table.size(), 0U);
}

TEST_P(ApiKeysTest, scopes_are_some_of_the_owners) {
  EXPECT_EQ(made().key.scope, account.scope);
  EXPECT_EQ(made({.name = "x", .scope = " keys  profile "}).key.scope, "keys profile");
  EXPECT_EQ(made({.name = "x", .scope = ""}).key.scope, "");
  EXPECT_EQ(refused({.name = "x", .scope = "profile admin"}), ApiKeyProblem::scope_too_wide);
}

TEST_P(ApiKeysTest, an_administrators_key_has_those_scopes_only_when_they_are_named) {
  account.scope = "admin:read profile admin:write";
  ASSERT_TRUE(store->write([&](Transaction& t) { t.update_account(account); }));
  EXPECT_EQ(made().key.scope, "profile");
  EXPECT_EQ(made({.name = "x", .scope = "admin:read"}).key.scope, "admin:read");
}

TEST_P(ApiKeysTest, what_makes_no_sense_is_refused) {
  EXPECT_EQ(refused({.name = ""}), ApiKeyProblem::bad_request);
  EXPECT_EQ(refused({.name = std::string(101, 'x')}), ApiKeyProblem::bad_request);
  EXPECT_EQ(refused({.name = "a\x1b[2J"}), ApiKeyProblem::bad_request);
  EXPECT_EQ(refused({.name = "\xff"}), ApiKeyProblem::bad_request);
  std::string cyrillic;
  for (int i = 0; i < 100; ++i) cyrillic += "\u0436";
  EXPECT_EQ(refused({.name = cyrillic + "x"}), ApiKeyProblem::bad_request);
  EXPECT_EQ(refused({.name = "x", .lifetime = 59s}), ApiKeyProblem::bad_request);
  EXPECT_EQ(refused({.name = "x", .lifetime = std::chrono::days{366}}), ApiKeyProblem::bad_request);
  EXPECT_EQ(keys.create(AccountId::random(), {.name = "x"}, {}).error().problem, ApiKeyProblem::not_found);
  EXPECT_TRUE(audited().empty());
  EXPECT_EQ(made({.name = cyrillic}).key.name, cyrillic) << "characters, not bytes";
}

TEST_P(ApiKeysTest, a_replaced_key_goes_on_for_the_overlap_and_not_longer) {
  const auto old = made();
  const auto other = made();
  here.follow();
  const auto next = made({.name = "backup", .replaces = old.key.id, .overlap = 1h});
  here.follow();
  EXPECT_TRUE(here.table.find(old.text) && here.table.find(next.text));
  EXPECT_EQ(refused({.name = "x"}), ApiKeyProblem::too_many) << "three live";
  clock.advance(1h);
  EXPECT_EQ(why_not(here.table, old.text), ErrorCode::token_expired);
  EXPECT_TRUE(here.table.find(next.text));

  const auto last = made({.name = "backup", .replaces = next.key.id});
  EXPECT_EQ(why_not(here.table, next.text), ErrorCode::token_revoked) << "without an overlap, at once";
  EXPECT_EQ(refused({.name = "x", .replaces = next.key.id}), ApiKeyProblem::not_found);
  EXPECT_EQ(keys.list(account.id)->size(), 2U);
  (void)made();
  EXPECT_TRUE(keys.create(account.id, {.name = "x", .replaces = last.key.id}, {})) << "what goes makes room";
  EXPECT_EQ(refused({.name = "x", .replaces = other.key.id, .overlap = 1h}), ApiKeyProblem::too_many);
}

TEST_P(ApiKeysTest, all_accounts_together_have_no_more_than_every_server_can_hold) {
  ApiKeys few{*store, here.revocations, clock, {.most = 2}};
  const auto first = few.create(account.id, {.name = "x"}, {});
  ASSERT_TRUE(first && few.create(account.id, {.name = "x"}, {}));
  EXPECT_EQ(few.create(account.id, {.name = "x"}, {}).error().problem, ApiKeyProblem::too_many);
  const auto second = few.create(account.id, {.name = "x", .replaces = first->key.id}, {});
  ASSERT_TRUE(second) << "what goes makes room";
  EXPECT_EQ(few.create(account.id, {.name = "x", .replaces = second->key.id, .overlap = 1h}, {}).error().problem,
            ApiKeyProblem::too_many)
      << "both would live";
  clock.advance(few.policy().lifetime);
  EXPECT_TRUE(few.create(account.id, {.name = "x"}, {})) << "what has expired does not count";
}

TEST_P(ApiKeysTest, a_key_has_one_place_in_a_status_list_on_every_server) {
  StatusIndexes indexes{*store};
  ApiKeys one{*store, here.revocations, clock, {}, {&indexes, 10min}};
  const auto elsewhere = database->open();
  StatusIndexes indexes_there{*elsewhere};
  ApiKeys there{*elsewhere, here.revocations, clock, {}, {&indexes_there, 10min}};
  const auto key = made();
  EXPECT_EQ(keys.place(key.key.id).value(), std::nullopt) << "without status lists";
  const auto place = one.place(key.key.id).value();
  ASSERT_TRUE(place);
  EXPECT_EQ(there.place(key.key.id).value(), place);
  indexes.close({place->list, place->index + 1});
  const auto next = one.place(key.key.id).value();
  ASSERT_TRUE(next);
  EXPECT_GT(next->index, place->index) << "what is revoked for all is given to nobody";
  clock.advance(1h);
  const auto later = one.place(key.key.id).value();
  ASSERT_TRUE(later);
  EXPECT_EQ(later->list, place->list + 1);
  ASSERT_TRUE(one.revoke(key.key.id, {}, {}));
  EXPECT_EQ(one.place(key.key.id).error().problem, ApiKeyProblem::not_found);
  std::vector<LoggedRevocation> rows;
  ASSERT_TRUE(store->read([&](Transaction& t) { rows = t.revocations_after(0, 10); }));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].status, (StatusEntries{*later, *next}));
}

TEST_P(ApiKeysTest, nobody_revokes_somebody_elses_key) {
  const auto key = made();
  EXPECT_EQ(keys.revoke(key.key.id, AccountId::random(), {}).error().problem, ApiKeyProblem::not_found);
  EXPECT_EQ(keys.revoke(ApiKeyId::random(), {}, {}).error().problem, ApiKeyProblem::not_found);
  EXPECT_TRUE(keys.revoke(key.key.id, {}, {})) << "an administrator";
}

TEST_P(ApiKeysTest, an_account_that_is_disabled_loses_its_keys_for_good) {
  struct NoHash final : PasswordHasher {
    std::expected<std::string, Error> hash(const Secret&) const override { return "x"; }
    std::expected<bool, Error> verify(std::string_view, const Secret&) const override { return true; }
    void verify_nothing(const Secret&) const override {}
    bool needs_rehash(std::string_view) const override { return false; }
  } hasher;
  Accounts accounts{*store, clock, hasher, {.password = {}, .enforced = &here.revocations}};
  const auto key = made();
  here.follow();
  ASSERT_TRUE(accounts.set_disabled(account.id, true, {}));
  EXPECT_EQ(why_not(here.table, key.text), ErrorCode::token_revoked);
  EXPECT_EQ(refused({.name = "x"}), ApiKeyProblem::not_found);
  ASSERT_TRUE(accounts.set_disabled(account.id, false, {}));
  here.follow();
  EXPECT_EQ(why_not(here.table, key.text), ErrorCode::key_not_found);
}

TEST_P(ApiKeysTest, last_use_is_written_by_the_minute_and_never_in_a_request) {
  const auto key = made();
  here.follow();
  const auto last_used = [&] { return keys.list(account.id)->front().last_used_at; };
  ASSERT_TRUE(here.table.write_uses(*store));
  EXPECT_EQ(last_used(), Time{});
  clock.advance(90s);
  ASSERT_TRUE(here.table.find(key.text));
  EXPECT_EQ(last_used(), Time{});
  ASSERT_TRUE(here.table.write_uses(*store));
  const auto first = last_used();
  EXPECT_EQ(first, std::chrono::floor<std::chrono::minutes>(clock.now()));
  ASSERT_TRUE(here.table.find(key.text));
  ASSERT_TRUE(here.table.write_uses(*store));
  EXPECT_EQ(last_used(), first);
  clock.advance(60s);
  ASSERT_TRUE(here.table.find(key.text));
  here.follow();
  ASSERT_TRUE(here.table.write_uses(*store));
  EXPECT_EQ(last_used(), first + 60s);
}

TEST_P(ApiKeysTest, a_table_of_many_pages_is_read_whole) {
  ASSERT_TRUE(store->write([&](Transaction& t) {
    for (int i = 0; i < 2500; ++i) {
      t.insert_api_key({.id = ApiKeyId::random(), .account = account.id, .name = "x", .expires_at = clock.now() + 1h});
    }
  }));
  here.follow();
  EXPECT_EQ(here.table.size(), 2500U);
  clock.advance(5min);
  here.follow();
  EXPECT_EQ(here.table.size(), 2500U) << "read anew";
}

TEST_P(ApiKeysTest, the_last_uses_of_many_keys_are_all_written) {
  std::vector<std::string> texts;
  ASSERT_TRUE(store->write([&](Transaction& t) {
    for (int i = 0; i < 1200; ++i) {
      ApiKey key{.id = ApiKeyId::random(), .account = account.id, .name = "x", .expires_at = clock.now() + 1h};
      auto credential = make_credential(api_key_beginning(ApiKeyPolicy{}.environment), key.id.bytes);
      key.secret_sha256 = credential.secret_sha256;
      t.insert_api_key(key);
      texts.push_back(std::move(credential.text));
    }
  }));
  here.follow();
  for (const auto& text : texts) ASSERT_TRUE(here.table.find(text));
  ASSERT_TRUE(here.table.write_uses(*store));
  ASSERT_TRUE(store->read([&](Transaction& t) {
    const auto unused = [](const ApiKey& key) { return key.last_used_at == Time{}; };
    EXPECT_EQ(std::ranges::count_if(t.api_keys_of(account.id), unused), 0);
  }));
}

TEST_P(ApiKeysTest, without_the_database_known_keys_go_on_and_revoked_ones_stay_out) {
  BrokenStore broken;
  const auto kept = made(), lost = made();
  here.follow();
  ASSERT_TRUE(keys.revoke(lost.key.id, {}, {}));
  EXPECT_FALSE(here.table.follow(broken));
  EXPECT_FALSE(ApiKeys(broken, here.revocations, clock).create(account.id, {.name = "x"}, {}));
  clock.advance(2h);
  here.revocations.forget_expired(clock.now());
  EXPECT_TRUE(here.table.find(kept.text));
  EXPECT_EQ(why_not(here.table, lost.text), ErrorCode::key_not_found);
}

}  // namespace
}  // namespace signet::server::testing

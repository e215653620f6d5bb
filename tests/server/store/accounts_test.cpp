#include "server/store/store.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/server/store/store_fixture.hpp"

namespace signet::server::testing {
namespace {

class StoredAccounts : public StoreTest {};
SIGNET_OVER_EVERY_ENGINE(StoredAccounts);

TEST_P(StoredAccounts, an_account_is_found_by_id_and_by_username_as_it_was_written) {
  auto account = kept_account();
  account_named("bob");
  read([&](Transaction& t) {
    auto by_id = t.account(account.id);
    auto by_name = t.account_by_username("alice");
    ASSERT_TRUE(by_id && by_name);
    EXPECT_TRUE(same(*by_id, account));
    EXPECT_TRUE(same(*by_name, account));
    EXPECT_FALSE(t.account(AccountId::random()));
    EXPECT_FALSE(t.account_by_username("alic"));
    EXPECT_FALSE(t.account_by_username("ALICE"));
    EXPECT_FALSE(t.account_by_username(""));
  });
}

TEST_P(StoredAccounts, text_is_kept_as_data_whatever_it_looks_like) {
  for (std::string name : {"'; DROP TABLE accounts; --", "%", "_", "naïve ☃", "?1", "\"", "\\"}) {
    auto account = kept_account(name);
    read([&](Transaction& t) {
      auto found = t.account_by_username(name);
      ASSERT_TRUE(found) << name;
      EXPECT_TRUE(same(*found, account));
    });
  }
}

TEST_P(StoredAccounts, a_taken_username_is_refused_and_the_first_account_stays) {
  auto first = kept_account("alice");
  write([&](Transaction& t) { EXPECT_FALSE(t.insert_account(account_named("alice"))); });
  read([&](Transaction& t) { EXPECT_TRUE(same(*t.account_by_username("alice"), first)); });
}

TEST_P(StoredAccounts, a_taken_account_id_is_a_conflict) {
  auto first = kept_account("alice");
  auto second = account_named("bob");
  second.id = first.id;
  EXPECT_EQ(refusal([&](Transaction& t) { (void)t.insert_account(second); }), StoreFailure::conflict);
  read([&](Transaction& t) { EXPECT_FALSE(t.account_by_username("bob")); });
}

TEST_P(StoredAccounts, an_update_changes_all_but_the_id_and_the_username) {
  auto account = kept_account();
  auto changed = account;
  changed.username = "mallory";
  changed.password_hash = "other";
  changed.scope = "";
  changed.disabled = true;
  changed.created_at = at(1);
  changed.password_changed_at = at(2);
  write([&](Transaction& t) { t.update_account(changed); });
  read([&](Transaction& t) {
    auto found = t.account(account.id);
    ASSERT_TRUE(found);
    changed.username = account.username;
    changed.created_at = account.created_at;
    EXPECT_TRUE(same(*found, changed));
  });
}

TEST_P(StoredAccounts, an_update_of_an_account_that_is_not_there_is_a_conflict) {
  EXPECT_EQ(refusal([](Transaction& t) { t.update_account(account_named("nobody")); }), StoreFailure::conflict);
}

TEST_P(StoredAccounts, accounts_are_listed_in_the_order_of_their_names_page_by_page) {
  for (auto name : {"dora", "alice", "carol", "bob"}) kept_account(name);
  read([](Transaction& t) {
    std::vector<std::string> names;
    for (std::string after; auto page = t.accounts(after, 3).size();) {
      for (const auto& account : t.accounts(after, 3)) names.push_back(account.username);
      after = names.back();
      ASSERT_LE(page, 3u);
    }
    EXPECT_THAT(names, ::testing::ElementsAre("alice", "bob", "carol", "dora"));
  });
}

TEST_P(StoredAccounts, accounts_are_searched_by_the_beginning_of_the_name_and_deleted_with_nothing_left_of_them) {
  auto alice = kept_account("alice"), alicia = kept_account("alicia"), bob = kept_account("bob%_");
  auto names = [&](std::string_view beginning, std::string_view after, std::size_t at_most) {
    std::vector<std::string> found;
    read([&](Transaction& t) {
      for (const auto& account : t.accounts_beginning(beginning, after, at_most)) found.push_back(account.username);
    });
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("alic", "", 10), (Names{"alice", "alicia"}));
  EXPECT_EQ(names("alic", "alice", 10), Names{"alicia"});
  EXPECT_EQ(names("alic", "alicia", 10), Names{});
  EXPECT_EQ(names("alice", "alice", 10), Names{});
  EXPECT_EQ(names("alic", "", 1), Names{"alice"});
  EXPECT_EQ(names("b", "alice", 10), Names{"bob%_"});
  EXPECT_EQ(names("", "", 10), (Names{"alice", "alicia", "bob%_"}));
  EXPECT_EQ(names("bob%", "", 10), Names{"bob%_"});
  EXPECT_EQ(names("b%", "", 10), Names{}) << "what is searched for is text";
  EXPECT_EQ(names("Alice", "", 10), Names{});

  auto session = session_of(alice.id);
  auto key = api_key_of(alice.id);
  write([&](Transaction& t) {
    t.insert_session(session);
    t.insert_api_key(key);
  });
  EXPECT_FALSE(store->write([&](Transaction& t) { (void)t.delete_account(alice.id); })) << "its session is there";
  write([&](Transaction& t) {
    EXPECT_TRUE(t.delete_session(session.id));
    EXPECT_TRUE(t.delete_api_key(key.id));
    EXPECT_TRUE(t.delete_account(alice.id));
    EXPECT_FALSE(t.delete_account(alice.id));
  });
  EXPECT_EQ(names("", "", 10), (Names{"alicia", "bob%_"}));
}

}  // namespace
}  // namespace signet::server::testing

// What a server that dies, stops, or no longer answers shows, and several processes that start at once. Each test has a
// server of its own, which syncs its files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "server/store/postgres/postgres_store.hpp"
#include "tests/server/store/child_process.hpp"
#include "tests/server/store/postgres_cluster.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;

class PostgresProcesses : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresServer::installed())
      GTEST_SKIP()
          << "PostgreSQL is not installed; scripts/setup does that. Nothing of the PostgreSQL store was tested.";
    cluster = std::make_unique<PostgresCluster>();
    database = std::make_unique<TemporaryPostgresDatabase>(cluster->server());
  }
  std::unique_ptr<Store> open(const PostgresOptions& options = {}) {
    auto store = open_postgres(Secret::from_text(database->tcp_url()), options);
    if (!store) throw std::runtime_error{store.error()};
    return std::move(*store);
  }
  static bool adds(Store& store, const std::string& username) {
    return store.write([&](Transaction& t) { (void)t.insert_account(account_named(username)); }).has_value();
  }
  // As long as it takes within the test's own time limit: the store tries by itself.
  static void wait_until(const Store& store, bool healthy) {
    while (store.healthy() != healthy) std::this_thread::sleep_for(10ms);
  }

  std::unique_ptr<PostgresCluster> cluster;
  std::unique_ptr<TemporaryPostgresDatabase> database;
};

TEST_F(PostgresProcesses, a_server_killed_at_any_moment_loses_nothing_that_was_answered) {
  std::mt19937 random{std::random_device{}()};
  auto store = open();
  std::mutex mutex;
  std::set<std::string> acknowledged;
  std::atomic<bool> done = false;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; !done; ++n) {
        auto account = account_named(std::to_string(i) + "/" + std::to_string(n));
        auto session = session_of(account.id);
        auto written = store->write([&](Transaction& t) {
          if (!t.insert_account(account)) throw StoreFailed{{StoreFailure::conflict, "taken"}};
          t.insert_session(session);
          t.append_audit(event_of("login"));
          t.append_revocation({RevocationKind::session, session.id.text(), at(0), at(10)});
        });
        if (written) {
          std::lock_guard lock{mutex};
          acknowledged.insert(account.id.text());
        } else {
          EXPECT_EQ(written.error().failure, StoreFailure::unavailable) << written.error().detail;
          ++refused;
          std::this_thread::sleep_for(5ms);
        }
      }
    });
  }
  auto count = [&] {
    std::lock_guard lock{mutex};
    return acknowledged.size();
  };
  for (int round = 0; round < 5; ++round) {
    auto enough = count() + 1 + random() % 60;
    while (count() < enough) std::this_thread::sleep_for(1ms);
    cluster->kill();
    wait_until(*store, false);
    cluster->start();
    wait_until(*store, true);  // by itself
  }
  auto enough = count() + 20;
  while (count() < enough) std::this_thread::sleep_for(1ms);
  done = true;
  threads.clear();
  EXPECT_GT(refused, 0);

  ASSERT_TRUE(store->read([&](Transaction& t) {
    for (const auto& id : acknowledged) {
      auto account = AccountId::from_text(id);
      ASSERT_TRUE(t.account(*account)) << "an answered row is gone";
    }
    // And nothing is half done: each account came with its session and its revocation.
    std::size_t accounts = 0;
    for (std::string after;;) {
      auto page = t.accounts(after, 1000);
      if (page.empty()) break;
      for (const auto& account : page) EXPECT_EQ(t.sessions_of(account.id).size(), 1u);
      accounts += page.size();
      after = page.back().username;
    }
    EXPECT_EQ(t.revocations_after(0, SIZE_MAX).size(), accounts);
    EXPECT_EQ(t.audit_after(0, SIZE_MAX).size(), accounts);
  }));
}

TEST_F(PostgresProcesses, a_server_that_was_restarted_between_two_requests_is_not_noticed) {
  auto store = open();
  ASSERT_TRUE(adds(*store, "before"));
  cluster->stop();
  cluster->start();
  EXPECT_TRUE(adds(*store, "after"));
  EXPECT_TRUE(store->healthy());
}

TEST_F(PostgresProcesses, while_the_server_is_away_all_is_unavailable_at_once_and_then_heals_by_itself) {
  auto store = open();
  ASSERT_TRUE(adds(*store, "before"));
  cluster->stop();
  auto written = store->write([](Transaction& t) { (void)t.insert_account(account_named("alice")); });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().failure, StoreFailure::unavailable);
  EXPECT_FALSE(store->healthy());
  EXPECT_FALSE(store->read([](Transaction&) { FAIL() << "there is nothing to read"; }));
  cluster->start();
  wait_until(*store, true);
  EXPECT_TRUE(adds(*store, "alice"));
  EXPECT_TRUE(store->read([](Transaction& t) { EXPECT_TRUE(t.account_by_username("before")); }));
}

// It takes connections (the kernel does) and answers nothing.
TEST_F(PostgresProcesses, a_server_that_does_not_answer_is_unavailable_after_the_limit_and_then_heals_by_itself) {
  auto store = open({.connect_timeout = 2s, .statement_timeout = 200ms, .patience = 1000ms});
  ASSERT_TRUE(adds(*store, "before"));
  cluster->pause();
  // This returns at all: nothing else would end the wait for a server that is stopped.
  auto written = store->write([](Transaction& t) { (void)t.insert_account(account_named("alice")); });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().failure, StoreFailure::unavailable);
  EXPECT_FALSE(store->healthy());
  // From now on nobody waits: hundreds of calls, each of which would take the whole limit.
  for (int n = 0; n < 500; ++n) EXPECT_FALSE(adds(*store, "bob"));
  cluster->resume();
  wait_until(*store, true);
  EXPECT_TRUE(adds(*store, "carol"));
  EXPECT_TRUE(store->read([](Transaction& t) {
    EXPECT_TRUE(t.account_by_username("before"));
    EXPECT_FALSE(t.account_by_username("bob"));
  }));
}

TEST_F(PostgresProcesses, a_store_can_be_closed_while_its_server_is_away) {
  auto store = open();
  cluster->stop();
  EXPECT_FALSE(adds(*store, "alice"));
  store.reset();
  cluster->start();
}

TEST_F(PostgresProcesses, no_store_is_opened_where_no_server_is) {
  cluster->stop();
  auto store = open_postgres(Secret::from_text(database->tcp_url()));
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().find(cluster->server().password), std::string::npos);
  cluster->start();
}

TEST_F(PostgresProcesses, several_that_start_together_on_a_new_database_migrate_it_once) {
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(std::make_unique<Child>([&, i](auto say) {
      auto store = open_postgres(Secret::from_text(database->url()));
      if (!store) {
        say(store.error());
        return 1;
      }
      for (int n = 0; n < 10; ++n) {
        auto written = (*store)->write([&](Transaction& t) {
          (void)t.insert_account(account_named(std::to_string(i) + "/" + std::to_string(n)));
        });
        if (!written) {
          say(written.error().detail);
          return 2;
        }
      }
      return 0;
    }));
  }
  for (auto& child : children) {
    auto said = child->lines();
    EXPECT_TRUE(said.empty()) << said.front();
    EXPECT_EQ(child->wait(), 0);
  }
  ASSERT_TRUE(open()->read([](Transaction& t) { EXPECT_EQ(t.accounts("", 1000).size(), 40u); }));
  PostgresSession session{database->url()};
  EXPECT_EQ(session.execute("SELECT count(*) || ' ' || max(version) FROM signet.schema"), "1 1");
  EXPECT_EQ(session.execute("SELECT count(*) FROM signet.revocation_order"), "1");
}

// Whoever has the lock on the revocation log and dies keeps nobody from logging out.
TEST_F(PostgresProcesses, a_node_that_is_killed_inside_a_transaction_leaves_no_lock_behind) {
  (void)open();
  Child child{[&](auto say) {
    auto store = open_postgres(Secret::from_text(database->url()));
    if (!store) return 1;
    (void)(*store)->write([&](Transaction& t) {
      t.append_revocation({RevocationKind::token, "never", at(0), at(10)});
      say("locked");
      ::pause();
    });
    return 2;
  }};
  ASSERT_EQ(child.lines(1).size(), 1u);
  child.kill();
  (void)child.wait();
  auto store = open();
  auto written =
      store->write([](Transaction& t) { t.append_revocation({RevocationKind::token, "after", at(0), at(10)}); });
  EXPECT_TRUE(written) << written.error().detail;
  EXPECT_TRUE(store->read([](Transaction& t) {
    auto rows = t.revocations_after(0, 10);
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].revocation.key, "after");
  }));
}

}  // namespace
}  // namespace signet::server::testing

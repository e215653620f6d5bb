// What only a process of its own can show: killed at any moment, started at the same moment, out of disk. SQLite does
// not survive a fork, so a child is always forked while the test itself has no database open.

#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <random>
#include <set>
#include <thread>

#include "tests/server/store/child_process.hpp"
#include "tests/server/store/engines.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {
namespace {

class SqliteProcesses : public ::testing::Test {
 protected:
  TemporaryDirectory directory;
  std::filesystem::path file = directory.path() / "signet.db";
};

TEST_F(SqliteProcesses, a_kill_at_any_moment_loses_nothing_that_was_answered) {
  std::mt19937 random{std::random_device{}()};
  std::set<std::string> acknowledged;
  for (int round = 0; round < 6; ++round) {
    Child child{[&](auto say) {
      auto store = open_sqlite(file);
      if (!store) return 1;
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
          for (int n = 0;; ++n) {
            auto account = account_named(std::to_string(round) + "/" + std::to_string(i) + "/" + std::to_string(n));
            auto session = session_of(account.id);
            auto written = (*store)->write([&](Transaction& t) {
              if (!t.insert_account(account)) throw StoreFailed{{StoreFailure::conflict, "taken"}};
              t.insert_session(session);
              t.append_revocation({RevocationKind::session, session.id.text(), at(0), at(10)});
            });
            if (!written) ::_exit(2);
            say(account.id.text());
          }
        });
      }
      threads.clear();
      return 0;
    }};
    // Killed somewhere after its first answers: a moment that no test chooses.
    auto before = child.lines(1 + random() % 40);
    child.kill();
    auto after = child.lines();
    EXPECT_TRUE(WIFSIGNALED(child.wait()));
    acknowledged.insert(before.begin(), before.end());
    acknowledged.insert(after.begin(), after.end());
    ASSERT_FALSE(acknowledged.empty());

    auto store = open_sqlite(file);
    ASSERT_TRUE(store) << store.error();
    ASSERT_TRUE((*store)->read([&](Transaction& t) {
      for (const auto& id : acknowledged) {
        auto account = AccountId::from_text(id);
        ASSERT_TRUE(account) << id;
        ASSERT_TRUE(t.account(*account)) << "an answered row is gone";
        EXPECT_EQ(t.sessions_of(*account).size(), 1u);
      }
      // And nothing is half done: each account came with its session and its revocation.
      std::size_t accounts = 0;
      for (std::string after_name;;) {
        auto page = t.accounts(after_name, 1000);
        if (page.empty()) break;
        for (const auto& account : page) EXPECT_EQ(t.sessions_of(account.id).size(), 1u);
        accounts += page.size();
        after_name = page.back().username;
      }
      EXPECT_EQ(t.revocations_after(0, SIZE_MAX).size(), accounts);
    }));
  }
}

TEST_F(SqliteProcesses, several_that_start_together_on_a_new_file_all_come_up) {
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 6; ++i) {
    children.push_back(std::make_unique<Child>([&, i](auto say) {
      auto store = open_sqlite(file);
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
  auto store = open_sqlite(file);
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->read([](Transaction& t) { EXPECT_EQ(t.accounts("", 1000).size(), 60u); }));
}

TEST_F(SqliteProcesses, what_one_process_was_answered_another_reads_at_once) {
  Child child{[&](auto say) {
    auto mine = open_sqlite(file);
    if (!mine) return 1;
    for (int n = 0;; ++n) {
      auto account = account_named(std::to_string(n));
      if (!(*mine)->write([&](Transaction& t) { (void)t.insert_account(account); })) return 2;
      say(account.id.text());
    }
  }};
  ASSERT_EQ(child.lines(1).size(), 1u);
  auto store = open_sqlite(file);
  ASSERT_TRUE(store);
  for (int n = 0; n < 30; ++n) {
    auto said = child.lines(1);
    ASSERT_EQ(said.size(), 1u);
    ASSERT_TRUE((*store)->read([&](Transaction& t) { EXPECT_TRUE(t.account(*AccountId::from_text(said[0]))); }));
  }
}

// A limit on the size of files stands for the full disk: SQLite gets its error from the same system calls.
TEST_F(SqliteProcesses, a_full_disk_is_unavailable_keeps_what_was_answered_and_heals_by_itself) {
  ASSERT_TRUE(open_sqlite(file));
  Child child{[&](auto say) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto store = open_sqlite(file);
    if (!store) return 1;
    auto add = [&](int n) {
      return (*store)->write([&](Transaction& t) {
        auto account = account_named(std::to_string(n));
        account.scope = std::string(2000, 's');
        (void)t.insert_account(account);
      });
    };
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    auto roomy = limit.rlim_cur;
    limit.rlim_cur = 400'000;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int kept = 0;
    for (;;) {
      auto written = add(kept);
      if (!written) {
        if (written.error().failure != StoreFailure::unavailable) return 2;
        break;
      }
      ++kept;
      if (kept > 10'000) return 3;
    }
    if ((*store)->healthy()) return 4;
    auto count = [&] {
      std::size_t found = 0;
      bool read = (*store)->read([&](Transaction& t) { found = t.accounts("", 20'000).size(); }).has_value();
      return read ? static_cast<int>(found) : -1;
    };
    if (count() != kept) return 5;
    limit.rlim_cur = roomy;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    while (!(*store)->healthy()) std::this_thread::sleep_for(std::chrono::milliseconds{20});
    if (!add(kept)) return 6;
    if (count() != kept + 1) return 7;
    say(std::to_string(kept + 1));
    return 0;
  }};
  auto said = child.lines();
  EXPECT_EQ(child.wait(), 0);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_GT(std::stoi(said[0]), 20);
  auto store = open_sqlite(file);
  ASSERT_TRUE(store);
  ASSERT_TRUE(
      (*store)->read([&](Transaction& t) { EXPECT_EQ(std::to_string(t.accounts("", 20'000).size()), said[0]); }));
}

}  // namespace
}  // namespace signet::server::testing

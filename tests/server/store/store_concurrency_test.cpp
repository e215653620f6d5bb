#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "tests/server/store/engines.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {
namespace {

class StoreConcurrency : public OverEveryEngine {};
SIGNET_OVER_EVERY_ENGINE(StoreConcurrency);

void in_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
}

TEST_P(StoreConcurrency, of_fifty_that_advance_one_counter_exactly_one_does) {
  auto account = account_named("alice");
  auto session = session_of(account.id);
  session.counter = 0;
  ASSERT_TRUE(store->write([&](Transaction& t) {
    ASSERT_TRUE(t.insert_account(account));
    t.insert_session(session);
  }));
  auto next = session;
  next.counter = 1;
  std::atomic<int> advanced = 0;
  in_threads(50, [&](int) {
    bool mine = false;
    EXPECT_TRUE(store->write([&](Transaction& t) { mine = t.advance_session(next, 0); }));
    advanced += mine;
  });
  EXPECT_EQ(advanced, 1);
}

TEST_P(StoreConcurrency, of_fifty_that_take_one_username_exactly_one_does) {
  std::atomic<int> taken = 0;
  in_threads(50, [&](int) {
    bool mine = false;
    EXPECT_TRUE(store->write([&](Transaction& t) { mine = t.insert_account(account_named("alice")); }));
    taken += mine;
  });
  EXPECT_EQ(taken, 1);
}

TEST_P(StoreConcurrency, a_work_that_fails_takes_none_of_its_neighbours_with_it) {
  struct Mine {};
  in_threads(60, [&](int i) {
    auto work = [&](Transaction& t) {
      EXPECT_TRUE(t.insert_account(account_named("user " + std::to_string(i))));
      if (i % 3 == 1) throw StoreFailed{{StoreFailure::conflict, "no"}};
      if (i % 3 == 2) throw Mine{};
    };
    if (i % 3 == 2) {
      EXPECT_THROW((void)store->write(work), Mine);
    } else {
      EXPECT_EQ(store->write(work).has_value(), i % 3 == 0);
    }
  });
  std::set<std::string> names;
  ASSERT_TRUE(store->read([&](Transaction& t) {
    for (const auto& account : t.accounts("", 100)) names.insert(account.username);
  }));
  std::set<std::string> expected;
  for (int i = 0; i < 60; i += 3) expected.insert("user " + std::to_string(i));
  EXPECT_EQ(names, expected);
}

TEST_P(StoreConcurrency, a_read_sees_every_write_that_was_answered_before_it) {
  in_threads(8, [&](int i) {
    for (int n = 0; n < 25; ++n) {
      auto account = account_named(std::to_string(i) + "/" + std::to_string(n));
      ASSERT_TRUE(store->write([&](Transaction& t) { ASSERT_TRUE(t.insert_account(account)); }));
      bool seen = false;
      ASSERT_TRUE(store->read([&](Transaction& t) { seen = t.account(account.id).has_value(); }));
      EXPECT_TRUE(seen);
    }
  });
}

// A transfer between two rows: readers never see one half of it.
TEST_P(StoreConcurrency, readers_never_see_half_a_transaction) {
  ASSERT_TRUE(store->write([](Transaction& t) {
    t.insert_key(key_named("left"));
    t.insert_key(key_named("right"));
  }));
  std::atomic<bool> done = false;
  std::atomic<int> halves = 0;
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([&] {
        while (!done) {
          EXPECT_TRUE(store->read([&](Transaction& t) {
            auto keys = t.keys();
            halves += keys[0].algorithm != keys[1].algorithm;
          }));
        }
      });
    }
    for (int n = 0; n < 100; ++n) {
      EXPECT_TRUE(store->write([&](Transaction& t) {
        for (auto key : t.keys()) {
          key.algorithm = std::to_string(n);
          t.update_key(key);
        }
      }));
    }
    done = true;
  }
  EXPECT_EQ(halves, 0);
}

TEST_P(StoreConcurrency, two_that_opened_one_database_lose_nothing_of_each_other) {
  auto other = database->open();
  in_threads(8, [&](int i) {
    auto& mine = i % 2 == 0 ? *store : *other;
    for (int n = 0; n < 20; ++n) {
      auto name = std::to_string(i) + "/" + std::to_string(n);
      auto written = mine.write([&](Transaction& t) {
        ASSERT_TRUE(t.insert_account(account_named(name)));
        t.append_revocation({RevocationKind::token, name, at(0), at(10)});
      });
      EXPECT_TRUE(written) << written.error().detail;
    }
  });
  for (auto* either : {store.get(), other.get()}) {
    ASSERT_TRUE(either->read([](Transaction& t) {
      EXPECT_EQ(t.accounts("", 1000).size(), 160u);
      EXPECT_EQ(t.revocations_after(0, 1000).size(), 160u);
    }));
  }
}

}  // namespace
}  // namespace signet::server::testing

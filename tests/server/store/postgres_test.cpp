// What PostgreSQL does beyond the suite of every engine: schema, order of the log, limits, secrets.

#include "server/store/postgres/postgres_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

#include "tests/server/store/postgres_cluster.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class Postgres : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresServer::installed())
      GTEST_SKIP()
          << "PostgreSQL is not installed; scripts/setup does that. Nothing of the PostgreSQL store was tested.";
    database = std::make_unique<TemporaryPostgresDatabase>(PostgresServer::shared());
  }
  std::unique_ptr<Store> open(const PostgresOptions& options = {}) {
    auto store = open_postgres(Secret::from_text(database->url()), options);
    if (!store) throw std::runtime_error{store.error()};
    return std::move(*store);
  }
  std::string refusal(const std::string& url) {
    auto store = open_postgres(Secret::from_text(url));
    EXPECT_FALSE(store);
    return store ? "" : store.error();
  }
  PostgresSession session() { return PostgresSession{database->url()}; }

  static Revocation revocation(std::string key) { return {RevocationKind::token, std::move(key), at(0), at(10)}; }
  // Appends, and asks for the number that it got; the question also sends what waits to be sent.
  static std::int64_t append(Transaction& t, std::string key) {
    t.append_revocation(revocation(std::move(key)));
    return t.revocations_after(0, 10).back().seq;
  }

  std::unique_ptr<TemporaryPostgresDatabase> database;
};

TEST_F(Postgres, is_installed) { EXPECT_TRUE(open()->healthy()); }

TEST_F(Postgres, a_database_from_a_newer_version_is_refused_and_not_touched) {
  (void)open();
  session().execute("UPDATE signet.schema SET version = 1000");
  EXPECT_THAT(refusal(database->url()), HasSubstr("newer version"));
  session().execute("UPDATE signet.schema SET version = 1");
  (void)open();
}

TEST_F(Postgres, a_schema_of_another_program_is_refused) {
  session().execute("CREATE SCHEMA signet CREATE TABLE signet.photographs (id INTEGER)");
  EXPECT_THAT(refusal(database->url()), HasSubstr("another program"));
}

TEST_F(Postgres, an_empty_schema_that_somebody_made_for_it_is_taken) {
  auto name = database->name();
  auto admin = session();
  admin.execute("DROP ROLE IF EXISTS clerk_" + name);
  admin.execute("CREATE ROLE clerk_" + name + " LOGIN");
  admin.execute("CREATE SCHEMA signet AUTHORIZATION clerk_" + name);
  auto url = database->url();
  url.replace(url.find("signet@"), 6, "clerk_" + name);
  auto store = open_postgres(Secret::from_text(url));
  EXPECT_TRUE(store) << store.error();
  store->reset();
  admin.execute("DROP SCHEMA signet CASCADE");
  admin.execute("DROP ROLE clerk_" + name);
}

TEST_F(Postgres, another_encoding_is_refused) {
  session().execute("CREATE DATABASE " + database->name() +
                    "_ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
  auto url = database->url();
  url.insert(url.find('?'), "_ascii");
  EXPECT_THAT(refusal(url), HasSubstr("UTF8"));
  session().execute("DROP DATABASE " + database->name() + "_ascii WITH (FORCE)");
}

TEST_F(Postgres, no_error_shows_the_password) {
  std::string port = PostgresServer::shared().port;
  const std::vector<std::string> urls{
      "postgresql://signet:very-secret-value@127.0.0.1:" + port + "/postgres",  // a wrong password
      "postgresql://signet:very-secret-value@127.0.0.1:1/postgres",             // nobody there
      "postgresql://signet:very-secret-value@127.0.0.1:nonsense/postgres",      // no port
      "postgresql://signet:very-secret-value@[::1/postgres",                    // no address
      "postgresql://signet:very%zzsecret-value@127.0.0.1/postgres",             // no percent-encoding
      "postgresql://x?very-secret-value",
      "postgresql://x?very-secret-value=1",
      "host=127.0.0.1 password=very-secret-value",
      "very-secret-value"};
  for (const auto& url : urls) {
    auto said = refusal(url);
    EXPECT_THAT(said, HasSubstr("SIGNET_DATABASE_URL")) << url;
    EXPECT_THAT(said, Not(HasSubstr("secret-value"))) << url;
    EXPECT_THAT(said, Not(HasSubstr("\n")));
  }
}

TEST_F(Postgres, a_password_and_tcp_serve_as_well) {
  auto store = open_postgres(Secret::from_text(database->tcp_url()));
  ASSERT_TRUE(store) << store.error();
  EXPECT_TRUE((*store)->write([](Transaction& t) { EXPECT_TRUE(t.insert_account(account_named("alice"))); }));
}

TEST_F(Postgres, a_read_cannot_write) {
  auto store = open();
  EXPECT_FALSE(store->read([](Transaction& t) { (void)t.insert_account(account_named("alice")); }));
  EXPECT_TRUE(store->read([](Transaction& t) { EXPECT_FALSE(t.account_by_username("alice")); }));
}

TEST_F(Postgres, a_write_inside_a_write_is_a_bug_that_is_told) {
  auto store = open();
  EXPECT_THROW((void)store->write([&](Transaction&) { (void)store->write([](Transaction&) {}); }), std::logic_error);
}

TEST_F(Postgres, a_failure_that_a_work_swallows_is_no_success) {
  auto store = open();
  auto account = account_named("alice");
  auto written = store->write([&](Transaction& t) {
    ASSERT_TRUE(t.insert_account(account));
    try {
      t.insert_session(session_of(AccountId::random()));
    } catch (const std::exception&) {
    }
  });
  EXPECT_FALSE(written);
  EXPECT_TRUE(store->read([&](Transaction& t) { EXPECT_FALSE(t.account(account.id)); }));
}

TEST_F(Postgres, text_that_it_cannot_keep_is_refused_without_harm) {
  auto store = open();
  auto account = account_named(std::string("a\0b", 3));
  auto written = store->write([&](Transaction& t) { (void)t.insert_account(account); });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().failure, StoreFailure::conflict);
  EXPECT_TRUE(store->healthy());
}

TEST_F(Postgres, durability_that_was_switched_off_for_the_database_is_on_for_us) {
  session().execute("ALTER DATABASE " + database->name() + " SET synchronous_commit = off");
  auto store = open();
  EXPECT_TRUE(store->read([&](Transaction& t) {
    (void)t.keys();
    EXPECT_EQ(session().execute("SHOW synchronous_commit"), "off");
  }));
  // What a session of the store says of itself is seen in the schema only by itself: through a default.
  session().execute(
      "ALTER TABLE signet.audit ADD COLUMN setting TEXT DEFAULT current_setting('synchronous_commit') || ' ' || "
      "current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') || ' ' || "
      "current_setting('idle_in_transaction_session_timeout')");
  ASSERT_TRUE(store->write([](Transaction& t) { t.append_audit(event_of("login")); }));
  EXPECT_EQ(session().execute("SELECT setting FROM signet.audit"), "on 2s 1500ms 5s");
}

// A reader polls for what is newer than the newest it has seen. Writers take their numbers and commit in any order they
// can; each of their rows must come to the reader.
TEST_F(Postgres, a_reader_of_the_revocation_log_skips_no_row_whatever_order_the_commits_have) {
  constexpr int writers = 12, rows = 25;
  auto one = open(), two = open();
  std::set<std::string> seen;
  std::atomic<int> working = writers;
  std::jthread reader{[&] {
    std::int64_t seq = 0;
    for (bool last = false; !last;) {
      last = working == 0;  // one more look after the last commit
      const auto read = one->read([&](Transaction& t) {
        for (const auto& row : t.revocations_after(seq, 1000)) {
          EXPECT_GT(row.seq, seq);
          seq = row.seq;
          seen.insert(row.revocation.key);
        }
      });
      ASSERT_TRUE(read) << read.error().detail;
    }
  }};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < writers; ++i) {
      threads.emplace_back([&, i] {
        auto& mine = i % 2 ? *one : *two;
        for (int n = 0; n < rows; ++n) {
          auto written = mine.write([&](Transaction& t) {
            t.append_revocation(revocation(std::to_string(i) + "/" + std::to_string(n)));
            // Others overtake here, if they can.
            for (int pause = 0; pause < (i * 7 + n) % 5; ++pause) (void)t.account(AccountId::random());
          });
          EXPECT_TRUE(written) << written.error().detail;
        }
        --working;
      });
    }
  }
  reader.join();
  EXPECT_EQ(seen.size(), std::size_t{writers * rows});
}

TEST_F(Postgres, a_process_that_appends_to_the_log_wakes_those_that_watch_in_others) {
  auto one = open(), two = open();
  std::atomic<int> heard_by_two = 0;
  const auto until = [&](int count) {
    while (heard_by_two < count) std::this_thread::yield();
  };
  one->watch_revocations([] {});
  two->watch_revocations([&] { ++heard_by_two; });
  until(1);  // it listens
  // What is told before `one` has a connection for it is told once it has.
  for (int told = 0; told < 3; ++told) {
    const int before = heard_by_two;
    one->tell_revoked();
    until(before + 1);
  }
  // The server throws the connections out: both come back, and hear again.
  const int before = heard_by_two;
  session().execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%signet_revocations%' AND pid <> "
      "pg_backend_pid()");
  until(before + 1);
  two->watch_revocations({});
  const int last = heard_by_two;
  one->tell_revoked();
  two->tell_revoked();
  EXPECT_EQ(heard_by_two, last) << "not called any more";
}

TEST_F(Postgres, no_number_is_taken_while_another_transaction_has_one_that_is_not_committed) {
  auto one = open(), two = open({.lock_timeout = 100ms});
  std::int64_t first = 0, second = 0;
  ASSERT_TRUE(one->write([&](Transaction& t) {
    first = append(t, "first");
    auto overtaking = two->write([&](Transaction& other) { other.append_revocation(revocation("overtaking")); });
    ASSERT_FALSE(overtaking);
    EXPECT_EQ(overtaking.error().failure, StoreFailure::unavailable);
    EXPECT_TRUE(two->healthy());  // it answers, after all
    // What revokes nothing does not wait.
    EXPECT_TRUE(two->write([](Transaction& other) { (void)other.insert_account(account_named("alice")); }));
    EXPECT_TRUE(two->read([](Transaction& other) { EXPECT_TRUE(other.revocations_after(0, 10).empty()); }));
  }));
  ASSERT_TRUE(two->write([&](Transaction& t) { second = append(t, "second"); }));
  EXPECT_GT(second, first);
}

// Waiting for the lock is no conflict: a transaction that began before the other's commit goes on with a later number.
TEST_F(Postgres, a_revocation_that_waited_keeps_its_older_view_and_gets_the_later_number) {
  auto one = open(), two = open();
  int runs = 0;
  std::latch looked{1}, appended{1};
  std::jthread other{[&] {
    EXPECT_TRUE(two->write([&](Transaction& t) {
      ++runs;
      EXPECT_TRUE(t.accounts("", 10).empty());
      if (runs == 1) {
        looked.count_down();
        appended.wait();
      }
      t.append_revocation(revocation("second"));
    }));
  }};
  looked.wait();
  ASSERT_TRUE(one->write([&](Transaction& t) {
    t.append_revocation(revocation("first"));
    (void)t.revocation_epoch();  // sends what waits to be sent
    appended.count_down();
    auto watcher = session();
    while (watcher.execute("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0") std::this_thread::yield();
  }));
  other.join();
  EXPECT_EQ(runs, 1);
  ASSERT_TRUE(one->read([](Transaction& t) {
    const auto log = t.revocations_after(0, 10);
    ASSERT_EQ(log.size(), 2U);
    EXPECT_EQ(log.back().revocation.key, "second");
  }));
}

// Write skew: each reads what the other writes. SQLite runs them one after the other; so it must come out here.
TEST_F(Postgres, two_that_each_find_nothing_do_not_both_act_on_it) {
  auto one = open(), two = open();
  std::barrier both_looked{2};
  std::atomic<int> runs = 0;
  auto make_one_if_there_is_none = [&](Store& store, const std::string& name) {
    bool first = true;
    return store.write([&](Transaction& t) {
      ++runs;
      bool none = t.keys().empty();
      if (std::exchange(first, false)) both_looked.arrive_and_wait();
      if (none) t.insert_key(key_named(name));
    });
  };
  std::jthread other{[&] { EXPECT_TRUE(make_one_if_there_is_none(*two, "two")); }};
  EXPECT_TRUE(make_one_if_there_is_none(*one, "one"));
  other.join();
  EXPECT_EQ(runs, 3);
  EXPECT_TRUE(one->read([](Transaction& t) { EXPECT_EQ(t.keys().size(), 1u); }));
}

TEST_F(Postgres, of_fifty_at_two_nodes_that_advance_one_counter_exactly_one_does) {
  auto one = open(), two = open();
  auto account = account_named("alice");
  auto kept = session_of(account.id);
  kept.counter = 0;
  ASSERT_TRUE(one->write([&](Transaction& t) {
    ASSERT_TRUE(t.insert_account(account));
    t.insert_session(kept);
  }));
  auto next = kept;
  next.counter = 1;
  std::atomic<int> advanced = 0;
  {
    std::barrier together{50};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 50; ++i) {
      threads.emplace_back([&, i] {
        together.arrive_and_wait();
        bool mine = false;
        auto written = (i % 2 ? *one : *two).write([&](Transaction& t) {
          mine = t.session(kept.id)->counter == 0 && t.advance_session(next, 0);
        });
        EXPECT_TRUE(written) << written.error().detail;
        advanced += mine;
      });
    }
  }
  EXPECT_EQ(advanced, 1);
}

TEST_F(Postgres, more_callers_than_connections_take_turns) {
  auto store = open({.connections = 2});
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n)
        EXPECT_TRUE(store->read([](Transaction& t) { EXPECT_TRUE(t.accounts("", 1).empty()); }));
    });
  }
  threads.clear();
  EXPECT_LE(std::stoi(session().execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'signet' "
                                        "AND datname = current_database()")),
            2);
}

TEST_F(Postgres, when_every_connection_is_taken_the_wait_for_one_has_an_end) {
  auto store = open({.connections = 1, .patience = 100ms});
  (void)store->read([&](Transaction& t) {
    (void)t.keys();
    auto inner = store->read([](Transaction&) {});
    ASSERT_FALSE(inner);
    EXPECT_EQ(inner.error().failure, StoreFailure::unavailable);
    EXPECT_THAT(inner.error().detail, HasSubstr("in use"));
  });
  EXPECT_TRUE(store->healthy());
  EXPECT_TRUE(store->read([](Transaction& t) { (void)t.keys(); }));
}

TEST_F(Postgres, a_work_that_takes_too_long_changes_nothing_and_says_nothing_of_the_server) {
  auto store = open({.patience = 100ms});
  auto written = store->write([](Transaction& t) {
    EXPECT_TRUE(t.insert_account(account_named("alice")));
    std::this_thread::sleep_for(150ms);
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().failure, StoreFailure::unavailable);
  EXPECT_TRUE(store->healthy());
  EXPECT_TRUE(store->read([](Transaction& t) { EXPECT_FALSE(t.account_by_username("alice")); }));
}

TEST_F(Postgres, a_row_that_somebody_locks_is_unavailable_after_the_limit) {
  auto store = open({.lock_timeout = 100ms});
  auto account = account_named("alice");
  ASSERT_TRUE(store->write([&](Transaction& t) { ASSERT_TRUE(t.insert_account(account)); }));
  auto neighbour = session();
  neighbour.execute("BEGIN");
  neighbour.execute("UPDATE signet.accounts SET scope = 'x'");
  auto written = store->write([&](Transaction& t) { t.update_account(account); });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().failure, StoreFailure::unavailable);
  neighbour.execute("ROLLBACK");
  EXPECT_TRUE(store->write([&](Transaction& t) { t.update_account(account); }));
}

TEST_F(Postgres, a_statement_that_takes_too_long_is_unavailable_after_the_limit) {
  auto store = open({.statement_timeout = 100ms});
  session().execute("ALTER TABLE signet.keys ENABLE ROW LEVEL SECURITY");
  session().execute(
      "CREATE FUNCTION signet.dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; "
      "END'");
  session().execute("CREATE TRIGGER slow BEFORE INSERT ON signet.keys FOR EACH ROW EXECUTE FUNCTION signet.dawdle()");
  auto written = store->write([](Transaction& t) { t.insert_key(key_named("a")); });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().failure, StoreFailure::unavailable);
  EXPECT_TRUE(store->read([](Transaction& t) { EXPECT_TRUE(t.keys().empty()); }));
}

// As an administrator or a failover does it.
TEST_F(Postgres, connections_that_were_cut_are_replaced_without_an_error) {
  auto store = open();
  for (int n = 0; n < 5; ++n) {
    EXPECT_TRUE(store->write([&](Transaction& t) { (void)t.insert_account(account_named(std::to_string(n))); }));
    session().execute(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'signet' AND "
        "datname = current_database()");
  }
  EXPECT_TRUE(store->healthy());
  EXPECT_TRUE(store->read([](Transaction& t) { EXPECT_EQ(t.accounts("", 10).size(), 5u); }));
}

TEST_F(Postgres, a_connection_that_is_cut_inside_a_work_runs_it_again) {
  auto store = open();
  int runs = 0;
  auto written = store->write([&](Transaction& t) {
    EXPECT_TRUE(t.insert_account(account_named("alice")));
    if (++runs == 1)
      session().execute(
          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'signet' AND "
          "datname = current_database()");
    t.append_audit(event_of("signup"));
    EXPECT_TRUE(t.account_by_username("alice"));
  });
  EXPECT_TRUE(written) << written.error().detail;
  EXPECT_EQ(runs, 2);
  EXPECT_TRUE(store->read([](Transaction& t) { EXPECT_EQ(t.audit_after(0, 10).size(), 1u); }));
}

// However many accounts and sessions there are: no question is answered by looking at every row.
TEST_F(Postgres, every_question_is_answered_from_an_index) {
  (void)open();
  auto asking = session();
  asking.execute("SET enable_seqscan = off");
  for (std::string sql :
       {"SELECT * FROM signet.accounts WHERE id = '\\x00'", "SELECT * FROM signet.accounts WHERE username = 'a'",
        "SELECT * FROM signet.accounts WHERE username >= 'a' AND username < 'b' AND username <> 'a' ORDER BY username "
        "LIMIT 10",
        "SELECT * FROM signet.sessions WHERE id = '\\x00'",
        "SELECT * FROM signet.sessions WHERE account = '\\x00' ORDER BY created_at, id",
        "SELECT id FROM signet.sessions WHERE least(idle_expires_at, expires_at) <= 1 LIMIT 10",
        "SELECT * FROM signet.revocations WHERE seq > 1 ORDER BY seq LIMIT 10",
        "SELECT seq FROM signet.revocations WHERE expires_at <= 1 ORDER BY expires_at LIMIT 10",
        "SELECT * FROM signet.audit WHERE seq > 1 ORDER BY seq LIMIT 10"}) {
    auto plan = asking.lines("EXPLAIN " + sql);
    EXPECT_THAT(plan, Not(HasSubstr("Seq Scan"))) << sql;
    EXPECT_THAT(plan, HasSubstr("Index Cond")) << sql << " would read all of the index";
  }
}

}  // namespace
}  // namespace signet::server::testing

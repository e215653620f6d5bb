#include "server/store/store.hpp"

#include "tests/server/store/store_fixture.hpp"

namespace signet::server::testing {
namespace {

class Stores : public StoreTest {};
SIGNET_OVER_EVERY_ENGINE(Stores);

TEST_P(Stores, how_the_server_was_last_started_is_kept) {
  read([](Transaction& t) { EXPECT_EQ(t.last_run("issuer"), std::nullopt); });
  write([](Transaction& t) {
    t.set_last_run("issuer", "https://auth.example");
    t.set_last_run("algorithm", "ES256");
  });
  write([](Transaction& t) { t.set_last_run("algorithm", "HS256"); });
  store.reset();
  store = database->open();
  read([](Transaction& t) {
    EXPECT_EQ(t.last_run("issuer"), "https://auth.example");
    EXPECT_EQ(t.last_run("algorithm"), "HS256");
  });
}

TEST_P(Stores, an_abandoned_write_leaves_nothing) {
  auto account = account_named("alice");
  StoreFailed reason{{StoreFailure::conflict, "changed my mind"}};
  auto written = store->write([&](Transaction& t) {
    ASSERT_TRUE(t.insert_account(account));
    t.insert_session(session_of(account.id));
    t.append_audit(event_of("signup"));
    t.append_revocation({RevocationKind::token, "a", at(0), at(10)});
    throw reason;
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().failure, StoreFailure::conflict);
  EXPECT_EQ(written.error().detail, "changed my mind");
  read([&](Transaction& t) {
    EXPECT_FALSE(t.account(account.id));
    EXPECT_TRUE(t.sessions_of(account.id).empty());
    EXPECT_TRUE(t.audit_after(0, 10).empty());
    EXPECT_TRUE(t.revocations_after(0, 10).empty());
  });
  EXPECT_TRUE(store->healthy());
}

TEST_P(Stores, a_works_own_exception_reaches_the_caller_and_leaves_nothing) {
  struct Mine {};
  EXPECT_THROW((void)store->write([](Transaction& t) {
    (void)t.insert_account(account_named("alice"));
    throw Mine{};
  }),
               Mine);
  EXPECT_THROW((void)store->read([](Transaction&) { throw Mine{}; }), Mine);
  read([](Transaction& t) { EXPECT_FALSE(t.account_by_username("alice")); });
  kept_account("alice");
}

TEST_P(Stores, what_a_work_has_written_it_sees) {
  write([](Transaction& t) {
    auto account = account_named("alice");
    ASSERT_TRUE(t.insert_account(account));
    EXPECT_TRUE(t.account(account.id));
    EXPECT_FALSE(t.insert_account(account_named("alice")));
  });
}

TEST_P(Stores, a_read_is_one_moment_whatever_is_written_meanwhile) {
  read([&](Transaction& t) {
    EXPECT_TRUE(t.accounts("", 10).empty());
    kept_account("alice");
    EXPECT_TRUE(t.accounts("", 10).empty());
  });
  read([](Transaction& t) { EXPECT_EQ(t.accounts("", 10).size(), 1u); });
}

TEST_P(Stores, what_was_written_is_there_after_closing_and_opening) {
  auto account = kept_account();
  store.reset();
  store = database->open();
  read([&](Transaction& t) {
    auto found = t.account(account.id);
    ASSERT_TRUE(found);
    EXPECT_TRUE(same(*found, account));
  });
}

}  // namespace
}  // namespace signet::server::testing

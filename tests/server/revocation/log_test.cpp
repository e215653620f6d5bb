#include "server/revocation/log.hpp"

#include <gtest/gtest.h>

#include "signet/clock.hpp"
#include "tests/server/store/engines.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;

class RevocationLogTest : public OverEveryEngine {
 protected:
  std::vector<Revocation> kept() {
    std::vector<Revocation> rows;
    EXPECT_TRUE(store->read([&](Transaction& t) {
      for (const auto& row : t.revocations_after(0, 100)) rows.push_back(row.revocation);
    }));
    return rows;
  }

  ManualClock clock{at(1'700'000'000'700)};
  Revocations enforced;
};
SIGNET_OVER_EVERY_ENGINE(RevocationLogTest);

TEST_P(RevocationLogTest, every_cause_is_a_row_that_outlives_what_it_covers) {
  auto session = SessionId::random();
  auto account = AccountId::random();
  auto now = clock.now();
  auto token_expires_at = now + 5min;
  ASSERT_TRUE(write_revoking(*store, enforced, clock, [&](Transaction&, RevocationLog& log) {
    log.session(session);
    log.subject(account);
    log.token("jti", token_expires_at);
    log.client("client");
    log.key("kid");
    log.everyone();
  }));
  auto kept_for = now + longest_access_lifetime + longest_leeway;
  auto second = at(1'700'000'000'000), next_second = at(1'700'000'001'000);
  const Revocation expected[] = {
      {RevocationKind::session, session.text(), now, kept_for},
      {RevocationKind::subject, account.text(), second, kept_for},
      {RevocationKind::token, "jti", now, token_expires_at + longest_leeway},
      {RevocationKind::client, "client", next_second, now + longest_session},
      {RevocationKind::key, "kid", kept_for, kept_for},
      {RevocationKind::everyone, "", next_second, now + longest_session},
  };
  auto rows = kept();
  ASSERT_EQ(rows.size(), std::size(expected));
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_TRUE(same(rows[i], expected[i])) << i;
}

TEST_P(RevocationLogTest, an_answered_revocation_is_enforced_already) {
  auto session = SessionId::random().text();
  auto id = *SessionId::from_text(session);
  EXPECT_FALSE(enforced.covers(token_of_session(session, clock.now())));
  ASSERT_TRUE(write_revoking(*store, enforced, clock, [&](Transaction&, RevocationLog& log) { log.session(id); }));
  EXPECT_TRUE(enforced.covers(token_of_session(session, clock.now())));
}

TEST_P(RevocationLogTest, a_write_that_fails_enforces_nothing) {
  auto written = write_revoking(*store, enforced, clock, [&](Transaction&, RevocationLog& log) {
    log.everyone();
    throw StoreFailed{{StoreFailure::conflict, "no"}};
  });
  EXPECT_FALSE(written);
  EXPECT_EQ(enforced.size(), 0u);
  EXPECT_TRUE(kept().empty());
}

TEST_P(RevocationLogTest, work_that_runs_twice_is_counted_once) {
  struct Twice final : Store {
    explicit Twice(Store& real) : store{real} {}
    Stored<void> write(const std::function<void(Transaction&)>& work) override {
      (void)store.write([&](Transaction& t) {
        work(t);
        throw StoreFailed{{StoreFailure::conflict, "another machine was faster"}};
      });
      return store.write(work);
    }
    Stored<void> read(const std::function<void(Transaction&)>& work) override { return store.read(work); }
    bool healthy() const noexcept override { return true; }
    Store& store;
  } twice{*store};
  int runs = 0;
  ASSERT_TRUE(write_revoking(twice, enforced, clock, [&](Transaction&, RevocationLog& log) {
    log.token("run " + std::to_string(++runs), clock.now() + 60s);
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_FALSE(enforced.covers(token_with_id("run 1", clock.now())));
  EXPECT_TRUE(enforced.covers(token_with_id("run 2", clock.now())));
  EXPECT_EQ(kept().size(), 1u);
}

}  // namespace
}  // namespace signet::server::testing

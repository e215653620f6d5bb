#include "server/revocation/follower.hpp"

#include <gtest/gtest.h>

#include "signet/clock.hpp"
#include "tests/server/store/engines.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;

class RevocationFollowing : public OverEveryEngine {
 protected:
  // As another process does it: this one hears of it from the log alone.
  void revoke(Store& elsewhere, const std::string& jti, Time expires_at) {
    ASSERT_TRUE(elsewhere.write(
        [&](Transaction& t) { t.append_revocation({RevocationKind::token, jti, clock.now(), expires_at}); }));
  }
  bool enforces(const std::string& jti) { return enforced.covers(token_with_id(jti, clock.now())); }

  ManualClock clock{at(1'700'000'000'000)};
  Revocations enforced;
};
SIGNET_OVER_EVERY_ENGINE(RevocationFollowing);

TEST_P(RevocationFollowing, a_start_loads_everything_that_still_matters_before_it_returns) {
  ASSERT_TRUE(store->write([&](Transaction& t) {
    for (int i = 0; i < 2500; ++i) {
      auto end = clock.now() + (i % 2 == 0 ? 1h : -1h);
      t.append_revocation({RevocationKind::token, std::to_string(i), clock.now(), end});
    }
  }));
  RevocationFollower follower{*store, enforced, clock};
  EXPECT_EQ(follower.caught_up_at(), Time{});
  ASSERT_TRUE(follower.catch_up());
  EXPECT_EQ(follower.seq(), 2500);
  EXPECT_EQ(follower.caught_up_at(), clock.now());
  for (int i = 0; i < 2500; ++i) EXPECT_EQ(enforces(std::to_string(i)), i % 2 == 0) << i;
  EXPECT_EQ(enforced.size(), 1250u);
}

TEST_P(RevocationFollowing, what_another_process_revokes_arrives_with_the_next_look) {
  auto elsewhere = database->open();
  RevocationFollower follower{*store, enforced, clock};
  for (int i = 0; i < 5; ++i) {
    auto jti = std::to_string(i);
    revoke(*elsewhere, jti, clock.now() + 1h);
    EXPECT_FALSE(enforces(jti));
    ASSERT_TRUE(follower.catch_up());
    EXPECT_TRUE(enforces(jti));
  }
}

TEST_P(RevocationFollowing, a_sweep_between_two_looks_hides_nothing) {
  RevocationFollower follower{*store, enforced, clock};
  revoke(*store, "old", clock.now() + 1s);
  ASSERT_TRUE(follower.catch_up());
  clock.advance(1h);
  ASSERT_TRUE(store->write([&](Transaction& t) { EXPECT_EQ(t.sweep(clock.now(), 100), 1u); }));
  revoke(*store, "new", clock.now() + 1h);
  ASSERT_TRUE(follower.catch_up());
  EXPECT_TRUE(enforces("new"));
}

TEST_P(RevocationFollowing, the_thread_brings_what_others_write_until_it_is_stopped) {
  auto elsewhere = database->open();
  RevocationFollower follower{*store, enforced, clock};
  follower.start(1ms);
  revoke(*elsewhere, "a", clock.now() + 1h);
  while (!enforces("a")) std::this_thread::sleep_for(1ms);
  follower.stop();
  revoke(*elsewhere, "b", clock.now() + 1h);
  EXPECT_FALSE(enforces("b"));
  ASSERT_TRUE(follower.catch_up());
  EXPECT_TRUE(enforces("b"));
}

TEST_P(RevocationFollowing, a_store_that_fails_is_told_and_shows_in_the_time_of_the_last_look) {
  struct Failing final : Store {
    Stored<void> write(const std::function<void(Transaction&)>&) override { return failed(); }
    Stored<void> read(const std::function<void(Transaction&)>&) override { return failed(); }
    bool healthy() const noexcept override { return false; }
    static Stored<void> failed() { return std::unexpected(StoreError{StoreFailure::unavailable, "gone"}); }
  } failing;
  RevocationFollower follower{failing, enforced, clock};
  EXPECT_FALSE(follower.catch_up());
  EXPECT_EQ(follower.caught_up_at(), Time{});
}

}  // namespace
}  // namespace signet::server::testing

#include "server/revocation/follower.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "signet/clock.hpp"
#include "tests/server/store/engines.hpp"
#include "tests/server/store/rows.hpp"
#include "tests/server/store/temporary_directory.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;

struct Following {
  // As another process does it: this one hears of it from the log alone.
  void revoke(Store& elsewhere, const std::string& jti, Time expires_at) {
    ASSERT_TRUE(elsewhere.write(
        [&](Transaction& t) { t.append_revocation({RevocationKind::token, jti, clock.now(), expires_at}); }));
  }
  bool enforces(const std::string& jti) { return enforced.covers(token_with_id(jti, clock.now())); }

  struct Listener final : RevocationListener {
    std::vector<std::string> epochs;
    std::vector<std::int64_t> seqs;
    std::vector<Time> times;
    void begin(std::string_view epoch) override { epochs.emplace_back(epoch); }
    void rows(std::span<const LoggedRevocation> rows) override {
      for (const auto& row : rows) seqs.push_back(row.seq);
    }
    void caught_up(Time as_of) override { times.push_back(as_of); }
  };

  ManualClock clock{at(1'700'000'000'000)};
  Revocations enforced;
};
class RevocationFollowing : public OverEveryEngine, protected Following {};
class RevocationFollowingAlone : public ::testing::Test, protected Following {};
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
  revoke(*store, "new", clock.now() + 1h);
  ASSERT_TRUE(store->write([&](Transaction& t) { EXPECT_EQ(t.sweep(clock.now(), 100), 1u); }));
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

TEST_P(RevocationFollowing, the_listener_hears_every_row_once_in_order_and_when_all_is_heard) {
  ASSERT_TRUE(store->write([&](Transaction& t) {
    for (int i = 0; i < 2500; ++i)
      t.append_revocation({RevocationKind::token, std::to_string(i), clock.now(), clock.now() + 1h});
  }));
  Listener listener;
  RevocationFollower follower{*store, enforced, clock, &listener};
  ASSERT_TRUE(follower.catch_up());
  ASSERT_TRUE(follower.catch_up());
  revoke(*store, "new", clock.now() + 1h);
  ASSERT_TRUE(follower.catch_up());
  EXPECT_EQ(listener.epochs.size(), 1u);
  EXPECT_EQ(listener.times, (std::vector<Time>{clock.now(), clock.now(), clock.now()}));
  ASSERT_EQ(listener.seqs.size(), 2501u);
  for (int i = 0; i < 2501; ++i) EXPECT_EQ(listener.seqs[static_cast<std::size_t>(i)], i + 1);
}

// What a node sees when its database is replaced under it.
struct Switched final : Store {
  explicit Switched(Store& first) : now{&first} {}
  Stored<void> write(const std::function<void(Transaction&)>& work) override { return now->write(work); }
  Stored<void> read(const std::function<void(Transaction&)>& work) override { return now->read(work); }
  bool healthy() const noexcept override { return true; }
  Store* now;
};

TEST_P(RevocationFollowing, another_database_is_read_from_its_beginning) {
  auto other_database = GetParam().make();
  auto other = other_database->open();
  for (const auto* jti : {"a", "b", "c"}) revoke(*store, jti, clock.now() + 1h);
  for (const auto* jti : {"d", "e", "f"}) revoke(*other, jti, clock.now() + 1h);
  Switched switched{*store};
  Listener listener;
  RevocationFollower follower{switched, enforced, clock, &listener};
  ASSERT_TRUE(follower.catch_up());
  switched.now = other.get();
  ASSERT_TRUE(follower.catch_up());
  ASSERT_EQ(listener.epochs.size(), 2u);
  EXPECT_NE(listener.epochs[0], listener.epochs[1]);
  EXPECT_EQ(listener.seqs, (std::vector<std::int64_t>{1, 2, 3, 1, 2, 3}));
  EXPECT_TRUE(enforces("d"));
}

TEST_F(RevocationFollowingAlone, a_backup_that_was_put_back_is_read_from_its_beginning) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "signet.db", copy = directory.path() / "backup.db";
  const auto opened = [](const std::filesystem::path& path) { return open_sqlite(path).value(); };
  for (const auto* jti : {"a", "b"}) revoke(*opened(file), jti, clock.now() + 1h);
  std::filesystem::copy_file(file, copy);
  auto store = opened(file);
  revoke(*store, "lost", clock.now() + 1h);
  Switched switched{*store};
  Listener listener;
  RevocationFollower follower{switched, enforced, clock, &listener};
  ASSERT_TRUE(follower.catch_up());
  auto restored = opened(copy);
  switched.now = restored.get();
  ASSERT_TRUE(follower.catch_up());
  EXPECT_EQ(listener.epochs.size(), 2u);
  EXPECT_EQ(follower.seq(), 2);
  revoke(*restored, "another third", clock.now() + 1h);
  ASSERT_TRUE(follower.catch_up());
  EXPECT_TRUE(enforces("another third"));
}

TEST_P(RevocationFollowing, a_wake_is_as_good_as_the_time) {
  RevocationFollower follower{*store, enforced, clock};
  follower.start(24h);
  while (follower.caught_up_at() == Time{}) std::this_thread::yield();
  revoke(*store, "a", clock.now() + 1h);
  follower.wake();
  while (!enforces("a")) std::this_thread::yield();
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

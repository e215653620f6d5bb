#include "server/store/sweep.hpp"

#include <functional>
#include <stop_token>

#include "tests/server/store/store_fixture.hpp"

namespace signet::server::testing {
namespace {

class Sweep : public StoreTest {};
SIGNET_OVER_EVERY_ENGINE(Sweep);

class CountingStore final : public Store {
 public:
  explicit CountingStore(Store& store) : store_{store} {}
  Stored<void> write(const std::function<void(Transaction&)>& work) override {
    ++writes;
    if (writes == failing) return std::unexpected(StoreError{StoreFailure::unavailable, "gone"});
    return store_.write(work);
  }
  Stored<void> read(const std::function<void(Transaction&)>& work) override { return store_.read(work); }
  bool healthy() const noexcept override { return true; }
  int writes = 0, failing = 0;

 private:
  Store& store_;
};

TEST_P(Sweep, old_rows_leave_in_batches_that_hold_nobody_up) {
  auto account = kept_account();
  write([&](Transaction& t) {
    for (int i = 0; i < 2500; ++i) {
      auto session = session_of(account.id);
      session.expires_at = at(i < 2400 ? 100 : 900);
      session.idle_expires_at = at(900);
      t.insert_session(session);
      auto event = event_of("login");
      event.at = at(i < 1000 ? 50 : 60);
      if (i < 1500) t.append_audit(event);
    }
  });
  CountingStore counting{*store};
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_EQ(sweep(counting, at(100), at(60), stopped.get_token()), 0u);
  EXPECT_EQ(counting.writes, 0);

  counting.failing = 2;
  EXPECT_EQ(sweep(counting, at(100), at(0), {}), 1000u) << "the rest waits for the next time";
  counting.writes = counting.failing = 0;
  EXPECT_EQ(sweep(counting, at(100), at(60), {}), 1400u + 1000u);
  EXPECT_EQ(counting.writes, 4) << "1000 and 400 sessions, 1000 events and none";
  read([&](Transaction& t) {
    EXPECT_EQ(t.sessions_of(account.id).size(), 100u);
    EXPECT_EQ(t.audit_after(0, 1000).size(), 500u);
  });
}

TEST_P(Sweep, a_sweep_deletes_what_has_expired_and_no_more_than_it_was_told) {
  auto account = kept_account();
  write([&](Transaction& t) {
    for (int i = 0; i < 4; ++i) {
      auto idle_out = session_of(account.id), too_old = session_of(account.id), living = session_of(account.id);
      idle_out.idle_expires_at = at(100);
      idle_out.expires_at = at(900);
      too_old.idle_expires_at = at(900);
      too_old.expires_at = at(100);
      living.idle_expires_at = at(101);
      living.expires_at = at(900);
      for (const auto& session : {idle_out, too_old, living}) t.insert_session(session);
      t.append_revocation({RevocationKind::token, "gone", at(0), at(100)});
      t.append_revocation({RevocationKind::token, "kept", at(0), at(101)});
    }
  });
  write([](Transaction& t) {
    EXPECT_EQ(t.sweep(at(99), 100), 0u);
    EXPECT_EQ(t.sweep(at(100), 5), 5u);
    EXPECT_EQ(t.sweep(at(100), 0), 0u);
    EXPECT_EQ(t.sweep(at(100), 100), 7u);
    EXPECT_EQ(t.sweep(at(100), 100), 0u);
  });
  read([&](Transaction& t) {
    EXPECT_EQ(t.sessions_of(account.id).size(), 4u);
    auto revocations = t.revocations_after(0, 100);
    EXPECT_EQ(revocations.size(), 4u);
    for (const auto& row : revocations) EXPECT_EQ(row.revocation.key, "kept");
  });
}

}  // namespace
}  // namespace signet::server::testing

// What the stores keep for receivers.

#include <gmock/gmock.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "server/revocation/log.hpp"
#include "server/sessions/sessions.hpp"
#include "tests/server/store/engines.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Receiver hook{.name = "webhook:siem", .topic = Topic::events, .kinds = {}};
const Receiver logins{.name = "webhook:logins", .topic = Topic::events, .kinds = "signup login"};
const Receiver shop{.name = "logout:shop", .topic = Topic::logouts, .kinds = {}};

class Deliveries : public OverEveryEngine {
 protected:
  void write(const std::function<void(Transaction&)>& work) {
    auto written = store->write(work);
    ASSERT_TRUE(written) << written.error().detail;
  }
  void note(const Receiver& receiver) {
    write([&](Transaction& t) { t.note_receiver(receiver, now); });
  }
  std::vector<Delivery> take(const Receiver& receiver, Time when, std::size_t at_most = 100) {
    std::vector<Delivery> taken;
    write([&](Transaction& t) { taken = t.take_deliveries(receiver.name, when, when + 10s, at_most); });
    return taken;
  }
  // The kinds of the events that are left for a receiver.
  std::vector<std::string> kinds_for(const Receiver& receiver) {
    std::vector<std::string> kinds;
    for (const auto& delivery : take(receiver, now)) {
      write([&](Transaction& t) { kinds.push_back(t.audit_after(delivery.event - 1, 1).at(0).kind); });
    }
    return kinds;
  }
  std::size_t waiting(const Receiver& receiver) {
    std::size_t count = 0;
    write([&](Transaction& t) { count = t.waiting_deliveries(receiver.name, 100); });
    return count;
  }

  const Time now = at(1'700'000'000'001);
};
SIGNET_OVER_EVERY_ENGINE(Deliveries);

TEST_P(Deliveries, an_event_is_left_for_each_receiver_that_wants_its_kind) {
  write([&](Transaction& t) { t.append_audit(event_of("signup")); });  // before anybody asked
  for (const auto& receiver : {hook, logins, shop}) note(receiver);
  for (const char* kind : {"login", "login_failed", "log", "logout"})
    write([&](Transaction& t) { t.append_audit(event_of(kind)); });
  EXPECT_THAT(kinds_for(hook), ElementsAre("login", "login_failed", "log", "logout"));
  EXPECT_THAT(kinds_for(logins), ElementsAre("login")) << "whole names only";
  EXPECT_THAT(take(shop, now), IsEmpty());
}

TEST_P(Deliveries, noting_a_receiver_again_changes_what_it_wants_from_then_on) {
  note(logins);
  write([&](Transaction& t) { t.append_audit(event_of("login")); });
  auto other = logins;
  other.kinds = "logout";
  note(other);
  write([&](Transaction& t) {
    t.append_audit(event_of("login"));
    t.append_audit(event_of("logout"));
  });
  EXPECT_THAT(kinds_for(logins), ElementsAre("login", "logout"));
}

TEST_P(Deliveries, what_was_undone_leaves_nothing) {
  for (const auto& receiver : {hook, shop}) note(receiver);
  const auto undone = store->write([&](Transaction& t) {
    t.append_audit(event_of("login"));
    t.append_logout({.account = AccountId::random(), .session = {}}, now);
    throw StoreFailed{{StoreFailure::conflict, "undone"}};
  });
  EXPECT_FALSE(undone);
  EXPECT_EQ(waiting(hook), 0U);
  EXPECT_EQ(waiting(shop), 0U);
}

TEST_P(Deliveries, a_logout_is_left_for_relying_parties_alone) {
  for (const auto& receiver : {hook, shop}) note(receiver);
  const auto account = AccountId::random();
  const auto session = SessionId::random();
  write([&](Transaction& t) {
    t.append_logout({account, session}, now);
    t.append_logout({account, std::nullopt}, now);
  });
  const auto taken = take(shop, now);
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[0].account, account.text());
  EXPECT_EQ(taken[0].session, session.text());
  EXPECT_EQ(taken[0].event, 0);
  EXPECT_EQ(taken[0].created_at, now);
  EXPECT_EQ(taken[0].attempts, 1U);
  EXPECT_EQ(taken[1].session, "");
  EXPECT_NE(taken[0].id(), taken[1].id());
  EXPECT_EQ(waiting(hook), 0U);
}

TEST_P(Deliveries, what_was_taken_and_not_settled_comes_again_with_the_same_id) {
  note(hook);
  write([&](Transaction& t) { t.append_audit(event_of("login")); });
  const auto first = take(hook, now);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_THAT(take(hook, now + 9s), IsEmpty());
  const auto again = take(hook, now + 10s);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].id(), first[0].id());
  EXPECT_EQ(again[0].attempts, 2U);
  // Who had it first comes too late to put it off.
  write([&](Transaction& t) { t.put_off_delivery(first[0], now); });
  EXPECT_THAT(take(hook, now + 10s), IsEmpty());
  write([&](Transaction& t) { t.put_off_delivery(again[0], now + 1h); });
  EXPECT_THAT(take(hook, now + 59min), IsEmpty());
  EXPECT_EQ(waiting(hook), 1U);
  write([&](Transaction& t) { t.end_delivery(again[0]); });
  EXPECT_EQ(waiting(hook), 0U);
}

TEST_P(Deliveries, the_oldest_due_go_first_and_no_more_than_asked_for) {
  note(hook);
  for (int i = 0; i < 5; ++i) write([&](Transaction& t) { t.append_audit(event_of("login")); });
  const auto first = take(hook, now, 2), second = take(hook, now, 2), rest = take(hook, now, 2);
  ASSERT_EQ(first.size() + second.size() + rest.size(), 5U);
  EXPECT_LT(first[1].seq, second[0].seq);
  EXPECT_LT(second[1].seq, rest[0].seq);
}

TEST_P(Deliveries, servers_side_by_side_take_each_one_once) {
  note(hook);
  constexpr std::size_t events = 60;
  write([&](Transaction& t) {
    for (std::size_t i = 0; i < events; ++i) t.append_audit(event_of("login"));
  });
  std::mutex mutex;
  std::vector<std::int64_t> seen;
  {
    std::vector<std::unique_ptr<Store>> stores;
    for (int i = 0; i < 3; ++i) stores.push_back(database->open());
    std::vector<std::jthread> servers;
    for (auto& one : stores) {
      servers.emplace_back([&, &own = *one] {
        for (;;) {
          std::vector<Delivery> taken;
          // A store that has too much to do says so; the next round tries again.
          if (!own.write([&](Transaction& t) { taken = t.take_deliveries(hook.name, now, now + 1h, 4); })) continue;
          const std::lock_guard lock{mutex};
          for (const auto& delivery : taken) seen.push_back(delivery.seq);
          if (seen.size() >= events) return;
        }
      });
    }
  }
  std::ranges::sort(seen);
  EXPECT_EQ(seen.size(), events);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
}

TEST_P(Deliveries, a_receiver_that_no_server_names_any_more_is_forgotten_after_a_day) {
  for (const auto& receiver : {hook, shop}) note(receiver);
  write([&](Transaction& t) { t.append_audit(event_of("login")); });
  const auto sweep = [&](Time when) { write([&](Transaction& t) { (void)t.sweep(when, 100); }); };
  sweep(now + receiver_kept - 1ms);
  EXPECT_EQ(waiting(hook), 1U);
  write([&](Transaction& t) { t.note_receiver(shop, now + 1h); });
  sweep(now + receiver_kept);
  EXPECT_EQ(waiting(hook), 0U);
  write([&](Transaction& t) {
    t.append_audit(event_of("login"));
    t.append_logout({.account = AccountId::random(), .session = {}}, now);
  });
  EXPECT_EQ(waiting(hook), 0U);
  EXPECT_EQ(waiting(shop), 1U);
}

// Whatever ends sessions goes through here.
TEST_P(Deliveries, relying_parties_hear_of_each_session_or_of_all_at_once) {
  note(shop);
  auto account = account_named("alice");
  std::vector<Session> sessions;
  for (int i = 0; i < 3; ++i) sessions.push_back(session_of(account.id));
  write([&](Transaction& t) {
    ASSERT_TRUE(t.insert_account(account));
    for (const auto& session : sessions) t.insert_session(session);
  });
  write([&](Transaction& t) {
    RevocationLog log{t, now};
    EXPECT_EQ(end_sessions_of(t, log, account.id, sessions[0].id), 2U);
  });
  std::vector<std::string> ended;
  for (const auto& delivery : take(shop, now)) {
    EXPECT_EQ(delivery.account, account.id.text());
    ended.push_back(delivery.session);
  }
  EXPECT_THAT(ended, ::testing::UnorderedElementsAre(sessions[1].id.text(), sessions[2].id.text()));
  write([&](Transaction& t) {
    RevocationLog log{t, now};
    EXPECT_EQ(end_sessions_of(t, log, account.id), 1U);
  });
  const auto all = take(shop, now);
  ASSERT_EQ(all.size(), 1U) << "one word for all of them";
  EXPECT_EQ(all[0].session, "");
}

}  // namespace
}  // namespace signet::server::testing

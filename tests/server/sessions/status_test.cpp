#include "server/sessions/status.hpp"

#include <gtest/gtest.h>

#include <set>

#include "server/sessions/status_indexes.hpp"
#include "tests/server/sessions/login.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;

TEST(Status, is_read_as_it_is_written) {
  for (const auto& entries :
       {StatusEntries{}, StatusEntries{{495833, 17}}, StatusEntries{{495833, 0}, {495832, 4294967295}}}) {
    EXPECT_EQ(parse_status(to_text(entries)), entries) << to_text(entries);
  }
  EXPECT_EQ(to_text({{495833, 17}, {495832, 5}}), "495833:17 495832:5");
}

TEST(Status, anything_else_is_none) {
  for (const auto* text :
       {"x", "1", "1:", ":1", "1:2 ", " 1:2", "1:2,3:4", "1:2  3:4", "1:2x", "1:-2", "1:4294967296"}) {
    EXPECT_FALSE(parse_status(text)) << text;
  }
}

TEST(Status, a_list_is_an_hour_and_is_over_when_no_verifier_accepts_a_token_of_it) {
  const Time hour{std::chrono::hours{495833}};
  EXPECT_EQ(status_list_of(hour), 495833);
  EXPECT_EQ(status_list_of(hour + 1h - 1ms), 495833);
  EXPECT_EQ(status_list_end(495833), hour + 1h);
  EXPECT_EQ(oldest_status_list(hour + 1h + longest_leeway - 1ms), 495833);
  EXPECT_EQ(oldest_status_list(hour + 1h + longest_leeway), 495834);
}

class StatusPlacesTest : public SessionTest {
 protected:
  static constexpr std::int64_t list = 495833;
};
SIGNET_OVER_EVERY_ENGINE(StatusPlacesTest);

TEST_P(StatusPlacesTest, no_place_is_given_twice_by_any_node) {
  auto other_store = database->open();
  StatusIndexes one{*store}, two{*other_store};
  EXPECT_FALSE(one.take(list));
  std::set<std::uint32_t> given;
  for (int block = 0; block < 2; ++block) {
    for (auto* indexes : {&one, &two}) {
      ASSERT_TRUE(indexes->provide(list));
      ASSERT_TRUE(indexes->provide(list)) << "nothing more, for there are some";
      while (auto entry = indexes->take(list)) {
        EXPECT_EQ(entry->list, list);
        EXPECT_TRUE(given.insert(entry->index).second);
      }
    }
  }
  EXPECT_EQ(given.size(), 4 * std::size_t{status_block});
  EXPECT_EQ(*given.rbegin(), 4 * status_block - 1);
  ASSERT_TRUE(store->read([](Transaction& t) {
    EXPECT_EQ(t.status_list_size(list), 4 * status_block);
    EXPECT_EQ(t.status_list_size(list + 1), std::nullopt);
    EXPECT_EQ(t.status_lists(), std::vector<std::int64_t>{list});
  }));
}

TEST_P(StatusPlacesTest, lists_that_are_over_are_swept) {
  StatusIndexes indexes{*store};
  for (auto each : {list, list + 1}) ASSERT_TRUE(indexes.provide(each));
  ASSERT_TRUE(store->write([](Transaction& t) {
    EXPECT_EQ(t.sweep(status_list_end(list) + longest_leeway - 1ms, 100), 0u);
    EXPECT_EQ(t.status_lists().size(), 2u);
    EXPECT_EQ(t.sweep(status_list_end(list) + longest_leeway, 100), 0u);
    EXPECT_EQ(t.status_lists(), std::vector<std::int64_t>{list + 1});
  }));
}

class SessionsWithStatus : public SessionTest {
 protected:
  StatusIndexes indexes{*store};
  Sessions with{*store,           revocations, clock, RefreshTokenCodec{test_master()}, {}, usual_sessions_per_account,
                {&indexes, 10min}};
  Granted logged_in() { return with.open(alice, caller).value(); }
  std::vector<LoggedRevocation> log() {
    std::vector<LoggedRevocation> rows;
    EXPECT_TRUE(store->read([&](Transaction& t) { rows = t.revocations_after(0, 100); }));
    return rows;
  }
};
SIGNET_OVER_EVERY_ENGINE(SessionsWithStatus);

TEST_P(SessionsWithStatus, a_session_stays_at_its_place_for_as_long_as_its_tokens_are_of_that_list) {
  auto granted = logged_in();
  ASSERT_EQ(granted.session.status.size(), 1u);
  EXPECT_EQ(granted.session.status.front().list, status_list_of(clock.now() + 11min));
  EXPECT_EQ(kept(granted.session.id)->status, granted.session.status);
  const auto another = logged_in();
  EXPECT_NE(another.session.status, granted.session.status);

  std::set<std::int64_t> lists;
  auto last = granted.session.status;
  for (int i = 0; i < 20; ++i) {
    clock.advance(9min);
    granted = with.refresh(granted.refresh_token, {}, caller).value();
    EXPECT_GE(status_list_end(granted.session.status.front().list), clock.now() + 10min);
    if (granted.session.status != last) {
      EXPECT_GT(granted.session.status.front().list, last.front().list);
      ASSERT_EQ(granted.session.status.size(), 2u);
      EXPECT_EQ(granted.session.status.back(), last.front()) << "its older tokens may still live";
    }
    last = granted.session.status;
    lists.insert(last.front().list);
    EXPECT_EQ(kept(granted.session.id)->status, last);
  }
  EXPECT_GE(lists.size(), 3u);
}

TEST_P(SessionsWithStatus, the_answer_that_is_repeated_has_a_place_as_well) {
  const auto granted = logged_in();
  const auto rotated = with.refresh(granted.refresh_token, {}, caller).value();
  const auto repeated = with.refresh(granted.refresh_token, {}, caller).value();
  EXPECT_TRUE(repeated.repeated);
  EXPECT_EQ(repeated.session.status, rotated.session.status);
}

TEST_P(SessionsWithStatus, the_end_of_a_session_sets_its_bits) {
  auto granted = logged_in();
  clock.advance(1h);
  granted = with.refresh(granted.refresh_token, {}, caller).value();
  const auto other = logged_in();
  ASSERT_EQ(granted.session.status.size(), 2u);
  ASSERT_TRUE(with.revoke(granted.session.id, alice.id, AuditKind::logout, caller));
  ASSERT_TRUE(with.revoke_all(alice.id, {}, AuditKind::logout_all, caller));
  const auto rows = log();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].status, granted.session.status);
  EXPECT_EQ(rows[1].status, other.session.status);
  EXPECT_TRUE(rows[2].status.empty()) << "a cut-off";
}

TEST_P(SessionsWithStatus, when_the_block_is_used_up_the_next_login_takes_another) {
  const auto first = logged_in();
  while (indexes.take(first.session.status.front().list)) {
  }
  const auto next = logged_in();
  EXPECT_GE(next.session.status.front().index, status_block);
}

}  // namespace
}  // namespace signet::server::testing

#include <gtest/gtest.h>

#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

std::string form(std::string_view token) { return json::Object{}.set("refresh_token", token).text(); }

Pair refresh(World& world, std::string_view token) {
  auto answer = world.post("/refresh", form(token));
  EXPECT_EQ(answer.status(), 200) << answer.response.body;
  return {answer.text("access_token"), answer.text("refresh_token")};
}

void expect_invalid_grant(const Answer& answer) {
  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.error(), "invalid_grant");
}

TEST(Refresh, gives_a_new_pair_of_the_same_session) {
  World world;
  world.sign_up("ada");
  auto first = world.log_in("ada");
  auto second = refresh(world, first.refresh);
  EXPECT_NE(second.refresh, first.refresh);
  EXPECT_NE(second.access, first.access);
  EXPECT_EQ(world.claim(second.access, "sid"), world.claim(first.access, "sid"));
  EXPECT_EQ(world.get("/profile", second.access).status(), 200);
}

TEST(Refresh, repeats_the_same_successor_within_the_grace) {
  World world;
  world.sign_up("ada");
  auto first = world.log_in("ada");
  auto second = refresh(world, first.refresh);
  world.clock->advance(std::chrono::seconds{9});
  EXPECT_EQ(refresh(world, first.refresh).refresh, second.refresh);
  EXPECT_EQ(world.counters.refreshes[static_cast<std::size_t>(RefreshOutcome::granted)], 1U);
  EXPECT_EQ(world.counters.refreshes[static_cast<std::size_t>(RefreshOutcome::repeated)], 1U);
  EXPECT_EQ(world.count_audit("refresh_repeated"), 1);
}

TEST(Refresh, is_limited_by_session_with_room_for_a_hundred_tabs) {
  World world;
  world.sign_up("ada");
  auto busy = world.log_in("ada"), other = world.log_in("ada");
  for (int tab = 0; tab < 120; ++tab) refresh(world, busy.refresh);
  auto limited = world.post("/refresh", form(busy.refresh));
  EXPECT_EQ(limited.status(), 429);
  EXPECT_EQ(limited.error(), "too_many_requests");
  EXPECT_EQ(limited.header("Retry-After"), "1");
  EXPECT_EQ(world.counters.refreshes[static_cast<std::size_t>(RefreshOutcome::limited)], 1U);
  refresh(world, other.refresh);
  world.clock->advance(std::chrono::seconds{1});
  refresh(world, busy.refresh);
}

TEST(Refresh, that_was_not_answered_does_not_count) {
  World world;
  world.sign_up("ada");
  auto pair = world.log_in("ada");
  world.store.broken = true;
  for (int i = 0; i < 200; ++i) EXPECT_EQ(world.post("/refresh", form(pair.refresh)).status(), 503);
  world.store.broken = false;
  refresh(world, pair.refresh);
}

TEST(Refresh, ends_the_session_when_a_spent_token_comes_back) {
  World world;
  world.sign_up("ada");
  auto first = world.log_in("ada");
  auto second = refresh(world, first.refresh);
  world.clock->advance(std::chrono::seconds{11});
  expect_invalid_grant(world.post("/refresh", form(first.refresh)));
  expect_invalid_grant(world.post("/refresh", form(second.refresh)));
  EXPECT_EQ(world.get("/profile", second.access).status(), 401);
  EXPECT_EQ(world.count_audit("refresh_reuse"), 1);
  EXPECT_EQ(world.counters.refreshes[static_cast<std::size_t>(RefreshOutcome::reuse)], 1U);
}

TEST(Refresh, refuses_what_is_no_refresh_token_of_ours) {
  World world;
  world.sign_up("ada");
  auto pair = world.log_in("ada");
  auto bent = pair.refresh;
  bent.back() = bent.back() == 'A' ? 'B' : 'A';
  for (std::string_view token :
       {std::string_view{""}, std::string_view{"sgr_x"}, std::string_view{bent}, std::string_view{pair.access}}) {
    expect_invalid_grant(world.post("/refresh", form(token)));
  }
  refresh(world, pair.refresh);
}

TEST(Refresh, refuses_an_idle_session) {
  World world;
  world.sign_up("ada");
  auto pair = world.log_in("ada");
  world.clock->advance(std::chrono::days{14});
  expect_invalid_grant(world.post("/refresh", form(pair.refresh)));
}

TEST(Refresh, refuses_a_disabled_account) {
  World world;
  world.sign_up("ada");
  auto pair = world.log_in("ada");
  auto account = world.accounts.find("ada");
  ASSERT_TRUE(account && world.accounts.set_disabled(account->id, true, {}));
  expect_invalid_grant(world.post("/refresh", form(pair.refresh)));
}

TEST(Refresh, wants_a_token) {
  World world;
  auto answer = world.post("/refresh", "{}");
  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.error(), "invalid_request");
}

}  // namespace
}  // namespace signet::server::api

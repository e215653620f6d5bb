#include "server/sessions/sessions.hpp"

#include <gtest/gtest.h>

#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

TEST(SessionList, shows_the_users_own_and_which_one_asks) {
  World world;
  world.sign_up("ada");
  world.sign_up("grace");
  auto here = world.log_in("ada"), there = world.log_in("ada"), other = world.log_in("grace");
  auto answer = world.get("/sessions", here.access);
  ASSERT_EQ(answer.status(), 200);
  auto body = json::parse(answer.response.body);
  ASSERT_TRUE(body.has_value());
  int count = 0, current = 0;
  for (const auto session : body->find("sessions")->elements()) {
    ++count;
    EXPECT_NE(session.find("id")->string(), world.claim(other.access, "sid"));
    EXPECT_EQ(session.find("address")->string(), "192.0.2.1");
    EXPECT_TRUE(session.find("created_at")->integer() && session.find("expires_at")->integer());
    if (session.find("current")->boolean() == true) {
      ++current;
      EXPECT_EQ(session.find("id")->string(), world.claim(here.access, "sid"));
    }
  }
  EXPECT_EQ(count, 2);
  EXPECT_EQ(current, 1);
}

TEST(Expired, rows_are_left_to_the_sweeper_by_every_request) {
  World world;
  const auto ada = *AccountId::from_text(world.sign_up("ada"));
  std::vector<Pair> old;
  for (int i = 0; i < 3; ++i) old.push_back(world.log_in("ada"));
  const auto rows = [&] {
    std::size_t sessions = 0;
    EXPECT_TRUE(world.store.read([&](Transaction& t) { sessions = t.sessions_of(ada).size(); }));
    return sessions;
  };
  world.clock->advance(std::chrono::days{15});
  EXPECT_EQ(world.get("/profile", old[0].access).status(), 401);
  EXPECT_EQ(world.post("/refresh", json::Object{}.set("refresh_token", old[0].refresh).text()).status(), 400);
  const auto fresh = world.log_in("ada");
  EXPECT_EQ(world.get("/sessions", fresh.access).status(), 200);
  EXPECT_EQ(world.get("/verify", fresh.access).status(), 200);
  EXPECT_EQ(world.post("/refresh", json::Object{}.set("refresh_token", fresh.refresh).text()).status(), 200);
  EXPECT_EQ(rows(), 4U);
  EXPECT_EQ(world.call("POST", "/logout", {{"Authorization", "Bearer " + fresh.access}}).status(), 204);
  EXPECT_EQ(rows(), 3U);
}

TEST(SessionList, does_not_tell_when_a_session_was_refreshed) {
  World world;
  world.sign_up("ada");
  auto here = world.log_in("ada"), there = world.log_in("ada");
  auto list = [&](std::string_view access) { return world.get("/sessions", access).response.body; };
  const auto own = list(here.access), others = list(there.access);
  world.clock->advance(std::chrono::minutes{5});
  auto refreshed = world.post("/refresh", json::Object{}.set("refresh_token", here.refresh).text());
  ASSERT_EQ(refreshed.status(), 200);
  EXPECT_EQ(list(here.access), own);
  EXPECT_EQ(list(there.access), others);

  // The next day shows in the other session's list, as a day.
  world.clock->advance(std::chrono::hours{25});
  refreshed = world.post("/refresh", json::Object{}.set("refresh_token", refreshed.text("refresh_token")).text());
  ASSERT_EQ(refreshed.status(), 200);
  const auto now = world.log_in("ada");
  const auto shown = list(now.access);
  auto body = json::parse(shown);
  ASSERT_TRUE(body.has_value());
  const auto days = std::chrono::floor<std::chrono::days>(world.clock->now()).time_since_epoch();
  for (const auto session : body->find("sessions")->elements()) {
    const auto used = session.find("last_used_at");
    if (session.find("current")->boolean() == true) {
      EXPECT_FALSE(used);
    } else if (session.find("id")->string() == world.claim(refreshed.text("access_token"), "sid")) {
      EXPECT_EQ(used->integer(), std::chrono::seconds{days}.count());
    } else {
      EXPECT_EQ(used->integer(), std::chrono::seconds{days - std::chrono::days{1}}.count());
    }
  }
}

TEST(SessionList, is_not_longer_than_an_account_may_have_sessions) {
  World world;
  world.sign_up("ada");
  auto account = world.accounts.find("ada");
  ASSERT_TRUE(account);
  for (int i = 0; i < 105; ++i) ASSERT_TRUE(world.sessions.open(*account, {}));
  const auto body = world.get("/sessions", world.log_in("ada").access).response.body;
  int count = 0;  // a client's parser takes it; ours has tokens in mind, which are smaller
  for (auto at = body.find("\"id\":"); at != std::string::npos; at = body.find("\"id\":", at + 1)) ++count;
  EXPECT_EQ(count, 100);
}

TEST(SessionEnd, is_limited_by_session) {
  World world;
  world.sign_up("ada");
  auto here = world.log_in("ada"), there = world.log_in("ada");
  Answer answer;
  for (int i = 0; i < 60; ++i) EXPECT_EQ(world.forget(SessionId::random().text(), here.access).status(), 404);
  answer = world.forget(SessionId::random().text(), here.access);
  EXPECT_EQ(answer.status(), 429);
  EXPECT_EQ(answer.header("Retry-After"), "1");
  // Nobody who holds one session keeps the owner of another from ending it.
  EXPECT_EQ(world.forget(world.claim(here.access, "sid"), there.access).status(), 204);
}

TEST(SessionEnd, is_felt_at_once) {
  World world;
  world.sign_up("ada");
  auto here = world.log_in("ada"), there = world.log_in("ada");
  const auto sid = world.claim(there.access, "sid");
  EXPECT_EQ(world.forget(sid, here.access).status(), 204);
  EXPECT_EQ(world.get("/profile", there.access).status(), 401);
  EXPECT_EQ(world.get("/profile", here.access).status(), 200);
  EXPECT_EQ(world.count_audit("session_revoked"), 1);
  auto again = world.forget(sid, here.access);
  EXPECT_EQ(again.status(), 404);
  EXPECT_EQ(again.error(), "not_found");
}

TEST(SessionEnd, looks_the_same_for_somebody_elses_session_and_for_none) {
  World world;
  world.sign_up("ada");
  world.sign_up("grace");
  auto mine = world.log_in("ada"), theirs = world.log_in("grace");
  auto foreign = world.forget(world.claim(theirs.access, "sid"), mine.access);
  auto none = world.forget(SessionId::random().text(), mine.access);
  auto nonsense = world.forget("nonsense", mine.access);
  EXPECT_EQ(foreign.status(), 404);
  for (const auto* answer : {&none, &nonsense}) {
    EXPECT_EQ(answer->response.status, foreign.response.status);
    EXPECT_EQ(answer->response.body, foreign.response.body);
  }
  EXPECT_EQ(world.get("/profile", theirs.access).status(), 200);
}

TEST(SessionEnd, wants_a_token) {
  World world;
  EXPECT_EQ(world.get("/sessions").status(), 401);
  EXPECT_EQ(world.call("DELETE", "/sessions/x").status(), 401);
}

}  // namespace
}  // namespace signet::server::api

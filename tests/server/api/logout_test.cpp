#include <gtest/gtest.h>

#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

Answer logout(World& world, std::string_view access, std::string_view scope = {}) {
  return world.call("POST", scope.empty() ? "/logout" : "/logout?scope=" + std::string{scope},
                    {{"Authorization", "Bearer " + std::string{access}}});
}

bool signed_in(World& world, const Pair& pair) {
  const bool verified = world.get("/profile", pair.access).status() == 200;
  const bool refreshed =
      world.post("/refresh", json::Object{}.set("refresh_token", pair.refresh).text()).status() == 200;
  EXPECT_EQ(verified, refreshed);
  return verified;
}

TEST(Logout, ends_this_session_at_once_and_leaves_the_others) {
  World world;
  world.sign_up("ada");
  auto here = world.log_in("ada"), there = world.log_in("ada");
  auto answer = logout(world, here.access);
  EXPECT_EQ(answer.status(), 204);
  EXPECT_TRUE(answer.response.body.empty());
  EXPECT_FALSE(signed_in(world, here));
  EXPECT_TRUE(signed_in(world, there));
  EXPECT_EQ(world.count_audit("logout"), 1);
}

TEST(Logout, ends_the_others_and_leaves_this_one) {
  World world;
  world.sign_up("ada");
  auto here = world.log_in("ada"), there = world.log_in("ada");
  EXPECT_EQ(logout(world, here.access, "others").status(), 204);
  EXPECT_TRUE(signed_in(world, here));
  EXPECT_FALSE(signed_in(world, there));
  EXPECT_EQ(world.count_audit("logout_others"), 1);
}

TEST(Logout, of_others_that_do_not_exist_writes_nothing_and_is_limited) {
  World world;
  world.sign_up("ada");
  auto here = world.log_in("ada");
  const auto events = world.audit().size();
  for (int i = 0; i < 60; ++i) EXPECT_EQ(logout(world, here.access, "others").status(), 204);
  EXPECT_EQ(world.audit().size(), events);
  EXPECT_EQ(world.revocations->size(), 0U);
  auto limited = logout(world, here.access, "others");
  EXPECT_EQ(limited.status(), 429);
  EXPECT_EQ(limited.header("Retry-After"), "1");
}

TEST(Logout, ends_all_and_lets_a_new_login_in_within_the_same_second) {
  World world;
  world.sign_up("ada");
  auto here = world.log_in("ada"), there = world.log_in("ada");
  EXPECT_EQ(logout(world, here.access, "all").status(), 204);
  EXPECT_EQ(world.count_audit("logout_all"), 1);
  EXPECT_FALSE(signed_in(world, here));
  EXPECT_FALSE(signed_in(world, there));
  EXPECT_TRUE(signed_in(world, world.log_in("ada")));
}

TEST(Logout, leaves_other_people_alone) {
  World world;
  world.sign_up("ada");
  world.sign_up("grace");
  auto ada = world.log_in("ada"), grace = world.log_in("grace");
  EXPECT_EQ(logout(world, ada.access, "all").status(), 204);
  EXPECT_TRUE(signed_in(world, grace));
}

TEST(Logout, wants_a_living_token_and_a_known_scope) {
  World world;
  world.sign_up("ada");
  auto pair = world.log_in("ada");
  EXPECT_EQ(world.call("POST", "/logout").status(), 401);
  auto unknown = logout(world, pair.access, "everybody");
  EXPECT_EQ(unknown.status(), 400);
  EXPECT_EQ(unknown.error(), "invalid_request");
  EXPECT_EQ(world.call("POST", "/logout?scope=this&scope=all", {{"Authorization", "Bearer " + pair.access}}).status(),
            400);
  EXPECT_EQ(logout(world, pair.access).status(), 204);
  EXPECT_EQ(logout(world, pair.access).status(), 401);
}

}  // namespace
}  // namespace signet::server::api

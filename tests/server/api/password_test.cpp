#include <gtest/gtest.h>

#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

constexpr std::string_view new_password = "a brand new pass phrase 5";

std::string form(std::string_view current, std::string_view next) {
  return json::Object{}.set("current_password", current).set("new_password", next).text();
}

TEST(Password, changes_and_ends_every_other_session) {
  World world;
  world.sign_up("ada");
  auto here = world.log_in("ada"), there = world.log_in("ada");
  EXPECT_EQ(world.post("/password", form(good_password, new_password), here.access).status(), 204);
  EXPECT_EQ(world.get("/profile", here.access).status(), 200);
  EXPECT_EQ(world.get("/profile", there.access).status(), 401);
  EXPECT_EQ(world.post("/refresh", json::Object{}.set("refresh_token", there.refresh).text()).status(), 400);
  EXPECT_EQ(world.post("/login", json::Object{}.set("username", "ada").set("password", good_password).text()).status(),
            401);
  world.log_in("ada", new_password);
  EXPECT_EQ(world.count_audit("password_changed"), 1);
}

TEST(Password, is_not_found_out_with_a_stolen_access_token) {
  World world;
  world.sign_up("ada");
  auto pair = world.log_in("ada");
  for (int i = 0; i < 3; ++i) {
    auto answer = world.post("/password", form("a wrong guess", new_password), pair.access);
    EXPECT_EQ(answer.status(), 403);
    EXPECT_EQ(answer.error(), "invalid_credentials");
    EXPECT_EQ(answer.header("WWW-Authenticate"), "");
  }
  auto answer = world.post("/password", form(good_password, new_password), pair.access);
  EXPECT_EQ(answer.status(), 429);
  EXPECT_GE(std::stoi(answer.header("Retry-After")), 1);
  world.clock->advance(std::chrono::minutes{5});
  EXPECT_EQ(world.post("/password", form(good_password, new_password), pair.access).status(), 204);
}

TEST(Password, must_not_be_weak_and_a_weak_one_does_not_count_as_a_guess) {
  World world;
  world.sign_up("ada");
  auto pair = world.log_in("ada");
  for (int i = 0; i < 5; ++i) {
    auto answer = world.post("/password", form(good_password, "password1"), pair.access);
    EXPECT_EQ(answer.status(), 422);
    EXPECT_EQ(answer.error(), "weak_password");
  }
  world.log_in("ada");
}

TEST(Password, change_wants_a_token) {
  World world;
  EXPECT_EQ(world.post("/password", form(good_password, new_password)).status(), 401);
}

TEST(Password, changes_are_limited_for_whoever_knows_it_too) {
  World world;
  world.sign_up("ada");
  world.sign_up("bert");
  auto one = world.log_in("ada"), other = world.log_in("ada"), bert = world.log_in("bert");
  for (int i = 0; i < 10; ++i) {
    auto answer = world.post("/password", form(good_password, "password1"), i % 2 ? one.access : other.access);
    EXPECT_EQ(answer.status(), 422);
  }
  const int before = world.handled;
  auto answer = world.post("/password", form(good_password, new_password), one.access);
  EXPECT_EQ(answer.status(), 429);
  EXPECT_GE(std::stoi(answer.header("Retry-After")), 1);
  EXPECT_EQ(world.handled, before);
  EXPECT_EQ(world.post("/password", form(good_password, new_password), bert.access).status(), 204);
  world.clock->advance(std::chrono::seconds{std::stoi(answer.header("Retry-After"))});
  EXPECT_EQ(world.post("/password", form(good_password, new_password), one.access).status(), 204);
}

TEST(Password, change_that_cannot_succeed_takes_no_place_among_those_who_wait_for_a_hash) {
  World world;
  world.sign_up("ada");
  auto pair = world.log_in("ada");
  world.handled = 0;
  EXPECT_EQ(world.post("/password", form(good_password, new_password)).status(), 401);
  EXPECT_EQ(world.post("/password", form(good_password, new_password), "nonsense").status(), 401);
  EXPECT_EQ(world.post("/password", "{", pair.access).status(), 400);
  EXPECT_EQ(world.post("/password", R"({"current_password":"x"})", pair.access).status(), 400);
  EXPECT_EQ(world.handled, 0);
  for (int i = 0; i < 8; ++i) (void)world.post("/password", form("a wrong guess", new_password), pair.access);
  EXPECT_EQ(world.handled, 3) << "the guesses that are allowed";
}

}  // namespace
}  // namespace signet::server::api

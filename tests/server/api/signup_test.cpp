#include <gtest/gtest.h>

#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

std::string form(std::string_view username, std::string_view password) {
  return json::Object{}.set("username", username).set("password", password).text();
}

TEST(Signup, answers_the_account_that_was_made) {
  World world;
  auto answer = world.post("/signup", form("Ada", good_password));
  EXPECT_EQ(answer.status(), 201);
  EXPECT_EQ(answer.text("username"), "ada");
  EXPECT_TRUE(AccountId::from_text(answer.text("id")).has_value());
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(world.count_audit("signup"), 1);
}

TEST(Signup, gives_new_accounts_the_configured_scope) {
  World world;
  world.settings.set({.signup_open = true, .signup_scope = "profile orders:read", .clients = {}});
  world.sign_up("ada");
  EXPECT_EQ(world.claim(world.log_in("ada").access, "scope"), "profile orders:read");
}

TEST(Signup, refuses_a_name_that_is_taken_whatever_its_case) {
  World world;
  world.sign_up("ada");
  auto answer = world.post("/signup", form("ADA", "another good pass phrase 77"));
  EXPECT_EQ(answer.status(), 409);
  EXPECT_EQ(answer.error(), "username_taken");
}

TEST(Signup, says_what_is_wrong_with_a_username) {
  World world;
  for (std::string_view name : {"", "with space", "tab\there"}) {
    auto answer = world.post("/signup", form(name, good_password));
    EXPECT_EQ(answer.status(), 422) << name;
    EXPECT_EQ(answer.error(), "invalid_username") << name;
    EXPECT_GT(answer.text("error_description").size(), 10U);
  }
}

TEST(Signup, says_why_a_password_is_weak_without_repeating_it) {
  World world;
  for (std::string_view weak : {"short", "password123", "grace-hopper1"}) {
    auto answer = world.post("/signup", form("grace-hopper", weak));
    EXPECT_EQ(answer.status(), 422) << weak;
    EXPECT_EQ(answer.error(), "weak_password") << weak;
    EXPECT_EQ(answer.response.body.find(weak), std::string::npos);
  }
}

TEST(Signup, can_be_closed) {
  World world;
  world.settings.set({.signup_open = false, .signup_scope = "", .clients = {}});
  auto answer = world.post("/signup", form("ada", good_password));
  EXPECT_EQ(answer.status(), 403);
  EXPECT_EQ(answer.error(), "signup_closed");
}

TEST(Signup, is_limited_by_address_and_says_when_to_come_back) {
  World world;
  for (int i = 0; i < 20; ++i) world.sign_up("user" + std::to_string(i));
  auto answer = world.post("/signup", form("one-more", good_password));
  EXPECT_EQ(answer.status(), 429);
  EXPECT_EQ(answer.error(), "too_many_requests");
  EXPECT_GE(std::stoi(answer.header("Retry-After")), 1);
  world.client_address = "198.51.100.7";
  world.sign_up("one-more");
  world.client_address = "192.0.2.1";
  world.clock->advance(std::chrono::hours{1});
  world.sign_up("two-more");
}

TEST(Signup, counts_refused_passwords_in_part_and_taken_names_in_full) {
  World world;
  world.sign_up("ada");
  for (int i = 0; i < 16; ++i) EXPECT_EQ(world.post("/signup", form("grace", "short")).status(), 422);
  for (int i = 0; i < 15; ++i) EXPECT_EQ(world.post("/signup", form("ada", good_password)).status(), 409);
  EXPECT_EQ(world.post("/signup", form("ada", good_password)).status(), 429);
}

TEST(Signup, with_weak_passwords_alone_is_limited_as_well) {
  World world;
  int refused = 0;
  for (int i = 0; i < 100; ++i) refused += world.post("/signup", form("grace", "short")).status() == 429;
  EXPECT_GE(refused, 20);
  EXPECT_EQ(world.handled, 100 - refused) << "and takes no place among those who wait for a hash";
}

TEST(Signup, that_cannot_succeed_takes_no_place_among_those_who_wait_for_a_hash) {
  World world;
  EXPECT_EQ(world.post("/signup", "{").status(), 400);
  EXPECT_EQ(world.post("/signup", R"({"username":"ada"})").status(), 400);
  EXPECT_EQ(world.form("/signup", "username=ada").status(), 415);
  EXPECT_EQ(world.post("/signup", form("with space", good_password)).status(), 422);
  world.settings.set({.signup_open = false, .signup_scope = "", .clients = {}});
  EXPECT_EQ(world.post("/signup", form("ada", good_password)).status(), 403);
  EXPECT_EQ(world.handled, 0);
}

TEST(Signup, shares_the_attempts_of_an_address_with_login_and_gives_none_back) {
  World world;
  world.sign_up("ada");
  for (int i = 0; i < 60; ++i) {
    world.client_address = i % 2 ? "2001:db8::1" : "2001:db8::2";
    EXPECT_EQ(world.post("/login", form("no such name", "a guess")).status(), 401);
  }
  for (int i = 0; i < 60; ++i) EXPECT_EQ(world.post("/signup", form("grace", "short")).status(), 422);
  const int before = world.handled;
  auto answer = world.post("/signup", form("grace", good_password));
  EXPECT_EQ(answer.status(), 429);
  EXPECT_GE(std::stoi(answer.header("Retry-After")), 1);
  EXPECT_EQ(world.handled, before);
  world.client_address = "2001:db8:1::1";
  world.sign_up("grace");
}

}  // namespace
}  // namespace signet::server::api

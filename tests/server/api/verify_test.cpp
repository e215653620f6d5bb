#include <gtest/gtest.h>

#include "server/api/caller.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

TEST(Verify, answers_who_it_is_in_headers) {
  World world;
  const auto id = world.sign_up("ada");
  const auto pair = world.log_in("ada");
  auto answer = world.get("/verify", pair.access);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("X-Auth-Subject"), id);
  EXPECT_EQ(answer.header("X-Auth-Scope"), "profile");
  EXPECT_EQ(answer.header("X-Auth-Session"), world.claim(pair.access, "sid"));
  EXPECT_EQ(answer.header("X-Auth-Client"), "signet");
  EXPECT_TRUE(answer.response.body.empty());
  EXPECT_EQ(world.call("HEAD", "/verify", {{"Authorization", "Bearer " + pair.access}}).status(), 200);
}

TEST(Verify, refuses_a_token_without_the_scopes_asked_for) {
  World world;
  const auto pair = world.log_in_with_scope("ada", "profile orders:read");
  EXPECT_EQ(world.get("/verify?scope=orders:read", pair.access).status(), 200);
  EXPECT_EQ(world.get("/verify?scope=profile+orders%3Aread", pair.access).status(), 200);
  auto answer = world.get("/verify?scope=profile+admin", pair.access);
  EXPECT_EQ(answer.status(), 403);
  EXPECT_EQ(answer.error(), "insufficient_scope");
  EXPECT_NE(answer.header("WWW-Authenticate").find("scope=\"profile admin\""), std::string::npos);
}

TEST(Verify, refuses_what_is_revoked_and_needs_no_database_for_it) {
  World world;
  world.sign_up("ada");
  auto pair = world.log_in("ada");
  EXPECT_EQ(world.call("POST", "/logout", {{"Authorization", "Bearer " + pair.access}}).status(), 204);
  world.store.broken = true;
  auto answer = world.get("/verify", pair.access);
  EXPECT_EQ(answer.status(), 401);
  EXPECT_NE(answer.header("WWW-Authenticate").find("invalid_token"), std::string::npos);
}

TEST(Verify, is_a_bad_request_with_a_malformed_query) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  for (const char* query : {"?scope=%zz", "?scope=a&scope=b", "?scope=%22", "?scope=a%0Ab"}) {
    EXPECT_EQ(world.get(std::string{"/verify"} + query, pair.access).status(), 400) << query;
  }
}

TEST(Verify, holds_cookies_to_the_method_the_gateways_client_used) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  const std::string cookie = std::string{access_cookie} + "=" + pair.access;
  EXPECT_EQ(world.call("GET", "/verify", {{"Cookie", cookie}}).status(), 403) << "it may have been any";
  EXPECT_EQ(world.call("GET", "/verify", {{"Cookie", cookie}, {"Origin", std::string{World::origin}}}).status(), 200);
  for (const char* name : {"X-Original-Method", "X-Forwarded-Method"}) {
    EXPECT_EQ(world.call("GET", "/verify", {{"Cookie", cookie}, {name, "GET"}}).status(), 200);
    EXPECT_EQ(world.call("GET", "/verify", {{"Cookie", cookie}, {name, "POST"}}).status(), 403);
    EXPECT_EQ(world.call("GET", "/verify", {{"Cookie", cookie}, {name, "POST"}, {"Origin", std::string{World::origin}}})
                  .status(),
              200);
  }
}

TEST(Verify, takes_the_least_safe_method_when_several_are_named) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  const std::string cookie = std::string{access_cookie} + "=" + pair.access;
  auto status = [&](const char* first, const char* one, const char* second, const char* other) {
    return world.call("GET", "/verify", {{"Cookie", cookie}, {first, one}, {second, other}}).status();
  };
  for (const char* gateways : {"X-Original-Method", "X-Forwarded-Method", "x-forwarded-method"}) {
    for (const char* clients : {"X-Original-Method", "X-Forwarded-Method"}) {
      EXPECT_EQ(status(clients, "GET", gateways, "POST"), 403);
      EXPECT_EQ(status(gateways, "POST", clients, "GET"), 403);
      EXPECT_EQ(status(gateways, "GET", clients, "HEAD"), 200);
    }
  }
  EXPECT_EQ(world.call("GET", "/verify", {{"Cookie", cookie}, {"X-Original-Method", "GET, POST"}}).status(), 403);
  EXPECT_EQ(status("X-Forwarded-Method", "", "X-Original-Method", "GET"), 403);
}

}  // namespace
}  // namespace signet::server::api

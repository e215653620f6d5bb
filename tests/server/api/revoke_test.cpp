#include <gtest/gtest.h>

#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

std::string refresh_form(const Pair& pair) { return json::Object{}.set("refresh_token", pair.refresh).text(); }

TEST(Revoke, takes_a_refresh_tokens_session_and_all_its_access_tokens) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada"), other = world.log_in("ada");
  auto answer = world.form("/revoke", "token=" + pair.refresh + "&token_type_hint=refresh_token");
  EXPECT_EQ(answer.status(), 200);
  EXPECT_TRUE(answer.response.body.empty());
  EXPECT_EQ(world.get("/profile", pair.access).status(), 401);
  EXPECT_EQ(world.post("/refresh", refresh_form(pair)).status(), 400);
  EXPECT_EQ(world.get("/profile", other.access).status(), 200);
  EXPECT_EQ(world.count_audit("session_revoked"), 1);
}

TEST(Revoke, takes_one_access_token_and_leaves_the_session) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  EXPECT_EQ(world.form("/revoke", "token=" + pair.access).status(), 200);
  EXPECT_EQ(world.get("/profile", pair.access).status(), 401);
  EXPECT_EQ(world.post("/refresh", refresh_form(pair)).status(), 200);
  EXPECT_EQ(world.count_audit("token_revoked"), 1);
}

TEST(Revoke, of_access_tokens_is_limited_by_account) {
  World world;
  world.sign_up("ada");
  world.sign_up("grace");
  const auto grace = world.log_in("grace");
  auto pair = world.log_in("ada");
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(world.form("/revoke", "token=" + pair.access).status(), 200);
    auto next = world.post("/refresh", refresh_form(pair));
    pair = {next.text("access_token"), next.text("refresh_token")};
  }
  EXPECT_EQ(world.count_audit("token_revoked"), 60);
  auto limited = world.form("/revoke", "token=" + pair.access);
  EXPECT_EQ(limited.status(), 429);
  EXPECT_EQ(limited.header("Retry-After"), "1");
  EXPECT_EQ(world.get("/profile", pair.access).status(), 200);
  EXPECT_EQ(world.form("/revoke", "token=" + grace.access).status(), 200);
  EXPECT_EQ(world.form("/revoke", "token=" + pair.refresh).status(), 200);  // the session can always be ended
}

TEST(Revoke, is_content_with_tokens_that_are_dead_or_unknown) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  world.clock->advance(std::chrono::hours{1});
  for (const std::string& body :
       {"token=" + pair.access, std::string{"token=nonsense"}, std::string{"token=sgr_x"},
        std::string{"token=a.b.c&token_type_hint=anything"}, std::string{"token=x&other=1"}}) {
    EXPECT_EQ(world.form("/revoke", body).status(), 200) << body;
  }
  EXPECT_EQ(world.count_audit("token_revoked"), 0);
}

TEST(Revoke, pays_no_attention_to_a_wrong_hint) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  EXPECT_EQ(world.form("/revoke", "token=" + pair.access + "&token_type_hint=refresh_token").status(), 200);
  EXPECT_EQ(world.get("/profile", pair.access).status(), 401);
}

TEST(Revoke, says_when_it_does_not_know_the_type) {
  World world;
  auto answer = world.form("/revoke", "token=x&token_type_hint=pct");
  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.error(), "unsupported_token_type");
}

TEST(Revoke, wants_a_form_with_one_token) {
  World world;
  for (const char* body : {"", "token", "token=", "token=a&token=b", "%zz=1", "other=1"}) {
    auto answer = world.form("/revoke", body);
    EXPECT_EQ(answer.status(), 400) << body;
    EXPECT_EQ(answer.error(), "invalid_request") << body;
  }
  EXPECT_EQ(world.call("POST", "/revoke", {{"Content-Type", "application/json"}}, R"({"token":"x"})").status(), 415);
}

}  // namespace
}  // namespace signet::server::api

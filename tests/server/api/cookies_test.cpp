#include <gtest/gtest.h>

#include <algorithm>

#include "server/api/caller.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

const std::string evil = "https://evil.example";

Answer log_in(World& world, const std::string& origin = std::string{World::origin}) {
  HeaderList headers{{"Content-Type", "application/json"}};
  if (!origin.empty()) headers.emplace_back("Origin", origin);
  return world.call("POST", "/login", headers,
                    json::Object{}.set("username", "ada").set("password", good_password).set("cookies", true).text());
}

std::string cookie_line(const Answer& answer) {
  return std::string{access_cookie} + "=" + answer.cookie(access_cookie).value_or("") + "; " +
         std::string{refresh_cookie} + "=" + answer.cookie(refresh_cookie).value_or("");
}

HeaderList with(const std::string& cookies, const std::string& origin = std::string{World::origin}) {
  HeaderList headers{{"Cookie", cookies}};
  if (!origin.empty()) headers.emplace_back("Origin", origin);
  return headers;
}

bool takes_cookies_back(const Answer& answer) {
  const auto lines = answer.headers("Set-Cookie");
  return lines.size() == 2 &&
         std::ranges::all_of(lines, [](const auto& line) { return line.find("; Max-Age=0;") != std::string::npos; });
}

TEST(Cookies, carry_the_tokens_instead_of_the_body_and_out_of_reach_of_scripts) {
  World world;
  world.sign_up("ada");
  auto answer = log_in(world);
  ASSERT_EQ(answer.status(), 200) << answer.response.body;
  EXPECT_FALSE(answer.has("access_token"));
  EXPECT_FALSE(answer.has("refresh_token"));
  const auto lines = answer.headers("Set-Cookie");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].starts_with("__Host-signet=ey"));
  EXPECT_TRUE(lines[1].starts_with("__Host-signet-refresh=sgr_"));
  for (const auto& line : lines) {
    for (const char* attribute : {"; Path=/", "; Secure", "; HttpOnly", "; SameSite="}) {
      EXPECT_NE(line.find(attribute), std::string::npos) << attribute;
    }
    EXPECT_EQ(line.find("Domain"), std::string::npos);
  }
  EXPECT_TRUE(lines[1].ends_with("SameSite=Strict"));
}

TEST(Cookies, open_the_profile) {
  World world;
  world.sign_up("ada");
  EXPECT_EQ(world.call("GET", "/profile", with(cookie_line(log_in(world)), "")).status(), 200);
}

TEST(Cookies, are_given_to_pages_of_an_allowed_origin_only) {
  World world;
  world.sign_up("ada");
  for (const std::string& origin : {evil, std::string{"null"}, std::string{}}) {
    auto answer = log_in(world, origin);
    EXPECT_EQ(answer.status(), 403) << origin;
    EXPECT_EQ(answer.error(), "invalid_request");
    EXPECT_TRUE(answer.headers("Set-Cookie").empty());
  }
}

TEST(Cookies, refresh_into_new_cookies) {
  World world;
  world.sign_up("ada");
  const auto before = cookie_line(log_in(world));
  auto answer = world.call("POST", "/refresh", with(before));
  ASSERT_EQ(answer.status(), 200) << answer.response.body;
  EXPECT_FALSE(answer.has("refresh_token"));
  EXPECT_NE(cookie_line(answer), before);
  auto headers = with(cookie_line(answer));
  headers.emplace_back("Content-Type", "application/json");
  EXPECT_EQ(world.call("POST", "/refresh", headers, "{}").status(), 200);
}

TEST(Cookies, of_a_dead_session_are_taken_back) {
  World world;
  world.sign_up("ada");
  const auto cookies = cookie_line(log_in(world));
  world.clock->advance(std::chrono::days{14});
  auto answer = world.call("POST", "/refresh", with(cookies));
  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.error(), "invalid_grant");
  EXPECT_TRUE(takes_cookies_back(answer));
}

TEST(Cookies, do_nothing_for_another_site) {
  World world;
  world.sign_up("ada");
  const auto cookies = cookie_line(log_in(world));
  for (const std::string& origin : {evil, std::string{"null"}, std::string{}}) {
    EXPECT_EQ(world.call("POST", "/logout", with(cookies, origin)).status(), 403) << origin;
    EXPECT_EQ(world.call("POST", "/refresh", with(cookies, origin)).status(), 403) << origin;
    EXPECT_EQ(world.call("DELETE", "/sessions/x", with(cookies, origin)).status(), 403) << origin;
  }
  EXPECT_EQ(world.call("GET", "/profile", with(cookies, "")).status(), 200);
}

TEST(Cookies, beside_a_token_in_the_request_are_one_too_many) {
  World world;
  world.sign_up("ada");
  const auto cookies = cookie_line(log_in(world));
  const auto pair = world.log_in("ada");
  auto headers = with(cookies);
  headers.emplace_back("Authorization", "Bearer " + pair.access);
  EXPECT_EQ(world.call("GET", "/profile", headers).status(), 400);
  headers = with(cookies);
  headers.emplace_back("Content-Type", "application/json");
  auto answer = world.call("POST", "/refresh", headers, json::Object{}.set("refresh_token", pair.refresh).text());
  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.error(), "invalid_request");
}

TEST(Cookies, that_come_twice_do_not_count) {
  World world;
  world.sign_up("ada");
  const auto cookies = cookie_line(log_in(world));
  EXPECT_EQ(world.call("GET", "/profile", with(cookies + "; " + cookies, "")).status(), 400);
  EXPECT_NE(world.call("POST", "/refresh", with(cookies + "; " + cookies)).status(), 200);
}

TEST(Cookies, are_taken_back_at_logout) {
  World world;
  world.sign_up("ada");
  const auto cookies = cookie_line(log_in(world));
  auto answer = world.call("POST", "/logout", with(cookies));
  EXPECT_EQ(answer.status(), 204);
  EXPECT_TRUE(takes_cookies_back(answer));
  EXPECT_EQ(world.call("GET", "/profile", with(cookies, "")).status(), 401);
}

TEST(Cookies, sign_out_even_when_the_access_token_is_gone) {
  World world;
  world.sign_up("ada");
  auto login = log_in(world);
  const auto refresh_only = std::string{refresh_cookie} + "=" + *login.cookie(refresh_cookie);
  world.clock->advance(std::chrono::hours{1});
  EXPECT_EQ(world.call("POST", "/logout", with(refresh_only, evil)).status(), 403);
  EXPECT_EQ(world.call("POST", "/logout", with(refresh_only)).status(), 204);
  EXPECT_EQ(world.call("POST", "/refresh", with(refresh_only)).status(), 400);
  EXPECT_EQ(world.call("POST", "/logout", with(refresh_only)).status(), 401);
}

}  // namespace
}  // namespace signet::server::api

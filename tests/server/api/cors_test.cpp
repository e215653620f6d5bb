#include "server/api/cors.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

constexpr std::string_view page = "https://app.example";
constexpr std::string_view allow_origin = "Access-Control-Allow-Origin";

HeaderList from(std::string_view origin) {
  return {{"Origin", std::string{origin}}, {"Content-Type", "application/json"}};
}
std::string login_form() { return json::Object{}.set("username", "ada").set("password", good_password).text(); }

TEST(Cors, a_page_that_is_named_reads_answers_and_refusals) {
  World world{{std::string{page}}};
  world.sign_up("ada");
  const auto login = world.call("POST", "/login", from(page), login_form());
  ASSERT_EQ(login.status(), 200);
  auto with_token = from(page);
  with_token.emplace_back("Authorization", "Bearer " + login.text("access_token"));
  const auto profile = world.call("GET", "/profile", with_token);
  ASSERT_EQ(profile.status(), 200);
  const auto unknown = world.call("GET", "/profile", from(page));
  ASSERT_EQ(unknown.status(), 401) << "by the admission";
  const auto wrong = world.call("POST", "/login", from(page), "{}");
  ASSERT_EQ(wrong.status(), 400);
  for (const auto* answer : {&login, &profile, &unknown, &wrong}) {
    EXPECT_EQ(answer->headers(allow_origin), std::vector{std::string{page}});
    EXPECT_EQ(answer->header("Vary"), "Origin");
    EXPECT_NE(answer->header("Access-Control-Expose-Headers").find("WWW-Authenticate"), std::string::npos);
    EXPECT_EQ(answer->header("Access-Control-Allow-Credentials"), "");
  }
}

TEST(Cors, no_other_page_reads_anything) {
  World world{{std::string{page}}};
  world.sign_up("ada");
  for (const char* origin : {"https://app.example.evil.example", "http://app.example", "https://app.example:8443",
                             "null", "https://APP.example", "*", ""}) {
    const auto answer = world.call("POST", "/login", from(origin), login_form());
    EXPECT_EQ(answer.status(), 200) << "it is the browser that keeps it from the page";
    EXPECT_EQ(answer.header(allow_origin), "") << origin;
    EXPECT_EQ(answer.header("Vary"), "Origin") << "a cache must not give it to another page";
    EXPECT_EQ(world.call("OPTIONS", "/login", from(origin)).header("Access-Control-Allow-Methods"), "") << origin;
  }
  auto twice = from(page);
  twice.emplace_back("Origin", std::string{page});
  EXPECT_EQ(world.call("POST", "/login", twice, login_form()).header(allow_origin), "");
  EXPECT_EQ(world.call("POST", "/login", {{"Content-Type", "application/json"}}, login_form()).header(allow_origin),
            "");
}

TEST(Cors, preflights_name_the_methods_of_the_path) {
  World world{{std::string{page}}};
  const auto ask = [&](std::string_view path) {
    auto headers = from(page);
    headers.emplace_back("Access-Control-Request-Method", "POST");
    return world.call("OPTIONS", path, headers);
  };
  const auto login = ask("/login");
  EXPECT_EQ(login.status(), 204);
  EXPECT_EQ(login.response.body, "");
  EXPECT_EQ(login.header(allow_origin), page);
  EXPECT_EQ(login.header("Access-Control-Allow-Methods"), "POST");
  EXPECT_EQ(login.header("Access-Control-Allow-Headers"), "Authorization, Content-Type, DPoP");
  EXPECT_EQ(login.header("Access-Control-Max-Age"), "600");
  EXPECT_EQ(login.header("Access-Control-Allow-Credentials"), "");
  EXPECT_EQ(ask("/api-keys").header("Access-Control-Allow-Methods"), "POST, GET, HEAD");
  EXPECT_EQ(ask("/sessions/x").header("Access-Control-Allow-Methods"), "DELETE");
  for (const char* path : {"/admin/users", "/verify", "/introspect", "/revocations/snapshot"})
    EXPECT_EQ(ask(path).status(), 405) << path;
  EXPECT_EQ(world.call("POST", "/api-keys/token", from(page)).header(allow_origin), "") << "that is for scripts";
}

TEST(Cors, is_off_unless_an_origin_is_named_but_for_what_is_public) {
  World world;
  world.sign_up("ada");
  const auto login = world.call("POST", "/login", from(page), login_form());
  EXPECT_EQ(login.header(allow_origin) + login.header("Vary"), "");
  EXPECT_EQ(world.call("OPTIONS", "/login", from(page)).status(), 405);
  for (const char* path : {"/.well-known/jwks.json", "/.well-known/oauth-authorization-server", "/status"}) {
    const auto answer = world.call("GET", path, from(page));
    EXPECT_EQ(answer.status(), 200) << path;
    EXPECT_EQ(answer.header(allow_origin), "*") << path;
    const auto preflight = world.call("OPTIONS", path, from(page));
    EXPECT_EQ(preflight.status(), 204) << path;
    EXPECT_EQ(preflight.header(allow_origin), "*");
    EXPECT_EQ(preflight.header("Access-Control-Allow-Headers"), "If-None-Match");
  }
}

TEST(Cors, cookies_stay_with_pages_of_the_servers_own) {
  World world{{std::string{page}}};
  world.sign_up("ada");
  const auto form = json::Object{}.set("username", "ada").set("password", good_password).set("cookies", true).text();
  const auto answer = world.call("POST", "/login", from(page), form);
  EXPECT_EQ(answer.status(), 403) << "that is what cookies.allowed_origins is for";
  EXPECT_TRUE(answer.headers("Set-Cookie").empty());
}

TEST(Cors, is_for_paths_that_there_are) {
  std::set<std::string_view> configured, anybody;
  for (const Endpoint& endpoint : endpoints()) {
    if (readers_of(endpoint.path) == Readers::configured) configured.insert(endpoint.path);
    if (readers_of(endpoint.path) == Readers::anybody) anybody.insert(endpoint.path);
  }
  EXPECT_EQ(configured.size(), 11U);
  EXPECT_EQ(anybody.size(), 4U);
}

}  // namespace
}  // namespace signet::server::api

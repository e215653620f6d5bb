#include "server/http/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signet::server::http {
namespace {

Router make_router() {
  Router router;
  auto handler = [](const Request&) { return Response{}; };
  router.add("GET", "/", Lane::loop, handler);
  router.add("GET", "/sessions", Lane::store, handler);
  router.add("POST", "/sessions", Lane::store, handler);
  router.add("DELETE", "/sessions/{id}", Lane::store, handler);
  router.add("GET", "/sessions/{id}", Lane::store, handler);
  router.add("POST", "/sessions/current", Lane::store, handler);
  router.add("GET", "/.well-known/jwks.json", Lane::loop, handler);
  return router;
}

struct Found {
  const Route* route;
  std::string parameter, allow;
};

Found find(const Router& router, std::string_view method, std::string_view path) {
  std::string_view parameter;
  std::string allow;
  const auto* route = router.find(method, path, parameter, allow);
  return {route, std::string(parameter), allow};
}

TEST(Router, finds_a_literal_path_by_method) {
  auto router = make_router();
  auto found = find(router, "POST", "/sessions");
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.route->method, "POST");
  EXPECT_EQ(found.route->lane, Lane::store);
  EXPECT_NE(find(router, "GET", "/").route, nullptr);
  EXPECT_NE(find(router, "GET", "/.well-known/jwks.json").route, nullptr);
}

TEST(Router, gives_what_stood_for_the_parameter) {
  auto router = make_router();
  auto found = find(router, "DELETE", "/sessions/s-42");
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.route->path, "/sessions/{id}");
  EXPECT_EQ(found.parameter, "s-42");
}

TEST(Router, prefers_a_literal_path_and_falls_back_to_the_parameter_for_other_methods) {
  auto router = make_router();
  EXPECT_EQ(find(router, "POST", "/sessions/current").route->path, "/sessions/current");
  EXPECT_EQ(find(router, "GET", "/sessions/current").route->path, "/sessions/{id}");
}

TEST(Router, finds_get_for_head) {
  auto router = make_router();
  EXPECT_EQ(find(router, "HEAD", "/sessions").route->method, "GET");
  EXPECT_EQ(find(router, "HEAD", "/sessions/1").route->method, "GET");
}

TEST(Router, tells_which_methods_a_path_takes) {
  auto router = make_router();
  EXPECT_EQ(find(router, "PUT", "/sessions").allow, "GET, HEAD, POST");
  EXPECT_EQ(find(router, "OPTIONS", "/sessions/1").allow, "DELETE, GET, HEAD");
  EXPECT_EQ(find(router, "PUT", "/sessions/current").allow, "POST, DELETE, GET, HEAD");
}

TEST(Router, finds_nothing_for_paths_that_only_resemble_a_route) {
  auto router = make_router();
  for (auto path : {"/sessions/", "//sessions", "/sessions/../sessions", "/sessions/1/2", "/sessions%2F1", "/Sessions",
                    "*", "", "/sessions//1", "/./sessions"}) {
    auto found = find(router, "PATCH", path);
    EXPECT_EQ(found.route, nullptr) << path;
    EXPECT_EQ(found.allow, "") << path;
  }
}

TEST(Router, keeps_what_admits_to_a_route) {
  Router router;
  auto handler = [](const Request&) { return Response{}; };
  router.add("POST", "/open", Lane::password, handler);
  router.add("POST", "/guarded", Lane::password, handler, [](const Request&) -> std::optional<Response> {
    return Response{.status = 429, .headers = {}, .body = {}};
  });
  EXPECT_FALSE(find(router, "POST", "/open").route->admit);
  const auto* guarded = find(router, "POST", "/guarded").route;
  ASSERT_TRUE(guarded->admit);
  EXPECT_EQ(guarded->admit({})->status, 429);
}

TEST(Router, refuses_routes_that_make_no_sense) {
  auto router = make_router();
  auto handler = [](const Request&) { return Response{}; };
  for (auto path : {"", "x", "/a//b", "/{id}/x", "/a{id}", "/sessions/{other}"})
    EXPECT_THROW(router.add("GET", path, Lane::loop, handler), std::invalid_argument) << path;
}

}  // namespace
}  // namespace signet::server::http

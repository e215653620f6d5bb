#include "signet/http/httplib.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/http/support.hpp"

namespace signet::http {
namespace {

// A cpp-httplib server with a guard, on a free port.
class HttplibServer : public testing::Test {
 protected:
  HttplibServer() {
    const auto greet = [](const httplib::Request& request, httplib::Response& response, const Principal& who) {
      response.set_content(request.method + " by " + std::string{who.subject()}, "text/plain");
    };
    EXPECT_TRUE(guard_.cookie("__Host-token", {"https://app.example"}));
    server_.Get("/profile", require(guard_, greet));
    server_.Get("/admin", require(guard_, greet, {"admin"}));
    server_.Get("/write", require(guard_, greet, {"read", "write"}));
    server_.Get("/unchecked", require(test::guard_without_keys(), greet));
    server_.Post("/profile", require(guard_, greet));
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }

  ~HttplibServer() override {
    while (!server_.is_running()) std::this_thread::yield();
    server_.stop();
    thread_.join();
  }

  httplib::Result get(const char* path, const httplib::Headers& headers = {}) {
    return httplib::Client{"127.0.0.1", port_}.Get(path, headers);
  }

  Guard guard_ = test::guard();
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

TEST_F(HttplibServer, lets_a_good_token_through_to_the_handler) {
  const auto answer = get("/profile", {{"Authorization", "Bearer " + test::token()}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "GET by user-42");
  EXPECT_FALSE(answer->has_header("WWW-Authenticate"));
}

TEST_F(HttplibServer, answers_for_a_request_that_may_not_pass) {
  const auto none = get("/profile");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->status, 401);
  EXPECT_EQ(none->get_header_value("WWW-Authenticate"), test::no_credentials);
  EXPECT_EQ(none->body, "");

  const auto bad = get("/profile", {{"authorization", "bearer garbage"}});
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->status, 401);
  EXPECT_EQ(bad->get_header_value("WWW-Authenticate"), test::invalid_token);
  EXPECT_EQ(bad->get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(bad->body, test::invalid_token_body);

  const auto malformed = get("/profile", {{"Authorization", "Bearer"}});
  ASSERT_TRUE(malformed);
  EXPECT_EQ(malformed->status, 400);
}

TEST_F(HttplibServer, tells_a_client_to_come_back_when_the_token_cannot_be_checked) {
  const auto answer = get("/unchecked", {{"Authorization", "Bearer " + test::token()}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->get_header_value("Retry-After"), "1");
  EXPECT_FALSE(answer->has_header("WWW-Authenticate"));
}

TEST_F(HttplibServer, sees_every_authorization_line) {
  const auto line = "Bearer " + test::token();
  const auto answer = get("/profile", {{"Authorization", line}, {"Authorization", line}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->get_header_value("WWW-Authenticate"), test::invalid_request);
}

TEST_F(HttplibServer, asks_for_the_scopes_of_the_route) {
  const httplib::Headers headers{{"Authorization", "Bearer " + test::token()}};
  EXPECT_EQ(get("/write", headers)->status, 200);
  const auto answer = get("/admin", headers);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 403);
  EXPECT_NE(answer->get_header_value("WWW-Authenticate").find(R"(scope="admin")"), std::string::npos);
}

TEST_F(HttplibServer, takes_the_cookie_and_its_origin) {
  httplib::Client client{"127.0.0.1", port_};
  const std::string cookie = "__Host-token=" + test::token();
  EXPECT_EQ(client.Get("/profile", {{"Cookie", cookie}})->status, 200);
  EXPECT_EQ(client.Post("/profile", {{"Cookie", cookie}}, "", "text/plain")->status, 403);
  EXPECT_EQ(client.Post("/profile", {{"Cookie", cookie}, {"Origin", "https://evil.example"}}, "", "text/plain")->status,
            403);
  EXPECT_EQ(client.Post("/profile", {{"Cookie", cookie}, {"Origin", "https://app.example"}}, "", "text/plain")->status,
            200);
}

}  // namespace
}  // namespace signet::http

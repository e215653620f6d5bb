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
    server_.Get("/orders", require(behind_proxy_.guard, greet));
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
  test::BehindProxy behind_proxy_;
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

TEST_F(HttplibServer, takes_a_proof_for_the_url_that_clients_know_and_for_no_other) {
  const auto& world = behind_proxy_;
  const std::string here = "http://127.0.0.1:" + std::to_string(port_) + "/orders";
  const auto ask = [&](const std::vector<std::string>& proofs, const httplib::Headers& more = {}) {
    httplib::Headers headers{{"Authorization", "DPoP " + world.bound}};
    for (const auto& proof : proofs) headers.emplace("DPoP", proof);
    headers.insert(more.begin(), more.end());
    return get("/orders?page=2", headers);
  };
  constexpr const char* url = "https://shop.example/api/orders";
  const auto passed = ask({world.proof("GET", url)});
  ASSERT_TRUE(passed);
  EXPECT_EQ(passed->status, 200) << passed->body;
  EXPECT_EQ(passed->body, "GET by user-42");

  const auto expect_refused = [&](const char* what, const httplib::Result& answer) {
    ASSERT_TRUE(answer) << what;
    EXPECT_EQ(answer->status, 401) << what;
    EXPECT_TRUE(answer->get_header_value("WWW-Authenticate").starts_with(R"(DPoP error="invalid_dpop_proof")")) << what;
    EXPECT_TRUE(answer->body.starts_with(R"({"error":"invalid_dpop_proof")")) << what;
    EXPECT_FALSE(answer->has_header("DPoP-Nonce")) << what;
  };
  expect_refused("no proof", ask({}));
  expect_refused("two proofs", ask({world.proof("GET", url), world.proof("GET", url)}));
  expect_refused("another method", ask({world.proof("POST", url)}));
  expect_refused("another path", ask({world.proof("GET", "https://shop.example/api/profile")}));
  expect_refused("the path without the proxy's prefix", ask({world.proof("GET", "https://shop.example/orders")}));
  expect_refused("the address behind the proxy", ask({world.proof("GET", here)}));
  const httplib::Headers said{{"Host", "evil.example"},
                              {"X-Forwarded-Host", "evil.example"},
                              {"X-Forwarded-Proto", "https"},
                              {"Forwarded", "host=evil.example;proto=https"}};
  expect_refused("the host that the request names", ask({world.proof("GET", "https://evil.example/api/orders")}, said));
  EXPECT_EQ(ask({world.proof("GET", url)}, said)->status, 200) << "what it names does not matter";
}

TEST_F(HttplibServer, tells_a_client_which_nonce_its_proof_must_carry) {
  const auto& world = behind_proxy_;
  const auto ask = [&](const std::string& proof) {
    return get("/orders", {{"Authorization", "DPoP " + world.bound}, {"DPoP", proof}});
  };
  const auto first = ask(world.proof("GET", "https://shop.example/api/orders", false));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->status, 401);
  EXPECT_TRUE(first->get_header_value("WWW-Authenticate").starts_with(R"(DPoP error="use_dpop_nonce")"));
  const auto nonce = first->get_header_value("DPoP-Nonce");
  const auto again = ask(make_dpop_proof(world.client, {"GET", "https://shop.example/api/orders", world.bound}, nonce,
                                         ManualClock{test::now})
                             .value());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 200) << again->body;
}

}  // namespace
}  // namespace signet::http

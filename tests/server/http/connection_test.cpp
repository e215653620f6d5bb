#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/http/harness.hpp"

namespace signet::server::http {
namespace {

using test::Client;
using test::Harness;

std::string get(std::string_view path, std::string_view headers = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}

std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

TEST(Connection, answers_and_stays_open) {
  Harness harness;
  auto client = harness.connect();
  for (int i = 0; i < 3; ++i) {
    auto answer = client.ask(get("/hello"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "hello");
    EXPECT_EQ(answer->header("Content-Length"), "5");
    EXPECT_EQ(answer->header("Server"), "signet");
    EXPECT_EQ(answer->header("Content-Type"), "text/plain");
    EXPECT_EQ(answer->header("Connection"), "");
    EXPECT_THAT(answer->header("Date"), testing::MatchesRegex("[A-Z][a-z][a-z], [0-9][0-9] .* [0-9:]+ GMT"));
    EXPECT_EQ(answer->header("X-Request-Id").size(), 16);
  }
  EXPECT_EQ(harness.server->counters().connections, 1);
}

TEST(Connection, closes_when_asked_to) {
  Harness harness;
  for (const auto& request : {get("/hello", "Connection: close\r\n"), get("/hello", "Connection: foo, Close\r\n"),
                              std::string("GET /hello HTTP/1.0\r\n\r\n")}) {
    auto client = harness.connect();
    auto answer = client.ask(request + get("/hello"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "hello");
    EXPECT_EQ(answer->header("Connection"), "close");
    client.end_sending();
    EXPECT_EQ(client.receive_rest(), "");
  }
}

TEST(Connection, keeps_http_1_0_open_when_asked_to) {
  Harness harness;
  auto client = harness.connect();
  for (int i = 0; i < 2; ++i) {
    auto answer = client.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->header("Connection"), "keep-alive");
  }
  EXPECT_EQ(client.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n")->header("Connection"), "close");
}

TEST(Connection, answers_head_like_get_without_the_body) {
  Harness harness;
  auto client = harness.connect();
  client.send(
      "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\nHEAD /nowhere HTTP/1.1\r\nHost: x\r\n\r\nHEAD /echo HTTP/1.1\r\nHost: "
      "x\r\n\r\n" +
      get("/hello"));
  auto found = client.receive(true);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->status, 200);
  EXPECT_EQ(found->header("Content-Length"), "5");
  EXPECT_EQ(client.receive(true)->status, 404);
  EXPECT_EQ(client.receive(true)->status, 405);
  EXPECT_EQ(client.receive()->body, "hello");
}

TEST(Connection, sends_no_length_with_no_content) {
  Harness harness;
  auto client = harness.connect();
  auto answer = client.ask(get("/empty"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(answer->header("Content-Length"), "");
  EXPECT_EQ(client.ask(get("/hello"))->body, "hello");
}

TEST(Connection, sends_large_bodies_between_small_ones) {
  Harness harness;
  auto client = harness.connect();
  client.send(get("/hello") + get("/large") + get("/large") + get("/hello"));
  EXPECT_EQ(client.receive()->body, "hello");
  EXPECT_EQ(client.receive()->body.size(), 1'000'000);
  EXPECT_EQ(client.receive()->body.size(), 1'000'000);
  EXPECT_EQ(client.receive()->body, "hello");
}

TEST(Connection, answers_pipelined_requests_in_order_across_lanes) {
  Harness harness;
  auto client = harness.connect();
  std::string requests;
  for (int i = 0; i < 30; ++i) {
    static constexpr std::array<std::string_view, 3> paths{"/echo", "/store/echo", "/password/echo"};
    requests += post(paths[static_cast<std::size_t>(i * 7 % 3)], std::to_string(i));
  }
  client.send(requests);
  for (int i = 0; i < 30; ++i) {
    auto answer = client.receive();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->body, std::to_string(i));
  }
}

TEST(Connection, sends_ready_answers_while_a_lane_still_works) {
  Harness harness;
  auto client = harness.connect();
  client.send(get("/hello") + get("/gate/store") + get("/items/7"));
  EXPECT_EQ(client.receive()->body, "hello");
  harness.gate.await(1);
  harness.gate.open();
  EXPECT_EQ(client.receive()->body, "through");
  EXPECT_EQ(client.receive()->body, "7");
}

TEST(Connection, answers_requests_that_come_byte_by_byte) {
  Harness harness;
  auto client = harness.connect();
  auto requests = post("/store/echo", "slow") + get("/hello") +
                  "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
  for (char c : requests) client.send({&c, 1});
  EXPECT_EQ(client.receive()->body, "slow");
  EXPECT_EQ(client.receive()->body, "hello");
  EXPECT_EQ(client.receive()->body, "abcd");
}

TEST(Connection, answers_what_came_before_the_client_ended_its_side) {
  Harness harness;
  auto client = harness.connect();
  client.send(get("/hello") + post("/store/echo", "last"));
  client.end_sending();
  EXPECT_EQ(client.receive()->body, "hello");
  EXPECT_EQ(client.receive()->body, "last");
  EXPECT_TRUE(client.closed());
}

TEST(Connection, says_continue_before_an_expected_body) {
  Harness harness;
  auto client = harness.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.receive_bytes(25), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.ask("body")->body, "body");
}

TEST(Connection, never_tells_what_a_handler_threw) {
  Harness harness;
  auto client = harness.connect();
  for (auto path : {"/throws", "/store/throws", "/splits"}) {
    auto answer = client.ask(get(path));
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 500);
    EXPECT_THAT(answer->body, testing::StartsWith(R"({"error":"server_error")"));
    EXPECT_THAT(answer->head + answer->body,
                testing::Not(testing::AnyOf(testing::HasSubstr("secret"), testing::HasSubstr("Smuggled"))));
  }
  EXPECT_EQ(harness.server->counters().failed_handlers, 3);
  EXPECT_EQ(client.ask(get("/hello"))->status, 200);
}

TEST(Connection, survives_clients_that_leave_while_a_lane_works) {
  Harness harness;
  for (int i = 0; i < 4; ++i) {
    auto client = harness.connect();
    client.send(get("/gate/store"));
    harness.gate.await(i + 1);
  }
  harness.gate.open();
  EXPECT_EQ(harness.connect().ask(get("/hello"))->body, "hello");
}

TEST(Connection, tells_of_every_answer) {
  Harness harness;
  auto client = harness.connect();
  for (const auto& request : {get("/hello"), get("/nowhere"), post("/store/echo", "x"), get("/throws")})
    ASSERT_TRUE(client.ask(request));
  ASSERT_TRUE(client.ask("bad\r\n\r\n"));
  EXPECT_THAT(harness.answered_statuses(),
              testing::ElementsAre(std::pair(200, 2), std::pair(400, 1), std::pair(404, 1), std::pair(500, 1)));
}

TEST(Connection, serves_on_several_loops) {
  Harness harness({.loops = 3});
  std::vector<Client> clients;
  for (int i = 0; i < 30; ++i) clients.push_back(harness.connect());
  for (auto& client : clients) client.send(get("/hello") + post("/store/echo", "a") + post("/password/echo", "b"));
  for (auto& client : clients) {
    EXPECT_EQ(client.receive()->body, "hello");
    EXPECT_EQ(client.receive()->body, "a");
    EXPECT_EQ(client.receive()->body, "b");
  }
  EXPECT_EQ(harness.server->counters().connections, 30);
}

TEST(Connection, believes_forwarded_headers_from_trusted_proxies_only) {
  std::string forwarded = "X-Forwarded-For: 203.0.113.9\r\nX-Request-Id: trace-1\r\n";
  {
    Harness harness;
    auto answer = harness.connect().ask(get("/who?a=b", forwarded));
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->body, testing::MatchesRegex("127\\.0\\.0\\.1 [0-9a-f]+ a=b"));
  }
  Harness harness({.trusted_proxies = {"127.0.0.0/8"}});
  auto client = harness.connect();
  auto answer = client.ask(get("/who?a=b", forwarded));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "203.0.113.9 trace-1 a=b");
  EXPECT_EQ(answer->header("X-Request-Id"), "trace-1");
  EXPECT_THAT(client.ask(get("/who"))->body, testing::MatchesRegex("127\\.0\\.0\\.1 [0-9a-f]+ "));
}

}  // namespace
}  // namespace signet::server::http

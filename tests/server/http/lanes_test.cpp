#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/http/harness.hpp"

namespace signet::server::http {
namespace {

using test::Client;
using test::Harness;

std::string get(std::string_view path) { return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n"; }

TEST(Lanes, a_full_queue_answers_503_while_everything_else_stays_fast) {
  Harness harness({.store = {1, 2}, .password = {1, 2}});
  std::vector<Client> waiting;
  auto begin = [&](std::string_view path) {
    waiting.push_back(harness.connect());
    waiting.back().send(get(path));
  };
  begin("/gate/password");
  harness.gate.await(1);  // the only thread is taken; two more fit the queue
  begin("/gate/password");
  begin("/gate/password");
  while (harness.server->counters().password_queue < 2) std::this_thread::yield();

  auto client = harness.connect();
  auto refused = client.ask(get("/gate/password"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->header("Retry-After"), "1");
  EXPECT_THAT(refused->body, testing::StartsWith(R"({"error":"temporarily_unavailable")"));
  EXPECT_EQ(harness.server->counters().rejected_password, 1);

  EXPECT_EQ(client.ask(get("/hello"))->body, "hello") << "the loop is not held up";
  EXPECT_EQ(client.ask("POST /store/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")->body, "x")
      << "nor is the other lane";
  EXPECT_EQ(harness.server->counters().rejected_store, 0);

  harness.gate.open();
  for (auto& one : waiting) EXPECT_EQ(one.receive()->body, "through");
}

TEST(Lanes, what_is_not_admitted_takes_no_place) {
  Harness harness({.store = {1, 2}, .password = {1, 1}});
  auto post = [](std::string_view body) {
    return "POST /admitted HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
  };
  auto running = harness.connect(), waiting = harness.connect(), client = harness.connect();
  running.send(post("yes"));
  harness.gate.await(1);
  waiting.send(post("yes"));
  while (harness.server->counters().password_queue < 1) std::this_thread::yield();

  EXPECT_EQ(client.ask(post("yes"))->status, 503) << "thread and queue are taken";
  for (int i = 0; i < 3; ++i) {
    auto refused = client.ask(post("no"));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 400) << "answered all the same";
    EXPECT_EQ(refused->body, "not admitted");
  }
  auto failed = client.ask(post("throw"));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->status, 500);
  EXPECT_EQ(failed->body.find("a secret"), std::string::npos);
  EXPECT_EQ(harness.server->counters().failed_handlers, 1);
  EXPECT_EQ(harness.server->counters().rejected_password, 1);

  harness.gate.open();
  EXPECT_EQ(running.receive()->body, "through");
  EXPECT_EQ(waiting.receive()->body, "through");
}

}  // namespace
}  // namespace signet::server::http

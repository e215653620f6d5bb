#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/server/http/harness.hpp"

namespace signet::server::http {
namespace {

using namespace std::chrono_literals;
using test::Client;
using test::Harness;

const std::string hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

ServerOptions with(ServerLimits limits) {
  ServerOptions options;
  options.limits = limits;
  return options;
}

TEST(Limits, a_header_that_does_not_end_in_time_is_answered_408) {
  Harness harness(with({.header_time = 100ms}));
  auto client = harness.connect();
  EXPECT_EQ(client.ask(hello)->status, 200);
  client.send("GET /hello HTTP/1.1\r\nHo");
  auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_THAT(answer->body, testing::StartsWith(R"({"error":"request_timeout")"));
  EXPECT_TRUE(client.closed());
}

TEST(Limits, a_trickling_client_wins_no_time) {
  Harness harness(with({.header_time = 100ms}));
  auto client = harness.connect();
  std::jthread trickle([&client](std::stop_token stop) {
    client.send("GET /hello HTTP/1.1\r\nX: ");
    while (!stop.stop_requested()) {
      client.send("a");
      std::this_thread::sleep_for(5ms);
    }
  });
  auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
}

TEST(Limits, a_body_that_does_not_end_in_time_is_answered_408) {
  Harness harness(with({.body_time = 100ms}));
  auto client = harness.connect();
  auto answer = client.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(harness.answered_statuses()[408], 1);
}

TEST(Limits, an_idle_connection_is_closed_without_a_word) {
  Harness harness(with({.idle_time = 100ms}));
  auto silent = harness.connect();
  EXPECT_TRUE(silent.closed());
  auto client = harness.connect();
  EXPECT_EQ(client.ask(hello)->status, 200);
  EXPECT_TRUE(client.closed());
}

TEST(Limits, a_client_that_takes_no_answers_is_closed) {
  Harness harness(with({.write_time = 100ms}));
  auto client = harness.connect();
  EXPECT_EQ(client.ask(hello)->status, 200);
  for (int i = 0; i < 50; ++i) client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  while (harness.server->counters().connections > 0) std::this_thread::sleep_for(1ms);
  EXPECT_LT(client.receive_rest().size(), 50'000'000);
}

// Answers of a megabyte, and a client that asks for many and reads none: what waits is bounded by what is held and the
// sockets' own buffers. Without that all of them would be made within a few turns of the loop.
TEST(Limits, a_client_that_asks_and_does_not_read_is_answered_no_further) {
  constexpr int asked = 64;
  Harness harness;
  auto greedy = harness.connect();
  std::string requests;
  for (int i = 0; i < asked; ++i) requests += "GET /large HTTP/1.1\r\nHost: x\r\n\r\n";
  greedy.send(requests);
  auto other = harness.connect();
  for (int i = 0; i < 200; ++i) ASSERT_EQ(other.ask("GET /empty HTTP/1.1\r\nHost: x\r\n\r\n")->status, 204);
  EXPECT_LT(harness.answered_statuses()[200], asked / 2);
  for (int i = 0; i < asked; ++i) ASSERT_EQ(greedy.receive()->body.size(), 1'000'000) << i;
}

TEST(Limits, a_lane_that_works_long_is_waited_for) {
  Harness harness(with({.header_time = 50ms, .body_time = 50ms, .idle_time = 50ms, .write_time = 50ms}));
  auto client = harness.connect();
  client.send("GET /gate/store HTTP/1.1\r\nHost: x\r\n\r\n");
  harness.gate.await(1);
  EXPECT_TRUE(harness.connect().closed()) << "more than the idle time has passed";
  harness.gate.open();
  EXPECT_EQ(client.receive()->body, "through");
}

TEST(Limits, a_body_too_large_is_answered_413_before_it_is_read) {
  Harness harness(with({.body_bytes = 1000}));
  {
    auto client = harness.connect();
    auto answer = client.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 413);
    client.end_sending();
    EXPECT_TRUE(client.closed());
  }
  // One that sends on regardless still gets to read why.
  auto client = harness.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n");
  client.send(std::string(3'000'000, 'x'));
  auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
}

TEST(Limits, headers_too_large_are_answered) {
  Harness harness;
  auto status = [&](const std::string& request) {
    auto client = harness.connect();
    auto answer = client.ask(request);
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(status("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"), 414);
  EXPECT_EQ(status("GET /hello HTTP/1.1\r\nHost: x\r\nX: " + std::string(17000, 'a') + "\r\n\r\n"), 431);
  std::string many = "GET /hello HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 100; ++i) many += "X: y\r\n";
  EXPECT_EQ(status(many + "\r\n"), 431);
}

TEST(Limits, connections_over_the_limit_are_turned_away) {
  Harness harness(with({.connections = 3}));
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(harness.connect());
    EXPECT_EQ(clients.back().ask(hello)->status, 200);
    // Has begun the next: only those that do nothing give way.
    EXPECT_EQ(clients.back().ask(hello + "GET /hello HTTP/1.1\r\nHost: x")->status, 200);
  }
  auto refused = harness.connect();
  auto answer = refused.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, R"({"error":"temporarily_unavailable","error_description":"too many connections are open"})");
  EXPECT_TRUE(refused.closed());
  EXPECT_EQ(harness.server->counters().rejected_connections, 1);

  clients.pop_back();
  while (harness.server->counters().connections >= 3) std::this_thread::yield();
  EXPECT_EQ(harness.connect().ask(hello)->status, 200);
}

TEST(Limits, the_connection_that_rests_longest_gives_way_to_a_new_one) {
  Harness harness(with({.connections = 3}));
  auto first = harness.connect(), second = harness.connect(), third = harness.connect();
  for (auto* client : {&first, &second, &third, &first}) EXPECT_EQ(client->ask(hello)->status, 200);
  auto fourth = harness.connect();
  EXPECT_EQ(fourth.ask(hello)->status, 200);
  EXPECT_TRUE(second.closed());
  EXPECT_EQ(first.ask(hello)->status, 200);
  EXPECT_EQ(third.ask(hello)->status, 200);
  EXPECT_EQ(harness.server->counters().rejected_connections, 0);
  EXPECT_EQ(harness.server->counters().connections, 3);
}

TEST(Limits, a_connection_that_never_asked_is_not_closed_for_another) {
  Harness harness(with({.connections = 1}));
  auto silent = harness.connect();
  while (harness.server->counters().connections == 0) std::this_thread::yield();
  EXPECT_EQ(harness.connect().receive()->status, 503);
  EXPECT_EQ(silent.ask(hello)->status, 200);
}

TEST(Limits, one_address_has_its_share_of_the_connections_and_a_proxy_any_number) {
  ServerOptions options = with({.connections = 10, .connections_per_address = 2});
  {
    Harness harness(options);
    auto first = harness.connect();
    EXPECT_EQ(first.ask(hello)->status, 200);
    {
      auto second = harness.connect();
      EXPECT_EQ(second.ask(hello)->status, 200);
      EXPECT_EQ(harness.connect().receive()->status, 503);
      EXPECT_EQ(harness.server->counters().rejected_connections, 1);
    }
    while (harness.server->counters().connections == 2) std::this_thread::yield();
    EXPECT_EQ(harness.connect().ask(hello)->status, 200);
  }
  options.trusted_proxies = {"127.0.0.0/8"};
  Harness harness(options);
  std::vector<Client> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(harness.connect());
    EXPECT_EQ(clients.back().ask(hello)->status, 200);
  }
}

TEST(Limits, a_thousand_idle_connections_hold_nobody_up) {
  ServerOptions options = with({.connections_per_address = 2000});
  options.loops = 2;
  Harness harness(std::move(options));
  std::vector<Client> idle;
  for (int i = 0; i < 1000; ++i) {
    idle.push_back(harness.connect());
    if (i % 2 == 0) idle.back().send("GET /hello HTTP/1.1\r\n");
  }
  EXPECT_EQ(harness.connect().ask(hello)->status, 200);
  while (harness.server->counters().connections < 1000) std::this_thread::yield();
  for (std::size_t i = 0; i < idle.size(); i += 100) EXPECT_EQ(idle[i].ask("Host: x\r\n\r\n")->status, 200);
}

}  // namespace
}  // namespace signet::server::http

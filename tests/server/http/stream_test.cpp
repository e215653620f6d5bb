#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/server/http/harness.hpp"

namespace signet::server::http {
namespace {

using namespace std::chrono_literals;
using test::Client;
using test::Harness;

const std::string stream = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string begun = "6\r\nbegun\n\r\n";
const std::string ended = "0\r\n\r\n";

// Asks for the stream; what it begins with has come.
Client listening(const Harness& harness) {
  auto client = harness.connect();
  auto answer = client.ask(stream);
  EXPECT_TRUE(answer && answer->status == 200);
  EXPECT_EQ(client.receive_bytes(begun.size()), begun);
  return client;
}

// Until the server has noticed that connections have gone.
void await_connections(const Harness& harness, std::size_t count) {
  while (harness.server->counters().connections != count) std::this_thread::yield();
}

TEST(Channel, gives_what_was_sent_from_a_number_on) {
  Channel channel;
  EXPECT_EQ(channel.next(), 0);
  channel.send("a");
  channel.send("");
  channel.send(std::string(300, 'b'));
  EXPECT_EQ(channel.next(), 2);
  auto taken = channel.take(0, 10);
  ASSERT_EQ(taken.frames.size(), 2);
  EXPECT_EQ(taken.frames[0]->chunk(), "1\r\na\r\n");
  EXPECT_EQ(taken.frames[0]->bytes(), "a");
  EXPECT_TRUE(taken.frames[1]->chunk().starts_with("12c\r\nbbb"));
  EXPECT_EQ(channel.take(0, 1).frames.size(), 1);
  EXPECT_EQ(channel.take(1, 10).frames.size(), 1);
  EXPECT_TRUE(channel.take(2, 10).frames.empty());
  EXPECT_FALSE(channel.take(2, 10).ended);
}

TEST(Channel, ends_after_what_was_sent_before) {
  Channel channel;
  channel.send("a");
  channel.end();
  channel.send("b");
  EXPECT_EQ(channel.next(), 1);
  EXPECT_TRUE(channel.take(0, 10).ended);
  EXPECT_FALSE(channel.take(0, 0).ended);
}

TEST(Channel, keeps_the_newest_bytes_and_tells_who_is_further_behind) {
  Channel channel{10};
  for (int i = 0; i < 5; ++i) channel.send("1234");
  EXPECT_TRUE(channel.take(2, 10).lost);
  EXPECT_FALSE(channel.take(3, 10).lost);
  EXPECT_EQ(channel.take(3, 10).frames.size(), 2);
  channel.send(std::string(100, 'x'));
  EXPECT_EQ(channel.take(5, 10).frames.size(), 1) << "the newest stays, however large";
}

TEST(Stream, is_sent_in_chunks_to_http_1_1) {
  Harness harness;
  for (const auto* path : {"/stream", "/store/stream"}) {
    auto client = harness.connect();
    auto answer = client.ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->header("Transfer-Encoding"), "chunked");
    EXPECT_EQ(answer->header("Content-Length"), "");
    EXPECT_EQ(answer->header("Connection"), "close");
    EXPECT_EQ(client.receive_bytes(begun.size()), begun);
    harness.channel->send("one");
    EXPECT_EQ(client.receive_bytes(8), "3\r\none\r\n");
  }
  auto client = listening(harness);
  harness.channel->send("two");
  harness.channel->end();
  EXPECT_EQ(client.receive_rest(), "3\r\ntwo\r\n" + ended);
}

TEST(Stream, is_sent_as_it_is_to_http_1_0_until_the_connection_ends) {
  Harness harness;
  auto client = harness.connect();
  auto answer = client.ask("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header("Transfer-Encoding"), "");
  EXPECT_EQ(answer->header("Content-Length"), "");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_EQ(client.receive_bytes(6), "begun\n");
  harness.channel->send("one");
  harness.channel->end();
  EXPECT_EQ(client.receive_rest(), "one");
}

TEST(Stream, a_head_request_gets_the_head_and_no_stream) {
  Harness harness;
  auto client = harness.connect();
  client.send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  auto answer = client.receive(true);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(client.receive_rest(), "");
}

TEST(Stream, everybody_gets_every_frame_in_order_whoever_sends_them) {
  Harness harness({.loops = 2});
  std::vector<Client> clients;
  for (int i = 0; i < 40; ++i) clients.push_back(listening(harness));
  std::string sent;
  for (int i = 0; i < 500; ++i) {
    auto text = std::to_string(i) + "\n";
    sent += Frame(text).chunk();
    harness.channel->send(text);
  }
  harness.channel->end();
  for (auto& client : clients) EXPECT_EQ(client.receive_rest(), sent + ended);
  await_connections(harness, 0);
}

TEST(Stream, a_client_that_goes_leaves_its_place_at_once) {
  Harness harness;
  {
    auto client = listening(harness);
  }
  await_connections(harness, 0);
  auto talkative = listening(harness);
  talkative.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(talkative.closed()) << "there is nothing to say on a stream";
}

TEST(Stream, what_it_holds_goes_with_it) {
  auto held = std::make_shared<int>(0);
  Router router;
  auto channel = std::make_shared<Channel>();
  router.add("GET", "/stream", Lane::loop, [&](const Request&) {
    Response response;
    response.stream = std::make_shared<Stream>(channel, 0, held);
    return response;
  });
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  auto server = Server::bind(options, std::move(router));
  ASSERT_TRUE(server);
  (*server)->start();
  {
    Client client((*server)->address());
    ASSERT_TRUE(client.ask(stream));
    EXPECT_GE(held.use_count(), 2);
  }
  while (held.use_count() != 1) std::this_thread::yield();
}

TEST(Stream, a_reader_that_falls_behind_is_cut_and_the_others_go_on) {
  Harness harness({}, 256 * 1024);
  auto slow = listening(harness);
  auto quick = listening(harness);
  const std::string text(32 * 1024, 'x');
  const auto size = Frame(text).chunk().size();
  // What the kernel buffers for `slow` is bounded, so it is cut at some point.
  while (harness.server->counters().connections == 2) {
    harness.channel->send(text);
    ASSERT_EQ(quick.receive_bytes(size).size(), size);
  }
  harness.channel->send("last");
  EXPECT_EQ(quick.receive_bytes(9), "4\r\nlast\r\n");
}

TEST(Stream, a_reader_that_takes_nothing_is_cut_when_its_time_is_up) {
  Harness harness({.limits = {.write_time = 100ms}}, 64 * 1024 * 1024);
  auto slow = listening(harness);
  for (int i = 0; i < 32; ++i) harness.channel->send(std::string(1'000'000, 'x'));
  await_connections(harness, 0);
}

TEST(Stream, draining_ends_it_at_once_and_cleanly) {
  Harness harness({.loops = 2});
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(listening(harness));
  auto old = harness.connect();
  ASSERT_TRUE(old.ask("GET /stream HTTP/1.0\r\n\r\n"));
  std::jthread draining([&] { harness.server->drain(60s); });
  for (auto& client : clients) EXPECT_EQ(client.receive_rest(), ended);
  EXPECT_EQ(old.receive_rest(), "begun\n");
}

TEST(Stream, one_that_begins_while_the_server_drains_is_ended_as_well) {
  Harness harness;
  auto half = harness.connect();
  half.send("GET /stream HTT");
  auto waiting = harness.connect();
  waiting.send("GET /gate/store HTTP/1.1\r\nHost: x\r\n\r\n");
  harness.gate.await(1);
  std::jthread draining([&] { harness.server->drain(60s); });
  EXPECT_THROW(
      {
        for (;;) std::ignore = harness.connect().ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
      },
      std::runtime_error);
  half.send("P/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(half.receive());
  EXPECT_EQ(half.receive_rest(), begun + ended);
  harness.gate.open();
}

TEST(Stream, the_server_may_go_while_there_are_streams_and_senders) {
  for (int round = 0; round < 10; ++round) {
    Harness harness({.loops = 2});
    std::vector<Client> clients;
    for (int i = 0; i < 4; ++i) clients.push_back(listening(harness));
    std::jthread sending([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) harness.channel->send("y");
    });
    harness.server.reset();
    for (auto& client : clients) (void)client.receive_rest();
  }
}

}  // namespace
}  // namespace signet::server::http

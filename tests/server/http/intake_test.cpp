#include "server/http/intake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

namespace signet::server::http {
namespace {

struct Read {
  std::string method, path, query, body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool operator==(const Read&) const = default;
};

struct Outcome {
  std::vector<Read> requests;
  int refused = 0;
  int proceeds = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome feed(std::string_view bytes, const std::vector<std::size_t>& pieces, const ServerLimits& limits = {}) {
  Intake intake(limits);
  Outcome outcome;
  auto take = [&] {
    for (;;) {
      switch (intake.next()) {
        case Intake::Next::more:
          return true;
        case Intake::Next::proceed:
          ++outcome.proceeds;
          break;
        case Intake::Next::refused:
          outcome.refused = intake.refusal().status;
          return false;
        case Intake::Next::request: {
          const auto& head = intake.head();
          Read read{std::string(head.method),
                    std::string(head.path),
                    std::string(head.query),
                    std::string(intake.body()),
                    {}};
          for (auto header : head.headers) read.headers.emplace_back(header.name, header.value);
          outcome.requests.push_back(std::move(read));
          intake.done();
        }
      }
    }
  };
  for (auto piece : pieces) {
    while (piece > 0) {
      auto room = intake.room();
      EXPECT_FALSE(room.empty());
      auto count = std::min(piece, room.size());
      std::memcpy(room.data(), bytes.data(), count);
      intake.add(count);
      bytes.remove_prefix(count);
      piece -= count;
      if (!take()) return outcome;
    }
  }
  return outcome;
}

Outcome feed_whole(std::string_view bytes, const ServerLimits& limits = {}) {
  return feed(bytes, {bytes.size()}, limits);
}

const std::string conversation =
    "\r\nGET /a?b=c HTTP/1.1\r\nHost: x\r\nAccept:  text/html \t\r\nEmpty:\r\n\r\n"
    "POST /sized HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello\r\nworl"
    "POST /chunked HTTP/1.1\r\nhost: x\r\ntransfer-encoding: Chunked\r\n\r\n"
    "5\r\nhello\r\n6;name=value;other=\"a;b\"\r\n world\r\n0\r\nTrailer: ignored\r\n\r\n"
    "HEAD http://x/absolute HTTP/1.1\r\nHost: X\r\n\r\n"
    "OPTIONS * HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    "GET /old HTTP/1.0\r\n\r\n";

const Outcome understood{{{"GET", "/a", "b=c", "", {{"Host", "x"}, {"Accept", "text/html"}, {"Empty", ""}}},
                          {"POST", "/sized", "", "hello\r\nworl", {{"Host", "x"}, {"Content-Length", "11"}}},
                          {"POST", "/chunked", "", "hello world", {{"host", "x"}, {"transfer-encoding", "Chunked"}}},
                          {"HEAD", "/absolute", "", "", {{"Host", "X"}}},
                          {"OPTIONS", "*", "", "", {{"Host", "x"}, {"Content-Length", "0"}}},
                          {"GET", "/old", "", "", {}}},
                         0,
                         0};

TEST(Intake, reads_requests_that_come_together) { EXPECT_EQ(feed_whole(conversation), understood); }

TEST(Intake, reads_requests_that_come_byte_by_byte) {
  EXPECT_EQ(feed(conversation, std::vector<std::size_t>(conversation.size(), 1)), understood);
}

TEST(Intake, reads_requests_split_at_every_place) {
  for (std::size_t at = 1; at < conversation.size(); ++at)
    ASSERT_EQ(feed(conversation, {at, conversation.size() - at}), understood) << "split at " << at;
}

TEST(Intake, reads_the_same_whatever_the_pieces) {
  std::mt19937 random(42);
  for (int round = 0; round < 200; ++round) {
    std::string many;
    for (int i = 0; i < 5; ++i) many += conversation;
    std::vector<std::size_t> pieces;
    for (std::size_t left = many.size(); left > 0;) {
      pieces.push_back(std::min<std::size_t>(left, 1 + random() % 300));
      left -= pieces.back();
    }
    auto outcome = feed(many, pieces);
    ASSERT_EQ(outcome.requests.size(), 30);
    for (std::size_t i = 0; i < 30; ++i) ASSERT_EQ(outcome.requests[i], understood.requests[i % 6]);
  }
}

TEST(Intake, keeps_the_head_when_the_buffer_grows_for_the_body) {
  ServerLimits limits;
  std::string body(limits.body_bytes, 'b');
  auto sized = "POST /p?q HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  std::string chunked = "POST /p?q HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 64) chunked += "40\r\n" + body.substr(at, 64) + "\r\n";
  chunked += "0\r\n\r\n";
  for (const auto& request : {sized, chunked}) {
    std::vector<std::size_t> pieces;
    for (std::size_t left = request.size(); left > 0; left -= pieces.back())
      pieces.push_back(std::min<std::size_t>(left, 1000));
    const std::string next = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n";
    pieces.push_back(next.size());
    auto outcome = feed(request + next, pieces);
    ASSERT_EQ(outcome.refused, 0);
    ASSERT_EQ(outcome.requests.size(), 2);
    EXPECT_EQ(outcome.requests[0].path, "/p");
    EXPECT_EQ(outcome.requests[0].query, "q");
    EXPECT_EQ(outcome.requests[0].headers[0], std::pair(std::string("Host"), std::string("x")));
    EXPECT_TRUE(outcome.requests[0].body == body);
    EXPECT_EQ(outcome.requests[1].path, "/next");
  }
}

TEST(Intake, asks_for_the_body_only_when_none_of_it_has_come) {
  std::string head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_EQ(feed(head + "ok", {head.size(), 2}).proceeds, 1);
  EXPECT_EQ(feed(head + "ok", {head.size() + 1, 1}).proceeds, 0);
  EXPECT_EQ(feed(head + "ok", {head.size() + 2}).proceeds, 0);
  EXPECT_EQ(feed(head + "ok", std::vector<std::size_t>(head.size() + 2, 1)).proceeds, 1);
}

TEST(Intake, splits_absolute_targets_for_this_host) {
  auto path = [](std::string_view target) {
    auto outcome = feed_whole("GET " + std::string(target) + " HTTP/1.1\r\nHost: auth.example:8080\r\n\r\n");
    return outcome.refused != 0 ? std::to_string(outcome.refused)
                                : outcome.requests[0].path + " " + outcome.requests[0].query;
  };
  EXPECT_EQ(path("http://auth.example:8080/a/b?c=d?e"), "/a/b c=d?e");
  EXPECT_EQ(path("HTTPS://Auth.Example:8080"), "/ ");
  EXPECT_EQ(path("https://auth.example:8080?q=1"), "/ q=1");
  EXPECT_EQ(path("http://auth.example/a"), "400");
  EXPECT_EQ(path("http://other:8080/a"), "400");
  EXPECT_EQ(path("http://user@auth.example:8080/a"), "400");
  EXPECT_EQ(path("ftp://auth.example:8080/a"), "400");
  EXPECT_EQ(path("auth.example:8080"), "400");
  EXPECT_EQ(path("*"), "400");
}

TEST(Intake, counts_header_bytes_fields_and_target) {
  ServerLimits limits;
  limits.header_bytes = 1000;
  limits.header_count = 5;
  limits.target_bytes = 200;
  auto with_header = [](std::size_t total) {
    std::string start = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    return start + std::string(total - start.size() - 4, 'a') + "\r\n\r\n";
  };
  EXPECT_EQ(feed_whole(with_header(1000), limits).requests.size(), 1);
  EXPECT_EQ(feed_whole(with_header(1001), limits).refused, 431);
  EXPECT_EQ(feed_whole(with_header(5000).substr(0, 1500), limits).refused, 431)
      << "before the end of the header is there";

  auto with_fields = [](int count) {
    std::string request = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 1; i < count; ++i) request += "A: b\r\n";
    return request + "\r\n";
  };
  EXPECT_EQ(feed_whole(with_fields(5), limits).requests.size(), 1);
  EXPECT_EQ(feed_whole(with_fields(6), limits).refused, 431);

  auto with_target = [](std::size_t bytes) {
    return "GET /" + std::string(bytes - 1, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n";
  };
  EXPECT_EQ(feed_whole(with_target(200), limits).requests.size(), 1);
  EXPECT_EQ(feed_whole(with_target(201), limits).refused, 414);
  EXPECT_EQ(feed_whole(with_target(2000).substr(0, 300), limits).refused, 414) << "before the end of the line is there";
}

TEST(Intake, counts_the_body_before_it_comes) {
  ServerLimits limits;
  limits.body_bytes = 100;
  auto post = [](std::string_view framing) { return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string(framing); };
  EXPECT_EQ(feed_whole(post("Content-Length: 101\r\n\r\n"), limits).refused, 413);
  EXPECT_EQ(feed_whole(post("Content-Length: 999999999999999999\r\n\r\n"), limits).refused, 413);
  EXPECT_EQ(feed_whole(post("Expect: 100-continue\r\nContent-Length: 101\r\n\r\n"), limits).proceeds, 0);
  EXPECT_EQ(feed_whole(post("Transfer-Encoding: chunked\r\n\r\n65\r\n"), limits).refused, 413);
  EXPECT_EQ(feed_whole(post("Transfer-Encoding: chunked\r\n\r\nffffffff\r\n"), limits).refused, 413);
  auto fifty = "32\r\n" + std::string(50, 'x') + "\r\n";
  EXPECT_EQ(
      feed_whole(post("Transfer-Encoding: chunked\r\n\r\n" + fifty + fifty + "0\r\n\r\n"), limits).requests.size(), 1);
  EXPECT_EQ(feed_whole(post("Transfer-Encoding: chunked\r\n\r\n" + fifty + fifty + "1\r\n"), limits).refused, 413);
}

TEST(Intake, limits_chunk_extensions_and_trailers) {
  std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string extended;
  for (int i = 0; i < 20; ++i) extended += "1;" + std::string(300, 'e') + "\r\nx\r\n";
  EXPECT_EQ(feed_whole(head + extended).refused, 400);
  EXPECT_EQ(feed_whole(head + "1;" + std::string(2000, 'e')).refused, 400);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 20; ++i) trailers += "T: " + std::string(300, 't') + "\r\n";
  EXPECT_EQ(feed_whole(head + trailers).refused, 431);
}

// Whatever is thrown at it, it neither reads past what it was given (AddressSanitizer looks) nor takes in a request
// whose parts lie outside of its bytes.
TEST(Intake, survives_damaged_conversations) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    auto damaged = conversation;
    for (int hits = 1 + static_cast<int>(random() % 4); hits > 0; --hits) {
      auto at = random() % damaged.size();
      switch (random() % 3) {
        case 0:
          damaged[at] = static_cast<char>(random());
          break;
        case 1:
          damaged.erase(at, 1 + random() % 5);
          break;
        default:
          damaged.insert(at, 1, "\r\n \t\0:;0"[random() % 8]);
      }
    }
    auto at = random() % damaged.size();
    EXPECT_EQ(feed(damaged, {at, damaged.size() - at}), feed_whole(damaged)) << damaged;
  }
}

}  // namespace
}  // namespace signet::server::http

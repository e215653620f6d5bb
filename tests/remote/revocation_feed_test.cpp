// The feed alone, with a clock of the test's own.

#include "src/remote/revocation_feed.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "tests/remote/fake_issuer.hpp"

namespace signet::remote {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::FakeIssuer;

struct WrongClock final : Clock {
  [[nodiscard]] Time now() const noexcept override { return test::wall_now() + std::chrono::milliseconds{ahead}; }
  std::atomic<std::int64_t> ahead = 0;
};

class RevocationFeeds : public testing::Test {
 protected:
  RevocationFeeds() {
    options.timing.silence = 30s;
    options.timing.shortest_retry = 1ms;
    options.timing.longest_retry = 20ms;
  }
  void follow() {
    const auto addresses = [this](bool, const auto&) -> std::expected<RevocationFeed::Addresses, Error> {
      return RevocationFeed::Addresses{server.url() + "/stream", server.url() + "/snapshot"};
    };
    feed = std::make_unique<RevocationFeed>(server.url(), addresses, std::make_shared<const KeySet>(server.key_set()),
                                            options, reports, clock);
    thread = std::jthread{[this](const std::stop_token& stop) { feed->run(stop); }};
    EXPECT_TRUE(eventually([&] { return feed->staleness().has_value(); })) << reports.last_error();
  }
  [[nodiscard]] bool enforces(std::string_view session) const {
    return feed->revocations().covers({.session = session, .issued_at = test::wall_now()});
  }
  // Everything that the server has said until now has been heard.
  void hear_all() {
    for (int i = 0; i < 2; ++i) {  // what comes before the second was said after the first was heard
      const auto session = "heard " + std::to_string(++said);
      server.revoke(session);
      EXPECT_TRUE(eventually([&] { return enforces(session); })) << reports.last_error();
    }
  }

  FakeIssuer server;
  RemoteIssuerOptions options;
  WrongClock clock;
  Reports reports{nullptr};
  std::unique_ptr<RevocationFeed> feed;
  int said = 0;
  std::jthread thread;
};

// Nobody sends them again: what a wrong clock forgets would be accepted until it expires.
TEST_F(RevocationFeeds, keep_every_revocation_while_one_of_the_clocks_is_ahead) {
  server.revoke("from the snapshot");
  follow();
  const auto two_hours = std::int64_t{2 * 3'600'000}, a_while = std::int64_t{20'000};
  EXPECT_TRUE(enforces("from the snapshot"));
  clock.ahead = two_hours;
  server.revoke("ours is ahead");
  server.clock_ahead = a_while;  // so that it is time to forget something
  hear_all();
  EXPECT_TRUE(enforces("from the snapshot"));
  EXPECT_TRUE(enforces("ours is ahead"));
  clock.ahead = 0;
  server.clock_ahead = two_hours;
  server.revoke("the server's is ahead");
  hear_all();
  for (const auto* session : {"from the snapshot", "ours is ahead", "the server's is ahead"}) {
    EXPECT_TRUE(enforces(session)) << session;
  }
  EXPECT_EQ(feed->revocations().size(), 7U);
}

TEST_F(RevocationFeeds, forget_what_has_expired_by_both_clocks) {
  for (const auto* session : {"one", "two", "three"}) server.revoke(session);
  follow();
  EXPECT_EQ(feed->revocations().size(), 3U);
  clock.ahead = server.clock_ahead = std::int64_t{2 * 3'600'000};
  EXPECT_TRUE(eventually([&] { return feed->revocations().size() == 0; }));
  EXPECT_FALSE(enforces("one"));
}

}  // namespace
}  // namespace signet::remote

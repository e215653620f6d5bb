#include <gtest/gtest.h>

#include "server/http/stream.hpp"
#include "server/revocation/log.hpp"
#include "signet/key_set.hpp"
#include "signet/verifier.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view stream = "/revocations/stream";
constexpr std::string_view snapshot = "/revocations/snapshot";

struct RevocationsEndpoints : testing::Test {
  RevocationsEndpoints() { EXPECT_TRUE(world.follower.catch_up()); }

  void revoke(std::string_view jti, std::chrono::seconds for_so_long = 1h) {
    ASSERT_TRUE(world.store.write([&](Transaction& transaction) {
      transaction.append_revocation(
          {RevocationKind::token, std::string{jti}, world.clock->now(), world.clock->now() + for_so_long});
    }));
  }
  void hear() { EXPECT_TRUE(world.follower.catch_up()); }
  [[nodiscard]] std::string position() const { return world.feed.position().text(); }
  [[nodiscard]] std::string at(int seq) const { return world.feed.position().epoch + ":" + std::to_string(seq); }
  Answer from(std::string_view text) { return world.get(std::string{stream} + "?from=" + std::string{text}); }

  // What a client has received by now, less the beginning that every stream has.
  std::string received(const Answer& answer) const {
    std::string all = answer.response.content();
    if (answer.response.stream) {
      std::string begin;
      append_begin(begin, world.clock->now());
      EXPECT_EQ(all.substr(0, begin.size()), begin);
      all.erase(0, begin.size());
    }
    if (answer.response.stream) {
      for (const auto& frame : answer.response.stream->channel->take(answer.response.stream->from, 1000).frames)
        all += frame->bytes();
    }
    return all;
  }
  static bool ended(const Answer& answer) {
    return !answer.response.stream || answer.response.stream->channel->take(0, 1000).ended;
  }
  LoggedRevocation row(int seq, std::string_view jti) const {
    return {seq, {RevocationKind::token, std::string{jti}, world.clock->now(), world.clock->now() + 1h}};
  }
  std::string event(int seq, std::string_view jti, int after) const {
    std::string out;
    append_revocation_event(out, world.feed.position().epoch, row(seq, jti), after);
    return out;
  }
  std::string event(int seq, std::string_view jti) const { return event(seq, jti, seq - 1); }
  std::string heartbeat(int seq) const {
    std::string out;
    append_heartbeat(out, {world.feed.position().epoch, seq}, world.clock->now());
    return out;
  }
  std::string reset() const {
    std::string out;
    append_reset(out, world.feed.position());
    return out;
  }

  World world;
};

TEST_F(RevocationsEndpoints, a_stream_without_a_position_begins_now) {
  revoke("before");
  hear();
  const auto answer = world.get(stream);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  EXPECT_EQ(received(answer), "");
  revoke("a");
  hear();
  EXPECT_EQ(received(answer), event(2, "a") + heartbeat(2));
}

TEST_F(RevocationsEndpoints, a_stream_goes_on_where_the_client_was_without_gap_or_repetition) {
  const auto begin = position();
  for (const auto* jti : {"a", "b"}) revoke(jti);
  hear();
  const auto first = from(begin);
  EXPECT_EQ(received(first), event(1, "a") + event(2, "b"));
  const auto second = from(at(1));
  EXPECT_EQ(received(second), event(2, "b"));
  revoke("c");
  hear();
  EXPECT_EQ(received(second), event(2, "b") + event(3, "c") + heartbeat(3));
}

TEST_F(RevocationsEndpoints, each_row_names_the_one_before_it_on_the_stream_for_numbers_have_holes) {
  revoke("a");
  hear();
  const auto live = world.get(stream);
  world.feed.rows(std::vector{row(4, "b"), row(5, "c")});
  EXPECT_EQ(received(live), event(4, "b", 1) + event(5, "c", 4));
  world.feed.rows(std::vector{row(5, "c"), row(9, "d")});
  EXPECT_EQ(received(live), event(4, "b", 1) + event(5, "c", 4) + event(9, "d", 5));
  EXPECT_EQ(received(from(at(1))), received(live));
  EXPECT_EQ(received(from(at(3))), event(4, "b", 3) + event(5, "c", 4) + event(9, "d", 5));
  EXPECT_EQ(received(from(at(5))), event(9, "d", 5));
}

TEST_F(RevocationsEndpoints, the_id_of_the_last_event_goes_before_the_url) {
  for (const auto* jti : {"a", "b"}) revoke(jti);
  hear();
  const auto url = std::string{stream} + "?from=" + at(0);
  EXPECT_EQ(received(world.call("GET", url, {{"Last-Event-ID", at(1)}})), event(2, "b"));
  EXPECT_EQ(received(world.call("GET", stream, {{"Last-Event-ID", at(1)}})), event(2, "b"));
}

TEST_F(RevocationsEndpoints, a_position_that_means_nothing_here_is_answered_with_a_reset_and_the_end) {
  revoke("a");
  hear();
  for (const auto& text : {std::string{"0123456789abcdef:1"}, at(2), at(1'000'000)}) {
    world.clock->advance(50ms);
    const auto answer = from(text);
    EXPECT_EQ(answer.status(), 200) << text;
    EXPECT_EQ(received(answer), reset()) << text;
    EXPECT_TRUE(ended(answer));
  }
  EXPECT_EQ(world.feed.streams(), 0u);
}

TEST_F(RevocationsEndpoints, who_comes_from_before_what_was_forgotten_is_reset) {
  revoke("short", 1s);
  revoke("long");
  hear();
  world.clock->advance(2s);
  for (int i = 0; i < 50; ++i) hear();
  EXPECT_EQ(received(from(at(0))), reset());
  EXPECT_EQ(received(from(at(1))).find("event: reset"), std::string::npos);
}

TEST_F(RevocationsEndpoints, who_claims_to_have_heard_more_makes_this_node_read_its_database_once_in_a_while) {
  const auto looks = [this] { return world.follower.caught_up_at(); };
  const auto before = looks();
  world.clock->advance(50ms);
  EXPECT_EQ(received(from("0123456789abcdef:9000000000000000000")), reset());
  EXPECT_EQ(looks(), before) << "another epoch: no look at the database helps";
  EXPECT_EQ(received(from(at(9))), reset());
  EXPECT_EQ(looks(), world.clock->now());
  world.clock->advance(49ms);
  EXPECT_EQ(from(at(9)).status(), 503) << "comes again in a moment";
  EXPECT_EQ(looks(), world.clock->now() - 49ms);
}

TEST_F(RevocationsEndpoints, all_who_fetch_the_snapshot_share_one_text) {
  const auto first = world.get(snapshot).response.shared_body;
  ASSERT_TRUE(first);
  EXPECT_EQ(world.get(snapshot).response.shared_body, first);
}

TEST_F(RevocationsEndpoints, who_has_heard_more_than_this_node_waits_until_it_has_read_it) {
  revoke("elsewhere");
  world.clock->advance(50ms);
  EXPECT_EQ(received(from(at(1))), "") << "no reset: the row is there, only not read yet";
  world.clock->advance(50ms);
  world.store.broken = true;
  EXPECT_EQ(from(at(2)).status(), 503);
  EXPECT_EQ(from(at(1)).status(), 200) << "known";
}

TEST_F(RevocationsEndpoints, garbage_is_no_position) {
  for (const auto* text : {"", "x", "1", "-1", "0123456789abcdef", "0123456789abcdef:1%0a", "%zz",
                           "0123456789abcdef:1&from=0123456789abcdef:1"}) {
    EXPECT_EQ(from(text).status(), 400) << text;
  }
  EXPECT_EQ(world.call("GET", stream, {{"Last-Event-ID", ""}}).status(), 400);
  EXPECT_EQ(world.call("GET", stream, {{"Last-Event-ID", at(0)}, {"Last-Event-ID", at(0)}}).status(), 400);
}

TEST_F(RevocationsEndpoints, a_client_has_so_many_streams_and_all_together_so_many) {
  std::vector<Answer> open;
  for (int i = 0; i < 3; ++i) open.push_back(world.get(stream));
  auto refused = world.get(stream);
  EXPECT_EQ(refused.status(), 429);
  EXPECT_FALSE(refused.header("Retry-After").empty());
  world.client_address = "192.0.2.2";
  open.push_back(world.get(stream));
  EXPECT_EQ(open.back().status(), 200);
  EXPECT_EQ(world.get(stream).status(), 429) << "four in all";
  EXPECT_EQ(world.feed.streams(), 4u);
  open.clear();
  EXPECT_EQ(world.feed.streams(), 0u);
  EXPECT_EQ(world.get(stream).status(), 200);
}

TEST_F(RevocationsEndpoints, no_heartbeat_says_that_all_is_known_when_the_log_cannot_be_read) {
  const auto answer = world.get(stream);
  world.store.broken = true;
  EXPECT_FALSE(world.follower.catch_up());
  EXPECT_EQ(received(answer), "");
  EXPECT_EQ(received(world.get(stream)), "") << "nor does a new stream begin with one";
  world.store.broken = false;
  hear();
  EXPECT_EQ(received(answer), heartbeat(0));
}

TEST_F(RevocationsEndpoints, when_the_log_begins_again_streams_are_reset_and_end) {
  revoke("a");
  hear();
  const auto answer = world.get(stream);
  world.feed.begin("fedcba9876543210");
  EXPECT_EQ(received(answer), "event: reset\ndata: {\"epoch\":\"fedcba9876543210\",\"seq\":0}\n\n");
  EXPECT_TRUE(ended(answer));
}

TEST_F(RevocationsEndpoints, every_cause_goes_through_the_log) {
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  const auto answer = world.get(stream);
  EXPECT_EQ(world.post("/logout?scope=all", "{}", pair.access).status(), 204);
  hear();
  const auto text = received(answer);
  EXPECT_NE(text.find("\"kind\":\"session\",\"key\":\"" + world.claim(pair.access, "sid")), std::string::npos) << text;
  EXPECT_NE(text.find("\"kind\":\"subject\""), std::string::npos) << text;
}

// The payload of a snapshot, whose signature is checked with the published keys.
std::string payload_of(World& world, const std::string& text) {
  auto keys = KeySet::parse(world.get("/.well-known/jwks.json").response.content());
  EXPECT_TRUE(keys.has_value());
  auto verifier = Verifier::builder()
                      .keys(*keys)
                      .issuer(World::issuer)
                      .any_audience()
                      .type("revocations+jwt")
                      .clock(world.clock)
                      .build();
  EXPECT_TRUE(verifier.has_value());
  auto verified = verifier->verify(text);
  EXPECT_TRUE(verified.has_value());
  return verified ? std::string{verified->claims().text()} : "";
}

TEST_F(RevocationsEndpoints, the_snapshot_is_signed_and_holds_what_still_matters) {
  revoke("short", 1s);
  revoke("a");
  hear();
  auto answer = world.get(snapshot);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/jwt");
  auto payload = payload_of(world, answer.response.content());
  EXPECT_NE(payload.find("\"key\":\"short\""), std::string::npos) << payload;
  EXPECT_NE(payload.find("\"seq\":2,\"revocations\""), std::string::npos) << payload;
  EXPECT_NE(payload.find("\"epoch\":\"" + world.feed.position().epoch + "\""), std::string::npos) << payload;

  world.clock->advance(61s);
  EXPECT_EQ(world.get(snapshot).status(), 503) << "the log was not read lately";
  hear();
  payload = payload_of(world, world.get(snapshot).response.content());
  EXPECT_EQ(payload.find("\"key\":\"short\""), std::string::npos) << payload;
  EXPECT_NE(payload.find("\"key\":\"a\""), std::string::npos) << payload;
}

TEST_F(RevocationsEndpoints, the_snapshot_is_made_once_until_something_changes) {
  const auto first = world.get(snapshot);
  const auto etag = first.header("ETag");
  EXPECT_EQ(first.header("Cache-Control"), "no-cache");
  EXPECT_EQ(world.get(snapshot).response.content(), first.response.content());
  const auto same = world.call("GET", snapshot, {{"If-None-Match", etag}});
  EXPECT_EQ(same.status(), 304);
  EXPECT_TRUE(same.response.content().empty());
  revoke("a");
  hear();
  const auto changed = world.call("GET", snapshot, {{"If-None-Match", etag}});
  EXPECT_EQ(changed.status(), 200);
  EXPECT_NE(changed.header("ETag"), etag);
  world.clock->advance(61s);
  hear();
  EXPECT_NE(world.get(snapshot).header("ETag"), changed.header("ETag")) << "made anew before it expires";
}

TEST_F(RevocationsEndpoints, a_stream_from_the_snapshot_on_misses_nothing) {
  revoke("a");
  hear();
  const auto text = world.get(snapshot).response.content();
  revoke("b");
  hear();
  EXPECT_EQ(received(from(at(1))), event(2, "b"));
  EXPECT_NE(payload_of(world, text).find("\"seq\":1,\"revocations\""), std::string::npos);
}

}  // namespace
}  // namespace signet::server::api

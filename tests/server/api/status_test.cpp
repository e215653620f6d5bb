#include <gtest/gtest.h>
#include <zlib.h>

#include <functional>

#include "server/api/status_lists.hpp"
#include "src/jose/base64url.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

using namespace std::chrono_literals;

struct StatusEndpoints : testing::Test {
  StatusEndpoints() {
    hear();
    world.sign_up("ada");
  }
  void hear() { EXPECT_TRUE(world.follower.catch_up()); }

  struct Place {
    std::string path;
    std::size_t index;
  };
  Place place_of(const Pair& pair) {
    auto token = world.services.verifier.verify(pair.access);
    const auto status = token->claim<json::View>("status")->find("status_list");
    const auto uri = status->find("uri")->string().value();
    EXPECT_TRUE(uri.starts_with(World::issuer)) << uri;
    return {uri.substr(World::issuer.size()), static_cast<std::size_t>(status->find("idx")->integer().value())};
  }
  // What a verifier that is not ours learns.
  bool is_revoked(const Place& place) {
    const auto answer = world.get(place.path);
    EXPECT_EQ(answer.status(), 200);
    const auto payload = payload_of(answer.response.content());
    const auto view = json::parse(payload);
    EXPECT_EQ(view->find("sub")->string(), std::string{World::issuer} + place.path);
    EXPECT_EQ(view->find("status_list")->find("bits")->integer(), 1);
    const auto packed = jose::base64url_decode(view->find("status_list")->find("lst")->string().value()).value();
    std::vector<std::uint8_t> bytes(1 << 20);
    auto size = static_cast<uLongf>(bytes.size());
    EXPECT_EQ(uncompress(bytes.data(), &size, reinterpret_cast<const Bytef*>(packed.data()),
                         static_cast<uLong>(packed.size())),
              Z_OK);
    EXPECT_LT(place.index, size * 8);
    return ((bytes[place.index / 8] >> (place.index % 8)) & 1) != 0;
  }
  static std::string payload_of(const std::string& text) {
    const auto first = text.find('.'), second = text.rfind('.');
    const auto bytes = jose::base64url_decode(std::string_view{text}.substr(first + 1, second - first - 1)).value();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  Pair refreshed(const Pair& pair) {
    const auto next = world.post("/refresh", json::Object{}.set("refresh_token", pair.refresh).text());
    EXPECT_EQ(next.status(), 200);
    return {next.text("access_token"), next.text("refresh_token")};
  }
  // So that no list is answered as it was a moment ago.
  void a_moment_later() {
    world.clock->advance(1s);
    hear();
  }

  World world;
};

TEST_F(StatusEndpoints, a_token_names_its_place_and_the_end_of_its_session_sets_the_bit) {
  const auto stays = world.log_in("ada"), goes = world.log_in("ada");
  EXPECT_FALSE(is_revoked(place_of(stays)));
  EXPECT_FALSE(is_revoked(place_of(goes)));
  const auto place = place_of(goes);
  EXPECT_EQ(world.post("/logout", "{}", goes.access).status(), 204);
  a_moment_later();
  EXPECT_TRUE(is_revoked(place));
  EXPECT_FALSE(is_revoked(place_of(stays)));
}

TEST_F(StatusEndpoints, one_revoked_token_sets_its_bit_and_its_session_gets_another_place) {
  const auto pair = world.log_in("ada"), other = world.log_in("ada");
  const auto place = place_of(pair);
  EXPECT_EQ(world.form("/revoke", "token=" + pair.access).status(), 200);
  a_moment_later();
  EXPECT_TRUE(is_revoked(place));
  EXPECT_FALSE(is_revoked(place_of(other)));
  const auto next = refreshed(pair);
  const auto moved = place_of(next);
  EXPECT_NE(moved.index, place.index);
  EXPECT_FALSE(is_revoked(moved)) << "the session goes on";
  EXPECT_EQ(place_of(refreshed(next)).index, moved.index) << "and stays there";
  EXPECT_EQ(world.post("/logout", "{}", next.access).status(), 204);
  a_moment_later();
  EXPECT_TRUE(is_revoked(moved));
}

TEST_F(StatusEndpoints, what_is_revoked_for_everybody_is_so_in_the_lists_and_what_comes_after_it_is_good) {
  const auto boss = [this] {
    static int count = 0;
    return world.log_in_with_scope("boss" + std::to_string(++count), "admin:read admin:write").access;
  };
  const auto kid = [this] { return world.keys->signing_key().thumbprint(); };
  const std::vector<std::function<Answer()>> causes{
      [&] { return world.post("/admin/revocations", R"({"everyone":true})", boss()); },
      [&] { return world.post("/admin/revocations", R"({"client":"signet"})", boss()); },
      [&] {
        return world.call("DELETE", "/admin/signing-keys/" + std::string{kid()},
                          {{"Authorization", "Bearer " + boss()}});
      }};
  auto goes_on = world.log_in("ada");
  for (const auto& cause : causes) {
    const auto before = world.log_in("ada");
    const auto places = {place_of(before), place_of(goes_on)};
    EXPECT_EQ(cause().status(), 204);
    a_moment_later();
    for (const auto& place : places) EXPECT_TRUE(is_revoked(place));
    goes_on = refreshed(goes_on);
    EXPECT_FALSE(is_revoked(place_of(goes_on)));
    EXPECT_FALSE(is_revoked(place_of(world.log_in("ada"))));
  }
}

TEST_F(StatusEndpoints, another_client_or_a_key_that_never_signed_revokes_no_place) {
  const auto pair = world.log_in("ada");
  const auto boss = world.log_in_with_scope("boss", "admin:read admin:write").access;
  EXPECT_EQ(world.post("/admin/revocations", R"({"client":"another"})", boss).status(), 204);
  ASSERT_EQ(world.post("/admin/signing-keys", "{}", boss).status(), 200);
  std::string announced;
  (void)world.store.read([&](Transaction& t) {
    for (const auto& key : t.keys())
      if (key.state == KeyState::announced) announced = key.key_id;
  });
  EXPECT_EQ(world.call("DELETE", "/admin/signing-keys/" + announced, {{"Authorization", "Bearer " + boss}}).status(),
            204);
  a_moment_later();
  EXPECT_FALSE(is_revoked(place_of(pair)));
}

TEST_F(StatusEndpoints, tokens_of_an_api_key_have_a_place_and_lose_it_with_the_key) {
  const auto owner = world.log_in("ada");
  const auto made = world.post("/api-keys", R"({"name":"x"})", owner.access);
  const HeaderList as_script{{"Authorization", "Bearer " + made.text("api_key")}};
  const auto exchange = [&] { return Pair{world.call("POST", "/api-keys/token", as_script).text("access_token"), {}}; };
  const auto first = exchange(), second = exchange();
  const auto place = place_of(first);
  EXPECT_EQ(place.index, place_of(second).index);
  EXPECT_FALSE(is_revoked(place));
  EXPECT_EQ(world.form("/revoke", "token=" + first.access).status(), 200);
  a_moment_later();
  EXPECT_TRUE(is_revoked(place));
  const auto moved = place_of(exchange());
  EXPECT_FALSE(is_revoked(moved)) << "the key goes on";
  EXPECT_EQ(
      world.call("DELETE", "/api-keys/" + made.text("id"), {{"Authorization", "Bearer " + owner.access}}).status(),
      204);
  a_moment_later();
  EXPECT_TRUE(is_revoked(moved));
}

TEST_F(StatusEndpoints, a_list_is_a_signed_token_of_its_own_kind) {
  const auto place = place_of(world.log_in("ada"));
  const auto answer = world.get(place.path);
  EXPECT_EQ(answer.header("Content-Type"), "application/statuslist+jwt");
  EXPECT_EQ(answer.header("Cache-Control"), "public, max-age=15");
  const auto keys = KeySet::parse(world.get("/.well-known/jwks.json").response.content());
  auto verifier = Verifier::builder()
                      .keys(*keys)
                      .issuer(World::issuer)
                      .any_audience()
                      .type("statuslist+jwt")
                      .clock(world.clock)
                      .build();
  auto verified = verifier->verify(answer.response.content());
  ASSERT_TRUE(verified) << verified.error().detail();
  EXPECT_EQ(verified->claim<std::int64_t>("ttl"), 15);
  EXPECT_TRUE(verified->issued_at());
  EXPECT_TRUE(verified->expires_at());
  EXPECT_FALSE(world.services.verifier.verify(answer.response.content())) << "and no access token";

  const auto etag = answer.header("ETag");
  EXPECT_EQ(world.call("GET", place.path, {{"If-None-Match", etag}}).status(), 304);
  a_moment_later();
  EXPECT_EQ(world.get(place.path).header("ETag"), etag) << "nothing has changed";
  world.clock->advance(61s);
  hear();
  EXPECT_NE(world.get(place.path).header("ETag"), etag) << "made anew before it expires";
}

TEST_F(StatusEndpoints, every_list_is_named_by_the_aggregation) {
  const auto metadata = world.get("/.well-known/oauth-authorization-server");
  EXPECT_EQ(metadata.text("status_list_aggregation_endpoint"), std::string{World::issuer} + "/status");
  const auto place = place_of(world.log_in("ada"));
  const auto answer = world.get("/status");
  EXPECT_EQ(answer.json("status_lists"), "[\"" + std::string{World::issuer} + place.path + "\"]");
}

TEST_F(StatusEndpoints, lists_that_are_not_there_are_not_found) {
  const auto path = place_of(world.log_in("ada")).path;
  for (const auto* name : {"0", "1", "-1", "x", "99999999999999999999"})
    EXPECT_EQ(world.get("/status/" + std::string{name}).status(), 404) << name;
  EXPECT_EQ(world.get("/status/0" + path.substr(path.rfind('/') + 1)).status(), 404) << "a list has one address";
}

TEST_F(StatusEndpoints, what_is_not_known_is_not_told) {
  const auto place = place_of(world.log_in("ada"));
  world.store.broken = true;
  EXPECT_EQ(world.get(place.path).status(), 503);
  EXPECT_EQ(world.get("/status").status(), 503);
  world.store.broken = false;
  world.clock->advance(6s);
  EXPECT_EQ(world.get(place.path).status(), 503) << "the log was not read lately";
  hear();
  EXPECT_EQ(world.get(place.path).status(), 200);
}

TEST_F(StatusEndpoints, the_snapshot_has_the_lists_with_bits_set) {
  const auto pair = world.log_in("ada");
  const auto place = place_of(pair);
  EXPECT_NE(payload_of(world.get("/revocations/snapshot").response.content()).find("\"lists\":[]"), std::string::npos);
  EXPECT_EQ(world.post("/logout", "{}", pair.access).status(), 204);
  hear();
  const auto payload = payload_of(world.get("/revocations/snapshot").response.content());
  EXPECT_NE(
      payload.find("\"lists\":[{\"uri\":\"" + std::string{World::issuer} + place.path + "\",\"bits\":1,\"lst\":\""),
      std::string::npos)
      << payload;
}

}  // namespace
}  // namespace signet::server::api

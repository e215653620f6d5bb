#include <gtest/gtest.h>

#include "signet/claims.hpp"
#include "signet/signer.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

TEST(Profile, shows_what_the_token_says) {
  World world;
  const auto id = world.sign_up("ada");
  const auto pair = world.log_in("ada");
  auto answer = world.get("/profile", pair.access);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.text("sub"), id);
  EXPECT_EQ(answer.text("scope"), "profile");
  EXPECT_EQ(answer.text("sid"), world.claim(pair.access, "sid"));
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
}

TEST(Profile, asks_who_is_there_without_an_error_code) {
  World world;
  auto answer = world.get("/profile");
  EXPECT_EQ(answer.status(), 401);
  EXPECT_EQ(answer.header("WWW-Authenticate"),
            R"(Bearer, DPoP algs="ES256 ES384 ES512 EdDSA Ed25519 Ed448 PS256 RS256")");
  EXPECT_TRUE(answer.response.body.empty());
}

TEST(Profile, says_of_every_bad_token_that_it_is_bad_and_no_more) {
  World world;
  world.sign_up("ada");
  auto token = world.log_in("ada").access;
  world.clock->advance(std::chrono::hours{1});
  auto expired = world.get("/profile", token);
  token.back() = token.back() == 'A' ? 'B' : 'A';
  auto forged = world.get("/profile", token);
  auto nonsense = world.get("/profile", "x.y.z");
  EXPECT_EQ(expired.status(), 401);
  EXPECT_NE(expired.header("WWW-Authenticate").find("error=\"invalid_token\""), std::string::npos);
  for (const auto* other : {&forged, &nonsense}) {
    EXPECT_EQ(other->response.headers, expired.response.headers);
    EXPECT_EQ(other->response.body, expired.response.body);
  }
  ASSERT_EQ(world.refusals.size(), 3U);
  EXPECT_EQ(world.refusals[0], ErrorCode::token_expired);
  EXPECT_EQ(world.counters.refused_tokens[static_cast<std::size_t>(ErrorCode::token_expired)], 1U);
}

TEST(Profile, is_not_opened_by_another_kind_of_token) {  // case 45
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  EXPECT_EQ(world.get("/profile", pair.refresh).status(), 401);
  const auto now = world.clock->now();
  const auto signed_as = [&](std::string_view type) {
    const auto claims = Claims{}
                            .issuer(World::issuer)
                            .audience("api")
                            .subject(world.claim(pair.access, "sub"))
                            .issued_at(now)
                            .expires_at(now + std::chrono::minutes{5})
                            .id("an id")
                            .set("client_id", "signet")
                            .set("sid", world.claim(pair.access, "sid"));
    Signer signer{world.keys->signing_key()};
    return world.get("/profile", signer.type(type).clock(*world.clock).sign(claims).value()).status();
  };
  EXPECT_EQ(signed_as("at+jwt"), 200);
  for (const auto* other : {"JWT", "logout+jwt", "dpop+jwt", "statuslist+jwt", "rt+jwt"}) {
    EXPECT_EQ(signed_as(other), 401) << other;
  }
}

TEST(Profile, is_a_bad_request_with_a_malformed_header_or_two) {
  World world;
  EXPECT_EQ(world.call("GET", "/profile", {{"Authorization", "Bearer a b"}}).status(), 400);
  EXPECT_EQ(world.call("GET", "/profile", {{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}).status(),
            400);
}

TEST(Profile, does_not_ask_the_database) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  world.store.broken = true;
  EXPECT_EQ(world.get("/profile", pair.access).status(), 200);
}

}  // namespace
}  // namespace signet::server::api

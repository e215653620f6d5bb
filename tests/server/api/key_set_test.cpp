#include <gtest/gtest.h>

#include <algorithm>

#include "signet/key_set.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

constexpr std::string_view path = "/.well-known/jwks.json";

TEST(KeySetEndpoint, publishes_keys_that_verify_the_tokens) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  auto answer = world.get(path);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("Cache-Control"), "public, max-age=300");
  EXPECT_EQ(answer.response.body.find("\"d\""), std::string::npos);
  auto keys = KeySet::parse(answer.response.body);
  ASSERT_TRUE(keys.has_value());
  auto verifier =
      Verifier::builder().keys(*keys).issuer(World::issuer).audience("api").type("at+jwt").clock(world.clock).build();
  ASSERT_TRUE(verifier.has_value());
  EXPECT_TRUE(verifier->verify(pair.access).has_value());
}

TEST(KeySetEndpoint, is_not_sent_again_to_who_has_it) {
  World world;
  const auto etag = world.get(path).header("ETag");
  ASSERT_TRUE(etag.starts_with('"') && etag.ends_with('"'));
  for (const std::string& condition : {etag, "W/" + etag, "\"other\", " + etag, std::string{"*"}}) {
    auto answer = world.call("GET", path, {{"If-None-Match", condition}});
    EXPECT_EQ(answer.status(), 304) << condition;
    EXPECT_TRUE(answer.response.body.empty());
    EXPECT_EQ(answer.header("ETag"), etag);
    EXPECT_EQ(answer.header("Cache-Control"), "public, max-age=300");
  }
  for (const std::string& condition : {std::string{"\"other\""}, std::string{"nonsense"}, std::string{}}) {
    EXPECT_EQ(world.call("GET", path, {{"If-None-Match", condition}}).status(), 200) << condition;
  }
}

TEST(Metadata, names_the_issuer_and_endpoints_that_exist) {
  World world;
  auto answer = world.get("/.well-known/oauth-authorization-server");
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.text("issuer"), World::issuer);
  for (const char* name : {"jwks_uri", "introspection_endpoint", "revocation_endpoint", "signet_revocation_stream",
                           "signet_revocation_snapshot"}) {
    const auto url = answer.text(name);
    ASSERT_TRUE(url.starts_with(World::issuer)) << name;
    const auto known = std::ranges::find(endpoints(), url.substr(World::issuer.size()), &Endpoint::path);
    EXPECT_NE(known, endpoints().end()) << name;
  }
}

}  // namespace
}  // namespace signet::server::api

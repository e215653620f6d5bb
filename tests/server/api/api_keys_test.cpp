#include <gtest/gtest.h>

#include "server/api/caller.hpp"
#include "server/api_keys/key_text.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

using namespace std::chrono_literals;

struct Owner {
  explicit Owner(World& at) : world{at}, pair{at.log_in_with_scope("ada", "profile orders:read")} {}
  Answer make(std::string_view body = R"({"name":"backup"})") { return world.post("/api-keys", body, pair.access); }
  World& world;
  Pair pair;
};

TEST(ApiKeysEndpoint, shows_a_key_once_and_takes_it_where_scripts_may_go) {
  World world;
  Owner owner{world};
  const auto made = owner.make(R"({"name":"backup","scope":"orders:read","expires_in":3600})");
  ASSERT_EQ(made.status(), 201) << made.response.body;
  EXPECT_EQ(made.header("Cache-Control"), "no-store");
  const auto key = made.text("api_key");
  EXPECT_TRUE(key.starts_with("sgn_live_" + made.text("id") + "_"));
  const auto listed = world.get("/api-keys", owner.pair.access);
  EXPECT_NE(listed.response.body.find(made.text("id")), std::string::npos);
  EXPECT_EQ(listed.response.body.find(key), std::string::npos);

  world.store.broken = true;
  const auto profile = world.get("/profile", key);
  EXPECT_EQ(profile.status(), 200);
  EXPECT_EQ(profile.text("sub"), world.claim(owner.pair.access, "sub"));
  EXPECT_EQ(profile.text("scope"), "orders:read");
  EXPECT_EQ(profile.text("sid"), "sgn_" + made.text("id"));
  const auto verified = world.get("/verify?scope=orders:read", key);
  EXPECT_EQ(verified.status(), 200);
  EXPECT_EQ(verified.header("X-Auth-Subject"), profile.text("sub"));
  EXPECT_EQ(verified.header("X-Auth-Session"), profile.text("sid"));
  EXPECT_EQ(verified.header("X-Auth-Scope"), "orders:read");
  EXPECT_EQ(verified.header("X-Auth-Client"), "signet");
  const auto narrow = world.get("/verify?scope=profile", key);
  EXPECT_EQ(narrow.status(), 403);
  EXPECT_EQ(narrow.error(), "insufficient_scope");
  EXPECT_NE(narrow.header("WWW-Authenticate").find("scope=\"profile\""), std::string::npos);
}

TEST(ApiKeysEndpoint, a_key_that_another_node_has_just_made_is_taken_at_once) {
  World world;
  Owner owner{world};
  const auto account = *AccountId::from_text(world.claim(owner.pair.access, "sub"));
  const auto elsewhere = [&] { return world.api_keys.create(account, {.name = "x"}, {})->text; };
  const auto as_service =
      HeaderList{{"Authorization", "Bearer " + world.log_in_with_scope("service", "introspect").access}};

  const auto first = elsewhere();
  world.store.broken = true;
  EXPECT_EQ(world.get("/profile", first).status(), 503) << "nobody can say";
  EXPECT_EQ(world.form("/revoke", "token=" + first).status(), 503);
  EXPECT_EQ(world.form("/introspect", "token=" + first, as_service).status(), 503);
  world.store.broken = false;
  EXPECT_EQ(world.get("/profile", first).status(), 200);
  EXPECT_EQ(world.get("/verify", elsewhere()).status(), 200);
  EXPECT_EQ(world.call("POST", "/api-keys/token", {{"Authorization", "Bearer " + elsewhere()}}).status(), 200);
  const auto introspected = world.form("/introspect", "token=" + elsewhere(), as_service);
  EXPECT_EQ(introspected.json("active"), "true") << introspected.response.body;
  const auto lost = elsewhere();
  EXPECT_EQ(world.form("/revoke", "token=" + lost).status(), 200);
  EXPECT_EQ(world.get("/profile", lost).status(), 401);
}

TEST(ApiKeysEndpoint, making_one_takes_a_recent_login) {
  World world;
  Owner owner{world};
  world.clock->advance(59min);
  const auto refreshed = world.post("/refresh", R"({"refresh_token":")" + owner.pair.refresh + R"("})");
  EXPECT_EQ(world.post("/api-keys", R"({"name":"x"})", refreshed.text("access_token")).status(), 201);
  world.clock->advance(2min);
  const auto refused = world.post("/api-keys", R"({"name":"x"})", refreshed.text("access_token"));
  EXPECT_EQ(refused.status(), 401);
  EXPECT_EQ(refused.error(), "insufficient_user_authentication");
  EXPECT_EQ(refused.header("WWW-Authenticate"), R"(Bearer error="insufficient_user_authentication", max_age="3600")");
  EXPECT_EQ(world.get("/api-keys", refreshed.text("access_token")).status(), 200) << "for nothing else";
  EXPECT_EQ(world.post("/api-keys", R"({"name":"x"})", world.log_in("ada").access).status(), 201);
}

TEST(ApiKeysEndpoint, a_key_and_its_tokens_change_nothing_of_the_account) {
  World world;
  Owner owner{world};
  const auto key = owner.make().text("api_key");
  const auto token = world.call("POST", "/api-keys/token", {{"Authorization", "Bearer " + key}}).text("access_token");
  ASSERT_NE(token, "");
  for (const auto& credential : {key, token}) {
    const int refused = credential == key ? 401 : 403;
    EXPECT_EQ(world.post("/api-keys", R"({"name":"another"})", credential).status(), refused);
    EXPECT_EQ(world.get("/api-keys", credential).status(), refused);
    EXPECT_EQ(world.get("/sessions", credential).status(), refused);
    EXPECT_EQ(world.post("/password", R"({"current_password":"a","new_password":"b"})", credential).status(), refused);
    EXPECT_EQ(world.call("POST", "/logout?scope=all", {{"Authorization", "Bearer " + credential}}).status(), refused);
  }
}

TEST(ApiKeysEndpoint, an_exchanged_token_dies_with_its_key) {
  World world;
  Owner owner{world};
  const auto made = owner.make(R"({"name":"backup","scope":"profile"})");
  const auto key = made.text("api_key");
  const auto answer = world.call("POST", "/api-keys/token", {{"Authorization", "Bearer " + key}});
  ASSERT_EQ(answer.status(), 200);
  const auto token = answer.text("access_token");
  EXPECT_EQ(world.claim(token, "sid"), "sgn_" + made.text("id"));
  EXPECT_EQ(world.claim(token, "scope"), "profile");
  EXPECT_EQ(world.get("/profile", token).status(), 200);
  EXPECT_EQ(
      world.call("DELETE", "/api-keys/" + made.text("id"), {{"Authorization", "Bearer " + owner.pair.access}}).status(),
      204);
  EXPECT_EQ(world.get("/profile", key).status(), 401);
  EXPECT_EQ(world.get("/profile", token).status(), 401);
  EXPECT_EQ(world.call("POST", "/api-keys/token", {{"Authorization", "Bearer " + key}}).status(), 401);
  EXPECT_EQ(world.get("/profile", owner.pair.access).status(), 200) << "the login goes on";
  EXPECT_EQ(world.count_audit("api_key_revoked"), 1);
}

TEST(ApiKeysEndpoint, an_exchanged_token_does_not_outlive_its_key) {
  World world;
  Owner owner{world};
  const auto key = owner.make(R"({"name":"backup","expires_in":60})").text("api_key");
  const auto answer = world.call("POST", "/api-keys/token", {{"Authorization", "Bearer " + key}});
  EXPECT_EQ(answer.json("expires_in"), "60");
}

TEST(ApiKeysEndpoint, a_key_revokes_itself_and_is_introspected) {
  World world;
  Owner owner{world};
  const auto key = owner.make().text("api_key");
  const auto service = world.log_in_with_scope("service", "introspect");
  const HeaderList as_service{{"Authorization", "Bearer " + service.access}};
  const auto known = world.form("/introspect", "token=" + key, as_service);
  EXPECT_EQ(known.json("active"), "true");
  EXPECT_EQ(known.text("scope"), "profile orders:read");
  EXPECT_EQ(world.form("/revoke", "token=" + key).status(), 200);
  EXPECT_EQ(world.get("/profile", key).status(), 401);
  EXPECT_EQ(world.form("/introspect", "token=" + key, as_service).response.body, R"({"active":false})");
  EXPECT_EQ(world.form("/revoke", "token=" + key).status(), 200) << "a second time as well (RFC 7009 section 2.2)";
}

TEST(ApiKeysEndpoint, a_key_is_taken_from_its_networks_only) {
  World world;
  Owner owner{world};
  const auto key = owner.make(R"({"name":"x","networks":["198.51.100.7","2001:db8::/32"]})").text("api_key");
  EXPECT_EQ(world.get("/profile", key).status(), 401);
  EXPECT_EQ(world.call("POST", "/api-keys/token", {{"Authorization", "Bearer " + key}}).status(), 401);
  for (const char* address : {"198.51.100.7", "2001:db8:1::1"}) {
    world.client_address = address;
    EXPECT_EQ(world.get("/profile", key).status(), 200) << address;
  }
  EXPECT_EQ(world.refusals.front(), ErrorCode::claim_rejected);
}

TEST(ApiKeysEndpoint, refuses_what_is_not_a_good_request) {
  World world;
  Owner owner{world};
  for (const char* body : {R"({})", R"({"name":1})", R"({"name":"x","expires_in":"1"})",
                           R"({"name":"x","expires_in":59})", R"({"name":"x","expires_in":-1})",
                           R"({"name":"x","expires_in":99999999999})", R"({"name":"x","networks":"10.0.0.0/8"})",
                           R"({"name":"x","networks":[1]})", R"({"name":"x","networks":["10.0.0.0/33"]})",
                           R"({"name":"x","overlap":1})", R"({"name":"x","secret":"mine"})"}) {
    EXPECT_EQ(owner.make(body).error(), "invalid_request") << body;
  }
  EXPECT_EQ(owner.make(R"({"name":"x","scope":"admin"})").error(), "invalid_scope");
  EXPECT_EQ(owner.make(R"({"name":"x","replaces":"nonsense"})").status(), 404);
  EXPECT_EQ(owner.make(R"({"name":"x","replaces":"0000000000000000000000"})").status(), 404);
  EXPECT_EQ(world.post("/api-keys", R"({"name":"x"})").status(), 401);
  EXPECT_EQ(world.get("/api-keys", owner.pair.access).response.body, R"({"api_keys":[]})");
  for (const char* id : {"nonsense", "0000000000000000000000"}) {
    const HeaderList bearer{{"Authorization", "Bearer " + owner.pair.access}};
    EXPECT_EQ(world.call("DELETE", std::string{"/api-keys/"} + id, bearer).status(), 404);
  }
}

TEST(ApiKeysEndpoint, one_credential_a_request_and_only_in_the_header) {
  World world;
  Owner owner{world};
  const auto key = owner.make().text("api_key");
  const HeaderList both{{"Authorization", "Bearer " + key}, {"Cookie", "__Host-signet=" + owner.pair.access}};
  EXPECT_EQ(world.call("GET", "/profile", both).status(), 400);
  const HeaderList doubled{{"Authorization", "Bearer " + key}, {"Cookie", "__Host-signet=a; __Host-signet=b"}};
  EXPECT_EQ(world.call("GET", "/profile", doubled).status(), 400);
  EXPECT_EQ(world.call("GET", "/profile", {{"Cookie", "__Host-signet=" + key}}).status(), 401);
  const HeaderList twice{{"Authorization", "Bearer " + key}, {"Authorization", "Bearer " + key}};
  EXPECT_EQ(world.call("GET", "/profile", twice).status(), 400);
  EXPECT_EQ(world.call("GET", "/profile", {{"Authorization", "bearer " + key}}).status(), 200);
  EXPECT_EQ(world.call("GET", "/profile", {{"Authorization", "Bearer " + key + "x"}}).status(), 401);
}

TEST(ApiKeysEndpoint, without_credentials_the_exchange_says_only_what_would_do) {  // RFC 6750 section 3.1
  World world;
  Owner owner{world};
  const auto none = world.call("POST", "/api-keys/token", {});
  EXPECT_EQ(none.status(), 401);
  EXPECT_EQ(none.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(none.response.body, "");
  const auto signed_in = world.call("POST", "/api-keys/token", {{"Authorization", "Bearer " + owner.pair.access}});
  EXPECT_EQ(signed_in.status(), 401);
  EXPECT_EQ(signed_in.error(), "invalid_token");
  const HeaderList twice{{"Authorization", "Bearer x"}, {"Authorization", "Bearer y"}};
  EXPECT_EQ(world.call("POST", "/api-keys/token", twice).status(), 400);
}

TEST(ApiKeysEndpoint, is_limited_and_fails_cleanly) {
  World world;
  Owner owner{world};
  int made = 0;
  for (int i = 0; i < 60; ++i) made += owner.make().status() == 201 ? 1 : 0;
  EXPECT_EQ(made, 50) << "of one account";
  EXPECT_EQ(owner.make().status(), 429) << "60 changes a minute";
  world.clock->advance(1min);
  EXPECT_EQ(owner.make().error(), "too_many_api_keys");
  world.store.broken = true;
  EXPECT_EQ(owner.make().status(), 503);
  EXPECT_EQ(world.get("/api-keys", owner.pair.access).status(), 503);
}

TEST(ApiKeysEndpoint, what_leaves_rows_in_the_log_is_limited_by_account) {
  World world;
  Owner owner{world};
  const auto other = world.log_in("ada");
  const auto key = owner.make().text("api_key");
  for (int i = 1; i < 60; ++i) (void)owner.make();
  EXPECT_EQ(world.post("/api-keys", R"({"name":"x"})", other.access).status(), 429) << "another session of hers";
  EXPECT_EQ(world.form("/revoke", "token=" + key).status(), 429);
  EXPECT_EQ(world.get("/profile", key).status(), 200);
  world.clock->advance(1min);
  EXPECT_EQ(world.form("/revoke", "token=" + key).status(), 200);
  EXPECT_EQ(world.get("/profile", key).status(), 401);
}

TEST(ApiKeysEndpoint, introspection_vouches_for_no_key_that_is_not_good_everywhere) {
  World world;
  Owner owner{world};
  const auto key = owner.make(R"({"name":"x","networks":["192.0.2.0/24"]})").text("api_key");
  ASSERT_EQ(world.get("/profile", key).status(), 200);
  const auto service = world.log_in_with_scope("service", "introspect");
  const auto answer = world.form("/introspect", "token=" + key, {{"Authorization", "Bearer " + service.access}});
  EXPECT_EQ(answer.response.body, R"({"active":false})");
}

}  // namespace
}  // namespace signet::server::api

// The endpoints in server mode: an opaque token in place of the pair.

#include <gtest/gtest.h>

#include "server/api/caller.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

const std::string credentials = json::Object{}.set("username", "ada").set("password", good_password).text();

class ServerMode : public ::testing::Test {
 protected:
  ServerMode() {
    Settings settings;
    settings.session_mode = SessionMode::server;
    world.settings.set(settings);
    account = world.sign_up("ada");
  }

  std::string log_in() {
    auto answer = world.post("/login", credentials);
    EXPECT_EQ(answer.status(), 200) << answer.response.body;
    return answer.text("access_token");
  }
  static HeaderList from_browser(const std::string& token, std::string_view origin = World::origin) {
    HeaderList headers{{"Content-Type", "application/json"}};
    if (!token.empty()) headers.emplace_back("Cookie", std::string{access_cookie} + "=" + token);
    if (!origin.empty()) headers.emplace_back("Origin", origin);
    return headers;
  }
  Answer log_in_browser(const std::string& before = {}) {
    return world.call("POST", "/login", from_browser(before),
                      json::Object{}.set("username", "ada").set("password", good_password).set("cookies", true).text());
  }
  Answer log_out(const std::string& token, std::string_view scope = "this") {
    return world.call("POST", "/logout?scope=" + std::string{scope}, {{"Authorization", "Bearer " + token}});
  }
  int profile(const std::string& token) { return world.get("/profile", token).status(); }

  World world;
  std::string account;
};

TEST_F(ServerMode, a_login_answers_one_opaque_token) {
  auto answer = world.post("/login", credentials);
  ASSERT_EQ(answer.status(), 200);
  EXPECT_TRUE(answer.text("access_token").starts_with("sgs_"));
  EXPECT_FALSE(answer.has("refresh_token"));
  EXPECT_EQ(answer.text("token_type"), "Bearer");
  EXPECT_EQ(answer.json("expires_in"), std::to_string(14 * 24 * 3600));
  EXPECT_EQ(answer.text("scope"), "profile");
  EXPECT_EQ(world.count_audit("login"), 1);
}

TEST_F(ServerMode, the_token_does_at_every_endpoint_what_an_access_token_does) {
  const auto token = log_in(), other = log_in();
  auto profile = world.get("/profile", token);
  ASSERT_EQ(profile.status(), 200) << profile.response.body;
  EXPECT_EQ(profile.text("sub"), account);
  EXPECT_EQ(profile.text("scope"), "profile");
  EXPECT_EQ(profile.text("client_id"), "signet");
  EXPECT_EQ(profile.json("auth_time"), profile.json("iat"));
  const auto sid = profile.text("sid");

  auto verified = world.get("/verify?scope=profile", token);
  EXPECT_EQ(verified.status(), 200);
  EXPECT_EQ(verified.header("X-Auth-Subject"), account);
  EXPECT_EQ(verified.header("X-Auth-Scope"), "profile");
  EXPECT_EQ(verified.header("X-Auth-Session"), sid);
  EXPECT_EQ(verified.header("X-Auth-Client"), "signet");
  auto lacking = world.get("/verify?scope=profile+admin", token);
  EXPECT_EQ(lacking.status(), 403);
  EXPECT_NE(lacking.header("WWW-Authenticate").find("scope=\"profile admin\""), std::string::npos);
  EXPECT_EQ(world.call("HEAD", "/verify", {{"Authorization", "Bearer " + token}}).status(), 200);

  EXPECT_NE(world.get("/sessions", token).response.body.find("\"id\":\"" + sid + "\",\"current\":true"),
            std::string::npos);
  EXPECT_EQ(world.get("/admin/users", token).status(), 403);
  EXPECT_EQ(world.post("/api-keys", R"({"name":"nightly"})", token).status(), 201);
  EXPECT_EQ(world.forget(world.get("/profile", other).text("sid"), token).status(), 204);
  EXPECT_EQ(this->profile(other), 401);
  EXPECT_EQ(this->profile(token), 200);
}

TEST_F(ServerMode, a_change_of_password_gives_no_token_of_a_session_that_ended_meanwhile) {
  const auto mine = log_in(), other = log_in();
  const auto sid = world.get("/profile", mine).text("sid");
  world.hasher.on_verify = [&] { EXPECT_EQ(world.forget(sid, other).status(), 204); };
  const auto form =
      json::Object{}.set("current_password", good_password).set("new_password", "a brand new pass phrase 5").text();
  const auto answer = world.post("/password", form, mine);
  EXPECT_EQ(answer.status(), 204);
  EXPECT_EQ(answer.response.body, "");
  EXPECT_EQ(profile(mine), 401);
}

TEST_F(ServerMode, every_logout_ends_it_at_once) {
  const auto mine = log_in(), others = log_in();
  EXPECT_EQ(log_out(mine, "others").status(), 204);
  EXPECT_EQ(profile(others), 401);
  EXPECT_EQ(log_out(mine).status(), 204);
  EXPECT_EQ(profile(mine), 401);
  EXPECT_EQ(log_out(mine).status(), 401);
  const auto one = log_in(), two = log_in();
  EXPECT_EQ(log_out(one, "all").status(), 204);
  EXPECT_EQ(profile(one) + profile(two), 2 * 401);
  EXPECT_EQ(world.count_audit("logout") + world.count_audit("logout_others") + world.count_audit("logout_all"), 3);
}

TEST_F(ServerMode, a_dead_token_and_an_unknown_one_get_the_same_answer_as_a_signed_one_that_is_bad) {
  const auto token = log_in();
  log_out(token);
  const auto dead = world.get("/profile", token);
  const auto unknown = world.get("/profile", make_session_token(SessionId::random()).text);
  const auto broken = world.get("/profile", token.substr(0, token.size() - 1));
  EXPECT_EQ(dead.status(), 401);
  for (const auto* other : {&unknown, &broken}) {
    EXPECT_EQ(other->response.headers, dead.response.headers);
    EXPECT_EQ(other->response.body, dead.response.body);
  }
  // To whom brings a signed one, DPoP is offered besides.
  EXPECT_TRUE(world.get("/profile", "x.y.z").header("WWW-Authenticate").starts_with(dead.header("WWW-Authenticate")));
  const std::vector<ErrorCode> reasons{world.refusals.begin(), world.refusals.begin() + 3};
  EXPECT_EQ(reasons, (std::vector{ErrorCode::token_revoked, ErrorCode::token_revoked, ErrorCode::token_malformed}));
}

TEST_F(ServerMode, without_the_database_opaque_tokens_wait_and_signed_ones_go_on) {
  const auto token = log_in();
  world.settings.set({});
  const auto pair = world.log_in("ada");
  world.store.broken = true;
  for (const char* path : {"/profile", "/verify", "/sessions"}) {
    const auto answer = world.get(path, token);
    EXPECT_EQ(answer.status(), 503) << path;
    EXPECT_EQ(answer.header("Retry-After"), "1");
    EXPECT_EQ(answer.header("WWW-Authenticate"), "") << "it may be good";
  }
  // From memory, on the event loop: neither waits for a place in the lane of the store.
  const int before = world.handled;
  EXPECT_EQ(profile(pair.access), 200);
  EXPECT_EQ(world.get("/verify", pair.access).status(), 200);
  EXPECT_EQ(profile(token + "0"), 401) << "no lookup for what is not whole";
  EXPECT_EQ(profile("sgs_"), 401);
  EXPECT_EQ(world.handled, before);
  world.store.broken = false;
  EXPECT_EQ(profile(token), 200);
  EXPECT_EQ(world.handled, before + 1);
}

TEST_F(ServerMode, an_idle_session_ends_and_a_used_one_goes_on) {
  const auto token = log_in(), unused = log_in();
  world.clock->advance(std::chrono::days{13});
  const auto used = world.get("/profile", token);
  EXPECT_EQ(std::stoll(used.json("exp")) - std::stoll(used.json("iat")), 27 * 24 * 3600);
  world.store.broken = true;
  EXPECT_FALSE(world.server_sessions.write_uses());
  world.store.broken = false;
  ASSERT_TRUE(world.server_sessions.write_uses()) << "what could not be written then is written now";
  world.clock->advance(std::chrono::days{13});
  EXPECT_EQ(profile(token), 200);
  EXPECT_EQ(profile(unused), 401);
  EXPECT_EQ(world.refusals.back(), ErrorCode::token_expired);
}

TEST_F(ServerMode, a_cookie_carries_it_under_the_rules_for_cookies) {
  const auto answer = log_in_browser();
  ASSERT_EQ(answer.status(), 200) << answer.response.body;
  EXPECT_FALSE(answer.has("access_token"));
  const auto lines = answer.headers("Set-Cookie");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].starts_with("__Host-signet=sgs_"));
  EXPECT_TRUE(lines[0].ends_with("; Path=/; Max-Age=7776000; Secure; HttpOnly; SameSite=Lax")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("__Host-signet-refresh=; Path=/; Max-Age=0;")) << lines[1];
  const auto token = *answer.cookie(access_cookie);

  EXPECT_EQ(world.call("GET", "/profile", from_browser(token, "")).status(), 200);
  EXPECT_EQ(world.call("GET", "/verify", from_browser(token, "")).status(), 403) << "the client's method is unknown";
  for (const std::string_view origin : {"", "null", "https://evil.example"}) {
    EXPECT_EQ(world.call("POST", "/logout", from_browser(token, origin)).status(), 403) << origin;
    EXPECT_EQ(world.call("DELETE", "/sessions/x", from_browser(token, origin)).status(), 403) << origin;
  }
  auto twice = from_browser(token);
  twice.emplace_back("Authorization", "Bearer " + token);
  EXPECT_EQ(world.call("GET", "/profile", twice).status(), 400);
  auto two_cookies = from_browser(token);
  two_cookies.emplace_back("Cookie", std::string{access_cookie} + "=" + token);
  EXPECT_EQ(world.call("GET", "/profile", two_cookies).status(), 400);
  EXPECT_EQ(world.call("GET", "/profile", {{"Authorization", "Bearer " + token}, {"Authorization", "Bearer " + token}})
                .status(),
            400);

  auto out = world.call("POST", "/logout", from_browser(token));
  EXPECT_EQ(out.status(), 204);
  EXPECT_EQ(out.headers("Set-Cookie").size(), 2U);
  EXPECT_EQ(world.call("GET", "/profile", from_browser(token, "")).status(), 401);
}

TEST_F(ServerMode, a_browser_that_logs_in_again_gets_another_token_and_leaves_no_session_behind) {
  const auto before = *log_in_browser().cookie(access_cookie);
  const auto after = *log_in_browser(before).cookie(access_cookie);
  EXPECT_NE(after, before);
  EXPECT_EQ(profile(before), 401);
  EXPECT_EQ(profile(after), 200);
  EXPECT_EQ(world.count_audit("session_revoked"), 1);
}

TEST_F(ServerMode, a_new_password_brings_a_new_token) {
  const auto change = [&](std::string_view from, std::string_view to) {
    return json::Object{}.set("current_password", from).set("new_password", to).text();
  };
  const std::string better = "a brand new pass phrase 5";
  const auto token = log_in(), other = log_in();
  EXPECT_EQ(world.post("/password", change("not it", better), token).status(), 403);
  EXPECT_EQ(profile(token), 200) << "nothing changed";
  auto changed = world.post("/password", change(good_password, better), token);
  ASSERT_EQ(changed.status(), 200) << changed.response.body;
  const auto next = changed.text("access_token");
  EXPECT_EQ(profile(token) + profile(other), 2 * 401);
  EXPECT_EQ(world.get("/profile", next).text("sub"), account);

  auto in_browser = world.call("POST", "/password", from_browser(next), change(better, good_password));
  ASSERT_EQ(in_browser.status(), 200) << in_browser.response.body;
  EXPECT_FALSE(in_browser.has("access_token"));
  EXPECT_EQ(profile(next), 401);
  EXPECT_EQ(profile(in_browser.cookie(access_cookie).value_or("")), 200);
}

TEST_F(ServerMode, changes_of_a_password_are_limited_as_in_token_mode) {
  const auto token = log_in();
  const auto body = json::Object{}.set("current_password", "wrong").set("new_password", good_password).text();
  int refused = 0;
  for (int i = 0; i < 10; ++i) refused += world.post("/password", body, token).status() == 429 ? 1 : 0;
  EXPECT_EQ(refused, 7);
  world.store.broken = true;
  EXPECT_EQ(world.post("/password", body, token).status(), 503);
  EXPECT_EQ(world.post("/password", body, "sgs_").status(), 401);
}

TEST_F(ServerMode, introspection_tells_what_it_stands_for_until_it_is_revoked) {
  const auto gateway = world.log_in_with_scope("gateway", "introspect").access;
  const HeaderList bearer{{"Authorization", "Bearer " + gateway}};
  const auto token = log_in();
  auto told = world.form("/introspect", "token=" + token, bearer);
  ASSERT_EQ(told.status(), 200) << told.response.body;
  EXPECT_EQ(told.json("active"), "true");
  EXPECT_EQ(told.text("iss"), World::issuer);
  EXPECT_EQ(told.text("sub"), account);
  EXPECT_EQ(told.text("sid"), world.get("/profile", token).text("sid"));
  EXPECT_EQ(told.text("token_type"), "Bearer");
  world.store.broken = true;
  EXPECT_EQ(world.form("/introspect", "token=" + token, bearer).status(), 503);
  world.store.broken = false;
  EXPECT_EQ(world.form("/revoke", "token=" + token).status(), 200);
  EXPECT_EQ(world.form("/introspect", "token=" + token, bearer).response.body, R"({"active":false})");
  EXPECT_EQ(profile(token), 401);
  EXPECT_EQ(world.count_audit("session_revoked"), 1);
}

TEST_F(ServerMode, there_is_nothing_to_refresh) {
  const auto token = log_in();
  auto answer = world.post("/refresh", json::Object{}.set("refresh_token", token).text());
  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.error(), "invalid_grant");
  EXPECT_EQ(world.call("POST", "/refresh", from_browser(token)).status(), 400);
  EXPECT_EQ(profile(token), 200);
}

TEST_F(ServerMode, a_change_of_mode_leaves_the_sessions_that_are_open_as_they_are) {
  const auto opaque = log_in();
  world.settings.set({});
  const auto pair = world.log_in("ada");
  EXPECT_EQ(profile(opaque), 200);
  Settings server;
  server.session_mode = SessionMode::server;
  world.settings.set(server);
  EXPECT_EQ(profile(pair.access), 200);
  EXPECT_EQ(world.post("/refresh", json::Object{}.set("refresh_token", pair.refresh).text()).status(), 200);
}

TEST_F(ServerMode, everyone_out_means_it_as_well) {
  ASSERT_TRUE(world.accounts.sign_up("root", good_password, "admin:write", {}));
  const auto admin = world.log_in("root").access, token = log_in();
  EXPECT_EQ(world.post("/admin/revocations", R"({"everyone":true})", admin).status(), 204);
  EXPECT_EQ(profile(token), 401);
  EXPECT_EQ(profile(admin), 401);
  world.clock->advance(std::chrono::hours{2});
  world.revocations->forget_expired(world.clock->now());
  EXPECT_EQ(profile(token), 401) << "the cut-off is kept as long as sessions may live";
  EXPECT_EQ(profile(log_in()), 200);
}

}  // namespace
}  // namespace signet::server::api

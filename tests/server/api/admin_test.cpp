#include <gtest/gtest.h>

#include <algorithm>

#include "server/api/endpoints.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

using namespace std::chrono_literals;

struct Office {
  explicit Office(World& at) : world{at} {}
  Answer ask(std::string_view method, std::string_view target, std::string_view body = {}) {
    HeaderList headers{{"Authorization", "Bearer " + boss.access}};
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    return world.call(method, target, headers, body);
  }
  Answer change(std::string_view id, std::string_view body) {
    return ask("PATCH", "/admin/users/" + std::string{id}, body);
  }
  AuditEvent last_event() { return world.audit().back(); }

  World& world;
  Pair boss = world.log_in_with_scope("boss", "admin:read admin:write");
  std::string boss_id = world.claim(boss.access, "sub");
};

TEST(Admin, every_endpoint_needs_a_scope_of_administrators) {
  World world;
  Office office{world};
  const auto reader = world.log_in_with_scope("reader", "admin:read");
  const auto user = world.log_in_with_scope("user", "profile admin");
  int endpoints_seen = 0;
  for (const Endpoint& endpoint : endpoints()) {
    if (!endpoint.path.starts_with("/admin/")) continue;
    ++endpoints_seen;
    auto target = std::string{endpoint.path};
    if (const auto brace = target.find('{'); brace != std::string::npos) target.replace(brace, 4, "x");
    const auto status = [&](const Pair& pair) {
      return world.call(endpoint.method, target, {{"Authorization", "Bearer " + pair.access}}).status();
    };
    EXPECT_EQ(world.call(endpoint.method, target).status(), 401) << target;
    EXPECT_EQ(status(user), 403) << endpoint.method << target;
    EXPECT_EQ(status(reader) == 403, endpoint.method != "GET") << endpoint.method << target;
  }
  EXPECT_EQ(endpoints_seen, 15);
}

TEST(Admin, users_are_listed_by_pages_and_searched) {
  World world;
  Office office{world};
  for (const char* name : {"ada", "adam", "bob"}) world.sign_up(name);
  const auto first = office.ask("GET", "/admin/users?limit=2");
  EXPECT_EQ(first.status(), 200);
  EXPECT_EQ(first.text("next"), "adam");
  const auto second = office.ask("GET", "/admin/users?limit=2&after=adam");
  EXPECT_NE(second.response.body.find("\"bob\""), std::string::npos);
  const auto found = office.ask("GET", "/admin/users?search=AD");
  EXPECT_FALSE(found.has("next"));
  EXPECT_EQ(found.response.body.find("\"bob\""), std::string::npos);
  EXPECT_NE(found.response.body.find("\"adam\""), std::string::npos);
  EXPECT_EQ(found.response.body.find("none$"), std::string::npos) << "no hash";
  for (const char* query :
       {"?limit=0", "?limit=1001", "?limit=x", "?limit=1x", "?page=2", "?limit=1&limit=1", "?a=%zz"}) {
    EXPECT_EQ(office.ask("GET", std::string{"/admin/users"} + query).status(), 400) << query;
  }
}

TEST(Admin, a_disabled_user_is_out_at_once) {
  World world;
  Office office{world};
  const auto id = world.sign_up("ada");
  const auto pair = world.log_in("ada");
  const auto answer = office.change(id, R"({"disabled":true})");
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.json("disabled"), "true");
  EXPECT_EQ(world.get("/profile", pair.access).status(), 401);
  EXPECT_EQ(office.last_event().kind, "account_disabled");
  EXPECT_EQ(office.last_event().actor, office.boss_id);
  EXPECT_EQ(office.last_event().account, id);
  EXPECT_EQ(office.last_event().address, world.client_address);
  EXPECT_EQ(office.change(id, R"({"disabled":false})").json("disabled"), "false");
  (void)world.log_in("ada");
  for (const char* body : {R"({"disabled":"yes"})", R"({"scope":"admin:write"})", "[]"}) {
    EXPECT_EQ(office.change(id, body).status(), 400) << body;
  }
  EXPECT_EQ(office.change(AccountId::random().text(), R"({"disabled":true})").status(), 404);
  EXPECT_EQ(office.change("nonsense", R"({"disabled":true})").status(), 404);
}

TEST(Admin, texts_that_no_database_holds_are_bad_requests) {
  World world;
  Office office{world};
  for (const char* target : {"/admin/audit?account=%00", "/admin/audit?account=%FF", "/admin/users?after=%00",
                             "/admin/users?search=a%0Ab", "/admin/users?after=%C3%28"}) {
    const auto answer = office.ask("GET", target);
    EXPECT_EQ(answer.status(), 400) << target;
    EXPECT_EQ(answer.error(), "invalid_request");
  }
  EXPECT_EQ(office.ask("GET", "/admin/users?search=%D0%B6").status(), 200);
  EXPECT_EQ(office.ask("POST", "/admin/revocations", R"({"client":"a\u0000"})").status(), 400);
  EXPECT_TRUE(world.failures.empty()) << "nothing failed here";
}

TEST(Admin, both_flags_of_a_user_change_together_or_not_at_all) {
  World world;
  Office office{world};
  const auto id = world.sign_up("ada");
  const int before = world.store.writes;
  const auto changed = office.change(id, R"({"disabled":true,"must_change_password":true})");
  EXPECT_EQ(world.store.writes, before + 1) << "one transaction: no failure leaves half of it";
  EXPECT_EQ(changed.json("disabled") + changed.json("must_change_password"), "truetrue");
  EXPECT_EQ(world.count_audit("account_disabled") + world.count_audit("password_expired"), 2);
}

TEST(Admin, a_user_who_must_change_the_password_gets_no_session_before) {
  World world;
  Office office{world};
  const auto id = world.sign_up("ada");
  const auto pair = world.log_in("ada");
  const auto key = world.post("/api-keys", R"({"name":"x"})", pair.access).text("api_key");
  ASSERT_EQ(office.change(id, R"({"must_change_password":true,"keep_api_keys":true})").status(), 200);
  EXPECT_EQ(world.get("/profile", key).status(), 200);
  ASSERT_EQ(office.change(id, R"({"must_change_password":false})").status(), 200);
  ASSERT_EQ(office.change(id, R"({"must_change_password":true})").json("must_change_password"), "true");
  EXPECT_EQ(office.last_event().kind, "password_expired");
  EXPECT_EQ(world.get("/profile", pair.access).status(), 401) << "the sessions end";
  EXPECT_EQ(world.get("/profile", key).status(), 401) << "and the keys";
  const auto login = [&](std::string_view password, std::string_view next) {
    json::Object body;
    body.set("username", "ada").set("password", password);
    if (!next.empty()) body.set("new_password", next);
    return world.post("/login", body.text());
  };
  world.sign_up("bob");
  const auto unasked = json::Object{}.set("username", "bob").set("password", good_password).set("new_password", "x");
  EXPECT_EQ(world.post("/login", unasked.text()).error(), "invalid_request");
  EXPECT_EQ(login(good_password, "").error(), "password_change_required");
  EXPECT_EQ(login(good_password, "").status(), 403);
  EXPECT_EQ(login(good_password, good_password).error(), "weak_password") << "another one is wanted";
  EXPECT_EQ(login(good_password, "password1").error(), "weak_password");
  EXPECT_EQ(login("wrong", "correct horse battery staple 43").error(), "invalid_credentials");
  const auto changed = login(good_password, "correct horse battery staple 43");
  EXPECT_EQ(changed.status(), 200) << changed.response.body;
  EXPECT_EQ(world.get("/profile", changed.text("access_token")).status(), 200);
  EXPECT_EQ(login(good_password, "").error(), "invalid_credentials");
  EXPECT_EQ(login("correct horse battery staple 43", "").status(), 200) << "once is enough";
  EXPECT_EQ(office.ask("GET", "/admin/users/" + id).json("must_change_password"), "false");
}

TEST(Admin, a_deleted_user_leaves_nothing_but_the_audit_log) {
  World world;
  Office office{world};
  const auto id = world.sign_up("ada");
  const auto pair = world.log_in("ada");
  const auto key = world.post("/api-keys", R"({"name":"x"})", pair.access).text("api_key");
  ASSERT_EQ(world.get("/profile", key).status(), 200);
  EXPECT_EQ(office.ask("DELETE", "/admin/users/" + id).status(), 204);
  for (const auto& credential : {pair.access, key}) EXPECT_EQ(world.get("/profile", credential).status(), 401);
  EXPECT_EQ(world.post("/refresh", json::Object{}.set("refresh_token", pair.refresh).text()).error(), "invalid_grant");
  EXPECT_EQ(office.ask("GET", "/admin/users/" + id).status(), 404);
  EXPECT_EQ(office.ask("DELETE", "/admin/users/" + id).status(), 404);
  EXPECT_EQ(world.count_audit("account_deleted"), 1);
  EXPECT_NE(world.sign_up("ada"), id) << "the name is free, the id is not given again";
}

TEST(Admin, sessions_and_api_keys_of_a_user_are_listed_and_ended) {
  World world;
  Office office{world};
  const auto id = world.sign_up("ada");
  const auto first = world.log_in("ada"), second = world.log_in("ada");
  const auto made = world.post("/api-keys", R"({"name":"backup"})", first.access);
  const auto sessions = office.ask("GET", "/admin/sessions?user=" + id);
  EXPECT_NE(sessions.response.body.find(world.claim(first.access, "sid")), std::string::npos);
  EXPECT_EQ(office.ask("DELETE", "/admin/sessions/" + world.claim(first.access, "sid")).status(), 204);
  EXPECT_EQ(office.ask("DELETE", "/admin/sessions/" + world.claim(first.access, "sid")).status(), 404);
  EXPECT_EQ(office.last_event().actor, office.boss_id);
  EXPECT_EQ(world.get("/profile", first.access).status(), 401);
  EXPECT_EQ(office.ask("DELETE", "/admin/sessions?user=" + id).json("ended"), "1");
  EXPECT_EQ(world.get("/profile", second.access).status(), 401);
  EXPECT_EQ(office.last_event().kind, "sessions_revoked");

  const auto keys = office.ask("GET", "/admin/api-keys?user=" + id);
  EXPECT_NE(keys.response.body.find("\"backup\""), std::string::npos);
  EXPECT_EQ(office.ask("DELETE", "/admin/api-keys/" + made.text("id")).status(), 204);
  EXPECT_EQ(office.ask("DELETE", "/admin/api-keys/" + made.text("id")).status(), 404);
  EXPECT_EQ(world.get("/profile", made.text("api_key")).status(), 401);
  EXPECT_EQ(office.last_event().actor, office.boss_id);
  for (const char* target : {"/admin/sessions", "/admin/sessions?user=nonsense", "/admin/api-keys?user="}) {
    EXPECT_EQ(office.ask("GET", target).status(), 404) << target;
  }
  EXPECT_EQ(office.ask("GET", "/admin/sessions?account=" + id).status(), 400);
}

TEST(Admin, an_export_has_all_of_a_user_and_no_secret) {
  World world;
  Office office{world};
  const auto id = world.sign_up("ada");
  const auto pair = world.log_in("ada");
  const auto key = world.post("/api-keys", R"({"name":"backup"})", pair.access);
  const auto exported = office.ask("GET", "/admin/exports/" + id);
  ASSERT_EQ(exported.status(), 200);
  for (const char* part : {"\"ada\"", "\"backup\"", "\"signup\"", "\"account_exported\""}) {
    EXPECT_NE(exported.response.body.find(part), std::string::npos) << part;
  }
  EXPECT_NE(exported.response.body.find(world.claim(pair.access, "sid")), std::string::npos);
  for (const auto& secret : {std::string{good_password}, key.text("api_key"), pair.access, std::string{"none$"}}) {
    EXPECT_EQ(exported.response.body.find(secret), std::string::npos);
  }
  EXPECT_EQ(office.last_event().kind, "account_exported");
  EXPECT_EQ(office.ask("GET", "/admin/exports/" + AccountId::random().text()).status(), 404);
}

TEST(Admin, the_audit_log_is_read_backwards_page_by_page) {
  World world;
  Office office{world};
  const auto id = world.sign_up("ada");
  (void)world.log_in("ada");
  (void)world.log_in("ada");
  const auto first = office.ask("GET", "/admin/audit?limit=2&account=" + id);
  ASSERT_EQ(first.status(), 200);
  EXPECT_EQ(first.response.body.find("signup"), std::string::npos);
  const auto second = office.ask("GET", "/admin/audit?limit=2&account=" + id + "&before=" + first.json("next"));
  EXPECT_NE(second.response.body.find("signup"), std::string::npos);
  EXPECT_FALSE(second.has("next"));
  const auto signups = office.ask("GET", "/admin/audit?kind=signup");
  EXPECT_EQ(signups.response.body.find("\"login\""), std::string::npos);
  EXPECT_NE(signups.response.body.find(office.boss_id), std::string::npos);
  world.clock->advance(1h);
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(world.clock->now().time_since_epoch()).count();
  EXPECT_EQ(office.ask("GET", "/admin/audit?since=" + std::to_string(now)).status(), 401) << "the token has expired";
  office.boss = world.log_in("boss");
  const auto recent = office.ask("GET", "/admin/audit?since=" + std::to_string(now));
  EXPECT_NE(recent.response.body.find("\"login\""), std::string::npos);
  EXPECT_EQ(recent.response.body.find("signup"), std::string::npos);
  for (const char* query : {"?kind=nonsense", "?since=-1", "?since=99999999999999", "?before=x", "?user=x"}) {
    EXPECT_EQ(office.ask("GET", std::string{"/admin/audit"} + query).status(), 400) << query;
  }
}

TEST(Admin, everyones_tokens_or_one_clients_are_revoked_and_sessions_go_on) {
  World world;
  Office office{world};
  world.sign_up("ada");
  auto pair = world.log_in("ada");
  for (const char* body : {"{}", R"({"everyone":false})", R"({"everyone":true,"client":"x"})", R"({"client":""})"}) {
    EXPECT_EQ(office.ask("POST", "/admin/revocations", body).status(), 400) << body;
  }
  EXPECT_EQ(office.ask("POST", "/admin/revocations", R"({"client":"another"})").status(), 204);
  EXPECT_EQ(world.get("/profile", pair.access).status(), 200);
  EXPECT_EQ(office.ask("POST", "/admin/revocations", R"({"everyone":true})").status(), 204);
  EXPECT_EQ(office.last_event().kind, "everyone_revoked");
  EXPECT_EQ(world.get("/profile", pair.access).status(), 401);
  EXPECT_EQ(office.ask("GET", "/admin/users").status(), 401) << "the administrator's own as well";
  world.clock->advance(1s);
  const auto again = world.post("/refresh", json::Object{}.set("refresh_token", pair.refresh).text());
  EXPECT_EQ(world.get("/profile", again.text("access_token")).status(), 200);
}

TEST(Admin, signing_keys_are_listed_rotated_and_revoked) {
  World world;
  Office office{world};
  const std::string first{world.keys->signing_key().thumbprint()};
  const auto listed = office.ask("GET", "/admin/signing-keys");
  EXPECT_EQ(listed.status(), 200);
  EXPECT_NE(listed.response.body.find("{\"kid\":\"" + first + "\",\"alg\":\"ES256\",\"state\":\"signing\""),
            std::string::npos)
      << listed.response.body;
  EXPECT_EQ(listed.response.body.find("\"d\""), std::string::npos) << "no private parts";

  EXPECT_EQ(office.ask("POST", "/admin/signing-keys", R"({"when":"now"})").status(), 400);
  const auto announced = office.ask("POST", "/admin/signing-keys", "{}");
  EXPECT_EQ(announced.status(), 200);
  EXPECT_NE(announced.response.body.find("\"announced\""), std::string::npos);
  EXPECT_EQ(office.last_event().kind, "signing_key_created");
  EXPECT_EQ(office.last_event().actor, office.boss_id);
  EXPECT_EQ(office.ask("POST", "/admin/signing-keys", "{}").status(), 200);
  EXPECT_EQ(world.count_audit("signing_key_created"), 2) << "one announced key is enough";
  EXPECT_EQ(world.keys->signing_key().thumbprint(), first);

  EXPECT_EQ(office.ask("POST", "/admin/signing-keys", R"({"at_once":true})").status(), 200);
  const std::string second{world.keys->signing_key().thumbprint()};
  EXPECT_NE(second, first) << "this server signs with it already";
  EXPECT_EQ(office.ask("GET", "/admin/users").status(), 200) << "what the old one signed is good";

  EXPECT_EQ(office.ask("DELETE", "/admin/signing-keys/nothing").status(), 404);
  EXPECT_EQ(office.ask("DELETE", "/admin/signing-keys/" + first).status(), 204);
  EXPECT_EQ(world.count_audit("signing_key_revoked"), 1);
  EXPECT_EQ(office.ask("GET", "/admin/users").status(), 401) << "the administrator's token was of that key";
  office.boss = world.log_in("boss");
  EXPECT_EQ(office.ask("DELETE", "/admin/signing-keys/" + first).status(), 404) << "once is all";
  world.store.broken = true;
  EXPECT_EQ(office.ask("GET", "/admin/signing-keys").status(), 503);
  EXPECT_EQ(office.ask("POST", "/admin/signing-keys", "{}").status(), 503);
  EXPECT_EQ(office.ask("DELETE", "/admin/signing-keys/" + second).status(), 503);
}

TEST(Admin, a_server_with_a_shared_secret_has_no_signing_keys_to_change) {
  World world;
  Office office{world};
  world.services.rotation.algorithm = Algorithm::HS256;
  EXPECT_EQ(office.ask("POST", "/admin/signing-keys", "{}").status(), 404);
  EXPECT_EQ(office.ask("DELETE", "/admin/signing-keys/x").status(), 404);
}

TEST(Admin, changes_are_limited_and_fail_cleanly) {
  World world;
  Office office{world};
  const auto id = world.sign_up("ada");
  world.store.broken = true;
  EXPECT_EQ(office.ask("GET", "/admin/users").status(), 503);
  EXPECT_EQ(office.change(id, R"({"disabled":true})").status(), 503);
  EXPECT_EQ(office.ask("DELETE", "/admin/users/" + id).status(), 503);
  EXPECT_EQ(office.ask("GET", "/admin/audit").status(), 503);
  world.store.broken = false;
  int limited = 0;
  for (int i = 0; i < 70; ++i) limited += office.change(id, R"({"disabled":false})").status() == 429 ? 1 : 0;
  EXPECT_GT(limited, 0);
  EXPECT_EQ(office.ask("GET", "/admin/users").status(), 200) << "looking is free";
}

}  // namespace
}  // namespace signet::server::api

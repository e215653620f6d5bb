#include <gtest/gtest.h>

#include "signet/danger.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

std::string form(std::string_view username, std::string_view password) {
  return json::Object{}.set("username", username).set("password", password).text();
}

TEST(Login, answers_a_pair_of_tokens_that_nobody_may_keep) {
  World world;
  world.sign_up("ada");
  auto answer = world.post("/login", form("ada", good_password));
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.text("token_type"), "Bearer");
  EXPECT_EQ(answer.text("scope"), "profile");
  EXPECT_TRUE(answer.text("refresh_token").starts_with("sgr_"));
  const int expires_in = std::stoi(answer.json("expires_in"));
  EXPECT_GE(expires_in, 570);
  EXPECT_LE(expires_in, 600);
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  EXPECT_TRUE(answer.headers("Set-Cookie").empty());
  EXPECT_EQ(world.counters.logins[0], 1U);
  EXPECT_EQ(world.counters.issued_tokens, 1U);
}

TEST(Login, gives_access_tokens_as_rfc_9068_wants_them) {
  World world;
  const auto id = world.sign_up("ada");
  const auto access = world.log_in("ada").access;
  auto token = danger::read_unverified(access);
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->header().find("typ")->string(), "at+jwt");
  EXPECT_EQ(token->header().find("alg")->string(), "ES256");
  EXPECT_TRUE(token->header().find("kid").has_value());
  EXPECT_EQ(token->claims().find("iss")->string(), World::issuer);
  EXPECT_EQ(token->claims().find("aud")->string(), "api");
  EXPECT_EQ(token->claims().find("sub")->string(), id);
  EXPECT_EQ(token->claims().find("client_id")->string(), "signet");
  for (const char* name : {"exp", "iat", "jti", "scope", "sid", "auth_time"})
    EXPECT_TRUE(token->claims().find(name)) << name;
}

TEST(Login, gives_an_unknown_user_and_a_wrong_password_the_same_answer_for_the_same_work) {
  World world;
  world.sign_up("ada");
  auto wrong = world.post("/login", form("ada", "not her password 9"));
  const int work_for_wrong = std::exchange(world.hasher.work, 0);
  auto unknown = world.post("/login", form("nobody", "not her password 9"));
  EXPECT_EQ(wrong.status(), 401);
  EXPECT_EQ(wrong.error(), "invalid_credentials");
  EXPECT_EQ(wrong.response.status, unknown.response.status);
  EXPECT_EQ(wrong.response.body, unknown.response.body);
  EXPECT_EQ(wrong.response.headers, unknown.response.headers);
  EXPECT_EQ(work_for_wrong, 1);
  EXPECT_EQ(world.hasher.work, 1);
  EXPECT_EQ(world.counters.logins[1], 2U);
  EXPECT_EQ(world.count_audit("login_failed"), 2);
}

TEST(Login, refuses_a_disabled_account_as_if_the_password_were_wrong) {
  World world;
  world.sign_up("ada");
  auto account = world.accounts.find("ada");
  ASSERT_TRUE(account && world.accounts.set_disabled(account->id, true, {}));
  auto answer = world.post("/login", form("ada", good_password));
  EXPECT_EQ(answer.status(), 401);
  EXPECT_EQ(answer.error(), "invalid_credentials");
}

TEST(Login, slows_down_guesses_at_an_account_before_hashing_and_says_when_to_come_back) {
  World world;
  world.sign_up("ada");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(world.post("/login", form("ada", "a wrong guess")).status(), 401);
  world.hasher.work = 0;
  auto answer = world.post("/login", form("ada", good_password));
  EXPECT_EQ(answer.status(), 429);
  EXPECT_EQ(answer.error(), "too_many_requests");
  EXPECT_GE(std::stoi(answer.header("Retry-After")), 1);
  EXPECT_EQ(world.hasher.work, 0);
  EXPECT_EQ(world.counters.logins[2], 1U);

  world.clock->advance(std::chrono::seconds{std::stoi(answer.header("Retry-After"))});
  world.log_in("ada");
}

TEST(Login, that_cannot_succeed_takes_no_place_among_those_who_wait_for_a_hash) {
  World world;
  EXPECT_EQ(world.post("/login", "{").status(), 400);
  EXPECT_EQ(world.post("/login", R"({"username":"ada"})").status(), 400);
  EXPECT_EQ(world.form("/login", "username=ada").status(), 415);
  EXPECT_EQ(world.post("/login", R"({"username":"ada","password":"x","cookies":true})").status(), 403);
  EXPECT_EQ(world.handled, 0);
  for (int i = 0; i < 100; ++i) (void)world.post("/login", form("ada", "a wrong guess"));
  EXPECT_EQ(world.handled, 11) << "ten guesses, and one refusal to be recorded";
  EXPECT_EQ(world.counters.logins[2], 90U) << "the others are counted all the same";
}

TEST(Login, records_refused_attempts_now_and_then_only) {
  World world;
  for (int i = 0; i < 40; ++i) (void)world.post("/login", form("ada", "a wrong guess"));
  EXPECT_EQ(world.count_audit("login_limited"), 1);
  world.clock->advance(std::chrono::minutes{1});
  for (int i = 0; i < 40; ++i) (void)world.post("/login", form("ada", "a wrong guess"));
  EXPECT_EQ(world.count_audit("login_limited"), 2);
}

TEST(Login, is_limited_by_address_over_all_accounts) {
  World world;
  int refused = 0;
  for (int i = 0; i < 100; ++i)
    refused += world.post("/login", form("user" + std::to_string(i), "guess")).status() == 429;
  EXPECT_EQ(refused, 40);
}

TEST(Login, does_not_count_what_succeeds_as_a_guess) {
  World world;
  world.sign_up("ada");
  for (int i = 0; i < 30; ++i) world.log_in("ada");
}

TEST(Login, that_tells_of_a_right_password_without_a_session_is_on_record_and_counted) {
  World world;
  const auto id = AccountId::from_text(world.sign_up("ada"));
  const auto with_new = [](std::string_view next) {
    return json::Object{}.set("username", "ada").set("password", good_password).set("new_password", next).text();
  };
  EXPECT_EQ(world.post("/login", with_new("x")).error(), "invalid_request");
  EXPECT_EQ(world.count_audit("login_failed"), 1);
  ASSERT_TRUE(world.accounts.expire_password(*id, true, {}));
  EXPECT_EQ(world.post("/login", form("ada", good_password)).error(), "password_change_required");
  EXPECT_EQ(world.post("/login", with_new(good_password)).error(), "weak_password");
  EXPECT_EQ(world.post("/login", with_new("password1")).error(), "weak_password");
  EXPECT_EQ(world.count_audit("login_failed"), 4);
  for (const auto& event : world.audit()) {
    if (event.kind == "login_failed") {
      EXPECT_EQ(event.account, id->text());
    }
  }
  for (int i = 0; i < 6; ++i) (void)world.post("/login", form("ada", good_password));
  EXPECT_EQ(world.post("/login", form("ada", good_password)).status(), 429);
}

}  // namespace
}  // namespace signet::server::api

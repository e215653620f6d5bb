// What goes on, and what is said, while the database is away.

#include <gtest/gtest.h>

#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

void expect_unavailable(const Answer& answer, std::string_view what) {
  EXPECT_EQ(answer.status(), 503) << what;
  EXPECT_EQ(answer.error(), "temporarily_unavailable") << what;
  EXPECT_GE(std::stoi("0" + answer.header("Retry-After")), 1) << what;
  EXPECT_EQ(answer.response.body.find("disk"), std::string::npos) << "the cause is for the log";
}

TEST(WithoutTheDatabase, what_needs_it_says_so) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada"), service = world.log_in_with_scope("gateway", "introspect");
  const auto credentials = json::Object{}.set("username", "ada").set("password", good_password).text();
  const HeaderList bearer{{"Authorization", "Bearer " + pair.access}};
  world.store.broken = true;

  expect_unavailable(world.post("/signup", json::Object{}.set("username", "new").set("password", good_password).text()),
                     "signup");
  expect_unavailable(world.post("/login", credentials), "login");
  expect_unavailable(world.post("/refresh", json::Object{}.set("refresh_token", pair.refresh).text()), "refresh");
  for (const char* scope : {"this", "others", "all"}) {
    expect_unavailable(world.call("POST", std::string{"/logout?scope="} + scope, bearer), scope);
  }
  expect_unavailable(world.get("/sessions", pair.access), "sessions");
  expect_unavailable(world.forget(world.claim(pair.access, "sid"), pair.access), "end session");
  expect_unavailable(
      world.post(
          "/password",
          json::Object{}.set("current_password", good_password).set("new_password", "a brand new pass phrase 5").text(),
          pair.access),
      "password");
  expect_unavailable(world.form("/revoke", "token=" + pair.access), "revoke access token");
  expect_unavailable(world.form("/revoke", "token=" + pair.refresh), "revoke refresh token");
  expect_unavailable(
      world.form("/introspect", "token=" + pair.refresh, {{"Authorization", "Bearer " + service.access}}),
      "introspect");
  EXPECT_FALSE(world.failures.empty());
}

TEST(WithoutTheDatabase, what_needs_none_goes_on) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada"), service = world.log_in_with_scope("gateway", "introspect");
  world.store.broken = true;
  EXPECT_EQ(world.get("/profile", pair.access).status(), 200);
  EXPECT_EQ(world.get("/verify", pair.access).status(), 200);
  EXPECT_EQ(world.get("/.well-known/jwks.json").status(), 200);
  EXPECT_EQ(world.get("/.well-known/oauth-authorization-server").status(), 200);
  EXPECT_EQ(
      world.form("/introspect", "token=" + pair.access, {{"Authorization", "Bearer " + service.access}}).json("active"),
      "true");
  EXPECT_EQ(world.post("/refresh", R"({"refresh_token":"sgr_garbage"})").status(), 400) << "garbage costs no database";
}

class BrokenKeys final : public KeySource {
 public:
  std::expected<VerifyingKey, Error> find(const KeyQuery&) const noexcept override {
    return std::unexpected(Error{ErrorCode::internal, "the disk of the keys is gone"});
  }
};

TEST(WithoutVerification, no_token_is_called_bad_and_none_is_said_to_be_revoked) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada"), service = world.log_in_with_scope("gateway", "introspect");
  const HeaderList gateway{{"Authorization", "Bearer " + service.access}};
  const auto broken =
      Verifier::builder().key_source(std::make_shared<BrokenKeys>()).any_issuer().any_audience().build().value();
  world.services.verifier = broken;
  expect_unavailable(world.form("/introspect", "token=" + pair.access, gateway), "introspect");
  expect_unavailable(world.form("/revoke", "token=" + pair.access), "revoke");
  world.services.guard = signet::http::Guard{broken};
  for (const char* path : {"/profile", "/verify", "/sessions"}) {
    const auto answer = world.get(path, pair.access);
    expect_unavailable(answer, path);
    EXPECT_EQ(answer.header("WWW-Authenticate"), "") << path;
  }
  EXPECT_EQ(world.refusals, std::vector<ErrorCode>(3, ErrorCode::internal));
}

TEST(WithoutTheDatabase, nothing_is_counted_against_the_user_and_nothing_was_changed) {
  World world;
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  const auto credentials = json::Object{}.set("username", "ada").set("password", good_password).text();
  world.store.broken = true;
  for (int i = 0; i < 50; ++i) expect_unavailable(world.post("/login", credentials), "login");
  world.store.broken = false;
  world.log_in("ada");
  EXPECT_EQ(world.post("/refresh", json::Object{}.set("refresh_token", pair.refresh).text()).status(), 200);
  EXPECT_EQ(world.counters.logins[static_cast<std::size_t>(LoginOutcome::unavailable)], 50U);
}

}  // namespace
}  // namespace signet::server::api

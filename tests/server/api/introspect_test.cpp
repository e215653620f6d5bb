#include <gtest/gtest.h>

#include "server/api/sha256.hpp"
#include "tests/server/api/world.hpp"

namespace signet::server::api {
namespace {

// "gateway:a long random secret", and the same with a wrong secret.
constexpr const char* basic = "Basic Z2F0ZXdheTphIGxvbmcgcmFuZG9tIHNlY3JldA==";
constexpr const char* wrong_basic = "Basic Z2F0ZXdheTphIHdyb25nIHNlY3JldA==";

void add_client(World& world) {
  const std::string secret = "a long random secret";
  world.settings.set({.signup_open = true,
                      .signup_scope = "profile",
                      .clients = {{"gateway", sha256(std::as_bytes(std::span{secret}))}}});
}

Answer ask(World& world, std::string_view token) {
  return world.form("/introspect", "token=" + std::string{token}, {{"Authorization", basic}});
}

TEST(Introspect, tells_what_a_living_access_token_says) {
  World world;
  add_client(world);
  const auto id = world.sign_up("ada");
  const auto pair = world.log_in("ada");
  auto answer = ask(world, pair.access);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.json("active"), "true");
  EXPECT_EQ(answer.text("sub"), id);
  EXPECT_EQ(answer.text("iss"), World::issuer);
  EXPECT_EQ(answer.text("token_type"), "Bearer");
  for (const char* name : {"aud", "exp", "iat", "jti", "client_id", "scope", "sid"})
    EXPECT_TRUE(answer.has(name)) << name;
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
}

TEST(Introspect, tells_of_a_living_refresh_token) {
  World world;
  add_client(world);
  const auto id = world.sign_up("ada");
  const auto pair = world.log_in("ada");
  auto answer = ask(world, pair.refresh);
  EXPECT_EQ(answer.json("active"), "true");
  EXPECT_EQ(answer.text("sub"), id);
  EXPECT_TRUE(answer.has("exp"));
}

TEST(Introspect, says_inactive_and_no_more_of_everything_else) {
  World world;
  add_client(world);
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  EXPECT_EQ(world.call("POST", "/logout", {{"Authorization", "Bearer " + pair.access}}).status(), 204);
  for (std::string_view token : {std::string_view{pair.access}, std::string_view{pair.refresh},
                                 std::string_view{"sgr_x"}, std::string_view{"a.b.c"}, std::string_view{"x"}}) {
    auto answer = ask(world, token);
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.response.body, R"({"active":false})") << token;
  }
}

// RFC 6749 section 2.3.1; and as many clients have it.
TEST(Introspect, takes_credentials_that_are_encoded_as_in_a_form_and_as_they_are) {
  World world;
  const std::string secret = "a+b/c= %";
  world.settings.set({.signup_open = true,
                      .signup_scope = "profile",
                      .clients = {{"https://gate.example", sha256(std::as_bytes(std::span{secret}))},
                                  {"gateway", sha256(std::as_bytes(std::span{secret}))}}});
  const auto status = [&](std::string_view credentials) {
    return world.form("/introspect", "token=x", {{"Authorization", "Basic " + std::string{credentials}}}).status();
  };
  EXPECT_EQ(status("aHR0cHMlM0ElMkYlMkZnYXRlLmV4YW1wbGU6YSUyQmIlMkZjJTNEKyUyNQ=="), 200)
      << "https%3A%2F%2Fgate.example:a%2Bb%2Fc%3D+%25";
  EXPECT_EQ(status("Z2F0ZXdheTphJTJCYiUyRmMlM0QlMjAlMjU="), 200) << "gateway:a%2Bb%2Fc%3D%20%25";
  EXPECT_EQ(status("Z2F0ZXdheTphK2IvYz0gJQ=="), 200) << "gateway:a+b/c= %";
  EXPECT_EQ(status("Z2F0ZXdheTphJTI1MkJiJTJGYyUzRCUyMCUyNQ=="), 401) << "gateway:a%252Bb%2Fc%3D%20%25";
}

TEST(Introspect, is_closed_to_strangers) {
  World world;
  add_client(world);
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  const auto body = "token=" + pair.access;
  for (const HeaderList& headers :
       {HeaderList{}, HeaderList{{"Authorization", wrong_basic}}, HeaderList{{"Authorization", "Basic !!!"}},
        HeaderList{{"Authorization", "Basic Z2F0ZXdheQ=="}}}) {
    auto answer = world.form("/introspect", body, headers);
    EXPECT_EQ(answer.status(), 401);
    EXPECT_EQ(answer.error(), "invalid_client");
    EXPECT_TRUE(answer.header("WWW-Authenticate").starts_with("Basic realm="));
  }
}

TEST(Introspect, counts_records_and_limits_wrong_clients_by_address) {
  World world;
  add_client(world);
  world.sign_up("ada");
  const auto pair = world.log_in("ada");
  const auto body = "token=" + pair.access;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(world, pair.access).status(), 200) << "good ones do not count";
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(world.form("/introspect", body, {{"Authorization", wrong_basic}}).status(), 401);
  for (const char* credentials : {wrong_basic, basic}) {
    auto answer = world.form("/introspect", body, {{"Authorization", credentials}});
    EXPECT_EQ(answer.status(), 429) << "a right guess is not told from a wrong one";
    EXPECT_EQ(answer.error(), "too_many_requests");
    EXPECT_GE(std::stoi(answer.header("Retry-After")), 1);
  }
  EXPECT_EQ(world.counters.refused_clients, 5U);
  EXPECT_EQ(world.count_audit("introspection_refused"), 1) << "one a minute is enough";
  world.client_address = "198.51.100.7";
  EXPECT_EQ(ask(world, pair.access).status(), 200);
  world.client_address = "192.0.2.1";
  world.clock->advance(std::chrono::minutes{1});
  EXPECT_EQ(world.form("/introspect", body, {{"Authorization", wrong_basic}}).status(), 401);
  EXPECT_EQ(world.count_audit("introspection_refused"), 2);
}

TEST(Introspect, takes_no_empty_secret_whatever_is_configured) {
  World world;
  world.settings.set({.signup_open = true, .signup_scope = "profile", .clients = {{"gateway", sha256({})}}});
  EXPECT_EQ(world.form("/introspect", "token=x", {{"Authorization", "Basic Z2F0ZXdheTo="}}).status(), 401);
  EXPECT_EQ(world.form("/introspect", "token=x", {{"Authorization", "Basic Z2F0ZXdheQ=="}}).status(), 401);
}

TEST(Introspect, opens_to_a_token_with_the_scope_for_it) {
  World world;
  world.sign_up("ada");
  const auto person = world.log_in("ada");
  const auto service = world.log_in_with_scope("gateway", "introspect");
  const auto body = "token=" + person.access;
  EXPECT_EQ(world.form("/introspect", body, {{"Authorization", "Bearer " + service.access}}).json("active"), "true");
  auto refused = world.form("/introspect", body, {{"Authorization", "Bearer " + person.access}});
  EXPECT_EQ(refused.status(), 403);
  EXPECT_EQ(refused.error(), "insufficient_scope");
  EXPECT_EQ(world.form("/introspect", body, {{"Authorization", "Bearer nonsense"}}).status(), 401);
}

TEST(Introspect, wants_a_form_with_one_token) {
  World world;
  add_client(world);
  for (const char* body : {"", "token=", "other=1", "token=a&token=b", "token=%zz"}) {
    auto answer = world.form("/introspect", body, {{"Authorization", basic}});
    EXPECT_EQ(answer.status(), 400) << body;
    EXPECT_EQ(answer.error(), "invalid_request") << body;
  }
  EXPECT_EQ(world.call("POST", "/introspect", {{"Content-Type", "application/json"}, {"Authorization", basic}}, "{}")
                .status(),
            415);
}

}  // namespace
}  // namespace signet::server::api

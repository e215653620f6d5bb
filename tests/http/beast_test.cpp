#include "signet/http/beast.hpp"

#include <gtest/gtest.h>

#include <boost/beast/http/empty_body.hpp>
#include <string>

#include "tests/http/support.hpp"

namespace signet::http {
namespace {

namespace beast = boost::beast::http;
using Request = beast::request<beast::empty_body>;

Request request(beast::verb verb = beast::verb::get) { return Request{verb, "/profile", 11}; }

TEST(Beast, gives_the_principal_of_a_good_token) {
  auto asked = request();
  asked.set(beast::field::authorization, "Bearer " + test::token());
  const auto who = require(test::guard(), asked);
  ASSERT_TRUE(who);
  EXPECT_EQ(who->subject(), "user-42");
  EXPECT_TRUE(require(test::guard(), asked, {"read", "write"}));
}

TEST(Beast, gives_the_response_to_a_request_that_may_not_pass) {
  auto asked = request();
  const auto none = require(test::guard(), asked);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().result_int(), 401U);
  EXPECT_EQ(none.error()[beast::field::www_authenticate], test::no_credentials);
  EXPECT_EQ(none.error()[beast::field::content_length], "0");
  EXPECT_TRUE(none.error().keep_alive());

  asked.set(beast::field::authorization, "Bearer garbage");
  asked.keep_alive(false);
  const auto bad = require(test::guard(), asked);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().result_int(), 401U);
  EXPECT_EQ(bad.error()[beast::field::www_authenticate], test::invalid_token);
  EXPECT_EQ(bad.error()[beast::field::content_type], "application/json");
  EXPECT_EQ(bad.error().body(), test::invalid_token_body);
  EXPECT_FALSE(bad.error().keep_alive());

  asked.set(beast::field::authorization, "Bearer " + test::token());
  const auto scope = require(test::guard(), asked, {"admin"});
  ASSERT_FALSE(scope);
  EXPECT_EQ(scope.error().result_int(), 403U);
}

TEST(Beast, sends_no_body_to_a_head_request_and_says_how_long_it_would_be) {
  auto asked = request(beast::verb::head);
  asked.set(beast::field::authorization, "Bearer garbage");
  auto refused = require(test::guard(), asked);
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().body().empty());
  EXPECT_NE(refused.error()[beast::field::content_length], "0");
}

TEST(Beast, tells_a_client_to_come_back_when_the_token_cannot_be_checked) {
  auto asked = request();
  asked.set(beast::field::authorization, "Bearer " + test::token());
  const auto answer = require(test::guard_without_keys(), asked);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().result_int(), 503U);
  EXPECT_EQ(answer.error()[beast::field::retry_after], "1");
  EXPECT_EQ(answer.error().count(beast::field::www_authenticate), 0U);
}

TEST(Beast, sees_every_authorization_line) {
  auto asked = request();
  asked.insert(beast::field::authorization, "Bearer " + test::token());
  asked.insert(beast::field::authorization, "Bearer " + test::token());
  const auto who = require(test::guard(), asked);
  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().result_int(), 400U);
}

TEST(Beast, takes_the_cookie_and_its_origin) {
  auto guard = test::guard();
  ASSERT_TRUE(guard.cookie("__Host-token", {"https://app.example"}));
  auto asked = request(beast::verb::post);
  asked.set(beast::field::cookie, "__Host-token=" + test::token());
  EXPECT_FALSE(require(guard, asked));
  asked.set(beast::field::origin, "https://app.example");
  EXPECT_TRUE(require(guard, asked));

  // A method that Beast has no name for is not a safe one.
  Request unknown;
  unknown.method_string("GETX");
  unknown.target("/profile");
  unknown.set(beast::field::cookie, "__Host-token=" + test::token());
  EXPECT_FALSE(require(guard, unknown));
}

TEST(Beast, takes_a_proof_for_the_url_that_clients_know_and_for_no_other) {
  const test::BehindProxy world;
  const auto ask = [&](std::initializer_list<std::string> proofs, beast::verb verb = beast::verb::get) {
    Request asked{verb, "/orders?page=2", 11};
    asked.set(beast::field::host, "10.0.0.7:8081");
    asked.set(beast::field::authorization, "DPoP " + world.bound);
    for (const auto& proof : proofs) asked.insert("dpop", proof);
    return require(world.guard, asked);
  };
  constexpr const char* url = "https://shop.example/api/orders";
  const auto who = ask({world.proof("GET", url)});
  ASSERT_TRUE(who) << who.error().body();
  EXPECT_EQ(who->subject(), "user-42");
  EXPECT_TRUE(ask({world.proof("DELETE", url)}, beast::verb::delete_));

  EXPECT_FALSE(ask({}));
  EXPECT_FALSE(ask({world.proof("GET", url), world.proof("GET", url)}));
  EXPECT_FALSE(ask({world.proof("POST", url)}));
  EXPECT_FALSE(ask({world.proof("GET", "https://10.0.0.7:8081/orders")}));

  const auto no_nonce = ask({world.proof("GET", url, false)});
  ASSERT_FALSE(no_nonce);
  EXPECT_EQ(no_nonce.error().result_int(), 401U);
  EXPECT_TRUE(no_nonce.error()[beast::field::www_authenticate].starts_with(R"(DPoP error="use_dpop_nonce")"));
  EXPECT_EQ(no_nonce.error()["DPoP-Nonce"], world.proofs->nonce());
}

}  // namespace
}  // namespace signet::http

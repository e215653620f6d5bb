#include <gtest/gtest.h>

#include "server/deliveries/logout_token.hpp"
#include "server/deliveries/webhook.hpp"
#include "signet/json.hpp"
#include "signet/logout_token.hpp"

namespace signet::server {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view example_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view example_body = R"({"test": 2432232314})";

// The example of the specification's own libraries.
TEST(Webhook, is_signed_as_others_sign) {
  const auto secrets = WebhookSecrets::parse(example_secret);
  ASSERT_TRUE(secrets) << secrets.error();
  EXPECT_EQ(secrets->sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", example_body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Webhook, is_signed_with_each_secret_while_one_replaces_the_other) {
  const auto both =
      WebhookSecrets::parse("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" + std::string{example_secret} + "\n");
  ASSERT_TRUE(both) << both.error();
  const auto copy = both->copy();
  const auto signature = copy.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", example_body);
  EXPECT_TRUE(signature.ends_with(" v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")) << signature;
  EXPECT_EQ(signature.size(), 2 * (3 + 44) + 1);
}

TEST(Webhook, takes_no_secret_that_is_short_malformed_or_one_of_too_many) {
  const std::string good{example_secret};
  const std::vector<std::string> all{"",
                                     "whsec_",
                                     good.substr(6),
                                     good + "\n\n",
                                     good + " ",
                                     "\n" + good,
                                     good + "=",
                                     "whsec_AAAA",
                                     good.substr(0, good.size() - 1),
                                     "whsec_" + std::string(92, 'A'),  // 69 bytes
                                     good + "\n" + good + "\n" + good + "\n" + good + "\n" + good};
  for (const std::string& bad : all) {
    const auto parsed = WebhookSecrets::parse(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().find("MfKQ"), std::string::npos);
  }
}

TEST(Webhook, tells_the_event_and_when_it_was) {
  const AuditEvent event{.seq = 7,
                         .at = Time{1'767'323'045'678ms},
                         .kind = "session_revoked",
                         .account = "a",
                         .session = "s",
                         .actor = "cli",
                         .address = {},
                         .request_id = {},
                         .detail = "said \"so\""};
  EXPECT_EQ(
      webhook_body("https://auth.example", event),
      R"({"type":"session_revoked","timestamp":"2026-01-02T03:04:05.678Z","data":{"issuer":"https://auth.example",)"
      R"("seq":7,"actor":"cli","account":"a","session":"s","detail":"said \"so\""}})");
  const auto headers = webhook_headers(WebhookSecrets::parse(example_secret).value(), "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                       Time{1'614'265'330'999ms}, example_body);
  EXPECT_EQ(headers,
            (std::vector<std::string>{"webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp: 1614265330",
                                      "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}));
}

TEST(IssuedLogoutToken, is_what_a_relying_party_takes_and_no_more) {
  const auto key = SigningKey::generate(Algorithm::ES256).value().with_key_id("k");
  const auto clock = std::make_shared<ManualClock>(Time{1'700'000'000'500ms});
  const auto keys = std::make_shared<KeySet>(KeySet::of({key.verifying_key()}).value());
  const auto verifier = LogoutVerifier::with(keys, "https://auth.example", "shop", clock).value();
  const auto issue = [&](const Delivery& delivery) {
    return issue_logout_token("https://auth.example", "shop", key, delivery, clock->now()).value();
  };
  const Delivery one{.seq = 3, .message = "m", .account = "alice", .session = "s1"};
  const auto logout = verifier.verify(issue(one));
  ASSERT_TRUE(logout) << logout.error().detail();
  EXPECT_EQ(logout->subject, "alice");
  EXPECT_EQ(logout->session, "s1");
  EXPECT_EQ(logout->id, one.id());
  EXPECT_EQ(logout->issued_at, Time{1'700'000'000s});
  EXPECT_EQ(logout->expires_at, Time{1'700'000'120s});
  const auto all = verifier.verify(issue({.seq = 4, .message = "m", .account = "alice"}));
  ASSERT_TRUE(all) << all.error().detail();
  EXPECT_EQ(all->subject, "alice");
  EXPECT_FALSE(all->session);
  EXPECT_NE(all->id, logout->id);
}

}  // namespace
}  // namespace signet::server

// The status lists of an issuer that has no feed.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "signet/remote_issuer.hpp"
#include "src/remote/remote_status_lists.hpp"
#include "tests/remote/fake_issuer.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::FakeIssuer;

class RemoteStatusLists : public testing::Test {
 protected:
  // Nothing here is late by accident, however slow the machine.
  static RemoteIssuerOptions patient() {
    RemoteIssuerOptions options;
    options.revocations = RemoteRevocations::status_lists;
    options.when_stale = WhenStale::deny(1h);
    options.timing.shortest_retry = 1ms;
    options.timing.longest_retry = 20ms;
    options.timing.at_most = 60s;
    return options;
  }
  [[nodiscard]] RemoteIssuer ready(RemoteIssuerOptions options = patient()) const {
    auto issuer = RemoteIssuer::connect(server.url(), std::move(options)).value();
    EXPECT_TRUE(issuer.wait_until_ready(60s)) << issuer.health().last_error;
    return issuer;
  }
  // "accepted", or the error's name.
  static std::string outcome(const RemoteIssuer& issuer, const std::string& token) {
    const auto verified = issuer.verifier("api").value().verify(token);
    return verified ? "accepted" : std::string{to_string(verified.error().code())};
  }
  static bool soon(const RemoteIssuer& issuer, const std::string& token, std::string_view expected) {
    return eventually([&] { return outcome(issuer, token) == expected; });
  }
  void publish_aggregation() {
    server.in_metadata("status_list_aggregation_endpoint", '"' + server.url() + "/status\"");
  }

  FakeIssuer server;
};

TEST_F(RemoteStatusLists, of_the_aggregation_are_there_before_the_first_token) {
  server.put_list("a", {3});
  server.put_list("b", {5});
  publish_aggregation();
  const auto issuer = ready();
  EXPECT_EQ(outcome(issuer, server.token(3, "a")), "token_revoked");
  EXPECT_EQ(outcome(issuer, server.token(5, "a")), "accepted");
  EXPECT_EQ(outcome(issuer, server.token(5, "b")), "token_revoked");
  EXPECT_EQ(outcome(issuer, server.token(16, "b")), "claim_malformed");
  EXPECT_EQ(outcome(issuer, server.token("no place in a list")), "claim_missing");
  EXPECT_EQ(issuer.health().status_lists, 2U);
  EXPECT_GE(issuer.health().status_list_fetches, 2U);
  EXPECT_EQ(issuer.health().status_list_fetches_failed, 0U);
}

TEST_F(RemoteStatusLists, are_fetched_when_a_token_names_them_and_again_when_they_have_changed) {
  server.put_list("a", {3});
  const auto issuer = ready();
  EXPECT_EQ(outcome(issuer, server.token(5, "a")), "revocations_stale");  // verifying waits for no network
  EXPECT_TRUE(soon(issuer, server.token(5, "a"), "accepted"));
  EXPECT_EQ(outcome(issuer, server.token(3, "a")), "token_revoked");
  EXPECT_TRUE(eventually([&] { return server.lists_unchanged > 2; }));
  EXPECT_EQ(outcome(issuer, server.token(5, "a")), "accepted");
  server.put_list("a", {3, 5});
  EXPECT_TRUE(soon(issuer, server.token(5, "a"), "token_revoked"));
}

TEST_F(RemoteStatusLists, are_fetched_again_before_they_expire) {
  server.put_list("a", {3});
  server.in_lists("ttl", "");
  server.in_lists("exp", std::to_string(test::milliseconds(test::wall_now() + 10s) / 1000));
  publish_aggregation();
  auto options = patient();
  options.timing.status_fresh = 1h;
  const auto issuer = ready(options);
  EXPECT_TRUE(eventually([&] { return server.lists_asked > 1; }));
}

TEST_F(RemoteStatusLists, are_not_replaced_by_older_ones_which_count_as_failures) {
  server.put_list("a", {3});
  publish_aggregation();
  const auto issuer = ready();
  server.in_lists("iat", std::to_string(test::milliseconds(test::wall_now() - 1h) / 1000));
  server.put_list("a", {});
  EXPECT_TRUE(eventually([&] { return issuer.health().status_list_fetches_failed > 1; }));
  EXPECT_NE(issuer.health().last_error.find("an older list"), std::string::npos) << issuer.health().last_error;
  EXPECT_EQ(outcome(issuer, server.token(3, "a")), "token_revoked");
  server.in_lists("iat", std::to_string(test::milliseconds(test::wall_now()) / 1000));
  EXPECT_TRUE(soon(issuer, server.token(3, "a"), "accepted"));
}

TEST_F(RemoteStatusLists, are_kept_through_an_outage_as_the_policy_says) {
  server.put_list("a", {3});
  publish_aggregation();
  auto strict = patient(), trusting = patient();
  strict.when_stale = WhenStale::deny(1ms);
  trusting.when_stale = WhenStale::allow();
  const auto denying = ready(strict), allowing = ready(trusting);
  server.lists_down = true;
  EXPECT_TRUE(soon(denying, server.token(5, "a"), "revocations_stale"));
  EXPECT_EQ(outcome(denying, server.token(3, "a")), "token_revoked");
  EXPECT_EQ(outcome(allowing, server.token(5, "a")), "accepted");
  EXPECT_EQ(outcome(allowing, server.token(5, "never seen")), "revocations_stale");
  EXPECT_TRUE(eventually([&] { return allowing.health().status_list_fetches_failed > 1; }));
  server.lists_down = false;
  EXPECT_TRUE(soon(denying, server.token(5, "a"), "accepted"));
}

TEST_F(RemoteStatusLists, that_are_slow_to_come_delay_no_other_and_are_asked_for_once_at_a_time) {
  server.put_list("slow", {3});
  server.put_list("a", {3});
  server.slow_list_hangs = true;
  publish_aggregation();
  const auto issuer = RemoteIssuer::connect(server.url(), patient()).value();
  EXPECT_TRUE(soon(issuer, server.token(5, "a"), "accepted"));
  EXPECT_FALSE(issuer.ready()) << "not before every list of the aggregation was asked for";
  server.put_list("later", {});
  EXPECT_TRUE(soon(issuer, server.token(5, "later"), "accepted"));
  server.put_list("a", {3, 5});
  EXPECT_TRUE(soon(issuer, server.token(5, "a"), "token_revoked"));
  EXPECT_EQ(outcome(issuer, server.token(5, "slow")), "revocations_stale");
  EXPECT_EQ(server.slow_list_asked, 1);
  server.slow_list_hangs = false;
  EXPECT_TRUE(soon(issuer, server.token(3, "slow"), "token_revoked"));
  EXPECT_TRUE(issuer.wait_until_ready(60s));
}

TEST_F(RemoteStatusLists, that_are_not_the_issuers_own_and_of_now_are_not_believed) {
  server.put_list("a", {});
  const auto refused = [&](const std::string& claim, std::string_view json, std::string_view why) {
    server.in_lists(claim, std::string{json});
    const auto issuer = ready();
    EXPECT_EQ(outcome(issuer, server.token(0, "a")), "revocations_stale");
    EXPECT_TRUE(eventually([&] { return issuer.health().last_error.find(why) != std::string::npos; }))
        << why << ", not: " << issuer.health().last_error;
    EXPECT_EQ(issuer.health().status_lists, 0U);
  };
  refused("media_type", "application/jwt", "application/jwt");
  server.in_lists("media_type", "application/statuslist+jwt");
  refused("typ", "JWT", "type_mismatch");
  server.in_lists("typ", "statuslist+jwt");
  refused("iss", "\"https://evil.example\"", "claim_rejected");
  server.in_lists("iss", "");
  refused("sub", '"' + server.list_url("b") + '"', "subject_mismatch");
  server.in_lists("sub", '"' + server.list_url("a") + '"');
  refused("exp", "1", "token_expired");
  server.in_lists("exp", "");
  const auto issuer = ready();
  EXPECT_TRUE(soon(issuer, server.token(0, "a"), "accepted"));
}

TEST_F(RemoteStatusLists, are_named_in_a_log_so_that_no_name_forges_a_line) {
  const auto issuer = ready();
  EXPECT_EQ(outcome(issuer, server.token(0, "x\n2026-01-01 forged")), "revocations_stale");
  EXPECT_TRUE(eventually([&] { return issuer.health().last_error.find("forged") != std::string::npos; }));
  EXPECT_EQ(issuer.health().last_error.find('\n'), std::string::npos) << issuer.health().last_error;
}

// Whoever signs tokens names the list. The address would be asked for by this process.
TEST(RemoteStatusListsElsewhere, are_not_looked_for_on_this_machine) {
  FakeIssuer server;
  server.put_list("a", {});
  remote::Reports reports{nullptr};
  const auto keys = std::make_shared<const KeySet>(server.key_set());
  remote::RemoteStatusLists lists{"https://idp.example",
                                  [](bool, const auto&) -> std::expected<std::string, Error> { return ""; },
                                  keys,
                                  {},
                                  reports};
  EXPECT_FALSE(lists.look_up(server.list_url("a"), 0, test::wall_now()).staleness);
  const std::jthread thread{[&](const std::stop_token& stop) { lists.run([] { return true; }, stop); }};
  EXPECT_TRUE(eventually([&] { return reports.last_error().find("on this machine") != std::string::npos; }));
  EXPECT_EQ(server.lists_asked, 0);
}

TEST_F(RemoteStatusLists, may_be_signed_by_somebody_else_who_is_named) {
  server.put_list("a", {});
  auto options = patient();
  const auto other = SigningKey::generate(Algorithm::ES256).value().with_key_id("first");
  options.status_list_keys = std::make_shared<const KeySet>(KeySet::of({other.verifying_key()}).value());
  const auto issuer = ready(options);
  EXPECT_EQ(outcome(issuer, server.token(0, "a")), "revocations_stale");
  EXPECT_TRUE(eventually([&] { return issuer.health().last_error.find("bad_signature") != std::string::npos; }));
}

TEST_F(RemoteStatusLists, beyond_the_limit_push_out_the_one_that_was_missed_least_lately) {
  server.put_list("a", {});
  server.put_list("b", {});
  auto options = patient();
  options.limits.status_lists = 1;
  const auto issuer = ready(options);
  for (const auto* list : {"a", "b", "a"}) {
    EXPECT_TRUE(soon(issuer, server.token(0, list), "accepted")) << list;
    EXPECT_TRUE(eventually([&] { return issuer.health().status_lists == 1; }));
  }
}

TEST(RemoteStatusListOptions, must_fit_together) {
  const auto problem = [](auto change) {
    RemoteIssuerOptions options;
    change(options);
    const auto made = RemoteIssuer::connect("http://127.0.0.1:1", std::move(options));
    return made ? std::string{"none"} : std::string{to_string(made.error().code())};
  };
  EXPECT_EQ(problem([](auto& options) {
              options.status_list_keys = std::make_shared<const KeySet>(
                  KeySet::of({SigningKey::generate(Algorithm::ES256)->verifying_key()}).value());
            }),
            "invalid_configuration");
  EXPECT_EQ(problem([](auto& options) { options.limits.status_lists = 0; }), "invalid_configuration");
  EXPECT_EQ(problem([](auto& options) { options.timing.status_fresh = 0s; }), "invalid_configuration");
}

}  // namespace
}  // namespace signet

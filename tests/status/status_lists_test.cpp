// Lists in memory, and what a verifier makes of them.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "signet/http/guard.hpp"
#include "signet/signet.hpp"
#include "tests/status/support.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using test::list_of;
using test::list_uri;
using test::now;

std::string text_of(const StatusSource::Answer& answer) {
  if (!answer.staleness) return "absent";
  return (answer.status ? std::to_string(static_cast<int>(*answer.status)) : "no place") + " late " +
         std::to_string(answer.staleness->count());
}

TEST(StatusLists, answer_by_address_and_place) {
  StatusLists lists;
  EXPECT_EQ(text_of(lists.look_up(list_uri, 0, now)), "absent");
  EXPECT_EQ(lists.put(list_of({0b10}), now), 60s);
  EXPECT_EQ(text_of(lists.look_up(list_uri, 0, now)), "0 late 0");
  EXPECT_EQ(text_of(lists.look_up(list_uri, 1, now)), "1 late 0");
  EXPECT_EQ(text_of(lists.look_up(list_uri, 8, now)), "no place late 0");
  EXPECT_EQ(text_of(lists.look_up("https://auth.example/status/2", 0, now)), "absent");
  EXPECT_EQ(lists.size(), 1U);
  lists.forget("https://auth.example/status/2");
  lists.forget(list_uri);
  EXPECT_EQ(text_of(lists.look_up(list_uri, 0, now)), "absent");
  EXPECT_EQ(lists.size(), 0U);
}

TEST(StatusLists, grow_late_when_their_ttl_is_over_and_are_gone_when_they_expire) {
  StatusLists lists;
  lists.put(list_of({0}), now);
  EXPECT_EQ(text_of(lists.look_up(list_uri, 0, now + 60s)), "0 late 0");
  EXPECT_EQ(text_of(lists.look_up(list_uri, 0, now + 61s)), "0 late 1000");
  EXPECT_EQ(text_of(lists.look_up(list_uri, 0, now + 599s)), "0 late 539000");
  EXPECT_EQ(text_of(lists.look_up(list_uri, 0, now + 600s)), "absent");
  EXPECT_EQ(text_of(lists.look_up(list_uri, 0, now - 5s)), "0 late 5000");  // a clock that was put back

  StatusLists impatient{10s};  // whatever the issuer says
  EXPECT_EQ(impatient.put(list_of({0}), now), 10s);
  EXPECT_EQ(text_of(impatient.look_up(list_uri, 0, now + 11s)), "0 late 1000");
}

TEST(StatusLists, are_fresh_no_longer_than_they_live) {
  StatusLists lists{1h};
  const auto dying = list_of({0}, now, 3600);  // it lives for 600 seconds
  EXPECT_EQ(lists.put(dying, now), 600s);
  EXPECT_EQ(lists.confirm(list_uri, now + 590s), 10s);
  EXPECT_EQ(text_of(lists.look_up(list_uri, 0, now + 599s)), "0 late 0");
  EXPECT_EQ(lists.confirm(list_uri, now + 600s), std::nullopt);
  EXPECT_EQ(lists.put(dying, now + 601s), 0s);
}

TEST(StatusLists, never_go_back_to_an_older_list) {
  StatusLists lists;
  lists.put(list_of({1}, now), now);
  EXPECT_EQ(lists.put(list_of({0}, now - 1s), now + 10s), std::nullopt);
  EXPECT_EQ(text_of(lists.look_up(list_uri, 0, now + 61s)), "1 late 1000");
  EXPECT_EQ(lists.put(list_of({0}, now), now + 10s), 60s);  // the same age: as good
  EXPECT_EQ(text_of(lists.look_up(list_uri, 0, now + 70s)), "0 late 0");
}

TEST(StatusLists, are_replaced_while_others_look) {
  StatusLists lists;
  lists.put(list_of({0}), now);
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::jthread reader{[&] {
    while (!done) wrong += lists.look_up(list_uri, 0, now).status ? 0 : 1;
  }};
  const auto empty = list_of({0}), full = list_of({1});
  for (int i = 0; i < 500; ++i) lists.put(i % 2 == 0 ? full : empty, now);
  done = true;
  reader.join();
  EXPECT_EQ(wrong, 0);
}

class Status : public testing::Test {
 protected:
  [[nodiscard]] VerifierBuilder strict() const {
    auto builder = Verifier::builder();
    builder.key(test::key().verifying_key()).issuer("https://auth.example").audience("api").clock(clock);
    return builder;
  }
  [[nodiscard]] Verifier verifier(WhenStale when_stale = WhenStale::deny()) const {
    return strict().status_lists(lists, std::move(when_stale)).build().value();
  }
  static std::string token(std::int64_t index) {
    return token_with(json::Object{}.set("status_list", json::Object{}.set("idx", index).set("uri", list_uri)).text());
  }
  static std::string token_with(std::string_view status) {
    return test::token(test::claims().expires_at(now + 1h).set_json("status", std::string{status}));
  }
  // "accepted", or the error's name and the claim.
  static std::string outcome(const Verifier& verifier, const std::string& token) {
    const auto verified = verifier.verify(token);
    if (verified) return "accepted";
    const auto& failures = verified.error().failures();
    return std::string{to_string(verified.error().code())} + (failures.empty() ? "" : " " + failures.front().claim);
  }

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>(now);
  std::shared_ptr<StatusLists> lists = std::make_shared<StatusLists>();
};

TEST_F(Status, decides_when_all_else_holds) {
  lists->put(list_of({0b10}), now);
  EXPECT_EQ(outcome(verifier(), token(0)), "accepted");
  EXPECT_EQ(outcome(verifier(), token(1)), "token_revoked status");
  EXPECT_EQ(outcome(verifier(), token(8)), "claim_malformed status");  // out of the list is not valid
  clock->advance(2h);
  EXPECT_EQ(outcome(verifier(WhenStale::allow()), token(1)), "token_expired exp");
}

TEST_F(Status, other_than_valid_is_refused_known_or_not) {
  const auto claims = test::list_claims(test::status_list_claim(4, test::lst_of({0x20, 0xB3})));
  lists->put(test::verified_list(test::list_token(claims.text())).value(), now);
  EXPECT_EQ(outcome(verifier(), token(0)), "accepted");
  for (const int index : {1, 2, 3}) EXPECT_EQ(outcome(verifier(), token(index)), "token_revoked status") << index;
}

TEST_F(Status, is_required_and_well_formed) {
  lists->put(list_of({0}), now);
  EXPECT_EQ(outcome(verifier(), test::token()), "claim_missing status");
  for (const auto* status :
       {"null", "{}", "[]", R"("valid")", R"({"status_list":null})", R"({"status_list":{"idx":0}})",
        R"({"status_list":{"uri":"https://auth.example/status/1"}})",
        R"({"status_list":{"idx":-1,"uri":"https://auth.example/status/1"}})",
        R"({"status_list":{"idx":"0","uri":"https://auth.example/status/1"}})",
        R"({"status_list":{"idx":0.5,"uri":"https://auth.example/status/1"}})", R"({"status_list":{"idx":0,"uri":""}})",
        R"({"status_list":{"idx":0,"uri":7}})"}) {
    EXPECT_EQ(outcome(verifier(), token_with(status)), "claim_malformed status") << status;
  }
  EXPECT_EQ(outcome(verifier(), token_with(R"({"status_list":{"idx":0,"uri":"https:\/\/auth.example\/status\/1"}})")),
            "accepted");

  const auto lenient = strict().status_lists(lists).allow_missing_status().build().value();
  EXPECT_EQ(outcome(lenient, test::token()), "accepted");
  EXPECT_EQ(outcome(lenient, token_with("{}")), "claim_malformed status");
}

TEST_F(Status, that_is_late_is_for_the_policy_to_decide) {
  int asked = 0;
  const auto ask = [&](bool active) {
    return WhenStale::introspect([&asked, active](std::string_view) -> std::expected<bool, Error> {
      ++asked;
      return active;
    });
  };
  lists->put(list_of({0b10}), now);
  clock->advance(62s);
  EXPECT_EQ(outcome(verifier(), token(0)), "accepted");  // two seconds late: just so
  clock->advance(1s);
  EXPECT_EQ(outcome(verifier(), token(0)), "revocations_stale");
  EXPECT_EQ(outcome(verifier(WhenStale::deny(1h)), token(0)), "accepted");
  EXPECT_EQ(outcome(verifier(WhenStale::allow()), token(0)), "accepted");
  EXPECT_EQ(outcome(verifier(ask(true)), token(0)), "accepted");
  EXPECT_EQ(outcome(verifier(ask(false)), token(0)), "token_revoked ");
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(outcome(verifier(ask(true)), token(1)), "token_revoked status");  // what is known is not asked
  EXPECT_EQ(asked, 2);
}

TEST_F(Status, of_a_list_that_is_not_there_is_never_taken_for_valid) {
  const auto ask = WhenStale::introspect([](std::string_view) -> std::expected<bool, Error> { return true; });
  EXPECT_EQ(outcome(verifier(), token(0)), "revocations_stale");
  EXPECT_EQ(outcome(verifier(WhenStale::allow()), token(0)), "revocations_stale");
  EXPECT_EQ(outcome(verifier(ask), token(0)), "accepted");
  lists->put(list_of({0}), now);
  clock->advance(600s);  // it has expired
  EXPECT_EQ(outcome(verifier(WhenStale::allow()), token(0)), "revocations_stale");
  const std::string line = "Bearer " + token(0);
  const std::string_view lines[] = {line};
  EXPECT_EQ(http::Guard{verifier()}.check({"GET", lines, {}, {}}).error().status, 503);
}

TEST_F(Status, is_asked_for_a_token_from_the_cache_as_well) {
  lists->put(list_of({0}), now);
  const auto caching = strict().status_lists(lists).cache(16).build().value();
  EXPECT_EQ(outcome(caching, token(0)), "accepted");
  lists->put(list_of({1}), now);
  EXPECT_EQ(outcome(caching, token(0)), "token_revoked status");
  EXPECT_EQ(caching.cache_figures()->hits, 1U);
}

TEST_F(Status, needs_lists_and_a_policy_that_can_be_kept) {
  const auto problem = [](const VerifierBuilder& builder) {
    const auto built = builder.build();
    return built ? std::string{"none"} : built.error().detail();
  };
  EXPECT_EQ(problem(strict().status_lists(nullptr)), "the status lists are null");
  EXPECT_EQ(problem(strict().status_lists(lists).status_lists(lists)), "more than one source of status lists");
  EXPECT_EQ(problem(strict().status_lists(lists, WhenStale::deny(0s))), "a maximum staleness that is not positive");
  EXPECT_EQ(problem(strict().status_lists(lists, WhenStale::introspect({}))), "an introspection without a function");
  EXPECT_EQ(problem(strict().allow_missing_status()), "a status that may be missing, and no status lists");
}

}  // namespace
}  // namespace signet

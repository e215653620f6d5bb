#include "server/deliveries/courier.hpp"

#include <gmock/gmock.h>

#include <condition_variable>
#include <stdexcept>

#include "tests/server/store/engines.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

TEST(Pauses, double_up_to_the_longest_and_lose_up_to_a_half) {
  const DeliveryPolicy policy{.attempts = 100, .time = 5s, .first_pause = 2s, .longest_pause = 60s};
  EXPECT_EQ(pause_after(1, policy, 0), 2s);
  EXPECT_EQ(pause_after(2, policy, 0), 4s);
  EXPECT_EQ(pause_after(5, policy, 0), 32s);
  EXPECT_EQ(pause_after(6, policy, 0), 60s);
  EXPECT_EQ(pause_after(4'000'000'000, policy, 0), 60s);
  EXPECT_EQ(pause_after(2, policy, 1), 2s);
  EXPECT_EQ(pause_after(2, policy, 0.5), 3s);
}

// What a receiver hears, and what it answers.
struct Ear {
  std::mutex mutex;
  std::condition_variable heard_more;
  std::vector<std::string> heard;  // the kinds of events
  std::vector<std::string> ids;
  std::optional<std::string> answer;  // unset: taken
  bool throws = false;
  std::vector<Delivered> outcomes;

  std::expected<void, std::string> hear(const Delivery& delivery, const std::optional<AuditEvent>& event) {
    const std::lock_guard lock{mutex};
    heard.push_back(event ? event->kind : "logout of " + delivery.account + delivery.session);
    ids.push_back(delivery.id());
    heard_more.notify_all();
    if (throws) throw std::runtime_error{"no memory"};
    if (answer) return std::unexpected(*answer);
    return {};
  }
  bool hears(std::size_t count) {
    std::unique_lock lock{mutex};
    return heard_more.wait_for(lock, 30s, [&] { return heard.size() >= count; });
  }
};

class Couriers : public OverEveryEngine {
 protected:
  std::unique_ptr<Courier> courier(Store& over) {
    return std::make_unique<Courier>(
        over, clock, receiver, policy,
        [this](const Delivery& delivery, const auto& event, const std::stop_token&) {
          return ear.hear(delivery, event);
        },
        [this](const Delivery&, Delivered outcome, std::string_view) {
          const std::lock_guard lock{ear.mutex};
          ear.outcomes.push_back(outcome);
        });
  }
  void happens(const char* kind) {
    ASSERT_TRUE(store->write([&](Transaction& t) {
      auto event = event_of(kind);
      event.at = clock.now();
      t.append_audit(event);
    }));
  }
  std::size_t round(Courier& one) {
    const auto tried = one.round({});
    EXPECT_TRUE(tried) << tried.error().detail;
    return tried.value_or(0);
  }

  const Receiver receiver{.name = "webhook:siem", .topic = Topic::events, .kinds = {}};
  const DeliveryPolicy policy{.attempts = 3, .time = 5s, .first_pause = 2s, .longest_pause = 60s};
  ManualClock clock{Time{1'700'000'000s}};
  Ear ear;
};
SIGNET_OVER_EVERY_ENGINE(Couriers);

TEST_P(Couriers, what_is_taken_by_the_receiver_is_told_once) {
  auto one = courier(*store);
  ASSERT_TRUE(one->note());
  EXPECT_EQ(round(*one), 0U);
  happens("login");
  happens("logout");
  EXPECT_EQ(round(*one), 2U);
  EXPECT_THAT(ear.heard, ::testing::UnorderedElementsAre("login", "logout"));
  EXPECT_EQ(round(*one), 0U);
  clock.advance(24h);
  EXPECT_EQ(round(*one), 0U);
  EXPECT_THAT(ear.outcomes, ElementsAre(Delivered::yes, Delivered::yes));
}

TEST_P(Couriers, what_fails_is_tried_again_later_under_the_same_id_and_given_up_in_the_end) {
  auto one = courier(*store);
  ASSERT_TRUE(one->note());
  happens("login");
  ear.answer = "500";
  EXPECT_EQ(round(*one), 1U);
  EXPECT_EQ(round(*one), 0U) << "it waits";
  clock.advance(2s);  // the longest that the first pause can be
  EXPECT_EQ(round(*one), 1U);
  EXPECT_EQ(one->waiting(), 1U);
  clock.advance(4s);
  EXPECT_EQ(round(*one), 1U);
  EXPECT_THAT(ear.outcomes, ElementsAre(Delivered::not_yet, Delivered::not_yet, Delivered::given_up));
  EXPECT_EQ(ear.ids[0], ear.ids[1]);
  EXPECT_EQ(ear.ids[0], ear.ids[2]);
  clock.advance(24h);
  EXPECT_EQ(round(*one), 0U);
  EXPECT_EQ(one->waiting(), 0U);
}

TEST_P(Couriers, a_receiver_that_comes_back_is_told_what_it_missed) {
  auto one = courier(*store);
  ASSERT_TRUE(one->note());
  happens("login");
  ear.throws = true;  // whatever goes wrong
  EXPECT_EQ(round(*one), 1U);
  happens("logout");
  ear.throws = false;
  clock.advance(2s);
  EXPECT_EQ(round(*one), 2U);
  EXPECT_THAT(ear.heard, ::testing::UnorderedElementsAre("login", "login", "logout"));
}

TEST_P(Couriers, what_a_killed_server_had_taken_goes_to_another_one) {
  auto one = courier(*store);
  ASSERT_TRUE(one->note());
  happens("login");
  ASSERT_TRUE(store->write([&](Transaction& t) {
    EXPECT_EQ(t.take_deliveries(receiver.name, clock.now(), clock.now() + 15s, 8).size(), 1U);
  }));
  const auto elsewhere = database->open();
  auto other = courier(*elsewhere);
  EXPECT_EQ(round(*other), 0U);
  clock.advance(15s);
  EXPECT_EQ(round(*other), 1U);
  EXPECT_THAT(ear.outcomes, ElementsAre(Delivered::yes));
}

TEST_P(Couriers, an_attempt_that_the_end_of_the_server_cut_short_is_due_at_once) {
  auto one = courier(*store);
  ASSERT_TRUE(one->note());
  happens("login");
  ear.answer = "stopped";
  std::stop_source stopping;
  stopping.request_stop();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(one->round(stopping.get_token()).value_or(0), 1U);
  EXPECT_THAT(ear.outcomes, ::testing::Each(Delivered::not_yet)) << "and never given up for it";
}

TEST_P(Couriers, what_the_audit_log_has_forgotten_is_told_no_more) {
  auto one = courier(*store);
  ASSERT_TRUE(one->note());
  happens("login");
  ASSERT_TRUE(store->write([&](Transaction& t) { EXPECT_EQ(t.sweep_audit(clock.now() + 1h, 10), 1U); }));
  EXPECT_EQ(round(*one), 0U);
  EXPECT_EQ(one->round({}).value_or(1), 0U);
  EXPECT_EQ(one->waiting(), 0U);
  EXPECT_TRUE(ear.heard.empty());
}

TEST_P(Couriers, its_thread_hears_a_call_and_ends_when_it_is_told) {
  auto one = courier(*store);
  ASSERT_TRUE(one->note());
  happens("login");
  one->start();
  EXPECT_TRUE(ear.hears(1));
  happens("logout");
  one->wake();
  EXPECT_TRUE(ear.hears(2));
  one->stop();
  happens("signup");
  one->wake();
  EXPECT_EQ(ear.heard.size(), 2U);
}

}  // namespace
}  // namespace signet::server::testing

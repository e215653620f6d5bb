#include "server/keys/rotation.hpp"

#include <gtest/gtest.h>

namespace signet::server {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr RotationPolicy policy{
    .algorithm = Algorithm::ES256, .announce_for = 24h, .sign_for = days{90}, .keep_retired = 2h};
const Time now{std::chrono::seconds{1'800'000'000}};

KeyRecord key(std::string id, KeyState state, std::chrono::milliseconds age, std::string algorithm = "ES256") {
  return {.key_id = std::move(id),
          .algorithm = std::move(algorithm),
          .state = state,
          .sealed = {},
          .created_at = now - age,
          .state_since = now - age};
}

RotationPlan plan(std::vector<KeyRecord> keys, const RotationPolicy& with = policy) {
  return plan_rotation(keys, now, with);
}

TEST(Rotation, an_empty_store_gets_a_key_that_signs_at_once) {
  EXPECT_EQ(plan({}), (RotationPlan{.create = KeyState::signing, .sign = {}, .retire = {}, .remove = {}}));
  EXPECT_EQ(plan({key("r", KeyState::retired, 1h)}).create, KeyState::signing);
}

TEST(Rotation, nothing_is_due_while_a_key_signs_in_its_time) {
  EXPECT_TRUE(plan({key("s", KeyState::signing, 0s)}).empty());
  EXPECT_TRUE(plan({key("s", KeyState::signing, days{89} - 1ms)}).empty());
}

TEST(Rotation, the_next_key_is_announced_so_early_that_it_can_sign_when_the_time_is_up) {
  EXPECT_EQ(plan({key("s", KeyState::signing, days{89})}),
            (RotationPlan{.create = KeyState::announced, .sign = {}, .retire = {}, .remove = {}}));
}

TEST(Rotation, an_announced_key_waits_until_every_verifier_can_know_it) {
  EXPECT_TRUE(plan({key("s", KeyState::signing, days{90}), key("a", KeyState::announced, 24h - 1ms)}).empty());
  EXPECT_EQ(plan({key("s", KeyState::signing, days{90}), key("a", KeyState::announced, 24h)}),
            (RotationPlan{.create = {}, .sign = "a", .retire = {"s"}, .remove = {}}));
}

TEST(Rotation, a_key_announced_by_hand_signs_as_soon_as_it_has_been_announced_long_enough) {
  EXPECT_EQ(plan({key("s", KeyState::signing, days{3}), key("a", KeyState::announced, 24h)}).sign, "a");
}

TEST(Rotation, an_announced_key_takes_over_at_once_when_nothing_signs) {
  EXPECT_EQ(plan({key("a", KeyState::announced, 1s)}).sign, "a");
  EXPECT_EQ(plan({key("b", KeyState::announced, 1s), key("a", KeyState::announced, 5s)}).sign, "a") << "the oldest";
}

TEST(Rotation, a_retired_key_goes_when_the_last_token_it_signed_has_expired) {
  EXPECT_TRUE(plan({key("s", KeyState::signing, 1h), key("r", KeyState::retired, 2h - 1ms)}).empty());
  EXPECT_EQ(plan({key("s", KeyState::signing, 1h), key("r", KeyState::retired, 2h)}).remove,
            std::vector<std::string>{"r"});
}

TEST(Rotation, without_an_end_a_key_signs_forever) {
  auto endless = policy;
  endless.sign_for = 0ms;
  EXPECT_TRUE(plan({key("s", KeyState::signing, days{10'000})}, endless).empty());
}

TEST(Rotation, another_algorithm_is_announced_first_and_then_signs) {
  EXPECT_EQ(plan({key("s", KeyState::signing, 1h, "RS256")}).create, KeyState::announced);
  EXPECT_TRUE(plan({key("s", KeyState::signing, 1h, "RS256"), key("a", KeyState::announced, 1h)}).empty());
  EXPECT_EQ(plan({key("s", KeyState::signing, 25h, "RS256"), key("a", KeyState::announced, 24h)}),
            (RotationPlan{.create = {}, .sign = "a", .retire = {"s"}, .remove = {}}));
}

TEST(Rotation, a_key_announced_for_an_algorithm_that_is_no_longer_wanted_goes) {
  const auto result = plan({key("s", KeyState::signing, 1h), key("a", KeyState::announced, 30h, "RS256")});
  EXPECT_EQ(result.remove, std::vector<std::string>{"a"});
  EXPECT_FALSE(result.sign);
}

TEST(Rotation, a_shared_secret_retires_every_key_and_makes_none) {
  auto shared = policy;
  shared.algorithm = Algorithm::HS256;
  EXPECT_TRUE(plan({}, shared).empty());
  EXPECT_EQ(plan({key("s", KeyState::signing, 1h), key("a", KeyState::announced, 1h), key("r", KeyState::retired, 2h)},
                 shared),
            (RotationPlan{.create = {}, .sign = {}, .retire = {"s"}, .remove = {"r", "a"}}));
}

TEST(Rotation, of_several_that_sign_the_newest_stays) {
  EXPECT_EQ(
      plan({key("new", KeyState::signing, 1h), key("old", KeyState::signing, 2h), key("older", KeyState::signing, 3h)})
          .retire,
      (std::vector<std::string>{"older", "old"}));
  EXPECT_EQ(plan({key("b", KeyState::signing, 1h), key("a", KeyState::signing, 1h)}).retire,
            std::vector<std::string>{"a"})
      << "every server decides alike";
}

TEST(Rotation, no_key_is_made_in_place_of_one_that_is_elsewhere) {
  auto elsewhere = key("h", KeyState::signing, days{1000});
  elsewhere.location = "pkcs11:token=vault;object=login";
  EXPECT_TRUE(plan({elsewhere}).empty());
  EXPECT_TRUE(plan({elsewhere}, {.algorithm = Algorithm::RS256}).empty());
  EXPECT_EQ(plan({elsewhere, key("a", KeyState::announced, 24h)}).sign, "a") << "one that was asked for";
  auto none_made = policy;
  none_made.makes_keys = false;
  EXPECT_TRUE(plan({}, none_made).empty());
  EXPECT_TRUE(plan({key("s", KeyState::signing, days{1000})}, none_made).empty());
}

TEST(Rotation, a_clock_set_back_moves_nothing) {
  EXPECT_TRUE(plan({key("s", KeyState::signing, -days{1}), key("a", KeyState::announced, -days{1}),
                    key("r", KeyState::retired, -days{1})})
                  .empty());
}

}  // namespace
}  // namespace signet::server

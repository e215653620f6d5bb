#include "server/sessions/refresh_rule.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace signet::server {
namespace {

using namespace std::chrono_literals;
using enum RefreshDecision;

constexpr Time login{std::chrono::milliseconds{1'700'000'000'000}};
constexpr RefreshPolicy policy{.grace = 10s, .idle = 24h, .absolute = 72h};

// As it stands one hour after the login, rotated `counter` times, the last time right then.
constexpr Time rotated = login + 1h;
Session session(std::uint32_t counter, std::string binding = {}, bool successor_used = false) {
  Session s;
  s.id = SessionId::random();
  s.account = AccountId::random();
  s.counter = counter;
  s.rotated_at = rotated;
  s.successor_used = successor_used;
  s.created_at = login;
  s.last_used_at = rotated;
  s.idle_expires_at = rotated + policy.idle;
  s.expires_at = login + policy.absolute;
  s.binding = std::move(binding);
  return s;
}

struct Row {
  const char* what;
  Session session;
  std::uint32_t counter;
  std::string binding;
  std::chrono::milliseconds after_rotation;
  RefreshDecision expected;
};

TEST(RefreshRule, decides_as_its_table_says) {
  auto never = std::numeric_limits<std::uint32_t>::max();
  const Row rows[] = {
      // the current token
      {"the current one, at once", session(5), 5, "", 0ms, rotate},
      {"the current one, within the grace", session(5), 5, "", 9'999ms, rotate},
      {"the current one, much later", session(5), 5, "", 23h, rotate},
      {"the very first", session(0), 0, "", 1h, rotate},
      {"the current one, by its bound client", session(5, "jkt"), 5, "jkt", 1h, rotate},
      {"the current one, seen in use", session(5, "", true), 5, "", 1h, rotate},

      // the one before, within the grace
      {"the one before, at the same moment", session(5), 4, "", 0ms, repeat},
      {"the one before, at the end of the grace", session(5), 4, "", 9'999ms, repeat},
      {"the one before, when the clock went back", session(5), 4, "", -3s, repeat},
      {"the one before, within the grace, seen in use", session(5, "", true), 4, "", 5s, repeat},
      {"the one before, within the grace, bound", session(5, "jkt"), 4, "jkt", 5s, repeat},
      {"the one before the first rotation's", session(1), 0, "", 5s, repeat},

      // the one before, after the grace
      {"the one before, when the grace is over", session(5), 4, "", 10'000ms, reuse},
      {"the one before, much later", session(5), 4, "", 5h, reuse},
      {"the one before, later, bound: a lost response", session(5, "jkt"), 4, "jkt", 10'000ms, repeat},
      {"the one before, much later, bound: a lost response", session(5, "jkt"), 4, "jkt", 20h, repeat},
      {"the one before, later, bound, but the answer had arrived", session(5, "jkt", true), 4, "jkt", 10'000ms, reuse},
      {"the one before, later, a key shown for an unbound session", session(5), 4, "jkt", 10'000ms, reuse},

      // anything else with a good MAC
      {"two before, within the grace", session(5), 3, "", 1s, reuse},
      {"two before, within the grace, bound", session(5, "jkt"), 3, "jkt", 1s, reuse},
      {"the first of many", session(5), 0, "", 1s, reuse},
      {"one that was never given", session(5), 6, "", 1s, reuse},
      {"one far ahead", session(0), never, "", 1s, reuse},
      {"the last number before the first", session(0), never, "", 0ms, reuse},

      // not the bound client: nothing changes
      {"the current one, bound, without the key", session(5, "jkt"), 5, "", 1s, invalid},
      {"the current one, bound, with another key", session(5, "jkt"), 5, "jkT", 1s, invalid},
      {"the one before, bound, without the key", session(5, "jkt"), 4, "", 1s, invalid},
      {"an old one, bound, without the key", session(5, "jkt"), 1, "", 1h, invalid},

      // expired: nothing changes
      {"the current one, a moment before the idle end", session(5), 5, "", 24h - 1ms, rotate},
      {"the current one, at the idle end", session(5), 5, "", 24h, invalid},
      {"the one before, at the idle end", session(5), 4, "", 24h, invalid},
      {"an old one, at the idle end", session(5), 1, "", 24h, invalid},
      {"the current one, long after", session(5), 5, "", 1000h, invalid},

      // the end of the counter
      {"the last number there is", session(never), never, "", 1s, invalid},
      {"the one before the last", session(never), never - 1, "", 1s, repeat},
  };
  for (const auto& row : rows) {
    auto verdict = judge_refresh(row.session, row.counter, row.binding, rotated + row.after_rotation, policy);
    EXPECT_EQ(verdict.decision, row.expected) << row.what;
  }
}

TEST(RefreshRule, the_absolute_end_holds_however_often_it_was_refreshed) {
  auto s = session(5);
  s.rotated_at = s.expires_at - 1s;
  s.idle_expires_at = s.expires_at;
  EXPECT_EQ(judge_refresh(s, 5, "", s.expires_at - 1ms, policy).decision, rotate);
  EXPECT_EQ(judge_refresh(s, 5, "", s.expires_at, policy).decision, invalid);
  EXPECT_EQ(judge_refresh(s, 4, "", s.expires_at, policy).decision, invalid);
  // Also where the row's idle end is later, as it is not when this rule wrote it.
  s.idle_expires_at = s.expires_at + 1h;
  EXPECT_EQ(judge_refresh(s, 5, "", s.expires_at, policy).decision, invalid);
}

TEST(RefreshRule, a_rotation_moves_the_counter_and_the_idle_end_and_nothing_else) {
  auto before = session(5, "", true);
  auto now = rotated + 2h;
  auto after = judge_refresh(before, 5, "", now, policy).session;
  EXPECT_EQ(after.counter, 6u);
  EXPECT_EQ(after.rotated_at, now);
  EXPECT_FALSE(after.successor_used);
  EXPECT_EQ(after.last_used_at, now);
  EXPECT_EQ(after.idle_expires_at, now + policy.idle);
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.account, before.account);
  EXPECT_EQ(after.created_at, before.created_at);
  EXPECT_EQ(after.expires_at, before.expires_at);
}

TEST(RefreshRule, the_idle_end_never_passes_the_absolute_one) {
  auto before = session(5);
  before.idle_expires_at = before.expires_at;
  auto after = judge_refresh(before, 5, "", before.expires_at - 1h, policy).session;
  EXPECT_EQ(after.idle_expires_at, before.expires_at);
}

TEST(RefreshRule, the_grace_does_not_slide_when_the_one_before_is_repeated) {
  auto s = session(5);
  for (auto after : {1s, 5s, 9s}) {
    auto verdict = judge_refresh(s, 4, "", rotated + after, policy);
    ASSERT_EQ(verdict.decision, repeat);
    s = verdict.session;
    EXPECT_EQ(s.rotated_at, rotated);
    EXPECT_EQ(s.counter, 5u);
  }
  EXPECT_EQ(judge_refresh(s, 4, "", rotated + 10s, policy).decision, reuse);
}

TEST(RefreshRule, without_a_grace_every_second_presentation_is_reuse) {
  auto strict = policy;
  strict.grace = 0s;
  EXPECT_EQ(judge_refresh(session(5), 4, "", rotated, strict).decision, reuse);
}

TEST(RefreshRule, a_policy_out_of_bounds_is_named) {
  EXPECT_TRUE(check(RefreshPolicy{}));
  EXPECT_TRUE(check({.grace = 0s}));
  EXPECT_TRUE(check({.grace = 60s}));
  EXPECT_FALSE(check({.grace = 61s}));
  EXPECT_FALSE(check({.grace = -1s}));
  EXPECT_FALSE(check({.grace = 10s, .idle = 10s}));
  EXPECT_FALSE(check({.idle = 0s}));
  EXPECT_FALSE(check({.idle = 48h, .absolute = 24h}));
  EXPECT_FALSE(check({.absolute = std::chrono::years{11}}));
  EXPECT_EQ(check({.grace = 61s}).error(), "the grace must be 0 to 60 seconds");
}

}  // namespace
}  // namespace signet::server

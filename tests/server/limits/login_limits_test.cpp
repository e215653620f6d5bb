#include "server/limits/login_limits.hpp"

#include <gtest/gtest.h>

#include <string>

namespace signet::server {
namespace {

using namespace std::chrono_literals;

const Time start{1'700'000'000s};

// Failed logins that were let through to the password.
int failures_allowed(LoginLimits& limits, std::string_view username, std::string_view address, Time now,
                     int attempts = 500) {
  int allowed = 0;
  for (int i = 0; i < attempts; ++i) allowed += limits.begin(username, address, now).has_value();
  return allowed;
}

std::string address(int n) { return "198.51." + std::to_string(n / 250) + "." + std::to_string(n % 250); }

TEST(LoginLimits, ten_failures_at_one_account_from_one_address_then_a_wait) {
  LoginLimits limits;
  EXPECT_EQ(failures_allowed(limits, "anna", "192.0.2.1", start, 30), 10);
  const auto refused = limits.begin("anna", "192.0.2.1", start);
  ASSERT_FALSE(refused);
  EXPECT_GE(refused.error().retry_after, 1s);
  EXPECT_LE(refused.error().retry_after, 30s);
  EXPECT_TRUE(limits.begin("anna", "192.0.2.1", start + 30s));
}

TEST(LoginLimits, spellings_of_one_name_and_addresses_of_one_network_share_one_count) {
  LoginLimits limits;
  int allowed = 0;
  for (int i = 0; i < 10; ++i) {
    allowed += limits.begin("anna", "2001:db8::" + std::to_string(i + 1), start).has_value();
    allowed += limits.begin("ANNA", "2001:db8::1", start).has_value();
    allowed += limits.begin("Ａｎｎａ", "2001:db8:0:0:ffff::", start).has_value();
  }
  EXPECT_EQ(allowed, 10);
}

TEST(LoginLimits, one_address_cannot_go_through_many_accounts) {
  LoginLimits limits;
  int allowed = 0;
  for (int i = 0; i < 150; ++i) allowed += limits.begin("nobody" + std::to_string(i), "192.0.2.1", start).has_value();
  EXPECT_EQ(allowed, 60);
  EXPECT_TRUE(limits.begin("anna", "192.0.2.2", start));
}

TEST(LoginLimits, names_that_are_none_count_for_the_address_only) {
  LoginLimits limits;
  EXPECT_EQ(failures_allowed(limits, "no such name", "192.0.2.1", start), 60);
  EXPECT_TRUE(limits.begin("no such name", "192.0.2.2", start));
}

TEST(LoginLimits, tells_beforehand_what_it_would_answer_and_counts_nothing) {
  LoginLimits limits;
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(limits.check("anna", "192.0.2.1", start));
  EXPECT_EQ(failures_allowed(limits, "anna", "192.0.2.1", start, 30), 10);
  EXPECT_FALSE(limits.check("anna", "192.0.2.1", start)) << "the account from here";
  EXPECT_TRUE(limits.check("bert", "192.0.2.1", start));
  EXPECT_EQ(failures_allowed(limits, "no such name", "192.0.2.1", start), 30);
  EXPECT_FALSE(limits.check("bert", "192.0.2.1", start)) << "the address";
  EXPECT_TRUE(limits.check("bert", "192.0.2.2", start));
  limits.succeeded("anna", "192.0.2.3", start);
  for (int i = 10; i < 30; ++i) (void)failures_allowed(limits, "anna", address(i), start, 10);
  EXPECT_FALSE(limits.check("anna", "192.0.2.4", start)) << "the account from everywhere";
  EXPECT_TRUE(limits.check("anna", "192.0.2.3", start)) << "but from where she was before";
}

TEST(LoginLimits, good_logins_do_not_count_as_failures) {
  LoginLimits limits;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(limits.begin("anna", "192.0.2.1", start)) << i;
    limits.succeeded("anna", "192.0.2.1", start);
  }
  EXPECT_EQ(failures_allowed(limits, "anna", "192.0.2.1", start, 10), 10);
}

TEST(LoginLimits, attempts_that_were_never_decided_do_not_count_as_failures) {
  LoginLimits limits;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(limits.begin("anna", "192.0.2.1", start)) << i;
    limits.undecided("anna", "192.0.2.1", start);
  }
  EXPECT_EQ(failures_allowed(limits, "anna", "192.0.2.1", start, 10), 10);
}

TEST(LoginLimits, a_login_of_the_owner_does_not_wipe_out_the_failures_before_it) {
  LoginLimits limits;
  EXPECT_EQ(failures_allowed(limits, "anna", "192.0.2.1", start, 9), 9);
  ASSERT_TRUE(limits.begin("anna", "192.0.2.1", start));
  limits.succeeded("anna", "192.0.2.1", start);
  EXPECT_EQ(failures_allowed(limits, "anna", "192.0.2.1", start, 20), 1);
}

TEST(LoginLimits, an_attack_from_many_addresses_is_slowed_but_the_owner_gets_in_where_she_was_before) {
  LoginLimits limits;
  ASSERT_TRUE(limits.begin("anna", "192.0.2.1", start));
  limits.succeeded("anna", "192.0.2.1", start);
  int guesses = 0;
  for (int i = 0; i < 1000; ++i) guesses += failures_allowed(limits, "anna", address(i), start, 10);
  EXPECT_EQ(guesses, 100) << "the account's budget for strange addresses";
  EXPECT_FALSE(limits.begin("anna", "203.0.113.9", start)) << "a strange address competes with the attack";
  EXPECT_TRUE(limits.begin("anna", "192.0.2.1", start + 1min)) << "a familiar one does not";
  EXPECT_TRUE(limits.begin("anna", "203.0.113.9", start + 1min)) << "and even the strange one is not locked out";
  EXPECT_TRUE(limits.begin("bert", "203.0.113.9", start + 1min));
}

TEST(LoginLimits, one_address_alone_cannot_spend_the_accounts_budget) {
  LoginLimits limits;
  for (int minute = 0; minute < 60; ++minute)
    (void)failures_allowed(limits, "anna", "198.51.100.1", start + std::chrono::minutes{minute}, 60);
  EXPECT_TRUE(limits.begin("anna", "203.0.113.9", start + 60min));
}

TEST(LoginLimits, an_address_is_familiar_for_a_time_only) {
  LoginLimits limits{{.familiar_for = 1h}};
  ASSERT_TRUE(limits.begin("anna", "192.0.2.1", start));
  limits.succeeded("anna", "192.0.2.1", start);
  const auto attack = [&](Time now) {
    for (int i = 0; i < 300; ++i) (void)failures_allowed(limits, "anna", address(i), now, 10);
  };
  attack(start + 59min);
  EXPECT_TRUE(limits.begin("anna", "192.0.2.1", start + 59min));
  attack(start + 60min);
  EXPECT_FALSE(limits.begin("anna", "192.0.2.1", start + 60min));
}

}  // namespace
}  // namespace signet::server

#include "server/limits/rate_limiter.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace signet::server {
namespace {

using namespace std::chrono_literals;

const Time start{1'700'000'000s};

int taken_at_once(RateLimiter& limiter, std::string_view key, Time now, int attempts = 1000) {
  int taken = 0;
  for (int i = 0; i < attempts; ++i) taken += limiter.take(key, now).has_value();
  return taken;
}

TEST(RateLimiter, allows_so_many_at_once_and_then_one_each_interval) {
  RateLimiter limiter{{Rate{10, 5min}}};
  EXPECT_EQ(taken_at_once(limiter, "anna", start), 10);
  EXPECT_EQ(taken_at_once(limiter, "anna", start + 29'999ms), 0);
  EXPECT_EQ(taken_at_once(limiter, "anna", start + 30s), 1);
  EXPECT_EQ(taken_at_once(limiter, "anna", start + 90s), 2);
  EXPECT_EQ(taken_at_once(limiter, "anna", start + 1h), 10);
}

std::size_t resident_bytes() {
  std::size_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST(RateLimiter, takes_memory_only_for_the_keys_it_has_seen) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "a sanitizer's own memory is counted as well";
#endif
  constexpr std::size_t entries = 1 << 22;
  const auto before = resident_bytes();
  RateLimiter limiter{{Rate{10, 5min}}, entries};
  for (int i = 0; i < 100; ++i) (void)limiter.take(std::to_string(i), start);
  EXPECT_EQ(limiter.capacity(), entries);
  EXPECT_LT(resident_bytes(), before + entries * 24 / 2);
}

TEST(RateLimiter, says_when_to_come_back_and_keeps_its_word) {
  RateLimiter limiter{{Rate{2, 1min}}};
  (void)limiter.take("anna", start);
  (void)limiter.take("anna", start);
  const auto refused = limiter.take("anna", start + 500ms);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().retry_after, 30s) << "29.5 rounded up";
  EXPECT_TRUE(limiter.take("anna", start + 500ms + refused.error().retry_after));
  RateLimiter fast{{Rate{1000, 1s}}};
  (void)taken_at_once(fast, "anna", start);
  EXPECT_EQ(fast.take("anna", start).error().retry_after, 1s) << "never zero";
}

TEST(RateLimiter, a_refusal_takes_nothing_so_that_hammering_does_not_lock) {
  RateLimiter limiter{{Rate{3, 3min}}};
  EXPECT_EQ(taken_at_once(limiter, "anna", start, 100'000), 3);
  EXPECT_TRUE(limiter.take("anna", start + 1min));
}

TEST(RateLimiter, keys_do_not_touch_each_other) {
  RateLimiter limiter{{Rate{3, 3min}}};
  EXPECT_EQ(taken_at_once(limiter, "anna", start), 3);
  EXPECT_EQ(taken_at_once(limiter, "bert", start), 3);
  EXPECT_EQ(taken_at_once(limiter, "", start), 3);
  EXPECT_EQ(taken_at_once(limiter, std::string_view{"anna\0x", 6}, start), 3);
}

TEST(RateLimiter, patience_does_not_pay_under_a_second_slower_rate) {
  RateLimiter limiter{{Rate{10, 5min}, Rate{50, 24h}}};
  int taken = 0;
  for (auto now = start; now < start + 24h; now += 10s) taken += limiter.take("anna", now).has_value();
  EXPECT_GE(taken, 50);
  EXPECT_LE(taken, 100) << "the burst of 50 and a day's refill of 50";
  std::chrono::seconds longest{0};
  for (int i = 0; i < 200; ++i) {
    if (const auto result = limiter.take("anna", start + 24h); !result)
      longest = std::max(longest, result.error().retry_after);
  }
  EXPECT_LE(longest, 30min) << "one each 28.8 minutes: never a lock";
}

TEST(RateLimiter, what_is_given_back_does_not_count) {
  RateLimiter limiter{{Rate{3, 3min}, Rate{5, 1h}}};
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(limiter.take("anna", start)) << i;
    limiter.give_back("anna", start);
  }
  EXPECT_FALSE(limiter.knows("anna", start));
  limiter.give_back("anna", start);  // more than was taken
  limiter.give_back("nobody", start);
  EXPECT_EQ(taken_at_once(limiter, "anna", start), 3) << "nothing is saved up";
}

TEST(RateLimiter, tells_what_it_would_answer_without_taking) {
  RateLimiter limiter{{Rate{2, 1min}}};
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(limiter.check("a", start));
  EXPECT_FALSE(limiter.knows("a", start));
  EXPECT_TRUE(limiter.take("a", start));
  EXPECT_TRUE(limiter.check("a", start));
  EXPECT_FALSE(limiter.check("a", start, 2));
  EXPECT_TRUE(limiter.take("a", start));
  const auto told = limiter.check("a", start), refused = limiter.take("a", start);
  ASSERT_TRUE(!told && !refused);
  EXPECT_EQ(told.error().retry_after, refused.error().retry_after);
  EXPECT_TRUE(limiter.check("a", start + told.error().retry_after));
}

TEST(RateLimiter, takes_and_gives_back_several_as_one) {
  RateLimiter limiter{{Rate{8, 8min}}};
  EXPECT_TRUE(limiter.take("a", start, 4));
  EXPECT_TRUE(limiter.take("a", start, 3));
  const auto refused = limiter.take("a", start, 4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().retry_after, 3min) << "one is left, so three are to come";
  limiter.give_back("a", start, 3);
  EXPECT_TRUE(limiter.take("a", start, 4));
  EXPECT_FALSE(limiter.take("a", start));
}

TEST(RateLimiter, knows_a_key_until_it_is_forgotten) {
  RateLimiter limiter{{Rate{1, 30min}}};
  EXPECT_FALSE(limiter.knows("anna", start));
  (void)limiter.take("anna", start);
  EXPECT_TRUE(limiter.knows("anna", start + 29min));
  EXPECT_FALSE(limiter.knows("anna", start + 30min));
  limiter.forget("anna");
  EXPECT_FALSE(limiter.knows("anna", start));
}

TEST(RateLimiter, a_clock_set_back_locks_nobody_out) {
  RateLimiter limiter{{Rate{2, 1min}}};
  EXPECT_EQ(taken_at_once(limiter, "anna", start + 24h * 365), 2);
  const auto refused = limiter.take("anna", start);
  ASSERT_FALSE(refused);
  EXPECT_LE(refused.error().retry_after, 1min);
  EXPECT_TRUE(limiter.take("anna", start + 1min));
}

TEST(RateLimiter, stays_the_same_size_under_a_million_keys) {
  RateLimiter limiter{{Rate{10, 5min}}, 4096};
  EXPECT_EQ(limiter.capacity(), 4096U);
  for (int i = 0; i < 1'000'000; ++i)
    ASSERT_TRUE(limiter.take("key" + std::to_string(i), start + std::chrono::milliseconds{i / 1000}));
  EXPECT_EQ(limiter.capacity(), 4096U);
  int remembered = 0;
  for (int i = 0; i < 1'000'000; ++i) remembered += limiter.knows("key" + std::to_string(i), start + 1s);
  EXPECT_LE(remembered, 4096);
  EXPECT_GE(remembered, 4000) << "the table is used, not thrown away";
}

TEST(RateLimiter, a_flood_of_other_keys_does_not_push_out_a_counter_that_stands_high) {
  RateLimiter limiter{{Rate{10, 5min}}, 4096};
  std::vector<std::string> guessers;
  for (int i = 0; i < 100; ++i) guessers.push_back("guesser" + std::to_string(i));
  for (const auto& guesser : guessers) EXPECT_EQ(taken_at_once(limiter, guesser, start, 10), 10);
  for (int i = 0; i < 1'000'000; ++i) (void)limiter.take("flood" + std::to_string(i), start);
  int still_refused = 0;
  for (const auto& guesser : guessers) still_refused += !limiter.take(guesser, start);
  EXPECT_EQ(still_refused, 100);
}

TEST(RateLimiter, a_newcomer_is_served_even_when_the_table_is_full_of_spent_counters) {
  RateLimiter limiter{{Rate{3, 3min}}, 64};
  for (int i = 0; i < 10'000; ++i) (void)taken_at_once(limiter, "flood" + std::to_string(i), start, 3);
  EXPECT_TRUE(limiter.take("honest", start)) << "someone else's attempts are never held against her";
}

TEST(RateLimiter, two_limiters_place_keys_differently) {
  // With one seed for all, the same flood would push out the same keys in both.
  RateLimiter one{{Rate{1, 1h}}, 64}, two{{Rate{1, 1h}}, 64};
  for (int i = 0; i < 2000; ++i) {
    (void)one.take(std::to_string(i), start + std::chrono::milliseconds{i});
    (void)two.take(std::to_string(i), start + std::chrono::milliseconds{i});
  }
  int different = 0;
  for (int i = 0; i < 2000; ++i)
    different += one.knows(std::to_string(i), start + 3s) != two.knows(std::to_string(i), start + 3s);
  EXPECT_GT(different, 0);
}

TEST(RateLimiter, many_threads_together_take_no_more_than_the_rate) {
  RateLimiter limiter{{Rate{1000, 1h}}};
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { taken += taken_at_once(limiter, "anna", start, 5000); });
  }
  EXPECT_EQ(taken, 1000);
}

TEST(AddressKey, counts_who_is_one_customer_as_one) {
  struct Row {
    std::string_view address, key;
  };
  const Row rows[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"::FFFF:c000:201", "192.0.2.1"},
      {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
      {"2001:DB8:1:2::1", "2001:db8:1:2::/64"},
      {"2001:0db8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"},
      {"2001:db8:1:3::1", "2001:db8:1:3::/64"},
      {"fe80::1%eth0", "fe80::/64"},
      {"::1", "::/64"},
      {"unix:", "unix:"},
      {"", ""},
      {"not an address", "not an address"},
  };
  for (const auto& row : rows) EXPECT_EQ(address_key(row.address), row.key) << row.address;
}

}  // namespace
}  // namespace signet::server

#include "server/app/descriptors.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace signet::server::app {
namespace {

TEST(Descriptors, leave_room_for_what_is_not_a_connection) {
  EXPECT_EQ(connections_that_fit(10'000, 320, 10'320), 10'000U);
  EXPECT_EQ(connections_that_fit(10'000, 320, 10'319), 9'999U);
  EXPECT_EQ(connections_that_fit(10'000, 320, 1024), 704U);
  EXPECT_EQ(connections_that_fit(10'000, 320, 400), 200U) << "never less than half of them";
  EXPECT_EQ(connections_that_fit(100, 320, 1024), 100U);
}

TEST(Descriptors, reserve_more_for_more_threads_at_the_database) {
  Config few, many;
  few.store_lane.threads = 1;
  many.store_lane.threads = 100;
  EXPECT_GT(reserved_descriptors(few), monitor_connections);
  EXPECT_GE(reserved_descriptors(many), reserved_descriptors(few) + 99 * 3);
}

TEST(Descriptors, soft_limit_is_raised_as_far_as_the_hard_one_and_never_lowered) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  if (before.rlim_max < 200) GTEST_SKIP() << "the hard limit is below 200";
  const rlimit low{100, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raise_descriptor_limit(150), 150U);
  EXPECT_EQ(raise_descriptor_limit(120), 150U);
  rlimit now{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &now), 0);
  EXPECT_EQ(now.rlim_cur, 150U);
  EXPECT_EQ(now.rlim_max, before.rlim_max);
  if (before.rlim_max < 10'000'000) {
    EXPECT_EQ(raise_descriptor_limit(10'000'000), before.rlim_max);
  }
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace signet::server::app

#include "server/scheduling.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <thread>

namespace signet::server {
namespace {

// The length of the slices that this thread has asked for; 0 on a kernel that knows of none.
std::uint64_t slice_ns() {
  std::array<std::byte, 48> attributes{};  // sched_setattr(2)
  EXPECT_EQ(::syscall(SYS_sched_getattr, 0, attributes.data(), attributes.size(), 0), 0);
  std::uint64_t runtime = 0;
  std::memcpy(&runtime, attributes.data() + 24, sizeof runtime);
  return runtime;
}

int niceness() { return ::getpriority(PRIO_PROCESS, 0); }

template <class Check>
void in_a_thread(Check check) {
  std::jthread{check}.join();
}

TEST(Scheduling, who_runs_at_once_asks_for_short_slices) {
  if (slice_ns() == 0 || sched_getscheduler(0) != SCHED_OTHER)
    GTEST_SKIP() << "the kernel is older than 6.12, or the policy another";
  const auto usual = slice_ns();
  const int nice = niceness();
  in_a_thread([&] {
    run_at_once();
    EXPECT_EQ(slice_ns(), 100'000);
    EXPECT_EQ(niceness(), nice);
  });
  EXPECT_EQ(slice_ns(), usual) << "the thread's, not the process's";
}

TEST(Scheduling, who_runs_last_is_as_nice_as_can_be) {
  const int nice = niceness();
  in_a_thread([] {
    run_last();
    EXPECT_EQ(niceness(), 19);
  });
  EXPECT_EQ(niceness(), nice);
}

TEST(Scheduling, a_policy_that_was_chosen_stays) {
  in_a_thread([] {
    const sched_param none{};
    ASSERT_EQ(sched_setscheduler(0, SCHED_BATCH, &none), 0);
    run_at_once();
    EXPECT_EQ(sched_getscheduler(0), SCHED_BATCH);
  });
}

}  // namespace
}  // namespace signet::server

#include "src/concurrency/published.hpp"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <atomic>
#include <barrier>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

namespace signet::concurrency {
namespace {

TEST(Published, holds_nothing_before_the_first_value) {
  const Published<int> published;
  const Reading reading;
  EXPECT_EQ(published.read(reading), nullptr);
}

TEST(Published, frees_at_once_what_nobody_reads) {
  Published<int> published;
  Retired retired;
  auto first = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = first;
  published.replace(std::move(first), retired);
  published.replace(std::make_shared<int>(2), retired);
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(retired.size(), 0U);
  const Reading reading;
  EXPECT_EQ(*published.read(reading), 2);
}

TEST(Published, frees_what_is_read_when_the_last_reader_of_then_has_left) {
  Published<int> published;
  Retired retired;
  published.replace(std::make_shared<int>(1), retired);
  const std::weak_ptr<int> watched = published.mine();

  std::barrier step{2};
  std::thread reader{[&] {
    {
      const Reading reading;
      const int* value = published.read(reading);
      step.arrive_and_wait();  // inside
      step.arrive_and_wait();  // replaced
      EXPECT_EQ(*value, 1);
    }
    step.arrive_and_wait();  // left
    const Reading later;     // of the new value: keeps nothing old
    EXPECT_EQ(*published.read(later), 2);
    step.arrive_and_wait();
    step.arrive_and_wait();
  }};
  step.arrive_and_wait();
  published.replace(std::make_shared<int>(2), retired);
  retired.sweep();
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(retired.size(), 1U);
  step.arrive_and_wait();
  step.arrive_and_wait();
  step.arrive_and_wait();
  retired.sweep();
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(retired.size(), 0U);
  step.arrive_and_wait();
  reader.join();
}

// A value that says when it is gone. Reading one that is gone is what the sanitizers would see; this sees it as well.
struct Canary {
  ~Canary() { alive = false; }
  std::atomic<bool> alive = true;
};

// How often threads that come and go saw a value that was gone, while it was replaced so many times.
long seen_dead(int replacements) {
  Published<Canary> published;
  Retired retired;
  published.replace(std::make_shared<Canary>(), retired);
  std::atomic<bool> done = false;
  std::atomic<long> dead = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        std::thread{[&] {  // a place in the list is left and taken again
          for (int turn = 0; turn < 50; ++turn) {
            const Reading reading;
            if (!published.read(reading)->alive) ++dead;
          }
        }}
            .join();
      }
    });
  }
  for (int i = 0; i < replacements; ++i) published.replace(std::make_shared<Canary>(), retired);
  done = true;
  for (auto& thread : threads) thread.join();
  retired.sweep();
  EXPECT_EQ(retired.size(), 0U);
  return dead;
}

TEST(Published, is_never_seen_freed_while_threads_come_and_go) { EXPECT_EQ(seen_dead(2000), 0); }

// A reader that does nothing but enter, look and leave is the one that a fence left out would betray: some hundred
// times in so many replacements. Values that are gone are only marked, so that their memory is no other's meanwhile.
TEST(Published, is_never_seen_freed_by_a_reader_in_haste) {
  constexpr std::size_t replacements = 300'000;
  const auto alive = std::make_unique<std::atomic<bool>[]>(replacements);
  using Alive = std::atomic<bool>;
  const auto value = [&](std::size_t number) {
    alive[number] = true;
    return std::shared_ptr<Alive>{&alive[number], [](Alive* one) { *one = false; }};
  };
  Published<Alive> published;
  Retired retired;
  published.replace(value(0), retired);
  std::atomic<long> read = 0;
  long dead = 0;
  {
    const std::jthread reader{[&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        for (int turn = 0; turn < 100; ++turn) {
          const Reading reading;
          if (!published.read(reading)->load(std::memory_order_relaxed)) ++dead;
        }
        read.fetch_add(100, std::memory_order_relaxed);
      }
    }};
    while (read == 0) std::this_thread::yield();
    for (std::size_t i = 1; i < replacements; ++i) published.replace(value(i), retired);
  }
  EXPECT_EQ(dead, 0) << "of " << read;
  retired.sweep();
  EXPECT_EQ(retired.size(), 0U);
}

// From now on the process is one that the system grants no fences in other threads.
void forbid_membarrier() {
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = std::size(steps), .filter = steps};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    throw std::runtime_error{"no seccomp here"};
  }
}

// The child is a process of its own from its start: nothing was published in it yet.
class PublishedDeathTest : public testing::Test {
 protected:
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    if (::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) GTEST_SKIP() << "no seccomp here";
  }
};

TEST_F(PublishedDeathTest, is_never_seen_freed_where_readers_have_fences_of_their_own) {
  EXPECT_EXIT(
      {
        forbid_membarrier();
        const bool good = seen_dead(500) == 0 && !detail::writer_fences;
        std::_Exit(good && !HasFailure() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(PublishedDeathTest, frees_nothing_when_it_cannot_know_who_reads) {
  EXPECT_EXIT(
      {
        Published<int> published;
        Retired retired;
        published.replace(std::make_shared<int>(1), retired);
        const std::weak_ptr<int> watched = published.mine();
        forbid_membarrier();
        published.replace(std::make_shared<int>(2), retired);
        retired.sweep();
        const Reading reading;
        const bool good = *published.read(reading) == 2 && watched.expired() != detail::writer_fences;
        std::_Exit(good ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace signet::concurrency

#include "src/concurrency/published.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <memory>
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

TEST(Published, is_never_seen_freed_while_threads_come_and_go) {
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
  for (int i = 0; i < 2000; ++i) published.replace(std::make_shared<Canary>(), retired);
  done = true;
  for (auto& thread : threads) thread.join();
  retired.sweep();
  EXPECT_EQ(dead, 0);
  EXPECT_EQ(retired.size(), 0U);
}

}  // namespace
}  // namespace signet::concurrency

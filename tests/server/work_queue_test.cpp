#include "server/work_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

namespace signet::server {
namespace {

// Holds a thread until it is let go.
struct Gate {
  std::latch entered{1}, open{1};

  void pass() noexcept {
    entered.count_down();
    open.wait();
  }
};

TEST(WorkQueue, does_what_comes_in_its_order) {
  std::vector<int> done;
  std::promise<void> end;
  WorkQueue queue{1, WorkQueue::unbounded};
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(queue.push([&done, i] noexcept { done.push_back(i); }));
  EXPECT_TRUE(queue.push([&end] noexcept { end.set_value(); }));
  end.get_future().wait();
  ASSERT_EQ(done.size(), 100);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
}

TEST(WorkQueue, refuses_what_is_more_than_its_capacity) {
  Gate gate;
  WorkQueue queue{1, 2};
  EXPECT_TRUE(queue.push([&] noexcept { gate.pass(); }));
  gate.entered.wait();
  EXPECT_EQ(queue.waiting(), 0) << "what runs waits no more";
  EXPECT_TRUE(queue.push([] noexcept {}));
  EXPECT_TRUE(queue.push([] noexcept {}));
  EXPECT_EQ(queue.waiting(), 2);
  EXPECT_FALSE(queue.push([] noexcept {}));
  gate.open.count_down();
}

TEST(WorkQueue, stop_finishes_what_runs_and_drops_what_waits) {
  Gate gate;
  std::atomic<bool> finished = false, begun = false;
  const auto held = std::make_shared<int>(0);
  WorkQueue queue{1, 4};
  EXPECT_TRUE(queue.push([&] noexcept {
    gate.pass();
    finished = true;
  }));
  gate.entered.wait();
  EXPECT_TRUE(queue.push([&, held] noexcept { begun = true; }));
  std::jthread letting_go{[&] {
    while (queue.waiting() > 0) std::this_thread::yield();
    gate.open.count_down();
  }};
  queue.stop();
  EXPECT_TRUE(finished);
  EXPECT_FALSE(begun);
  EXPECT_EQ(held.use_count(), 1) << "what it held is let go";
  EXPECT_EQ(queue.waiting(), 0);
  EXPECT_FALSE(queue.push([] noexcept {}));
}

TEST(WorkQueue, holds_nothing_of_a_job_that_is_done) {
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = held;
  WorkQueue queue{1, 1};
  EXPECT_TRUE(queue.push([held = std::move(held)] noexcept {}));
  while (!watched.expired()) std::this_thread::yield();
}

std::atomic<int> begun = 0;

TEST(WorkQueue, has_at_least_one_thread_and_each_begins_with_what_was_given) {
  begun = 0;
  {
    WorkQueue three{3, 1, [] noexcept { ++begun; }};
    while (begun < 3) std::this_thread::yield();
  }
  std::promise<int> seen;
  WorkQueue none{0, 0, [] noexcept { ++begun; }};
  EXPECT_TRUE(none.push([&] noexcept { seen.set_value(begun); }));
  EXPECT_EQ(seen.get_future().get(), 4);
}

}  // namespace
}  // namespace signet::server

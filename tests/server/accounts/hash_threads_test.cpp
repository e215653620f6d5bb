#include "server/accounts/hash_threads.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <expected>
#include <functional>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace signet::server {
namespace {

// Tells what it was asked, and from which kind of thread.
struct Asked final : PasswordHasher {
  [[nodiscard]] std::expected<std::string, Error> hash(const Secret& password) const override {
    if (password.size() == 0) throw std::runtime_error{"nothing to hash"};
    return "hash of " + std::string{password.reveal_text()};
  }
  [[nodiscard]] std::expected<bool, Error> verify(std::string_view phc, const Secret& password) const override {
    if (on_verify) on_verify();
    if (phc.empty()) return std::unexpected(Error{ErrorCode::key_malformed});
    return phc == password.reveal_text();
  }
  void verify_nothing(const Secret&) const override { ++nothings; }
  [[nodiscard]] bool needs_rehash(std::string_view phc) const override { return phc == "old"; }

  std::function<void()> on_verify;
  mutable std::atomic<int> nothings = 0;
};

const Secret password = Secret::from_text("correct horse");

TEST(HashThreads, answer_what_the_hasher_answers) {
  const Asked asked;
  const HashThreads threads{asked, 2};
  EXPECT_EQ(threads.hash(password).value(), "hash of correct horse");
  EXPECT_TRUE(threads.verify("correct horse", password).value());
  EXPECT_FALSE(threads.verify("another", password).value());
  EXPECT_EQ(threads.verify("", password).error().code(), ErrorCode::key_malformed);
  threads.verify_nothing(password);
  EXPECT_EQ(asked.nothings, 1);
  EXPECT_TRUE(threads.needs_rehash("old"));
  EXPECT_FALSE(threads.needs_rehash("new"));
  EXPECT_THROW((void)threads.hash(Secret::from_text("")), std::runtime_error);
}

TEST(HashThreads, hash_as_many_at_a_time_as_they_are) {
  Asked asked;
  std::atomic<int> begun = 0, hashing = 0, most = 0;
  std::latch both{2};
  asked.on_verify = [&] {
    const int now = ++hashing;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
    if (begun++ < 2) both.arrive_and_wait();  // neither of the first two ends before the other has begun
    --hashing;
  };
  const HashThreads threads{asked, 2};
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i) callers.emplace_back([&] { EXPECT_TRUE(threads.verify("correct horse", password)); });
  }
  EXPECT_EQ(begun, 8);
  EXPECT_EQ(most, 2);
}

TEST(HashThreads, let_everything_else_go_first) {
  Asked asked;
  const int own = ::getpriority(PRIO_PROCESS, 0);
  int theirs = own;
  asked.on_verify = [&] { theirs = ::getpriority(PRIO_PROCESS, 0); };
  const HashThreads threads{asked, 1};
  ASSERT_TRUE(threads.verify("correct horse", password));
  EXPECT_EQ(theirs, 19);
  EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), own);
}

}  // namespace
}  // namespace signet::server

#include "server/accounts/hash_threads.hpp"

#include <future>
#include <stdexcept>
#include <utility>

#include "server/scheduling.hpp"

namespace signet::server {

HashThreads::HashThreads(const PasswordHasher& hasher, unsigned threads)
    : hasher_{hasher}, queue_{threads, WorkQueue::unbounded, run_last} {}

template <class Work>
auto HashThreads::run(Work work) const {
  std::packaged_task<decltype(work())()> task{std::move(work)};
  auto answer = task.get_future();
  if (!queue_.push([task = std::move(task)] mutable noexcept { task(); })) {
    throw std::logic_error{"a password to hash after the end"};
  }
  return answer.get();
}

std::expected<std::string, Error> HashThreads::hash(const Secret& password) const {
  return run([&] { return hasher_.hash(password); });
}

std::expected<bool, Error> HashThreads::verify(std::string_view phc, const Secret& password) const {
  return run([&] { return hasher_.verify(phc, password); });
}

void HashThreads::verify_nothing(const Secret& password) const {
  run([&] { hasher_.verify_nothing(password); });
}

bool HashThreads::needs_rehash(std::string_view phc) const { return hasher_.needs_rehash(phc); }

}  // namespace signet::server

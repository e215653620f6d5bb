#include "server/accounts/hash_threads.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "server/scheduling.hpp"

namespace signet::server {

HashThreads::HashThreads(const PasswordHasher& hasher, unsigned threads) : hasher_{hasher} {
  try {
    for (unsigned i = 0; i < std::max(threads, 1U); ++i) threads_.emplace_back([this] { hash_in_line(); });
  } catch (...) {
    stop();  // those that could be made wait for work
    throw;
  }
}

void HashThreads::stop() noexcept {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
}

template <class Work>
auto HashThreads::run(Work work) const {
  std::packaged_task<decltype(work())()> task{std::move(work)};
  auto answer = task.get_future();
  {
    const std::lock_guard lock{mutex_};
    line_.emplace_back(std::move(task));
  }
  wake_.notify_one();
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

void HashThreads::hash_in_line() {
  run_last();
  std::unique_lock lock{mutex_};
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !line_.empty(); });
    if (line_.empty()) return;
    auto job = std::move(line_.front());
    line_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace signet::server

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "server/accounts/password_hash.hpp"

namespace signet::server {

// Hashes in threads of its own; who asks waits. As many are hashed at a time as there are threads: the others wait in
// line, and those that wait for the database meanwhile keep no processor from hashing.
//
// They run last, so that a flood of logins slows down nothing but logins.
class HashThreads final : public PasswordHasher {
 public:
  // Precondition: `hasher` outlives it, and nobody waits for an answer when it goes.
  HashThreads(const PasswordHasher& hasher, unsigned threads);
  ~HashThreads() override { stop(); }

  [[nodiscard]] std::expected<std::string, Error> hash(const Secret& password) const override;
  [[nodiscard]] std::expected<bool, Error> verify(std::string_view phc, const Secret& password) const override;
  void verify_nothing(const Secret& password) const override;
  [[nodiscard]] bool needs_rehash(std::string_view phc) const override;

 private:
  using Job = std::move_only_function<void()>;

  // What `work` returns or throws, from one of the threads.
  template <class Work>
  auto run(Work work) const;
  void hash_in_line();
  void stop() noexcept;

  const PasswordHasher& hasher_;
  mutable std::mutex mutex_;
  mutable std::condition_variable wake_;
  mutable std::deque<Job> line_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace signet::server

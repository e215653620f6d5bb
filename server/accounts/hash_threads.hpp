#pragma once

#include "server/accounts/password_hash.hpp"
#include "server/work_queue.hpp"

namespace signet::server {

// Hashes in threads of its own; who asks waits. As many are hashed at a time as there are threads: the others wait in
// line, and those that wait for the database meanwhile keep no processor from hashing.
//
// They run last, so that a flood of logins slows down nothing but logins.
class HashThreads final : public PasswordHasher {
 public:
  // Precondition: `hasher` outlives it, and nobody waits for an answer when it goes.
  HashThreads(const PasswordHasher& hasher, unsigned threads);

  [[nodiscard]] std::expected<std::string, Error> hash(const Secret& password) const override;
  [[nodiscard]] std::expected<bool, Error> verify(std::string_view phc, const Secret& password) const override;
  void verify_nothing(const Secret& password) const override;
  [[nodiscard]] bool needs_rehash(std::string_view phc) const override;

 private:
  // What `work` returns or throws, from one of the threads.
  template <class Work>
  auto run(Work work) const;

  const PasswordHasher& hasher_;
  mutable WorkQueue queue_;
};

}  // namespace signet::server

#pragma once
// The connections of one store: not more than so many, opened as they are needed.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "server/store/postgres/connection.hpp"

namespace signet::server::postgres {

class Pool {
 public:
  struct Lease {
    std::unique_ptr<Connection> connection;
    std::uint64_t generation = 0;
  };

  Pool(Address address, const Limits& limits, std::size_t size);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  // A connection, waited for until `deadline` when all are in use. While the server cannot be reached it fails at once:
  // a thread of the pool's own tries to connect, so that no caller waits for what has just failed. Throws
  // PostgresFailed.
  [[nodiscard]] Lease borrow(Deadline deadline);
  void give_back(Lease lease);

  // Instead of giving it back. `lost`: the connections that are idle are as old and as dead; `unreachable`: so is the
  // server.
  void discard(Lease lease, Trouble why) noexcept;

  [[nodiscard]] bool reachable() const noexcept { return reachable_.load(std::memory_order_relaxed); }

 private:
  void try_again(const std::stop_token& stop);

  const Address address_;
  const Limits limits_;
  const std::size_t size_;
  std::atomic<bool> reachable_ = true;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::condition_variable_any trouble_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the last used one last
  std::size_t open_ = 0;                           // idle, in use and being opened
  std::uint64_t generation_ = 0;                   // connections of an earlier one are not used again
  std::jthread trying_;                            // last: uses all the rest
};

}  // namespace signet::server::postgres

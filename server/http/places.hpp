#pragma once
// How many connections each client has open.

#include <cstddef>
#include <map>
#include <mutex>

#include "server/http/proxies.hpp"

namespace signet::server::http {

class Places {
 public:
  explicit Places(std::size_t each) : each_(each) {}

  // False when this client has as many as one may have.
  [[nodiscard]] bool take(const Address& client);
  void give_back(const Address& client) noexcept;

 private:
  const std::size_t each_;
  std::mutex mutex_;
  std::map<Address, std::size_t> taken_;  // no longer than there are connections
};

}  // namespace signet::server::http

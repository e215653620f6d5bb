#include "server/http/places.hpp"

namespace signet::server::http {

bool Places::take(const Address& client) {
  std::lock_guard lock(mutex_);
  auto& count = taken_[client.subscriber()];
  if (count >= each_) return false;
  ++count;
  return true;
}

void Places::give_back(const Address& client) noexcept {
  std::lock_guard lock(mutex_);
  auto at = taken_.find(client.subscriber());
  if (at != taken_.end() && --at->second == 0) taken_.erase(at);
}

}  // namespace signet::server::http

#include "server/app/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace signet::server::app {

std::size_t reserved_descriptors(const Config& config) noexcept {
  constexpr std::size_t of_a_store_thread = 4;  // SQLite: the database, its log, its index, a temporary file
  constexpr std::size_t others = 128;           // logs, event loops, sockets on their way in or out
  return monitor_connections + of_a_store_thread * config.store_lane.threads + others;
}

std::size_t connections_that_fit(std::size_t wanted, std::size_t reserved, std::size_t available) noexcept {
  return std::min(wanted, available - std::min(reserved, available / 2));
}

std::size_t raise_descriptor_limit(std::size_t wanted) noexcept {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  auto soft = limit.rlim_cur;
  if (soft != RLIM_INFINITY && soft < wanted) {
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? wanted : std::min<rlim_t>(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0) soft = limit.rlim_cur;
  }
  return soft == RLIM_INFINITY ? std::numeric_limits<std::size_t>::max() : static_cast<std::size_t>(soft);
}

}  // namespace signet::server::app

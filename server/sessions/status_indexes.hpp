#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "server/sessions/status.hpp"
#include "server/store/store.hpp"

namespace signet::server {

// Gives out places in the status lists. A node takes a block of them from the store and gives them out from memory, in
// no order, so that a login costs no write of its own and a place tells nothing of when it was taken. What a node has
// left when it ends is not used. Thread-safe.
class StatusIndexes {
 public:
  explicit StatusIndexes(Store& store) : store_{store} {}

  // From memory; nothing when there is none left.
  [[nodiscard]] std::optional<StatusEntry> take(std::int64_t list);
  // Takes a block from the store, unless there is one.
  [[nodiscard]] Stored<void> provide(std::int64_t list);

 private:
  [[nodiscard]] bool has_some(std::int64_t list);

  Store& store_;
  std::mutex providing_;
  std::mutex mutex_;
  std::map<std::int64_t, std::vector<std::uint32_t>> left_;
};

// Places in a block.
inline constexpr std::uint32_t status_block = 1024;

}  // namespace signet::server

#include "server/sessions/status_indexes.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace signet::server {
namespace {

constexpr std::size_t kept_lists = 4;  // older ones are not asked for any more

}  // namespace

std::optional<StatusEntry> StatusIndexes::take(std::int64_t list) {
  const std::lock_guard lock{mutex_};
  const auto at = left_.find(list);
  if (at == left_.end() || at->second.empty()) return std::nullopt;
  const StatusEntry entry{.list = list, .index = at->second.back()};
  at->second.pop_back();
  return entry;
}

bool StatusIndexes::has_some(std::int64_t list) {
  const std::lock_guard lock{mutex_};
  const auto at = left_.find(list);
  return at != left_.end() && !at->second.empty();
}

Stored<void> StatusIndexes::provide(std::int64_t list) {
  const std::lock_guard one_at_a_time{providing_};
  if (has_some(list)) return {};
  std::uint32_t first = 0;
  auto taken =
      store_.write([&](Transaction& transaction) { first = transaction.take_status_block(list, status_block); });
  if (!taken) return taken;
  std::vector<std::uint32_t> block(status_block);
  std::iota(block.begin(), block.end(), first);
  std::ranges::shuffle(block, std::mt19937{std::random_device{}()});
  const std::lock_guard lock{mutex_};
  left_.insert_or_assign(list, std::move(block));
  while (left_.size() > kept_lists && left_.begin()->first < list) left_.erase(left_.begin());
  return {};
}

}  // namespace signet::server

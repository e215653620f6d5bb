#include "server/sessions/status_indexes.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace signet::server {
namespace {

constexpr std::size_t kept_lists = 4;  // older ones are not asked for any more

// From here to the moment that the endpoint signs the token.
constexpr auto until_issued = std::chrono::minutes{1};

}  // namespace

std::optional<StatusEntry> StatusIndexes::take(std::int64_t list) {
  const std::lock_guard lock{mutex_};
  const auto at = left_.find(list);
  while (at != left_.end() && !at->second.empty()) {
    const StatusEntry entry{.list = list, .index = at->second.back()};
    at->second.pop_back();
    if (!closed(entry)) return entry;
  }
  return std::nullopt;
}

void StatusIndexes::close(const StatusEntry& end) {
  const std::lock_guard lock{mutex_};
  auto& below = closed_[end.list];
  below = std::max(below, end.index);
  while (closed_.size() > kept_lists) closed_.erase(closed_.begin());
}

bool StatusIndexes::is_closed(const StatusEntry& entry) {
  const std::lock_guard lock{mutex_};
  return closed(entry);
}

bool StatusIndexes::closed(const StatusEntry& entry) const {
  const auto at = closed_.find(entry.list);
  return at != closed_.end() && entry.index < at->second;
}

std::int64_t StatusEntrance::list() const {
  return status_list_of(clock_.now() + places_.token_lifetime + until_issued);
}

bool StatusEntrance::is_due(const StatusEntries& entries) const {
  return entries.empty() || entries.front().list < list() || places_.indexes->is_closed(entries.front());
}

bool StatusEntrance::enter(StatusEntries& entries) {
  if (places_.indexes == nullptr || !is_due(entries)) return false;
  const auto list = this->list();
  if (!place_ || place_->list != list) place_ = places_.indexes->take(list);
  if (!place_) throw NoPlaceLeft{list};
  std::erase_if(entries, [list](const StatusEntry& entry) { return entry.list == list; });
  entries.insert(entries.begin(), *place_);
  if (entries.size() > most_status_entries) entries.pop_back();
  return true;
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

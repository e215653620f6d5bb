#include <algorithm>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "signet/status_list.hpp"
#include "src/concurrency/published.hpp"

namespace signet {
namespace {

struct Held {
  std::shared_ptr<const StatusList> list;
  Time since;
  Time fresh_until;
};

struct HashText {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

bool has_expired(const StatusList& list, Time now) noexcept { return list.expires_at() && now >= *list.expires_at(); }

using ByUri = std::unordered_map<std::string, Held, HashText, std::equal_to<>>;

}  // namespace

struct StatusLists::State {
  std::chrono::milliseconds fresh_for{};
  concurrency::Published<const ByUri> lists;

  // The writers'.
  std::mutex writing;
  concurrency::Retired retired;

  std::chrono::milliseconds begin(Held& held, Time now) const {
    auto fresh = std::min(held.list->ttl().value_or(fresh_for), fresh_for);
    if (const auto expires_at = held.list->expires_at()) {
      fresh = std::min(fresh, std::max(*expires_at - now, std::chrono::milliseconds::zero()));
    }
    held.since = now;
    held.fresh_until = now + fresh;
    return fresh;
  }
  [[nodiscard]] ByUri copy() const { return lists.mine() ? *lists.mine() : ByUri{}; }
  void replace(ByUri next) {
    lists.replace(std::make_shared<const ByUri>(std::move(next)), retired);
    retired.sweep();
  }
};

StatusLists::StatusLists(std::chrono::seconds fresh_for) : state_{std::make_unique<State>()} {
  state_->fresh_for = fresh_for;
}
StatusLists::~StatusLists() = default;

std::optional<std::chrono::milliseconds> StatusLists::put(StatusList list, Time now) {
  const std::lock_guard lock{state_->writing};
  auto next = state_->copy();
  const auto there = next.find(list.uri());
  if (there != next.end() && list.issued_at() < there->second.list->issued_at()) return std::nullopt;
  auto uri = list.uri();
  auto& held = next[std::move(uri)];
  held.list = std::make_shared<const StatusList>(std::move(list));
  const auto fresh_for = state_->begin(held, now);
  state_->replace(std::move(next));
  return fresh_for;
}

std::optional<std::chrono::milliseconds> StatusLists::confirm(std::string_view uri, Time now) {
  const std::lock_guard lock{state_->writing};
  auto next = state_->copy();
  const auto there = next.find(uri);
  if (there == next.end() || has_expired(*there->second.list, now)) return std::nullopt;
  const auto fresh_for = state_->begin(there->second, now);
  state_->replace(std::move(next));
  return fresh_for;
}

void StatusLists::forget(std::string_view uri) {
  const std::lock_guard lock{state_->writing};
  auto next = state_->copy();
  const auto there = next.find(uri);
  if (there == next.end()) return;
  next.erase(there);
  state_->replace(std::move(next));
}

StatusSource::Answer StatusLists::look_up(std::string_view uri, std::uint64_t index, Time now) const {
  const concurrency::Reading reading;
  const auto* lists = state_->lists.read(reading);
  if (lists == nullptr) return {};
  const auto found = lists->find(uri);
  if (found == lists->end()) return {};
  const auto& [list, since, fresh_until] = found->second;
  if (has_expired(*list, now)) return {};
  // A clock that was put back makes nothing fresh again.
  const auto late = std::max({now - fresh_until, since - now, std::chrono::milliseconds::zero()});
  return {.status = list->status(index), .staleness = late};
}

std::size_t StatusLists::size() const {
  const concurrency::Reading reading;
  const auto* lists = state_->lists.read(reading);
  return lists == nullptr ? 0 : lists->size();
}

}  // namespace signet

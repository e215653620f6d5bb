#include "src/jwt/token_cache.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace signet::jwt {

TokenCache::TokenCache(std::size_t tokens) : sets_(std::bit_ceil((tokens + ways - 1) / ways)) {}

// The end of a token is the end of its signature, which spreads as well as any hash. Two tokens that end alike share a
// set and nothing more: what is compared is the whole.
std::size_t TokenCache::set_of(std::string_view compact) const noexcept {
  std::uint64_t end = 0;
  std::uint64_t before = 0;
  if (compact.size() >= 18) {
    std::memcpy(&end, compact.data() + compact.size() - 10, sizeof end);  // the last two characters hold few bits
    std::memcpy(&before, compact.data() + compact.size() - 18, sizeof before);
  }
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
  const std::uint64_t mixed = (end * odd ^ before) * odd;
  return static_cast<std::size_t>(mixed >> 24U) & (sets_.size() - 1);
}

TokenCache::Entry* TokenCache::entry_of(Set& set, std::string_view compact) noexcept {
  const auto entry = std::ranges::find(set, compact, &Entry::text);
  return entry == set.end() ? nullptr : &*entry;
}

TokenHandle TokenCache::find(std::string_view compact) noexcept {
  if (compact.empty()) return nullptr;  // the mark of a free place
  const auto at = set_of(compact);
  Shard& shard = shards_[at % shards];
  const std::lock_guard lock{shard.mutex};
  const Entry* entry = entry_of(sets_[at], compact);
  ++(entry == nullptr ? shard.misses : shard.hits);
  return entry == nullptr ? nullptr : share(*entry->token);
}

void TokenCache::put(std::string_view compact, TokenHandle token) noexcept {
  if (compact.size() > longest_token) return;
  Entry fresh;  // what it is exchanged for goes when the lock has gone
  try {
    fresh.text = compact;
  } catch (const std::bad_alloc&) {
    return;
  }
  fresh.token = std::move(token);
  const auto at = set_of(compact);
  Shard& shard = shards_[at % shards];
  const std::lock_guard lock{shard.mutex};
  Entry* place = entry_of(sets_[at], compact);
  if (place == nullptr) place = entry_of(sets_[at], {});
  if (place == nullptr) place = &sets_[at][shard.next++ % ways];
  if (place->text.empty()) ++shard.size;
  std::swap(*place, fresh);
}

void TokenCache::erase(std::string_view compact) noexcept {
  Entry gone;
  const auto at = set_of(compact);
  Shard& shard = shards_[at % shards];
  const std::lock_guard lock{shard.mutex};
  if (Entry* entry = entry_of(sets_[at], compact)) {
    std::swap(*entry, gone);
    --shard.size;
  }
}

CacheFigures TokenCache::figures() const {
  CacheFigures sum;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock{shard.mutex};
    sum.hits += shard.hits;
    sum.misses += shard.misses;
    sum.size += shard.size;
  }
  return sum;
}

}  // namespace signet::jwt

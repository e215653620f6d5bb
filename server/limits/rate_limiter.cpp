#include "server/limits/rate_limiter.hpp"

#include <arpa/inet.h>
#include <sodium.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <type_traits>

namespace signet::server {
namespace {

using std::chrono::microseconds;

std::int64_t since_epoch(Time now) { return std::chrono::duration_cast<microseconds>(now.time_since_epoch()).count(); }

}  // namespace

std::string address_key(std::string_view address) {
  const std::string text{address.substr(0, address.find('%'))};  // less the zone
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return std::string{address};
  char out[INET6_ADDRSTRLEN] = {};
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    inet_ntop(AF_INET, six.s6_addr + 12, out, sizeof out);
    return out;
  }
  std::fill(six.s6_addr + 8, six.s6_addr + 16, std::uint8_t{0});
  inet_ntop(AF_INET6, &six, out, sizeof out);
  return std::string{out} + "/64";
}

// Each rate of a key is one instant (GCRA): when it will have nothing to remember. One taken moves it by `per / count`;
// it may not lie further ahead than `per`. Eight neighbours share a set, and a hash chooses the set.
struct RateLimiter::Table {
  struct Pace {
    std::int64_t each = 0, most = 0;  // microseconds
  };
  struct Entry {
    std::uint64_t key = 0;                       // the key's hash; 0: free
    std::array<std::int64_t, 2> forgotten_at{};  // microseconds since 1970, by rate
    [[nodiscard]] std::int64_t last() const noexcept { return std::max(forgotten_at[0], forgotten_at[1]); }
  };
  using Set = std::array<Entry, 8>;
  struct alignas(64) Shard {
    std::mutex mutex;
  };
  struct Place {
    std::size_t set;
    std::uint64_t key;
  };

  std::array<Pace, 2> paces{};
  std::size_t rates = 0;
  // All zero is all free, and zeros are had from the system page by page: what no key ever touched takes no memory.
  static_assert(std::is_trivially_copyable_v<Set> && std::is_trivially_destructible_v<Set>);
  struct Free {
    void operator()(Set* first) const noexcept { std::free(first); }
  };
  std::size_t set_count = 0;
  std::unique_ptr<Set[], Free> sets;
  mutable std::array<Shard, 64> shards;
  std::array<unsigned char, crypto_shorthash_siphashx24_KEYBYTES> seed{};

  [[nodiscard]] Place place(std::string_view key) const {
    std::array<std::uint64_t, 2> hash{};
    static_assert(sizeof hash == crypto_shorthash_siphashx24_BYTES);
    crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(hash.data()),
                                reinterpret_cast<const unsigned char*>(key.data()), key.size(), seed.data());
    return {hash[0] & (set_count - 1), hash[1] | 1};
  }
  [[nodiscard]] std::unique_lock<std::mutex> lock(const Place& at) const {
    return std::unique_lock{shards[at.set % shards.size()].mutex};
  }
  [[nodiscard]] Entry* find(const Place& at) {
    auto& set = sets[at.set];
    auto found = std::ranges::find(set, at.key, &Entry::key);
    return found == set.end() ? nullptr : &*found;
  }
  // Never null: the neighbour with the least left to remember makes room.
  [[nodiscard]] Entry& find_or_add(const Place& at) {
    if (auto* entry = find(at)) return *entry;
    auto& entry = *std::ranges::min_element(sets[at.set], {}, &Entry::last);
    entry = Entry{.key = at.key, .forgotten_at = {}};
    return entry;
  }

  // When the key has nothing to remember, as it counts now. The upper bound matters only when the clock was set back:
  // then, too, nobody waits longer than `per`.
  [[nodiscard]] std::int64_t forgotten_at(const Entry& entry, std::size_t rate, std::int64_t present) const {
    return std::clamp(entry.forgotten_at[rate], present, present + paces[rate].most);
  }
  [[nodiscard]] std::expected<void, TooMany> allows(const Entry& entry, std::int64_t present,
                                                    std::uint32_t count) const {
    std::int64_t wait = 0;
    for (std::size_t i = 0; i < rates; ++i) {
      const auto after = forgotten_at(entry, i, present) + count * paces[i].each;
      wait = std::max(wait, after - (present + paces[i].most));
    }
    if (wait <= 0) return {};
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(microseconds{wait});
    return std::unexpected(TooMany{std::max(seconds, std::chrono::seconds{1})});
  }
};

RateLimiter::RateLimiter(std::initializer_list<Rate> rates, std::size_t entries)
    : RateLimiter{std::span{rates.begin(), rates.size()}, entries} {}

RateLimiter::RateLimiter(std::span<const Rate> rates, std::size_t entries) : table_{std::make_unique<Table>()} {
  for (const Rate& rate : rates.first(std::min<std::size_t>(rates.size(), 2))) {
    const auto count = static_cast<std::int64_t>(std::max(rate.count, 1U));
    const auto each = std::max<std::int64_t>(microseconds{rate.per}.count() / count, 1);
    table_->paces[table_->rates++] = {.each = each, .most = each * count};
  }
  table_->set_count = std::bit_ceil(std::max<std::size_t>(entries, 64)) / std::tuple_size_v<Table::Set>;
  table_->sets.reset(static_cast<Table::Set*>(std::calloc(table_->set_count, sizeof(Table::Set))));
  if (!table_->sets) throw std::bad_alloc{};
  randombytes_buf(table_->seed.data(), table_->seed.size());
}

RateLimiter::~RateLimiter() = default;

std::expected<void, TooMany> RateLimiter::take(std::string_view key, Time now, std::uint32_t count) {
  const auto at = table_->place(key);
  const auto present = since_epoch(now);
  const auto lock = table_->lock(at);
  auto& entry = table_->find_or_add(at);
  auto allowed = table_->allows(entry, present, count);
  for (std::size_t i = 0; i < table_->rates; ++i) {
    entry.forgotten_at[i] = table_->forgotten_at(entry, i, present);
    if (allowed) entry.forgotten_at[i] += count * table_->paces[i].each;
  }
  return allowed;
}

std::expected<void, TooMany> RateLimiter::check(std::string_view key, Time now, std::uint32_t count) const {
  const auto at = table_->place(key);
  const auto lock = table_->lock(at);
  const auto* entry = table_->find(at);
  return table_->allows(entry ? *entry : Table::Entry{}, since_epoch(now), count);
}

void RateLimiter::give_back(std::string_view key, Time now, std::uint32_t count) {
  const auto at = table_->place(key);
  const auto lock = table_->lock(at);
  auto* entry = table_->find(at);
  if (!entry) return;
  for (std::size_t i = 0; i < table_->rates; ++i) entry->forgotten_at[i] -= count * table_->paces[i].each;
  if (entry->last() <= since_epoch(now)) *entry = {};
}

void RateLimiter::forget(std::string_view key) {
  const auto at = table_->place(key);
  const auto lock = table_->lock(at);
  if (auto* entry = table_->find(at)) *entry = {};
}

bool RateLimiter::knows(std::string_view key, Time now) const {
  const auto at = table_->place(key);
  const auto lock = table_->lock(at);
  const auto* entry = table_->find(at);
  return entry && entry->last() > since_epoch(now);
}

std::size_t RateLimiter::capacity() const noexcept { return table_->set_count * std::tuple_size_v<Table::Set>; }

}  // namespace signet::server

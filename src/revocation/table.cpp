#include "src/revocation/table.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <new>
#include <utility>

namespace signet::revocation {
namespace {

constexpr std::size_t smallest = 16;
// A large table is read at random: with small pages, most reads would miss the TLB as well as the cache.
constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t cache_line = 64;

std::align_val_t alignment_of(std::size_t bytes) noexcept {
  return std::align_val_t{bytes < huge_page ? cache_line : huge_page};
}

}  // namespace

// Room for half as much again, so that one more entry is not the next reason for a new table.
Table::Table(std::size_t entries)
    : mask_{std::bit_ceil(std::max(smallest, entries * 2)) - 1},
      slots_{make_slots(capacity())},
      filter_{new Word[capacity() / 8]{}} {}

std::unique_ptr<Table::Slot[], Table::Release> Table::make_slots(std::size_t count) {
  const std::size_t bytes = count * sizeof(Slot);
  void* memory = ::operator new(bytes, alignment_of(bytes));
  if (bytes >= huge_page) ::madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: it works without
  auto* slots = static_cast<Slot*>(memory);
  std::uninitialized_default_construct_n(slots, count);
  return {slots, Release{bytes}};
}

void Table::Release::operator()(Slot* slots) const noexcept { ::operator delete(slots, alignment_of(bytes)); }

Table::Found Table::find(Name name) const noexcept {
  for (std::size_t at = name.place >> kind_shift;; ++at) {
    Slot& slot = slots_[at & mask_];
    const auto place = slot.place.load(std::memory_order_acquire);
    if (place == 0) return {slot, false};
    if (place == name.place && slot.proof.load(std::memory_order_relaxed) == name.proof) return {slot, true};
  }
}

std::uint64_t Table::pattern_of(Name name) noexcept {
  std::uint64_t pattern = 0;
  for (auto [bit, bits] = std::pair{0, name.proof}; bit < 4; ++bit, bits >>= 6)
    pattern |= std::uint64_t{1} << (bits & 63);
  return pattern;
}

Milliseconds Table::cutoff(Name name) const noexcept {
  const auto pattern = pattern_of(name);
  if ((word_for(name).load(std::memory_order_acquire) & pattern) != pattern) return never;
  const auto found = find(name);
  return found.there ? found.slot.cutoff.load(std::memory_order_relaxed) : never;
}

void Table::prefetch(Name name) const noexcept { __builtin_prefetch(&word_for(name)); }

bool Table::add(Name name, Entry entry) noexcept {
  const auto [slot, there] = find(name);
  earliest_ = std::min(earliest_, entry.expires_at);
  if (!there) {
    slot.proof.store(name.proof, std::memory_order_relaxed);
    slot.cutoff.store(entry.cutoff, std::memory_order_relaxed);
    slot.expires_at.store(entry.expires_at, std::memory_order_relaxed);
    slot.place.store(name.place, std::memory_order_release);
    word_for(name).fetch_or(pattern_of(name), std::memory_order_release);
    ++used_;
    ++live_;
    return true;
  }
  const auto cutoff = slot.cutoff.load(std::memory_order_relaxed);
  const bool dead = cutoff == never;
  slot.expires_at.store(std::max(slot.expires_at.load(std::memory_order_relaxed), entry.expires_at),
                        std::memory_order_relaxed);
  slot.cutoff.store(std::max(cutoff, entry.cutoff), std::memory_order_relaxed);
  if (dead) ++live_;
  return dead;
}

void Table::add_live(const Table& other) noexcept {
  for (std::size_t at = 0; at < other.capacity(); ++at) {
    const Slot& slot = other.slots_[at];
    const auto cutoff = slot.cutoff.load(std::memory_order_relaxed);
    if (cutoff == never) continue;
    add({slot.place.load(std::memory_order_relaxed), slot.proof.load(std::memory_order_relaxed)},
        {cutoff, slot.expires_at.load(std::memory_order_relaxed)});
  }
}

}  // namespace signet::revocation

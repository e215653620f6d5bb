#include "src/revocation/table.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <new>

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
      memory_{allocate(capacity() / slots_a_word * sizeof(Word) + capacity() * sizeof(Slot))},
      filter_{static_cast<Word*>(memory_.get())},
      slots_{reinterpret_cast<Slot*>(filter_ + capacity() / slots_a_word)} {
  std::uninitialized_value_construct_n(filter_, capacity() / slots_a_word);
  std::uninitialized_default_construct_n(slots_, capacity());
}

Table::Memory Table::allocate(std::size_t bytes) {
  void* memory = ::operator new(bytes, alignment_of(bytes));
  if (bytes >= huge_page) ::madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: it works without
  return {memory, Release{bytes}};
}

void Table::Release::operator()(void* memory) const noexcept { ::operator delete(memory, alignment_of(bytes)); }

Table::Found Table::find(Name name) const noexcept {
  for (std::size_t at = name.place >> kind_shift;; ++at) {
    Slot& slot = slots_[at & mask_];
    const auto place = slot.place.load(std::memory_order_acquire);
    if (place == 0) return {slot, false};
    if (place == name.place && slot.proof.load(std::memory_order_relaxed) == name.proof) return {slot, true};
  }
}

Milliseconds Table::cutoff(Name name) const noexcept {
  const auto found = find(name);
  return found.there ? found.slot.cutoff.load(std::memory_order_relaxed) : never;
}

bool Table::add(Name name, Entry entry) noexcept {
  const auto [slot, there] = find(name);
  earliest_ = std::min(earliest_, entry.expires_at);
  if (!there) {
    slot.proof.store(name.proof, std::memory_order_relaxed);
    slot.cutoff.store(entry.cutoff, std::memory_order_relaxed);
    slot.expires_at.store(entry.expires_at, std::memory_order_relaxed);
    slot.place.store(name.place, std::memory_order_release);
    word_for(name.place).fetch_or(pattern_of(name.place), std::memory_order_release);
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

#pragma once
// A hash table of atomics: one thread writes into it while any number look things up. Entries are added and changed in
// place, never moved and never taken out; a table that is too small or too dead is replaced by a new one.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "src/revocation/fingerprint.hpp"

namespace signet::revocation {

using Milliseconds = std::int64_t;                  // since 1970
inline constexpr Milliseconds never = INT64_MIN;    // a cut-off that covers nothing
inline constexpr Milliseconds forever = INT64_MAX;  // a cut-off that covers whatever was issued

inline constexpr int kind_shift = 3;

// What a revocation names: both numbers for its key, with the kind in the lowest bits of the first, which is never 0.
struct Name {
  std::uint64_t place;
  std::uint64_t proof;

  static Name of(std::uint64_t kind, std::string_view key) noexcept { return {place_for(kind, key), proof_of(key)}; }
  static std::uint64_t place_for(std::uint64_t kind, std::string_view key) noexcept {
    return (place_of(key) >> kind_shift << kind_shift) | (kind + 1);
  }
  [[nodiscard]] std::size_t kind() const noexcept { return (place & ((1U << kind_shift) - 1)) - 1; }
};

class Table {
 public:
  // Room for `entries` and for half as many more. Throws std::bad_alloc.
  explicit Table(std::size_t entries);

  // Any thread may ask. Of most names that are not there the place tells.
  [[nodiscard]] bool may_hold(std::uint64_t place) const noexcept {
    const auto pattern = pattern_of(place);
    return (word_for(place).load(std::memory_order_acquire) & pattern) == pattern;
  }
  // Has what `may_hold` looks at fetched from memory.
  void prefetch(std::uint64_t place) const noexcept { __builtin_prefetch(&word_for(place)); }
  // The cut-off of that name, `never` when it is not there.
  [[nodiscard]] Milliseconds cutoff(Name name) const noexcept;

  // The rest is for the one writer.

  struct Entry {
    Milliseconds cutoff;  // not `never`
    Milliseconds expires_at;
  };
  // Whether it is new. What is there already only grows. Precondition: not full.
  bool add(Name name, Entry entry) noexcept;

  // Adds what is alive in `other`. Precondition: there is room.
  void add_live(const Table& other) noexcept;

  // Kills what has expired, so that it covers nothing from now on, and calls `forgotten(name)` for each.
  template <class Forgotten>
  void forget_expired(Milliseconds now, Forgotten forgotten) {
    if (now < earliest_) return;
    earliest_ = forever;
    for (std::size_t at = 0; at <= mask_; ++at) {
      Slot& slot = slots_[at];
      if (slot.cutoff.load(std::memory_order_relaxed) == never) continue;
      const auto expires_at = slot.expires_at.load(std::memory_order_relaxed);
      if (expires_at > now) {
        earliest_ = expires_at < earliest_ ? expires_at : earliest_;
        continue;
      }
      slot.cutoff.store(never, std::memory_order_relaxed);
      --live_;
      forgotten(Name{slot.place.load(std::memory_order_relaxed), slot.proof.load(std::memory_order_relaxed)});
    }
  }

  [[nodiscard]] std::size_t live() const noexcept { return live_; }
  [[nodiscard]] std::size_t dead() const noexcept { return used_ - live_; }
  [[nodiscard]] bool full() const noexcept { return used_ >= capacity() / 4 * 3; }

 private:
  // Half a cache line. A slot is free until `place` is stored, last; it is never free again.
  struct Slot {
    std::atomic<std::uint64_t> place = 0;
    std::atomic<std::uint64_t> proof = 0;
    std::atomic<Milliseconds> cutoff = never;  // also: dead
    std::atomic<Milliseconds> expires_at = never;
  };
  struct Release {
    std::size_t bytes;
    void operator()(void* memory) const noexcept;
  };
  using Memory = std::unique_ptr<void, Release>;

  [[nodiscard]] static Memory allocate(std::size_t bytes);
  [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }
  // The slot of that name, or the one where its search ended: free then, though perhaps no longer now.
  struct Found {
    Slot& slot;
    bool there;
  };
  [[nodiscard]] Found find(Name name) const noexcept;

  // One bit pattern a name, in one word of a Bloom filter that is a 32nd of the slots: it tells most names that are not
  // there from the others, and stays in the processor's cache when the slots are long past that.
  using Word = std::atomic<std::uint64_t>;
  static constexpr std::size_t slots_a_word = 8;
  [[nodiscard]] static std::uint64_t pattern_of(std::uint64_t place) noexcept {
    const auto bit = [&](int shift) { return std::uint64_t{1} << (place >> shift & 63); };
    return bit(34) | bit(40) | bit(46) | bit(52);  // those below say which word, up to 2^31 slots
  }
  [[nodiscard]] Word& word_for(std::uint64_t place) const noexcept {
    return filter_[(place >> kind_shift & mask_) / slots_a_word];
  }

  std::size_t mask_;
  Memory memory_;  // the filter, then the slots
  Word* filter_;
  Slot* slots_;
  std::size_t used_ = 0;
  std::size_t live_ = 0;
  Milliseconds earliest_ = forever;  // nothing alive expires before
};

}  // namespace signet::revocation

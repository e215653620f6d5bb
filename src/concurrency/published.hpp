#pragma once
// A value that any number of threads read while one replaces it. A reader takes no lock, never waits and writes only to
// a cache line of its own thread; what was replaced is freed when the last reader that may see it has left.

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace signet::concurrency {

namespace detail {

// One a thread, in a list that only grows; a thread that ends leaves its place to the next one. `turn` is odd while the
// thread is inside.
//
// Why a reader cannot hold what is freed: it makes `turn` odd, then loads the pointer; the writer stores the pointer,
// then loads `turn`. Between the two steps each has a fence, so at least one of them sees the other: either the writer
// sees the odd turn and waits until it has changed, or the reader sees the new pointer. The same holds for a place that
// was added to the list meanwhile: its thread's load comes after.
//
// A reader's fence would be most of what it costs. So the writer, which is seldom, has the system put one into each
// running thread (membarrier(2)), and readers only keep the compiler from exchanging the two. Where that is not to be
// had, readers have their own.
struct alignas(64) Place {
  std::atomic<std::uint64_t> turn = 0;
  std::atomic<bool> taken = true;
  Place* next = nullptr;
};

// Defined once a library, as all that is here is: an inline variable would be shared with other copies of the library
// in the same process, whose lists are others.
extern constinit thread_local Place* own_place;

// Whether the writer puts the fences into readers. True once and for all as soon as there is a value to read, or never.
extern constinit std::atomic<bool> writer_fences;
void choose_fences() noexcept;

// For a thread that has none. Throws std::bad_alloc.
Place& take_own_place();

}  // namespace detail

// While one lives, nothing that this thread reads through it is freed. Short and never nested: no callback runs inside.
class Reading {
 public:
  // Throws std::bad_alloc, at a thread's first one only.
  Reading() : place_{detail::own_place != nullptr ? *detail::own_place : detail::take_own_place()} {
    const auto inside = place_.turn.load(std::memory_order_relaxed) + 1;
    if (detail::writer_fences.load(std::memory_order_relaxed)) {
      place_.turn.store(inside, std::memory_order_release);  // who sees this has seen what was read before
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
      place_.turn.store(inside, std::memory_order_seq_cst);
    }
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { place_.turn.store(place_.turn.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

 private:
  detail::Place& place_;
};

// What was replaced and may still be read. Not thread-safe: it belongs to the writer.
class Retired {
 public:
  // To be called after `gone` was replaced. Without the memory to remember it, waits until nobody reads it. While the
  // system refuses what it granted before (in a sandbox that was entered late, say), what is replaced is never freed.
  void add(std::shared_ptr<const void> gone) noexcept;

  // Frees what nobody reads any more.
  void sweep() noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

 private:
  struct Visit {
    const detail::Place* place;
    std::uint64_t turn;
  };
  struct Waiting {
    std::shared_ptr<const void> gone;
    std::vector<Visit> readers;  // who was inside when it was replaced
  };
  std::vector<Waiting> waiting_;
};

template <class Value>
class Published {
 public:
  // The first one of a process registers it with the system: that waits some milliseconds once there are threads.
  Published() noexcept { detail::choose_fences(); }
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;

  // Null before the first value. Valid as long as `reading`.
  [[nodiscard]] const Value* read(const Reading& /*reading*/) const noexcept {
    return current_.load(std::memory_order_seq_cst);
  }

  // For one writer at a time.
  [[nodiscard]] const std::shared_ptr<Value>& mine() const noexcept { return owned_; }
  void replace(std::shared_ptr<Value> next, Retired& retired) noexcept {
    auto gone = std::exchange(owned_, std::move(next));
    current_.store(owned_.get(), std::memory_order_seq_cst);
    if (gone) retired.add(std::move(gone));
  }

 private:
  std::shared_ptr<Value> owned_;
  std::atomic<const Value*> current_ = nullptr;
};

}  // namespace signet::concurrency

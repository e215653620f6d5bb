#include "src/concurrency/published.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <thread>

namespace signet::concurrency {

namespace detail {

constinit thread_local Place* own_place = nullptr;
constinit std::atomic<bool> writer_fences = false;

}  // namespace detail

namespace {

using detail::own_place;
using detail::Place;

std::atomic<Place*> first_place = nullptr;

Place& take_place() {
  for (Place* place = first_place.load(); place != nullptr; place = place->next) {
    bool free = false;
    if (place->taken.compare_exchange_strong(free, true)) return *place;
  }
  auto* place = new Place;  // lives as long as the process
  place->next = first_place.load();
  while (!first_place.compare_exchange_weak(place->next, place)) {
  }
  return *place;
}

// Gives the place back when the thread ends. Who reads still later, in the destructor of another thread_local, takes a
// place again and keeps it.
struct Leaving {
  ~Leaving() {
    own_place->taken.store(false, std::memory_order_release);
    own_place = nullptr;
  }
};

bool membarrier(int command) noexcept { return ::syscall(SYS_membarrier, command, 0, 0) == 0; }

// After the pointer was stored, before turns are loaded. False: it cannot be known who is inside.
bool fence_readers() noexcept {
  if (!detail::writer_fences.load(std::memory_order_relaxed)) return true;  // they do it themselves
  return membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

void keep_for_ever(std::shared_ptr<const void> value) noexcept {
  using Kept = std::shared_ptr<const void>;
  alignas(Kept) std::byte room[sizeof(Kept)];
  new (room) Kept{std::move(value)};  // and never destroyed
}

bool is_inside(std::uint64_t turn) noexcept { return turn % 2 != 0; }

}  // namespace

void detail::choose_fences() noexcept {
  [[maybe_unused]] static const bool chosen = [] {
    writer_fences = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
    return true;
  }();
}

Place& detail::take_own_place() {
  own_place = &take_place();
  static thread_local const Leaving leaving;
  return *own_place;
}

void Retired::add(std::shared_ptr<const void> gone) noexcept {
  sweep();
  if (!fence_readers()) return keep_for_ever(std::move(gone));
  const Place* at = first_place.load();
  try {
    std::vector<Visit> readers;
    for (const Place* place = at; place != nullptr; place = place->next) {
      if (const auto turn = place->turn.load(); is_inside(turn)) readers.push_back({place, turn});
    }
    if (!readers.empty()) waiting_.push_back({gone, std::move(readers)});
  } catch (...) {
    for (; at != nullptr; at = at->next) {
      const auto turn = at->turn.load();
      while (is_inside(turn) && at->turn.load() == turn) std::this_thread::yield();
    }
  }
}

void Retired::sweep() noexcept {
  const auto has_left = [](const Visit& visit) { return visit.place->turn.load() != visit.turn; };
  for (auto& waiting : waiting_) std::erase_if(waiting.readers, has_left);
  std::erase_if(waiting_, [](const Waiting& waiting) { return waiting.readers.empty(); });
}

}  // namespace signet::concurrency

#pragma once
// Room for one waiting operation of asio's, kept by who waits: so that it waits even when memory has run out.

#include <array>
#include <cstddef>
#include <new>

namespace signet::server::http {

template <std::size_t size>
class OperationRoom {
 public:
  // Room of another size is asked of the heap.
  void* take(std::size_t bytes) {
    if (taken_ || bytes > bytes_.size()) return ::operator new(bytes);
    taken_ = true;
    return bytes_.data();
  }
  void give_back(void* room) noexcept {
    if (room != bytes_.data()) return ::operator delete(room);
    taken_ = false;
  }

 private:
  alignas(std::max_align_t) std::array<std::byte, size> bytes_{};
  bool taken_ = false;
};

// For asio::bind_allocator.
template <class T, std::size_t size>
struct InRoom {
  using value_type = T;
  template <class Other>
  struct rebind {
    using other = InRoom<Other, size>;
  };

  explicit InRoom(OperationRoom<size>& one) noexcept : room(&one) {}
  template <class Other>
  InRoom(const InRoom<Other, size>& other) noexcept : room(other.room) {}
  bool operator==(const InRoom&) const = default;

  [[nodiscard]] T* allocate(std::size_t count) { return static_cast<T*>(room->take(count * sizeof(T))); }
  void deallocate(T* at, std::size_t) noexcept { room->give_back(at); }

  OperationRoom<size>* room;
};

template <std::size_t size>
[[nodiscard]] InRoom<void, size> in(OperationRoom<size>& room) noexcept {
  return InRoom<void, size>{room};
}

}  // namespace signet::server::http

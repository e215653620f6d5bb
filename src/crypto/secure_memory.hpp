#pragma once
// Memory that held a secret is zeroed before it is given back.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace signet::crypto {

// Zeroes in a way no optimiser removes.
void cleanse(void* memory, std::size_t size) noexcept;

inline void cleanse(std::string& text) noexcept { cleanse(text.data(), text.size()); }

// Lengths are not secret and are compared first (case 54); the bytes in constant time (case 42).
[[nodiscard]] bool equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept;

template <class T>
struct ZeroingAllocator {
  using value_type = T;
  ZeroingAllocator() noexcept = default;
  template <class U>
  ZeroingAllocator(const ZeroingAllocator<U>&) noexcept {}  // NOLINT(google-explicit-constructor): allocators convert

  [[nodiscard]] T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
  void deallocate(T* memory, std::size_t count) noexcept {
    cleanse(memory, count * sizeof(T));
    std::allocator<T>{}.deallocate(memory, count);
  }
  bool operator==(const ZeroingAllocator&) const noexcept = default;
};

using Bytes = std::vector<std::byte>;
using SecretBytes = std::vector<std::byte, ZeroingAllocator<std::byte>>;
using SecretText = std::vector<char, ZeroingAllocator<char>>;

}  // namespace signet::crypto

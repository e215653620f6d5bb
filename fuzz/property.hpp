#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace signet::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept {
  return {reinterpret_cast<const char*>(data), size};
}

// A property that every input must have; libFuzzer keeps the input that lacks it.
inline void require(bool holds) noexcept {
  if (!holds) std::abort();
}

}  // namespace signet::fuzz

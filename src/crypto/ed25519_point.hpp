#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace signet::crypto {

enum class PointClass : std::uint8_t {
  good,
  invalid,      // not the canonical encoding of a point on the curve (RFC 8032 section 5.1.3)
  small_order,  // one of the eight points for which signatures over any text can be made up
};

[[nodiscard]] PointClass classify_ed25519_point(std::span<const std::byte, 32> encoded) noexcept;

}  // namespace signet::crypto

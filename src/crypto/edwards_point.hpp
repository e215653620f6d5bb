#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/jose/algorithms.hpp"

namespace signet::crypto {

enum class PointClass : std::uint8_t {
  good,
  invalid,      // not the canonical encoding of a point on the curve (RFC 8032 sections 5.1.3 and 5.2.3)
  small_order,  // one of the few points for which signatures over any text can be made up
};

// Preconditions: Ed25519 or Ed448, and as many bytes as its public keys have.
[[nodiscard]] PointClass classify_edwards_point(jose::Curve curve, std::span<const std::byte> encoded) noexcept;

}  // namespace signet::crypto

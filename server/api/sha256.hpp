#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace signet::server::api {

[[nodiscard]] std::array<std::byte, 32> sha256(std::span<const std::byte> bytes);

}  // namespace signet::server::api

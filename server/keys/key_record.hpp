#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "signet/clock.hpp"

namespace signet::server {

enum class KeyState : std::uint8_t { announced, signing, retired };

// A signing key as the store holds it.
struct KeyRecord {
  std::string key_id;  // RFC 7638 thumbprint
  std::string algorithm;
  KeyState state = KeyState::announced;
  std::vector<std::byte> sealed;  // the private JWK, encrypted under the master key; bound to key_id and algorithm
  Time created_at{};
  Time state_since{};
};

}  // namespace signet::server

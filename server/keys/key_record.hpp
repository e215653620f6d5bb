#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "signet/clock.hpp"

namespace signet::server {

enum class KeyState : std::uint8_t {
  announced,  // published, does not sign yet
  signing,
  retired,  // verifies what it has signed
  revoked,  // gone for good, with its private part; the record stays so that the key cannot come back
};

// "announced", "signing", "retired", "revoked".
[[nodiscard]] constexpr std::string_view name(KeyState state) noexcept {
  switch (state) {
    case KeyState::announced:
      return "announced";
    case KeyState::signing:
      return "signing";
    case KeyState::retired:
      return "retired";
    case KeyState::revoked:
      break;
  }
  return "revoked";
}

// A signing key as the store holds it.
struct KeyRecord {
  std::string key_id;  // RFC 7638 thumbprint
  std::string algorithm;
  KeyState state = KeyState::announced;
  // The private JWK, encrypted under the master key; the public one of a key that is elsewhere. Bound to key_id,
  // algorithm and location.
  std::vector<std::byte> sealed;
  Time created_at{};
  Time state_since{};
  std::string location{};  // where the private key is: a PKCS#11 URI; empty: in `sealed`
};

}  // namespace signet::server

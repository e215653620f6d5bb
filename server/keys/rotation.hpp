#pragma once
// When a signing key is announced, signs, is retired, and goes: a rule over values.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/keys/key_record.hpp"
#include "signet/algorithm.hpp"
#include "signet/clock.hpp"

namespace signet::server {

struct RotationPolicy {
  Algorithm algorithm = Algorithm::ES256;  // HS256: a shared secret signs, and no key of the store
  // A new key is announced this long before it signs: at least twice the key set's max-age, so that no verifier meets
  // a token before its key.
  std::chrono::milliseconds announce_for = std::chrono::hours{24};
  // How long a key signs; zero: until it is replaced by hand or by another algorithm.
  std::chrono::milliseconds sign_for = std::chrono::days{90};
  // How long a retired key still verifies: the longest life of a token, with leeway and some slack for servers that
  // hear late of the change.
  std::chrono::milliseconds keep_retired = std::chrono::hours{2};
  // False: keys come from elsewhere, by import, and none is made that would sign in their place.
  bool makes_keys = true;
};

// What is due. At most one key is to be made, and at most one begins to sign.
struct RotationPlan {
  std::optional<KeyState> create;   // a new key of the policy's algorithm: `signing` when there is none at all
  std::optional<std::string> sign;  // this announced key signs from now on
  std::vector<std::string> retire;
  std::vector<std::string> remove;

  [[nodiscard]] bool empty() const noexcept { return !create && !sign && retire.empty() && remove.empty(); }
  bool operator==(const RotationPlan&) const = default;
};

[[nodiscard]] RotationPlan plan_rotation(std::span<const KeyRecord> keys, Time now, const RotationPolicy& policy);

}  // namespace signet::server

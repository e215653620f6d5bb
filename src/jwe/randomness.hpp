#pragma once
// Where the random parts of a message come from. Injected, so that tests can make the RFCs' messages again.

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/crypto/exchange_key.hpp"

namespace signet::jwe {

class Randomness {
 public:
  enum class Use : std::uint8_t { content_key, content_iv, wrapping_iv, salt };

  virtual ~Randomness() = default;
  virtual void fill(Use use, std::span<std::byte> out) = 0;
  // The key pair of one message. Errors: internal.
  [[nodiscard]] virtual crypto::MadeExchangeKey ephemeral_key(jose::KeyType key_type, jose::Curve curve) = 0;
};

// The system's random generator. Throws std::runtime_error when it fails.
class SystemRandomness final : public Randomness {
 public:
  void fill(Use use, std::span<std::byte> out) override;
  crypto::MadeExchangeKey ephemeral_key(jose::KeyType key_type, jose::Curve curve) override;
};

}  // namespace signet::jwe

#include "src/jwe/randomness.hpp"

#include <algorithm>

#include "signet/secret.hpp"

namespace signet::jwe {

void SystemRandomness::fill(Use /*use*/, std::span<std::byte> out) {
  std::ranges::copy(Secret::random(out.size()).reveal(), out.begin());
}

crypto::MadeExchangeKey SystemRandomness::ephemeral_key(jose::KeyType key_type, jose::Curve curve) {
  return crypto::generate_exchange_key(key_type, curve, 0);
}

}  // namespace signet::jwe

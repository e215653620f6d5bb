#pragma once

#include <cstdint>
#include <span>

#include "src/crypto/key_material.hpp"

namespace signet::crypto {

// How OpenSSL computes the HMAC: from states of its own hash functions, or through its providers.
enum class HmacEngine : std::uint8_t { states, contexts };

// As hmac_key without an engine, which takes the states unless OpenSSL is told to use approved providers alone (FIPS).
[[nodiscard]] MadeKey hmac_key(const jose::SignatureAlgorithm& algorithm, std::span<const std::byte> secret,
                               HmacEngine engine);

}  // namespace signet::crypto

#include "src/crypto/ed25519.hpp"

#include <sodium.h>

#include <algorithm>

namespace signet::crypto {
namespace {

const unsigned char* octets(std::span<const std::byte> bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

const unsigned char* octets(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::optional<Ed25519> Ed25519::of(std::span<const std::byte> public_key, std::span<const std::byte> seed) {
  static const bool ready = sodium_init() >= 0;
  Ed25519 key;
  if (!ready || public_key.size() != key.public_.size()) return std::nullopt;
  std::ranges::copy(public_key, key.public_.begin());
  if (seed.empty()) return key;
  if (seed.size() != crypto_sign_SEEDBYTES) return std::nullopt;
  key.secret_.assign(seed.begin(), seed.end());
  key.secret_.insert(key.secret_.end(), public_key.begin(), public_key.end());
  return key;
}

bool Ed25519::verifies(std::string_view input, std::span<const std::byte> signature) const noexcept {
  return crypto_sign_verify_detached(octets(signature), octets(input), input.size(), octets(public_)) == 0;
}

void Ed25519::sign(std::string_view input, std::span<std::byte> signature) const noexcept {
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, octets(input), input.size(),
                       octets(secret_));
}

}  // namespace signet::crypto

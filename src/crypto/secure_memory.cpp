#include "src/crypto/secure_memory.hpp"

#include <openssl/crypto.h>

namespace signet::crypto {

void cleanse(void* memory, std::size_t size) noexcept { OPENSSL_cleanse(memory, size); }

bool equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace signet::crypto

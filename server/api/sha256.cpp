#include "server/api/sha256.hpp"

#include <openssl/evp.h>

#include <new>

namespace signet::server::api {

std::array<std::byte, 32> sha256(std::span<const std::byte> bytes) {
  std::array<std::byte, 32> out{};
  // Fails for lack of memory only.
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, EVP_sha256(),
                 nullptr) != 1) {
    throw std::bad_alloc{};
  }
  return out;
}

}  // namespace signet::server::api

#include "src/crypto/digest.hpp"

#include <stdexcept>

#include "src/crypto/openssl.hpp"

namespace signet::crypto {

const char* name(jose::Digest digest) noexcept {
  constexpr std::array<const char*, 4> names{"", "SHA2-256", "SHA2-384", "SHA2-512"};
  return names[static_cast<std::size_t>(digest)];
}

const evp_md_st* fetched(jose::Digest digest) noexcept {
  // Kept until the process ends.
  static const std::array<const EVP_MD*, 4> digests{
      nullptr,
      EVP_MD_fetch(nullptr, name(jose::Digest::sha256), nullptr),
      EVP_MD_fetch(nullptr, name(jose::Digest::sha384), nullptr),
      EVP_MD_fetch(nullptr, name(jose::Digest::sha512), nullptr),
  };
  return digests[static_cast<std::size_t>(digest)];
}

std::optional<std::span<const std::byte>> digest(jose::Digest digest, std::string_view text,
                                                 std::array<std::byte, 64>& room) noexcept {
  if (digest == jose::Digest::none) return std::span<const std::byte>{};
  const ErrorQueueMark mark;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), octets(room.data()), &size, fetched(digest), nullptr) != 1) {
    return std::nullopt;
  }
  return std::span{room}.first(size);
}

bool shake256(std::string_view text, std::span<std::byte> out) noexcept {
  const ErrorQueueMark mark;
  const DigestContext context{EVP_MD_CTX_new()};
  return context && EVP_DigestInit_ex(context.get(), EVP_shake256(), nullptr) == 1 &&
         EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1 &&
         EVP_DigestFinalXOF(context.get(), octets(out.data()), out.size()) == 1;
}

std::array<std::byte, 32> sha256(std::span<const std::byte> bytes) {
  std::array<std::byte, 32> hash;
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), octets(hash.data()), &size, fetched(jose::Digest::sha256), nullptr) != 1) {
    throw std::runtime_error{"OpenSSL offers no SHA-256"};
  }
  return hash;
}

std::array<std::byte, 20> sha1(std::span<const std::byte> bytes) {
  std::array<std::byte, 20> hash;
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA1", nullptr, bytes.data(), bytes.size(), octets(hash.data()), &size) != 1) {
    throw std::runtime_error{"OpenSSL offers no SHA-1"};
  }
  return hash;
}

}  // namespace signet::crypto

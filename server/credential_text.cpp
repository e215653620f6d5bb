#include "server/credential_text.hpp"

#include <openssl/crypto.h>
#include <sodium.h>

#include <algorithm>
#include <cstdint>

namespace signet::server {
namespace {

constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t id_digits = 22, secret_digits = 43, checksum_digits = 6;

// The bytes as one number, the most significant first, in so many digits.
template <std::size_t bytes>
std::string encode(std::span<const std::byte, bytes> number, std::size_t length) {
  std::array<std::uint8_t, bytes> rest;
  std::ranges::transform(number, rest.begin(), [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
  std::string text(length, digits[0]);
  for (std::size_t place = length; place-- > 0;) {
    unsigned remainder = 0;
    for (auto& byte : rest) {
      const unsigned value = remainder << 8 | byte;
      byte = static_cast<std::uint8_t>(value / digits.size());
      remainder = value % digits.size();
    }
    text[place] = digits[remainder];
  }
  sodium_memzero(rest.data(), rest.size());
  return text;
}

// False for another character, and for a number that does not fit.
template <std::size_t bytes>
bool decode(std::string_view text, std::array<std::byte, bytes>& out) noexcept {
  out.fill(std::byte{0});
  for (const char c : text) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos) return false;
    auto carry = static_cast<unsigned>(digit);
    for (auto byte = out.rbegin(); byte != out.rend(); ++byte) {
      carry += std::to_integer<unsigned>(*byte) * static_cast<unsigned>(digits.size());
      *byte = static_cast<std::byte>(carry & 0xff);
      carry >>= 8;
    }
    if (carry != 0) return false;
  }
  return true;
}

// CRC-32 as in gzip (RFC 1952 section 8).
std::array<std::byte, 4> checksum(std::string_view text) noexcept {
  std::uint32_t crc = 0xffffffff;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
  }
  crc = ~crc;
  std::array<std::byte, 4> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::byte>(crc >> (24 - 8 * i));
  return out;
}

}  // namespace

SecretHash secret_hash(std::span<const std::byte, credential_secret_bytes> secret) noexcept {
  SecretHash hash;
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
  return hash;
}

bool same_secret(const SecretHash& a, const SecretHash& b) noexcept {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string base62_id(const std::array<std::byte, 16>& id) { return encode(std::span{id}, id_digits); }

std::optional<std::array<std::byte, 16>> read_base62_id(std::string_view text) noexcept {
  std::array<std::byte, 16> id;
  if (text.size() != id_digits || !decode(text, id)) return std::nullopt;
  return id;
}

std::string write_credential(std::string_view prefix, const std::array<std::byte, 16>& id,
                             std::span<const std::byte, credential_secret_bytes> secret) {
  std::string text{prefix};
  text.append(base62_id(id)).append("_").append(encode(secret, secret_digits)).append("_");
  const auto sum = checksum(text);
  return text.append(encode(std::span{sum}, checksum_digits));
}

MadeCredential make_credential(std::string_view prefix, const std::array<std::byte, 16>& id) {
  std::array<std::byte, credential_secret_bytes> secret;
  randombytes_buf(secret.data(), secret.size());
  MadeCredential made{.text = write_credential(prefix, id, secret), .secret_sha256 = secret_hash(secret)};
  sodium_memzero(secret.data(), secret.size());
  return made;
}

std::optional<ReadCredential> read_credential(std::string_view text, std::size_t prefix_size) noexcept {
  const auto secret_at = prefix_size + id_digits + 1, sum_at = secret_at + secret_digits + 1;
  if (text.size() != sum_at + checksum_digits || text[secret_at - 1] != '_' || text[sum_at - 1] != '_')
    return std::nullopt;
  std::array<std::byte, 4> sum;
  if (!decode(text.substr(sum_at), sum) || sum != checksum(text.substr(0, sum_at))) return std::nullopt;
  const auto id = read_base62_id(text.substr(prefix_size, id_digits));
  std::array<std::byte, credential_secret_bytes> secret;
  const bool whole = decode(text.substr(secret_at, secret_digits), secret);
  ReadCredential read{.id = id.value_or(std::array<std::byte, 16>{}), .secret_sha256 = secret_hash(secret)};
  sodium_memzero(secret.data(), secret.size());
  if (!id || !whole) return std::nullopt;
  return read;
}

}  // namespace signet::server

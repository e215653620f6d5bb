#include "server/api_keys/key_text.hpp"

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

std::string api_key_id_text(const ApiKeyId& id) { return encode(std::span{id.bytes}, id_digits); }

std::optional<ApiKeyId> api_key_id(std::string_view text) noexcept {
  ApiKeyId id;
  if (text.size() != id_digits || !decode(text, id.bytes)) return std::nullopt;
  return id;
}

std::string api_key_session(const ApiKeyId& id) { return std::string{api_key_prefix} + api_key_id_text(id); }

std::string write_api_key(std::string_view environment, const ApiKeyId& id,
                          std::span<const std::byte, api_key_secret_bytes> secret) {
  std::string text{api_key_prefix};
  text.append(environment).append("_").append(api_key_id_text(id)).append("_").append(encode(secret, secret_digits));
  text.append("_");
  const auto sum = checksum(text);
  return text.append(encode(std::span{sum}, checksum_digits));
}

std::optional<ReadApiKey> read_api_key(std::string_view environment, std::string_view text) noexcept {
  const auto head = api_key_prefix.size() + environment.size();
  const auto id_at = head + 1, secret_at = id_at + id_digits + 1, sum_at = secret_at + secret_digits + 1;
  if (text.size() != sum_at + checksum_digits || !text.starts_with(api_key_prefix)) return std::nullopt;
  if (text.substr(api_key_prefix.size(), environment.size()) != environment) return std::nullopt;
  if (text[head] != '_' || text[secret_at - 1] != '_' || text[sum_at - 1] != '_') return std::nullopt;
  std::array<std::byte, 4> sum;
  if (!decode(text.substr(sum_at), sum) || sum != checksum(text.substr(0, sum_at))) return std::nullopt;
  const auto id = api_key_id(text.substr(id_at, id_digits));
  std::array<std::byte, api_key_secret_bytes> secret;
  const bool whole = decode(text.substr(secret_at, secret_digits), secret);
  ReadApiKey read{.id = id.value_or(ApiKeyId{}), .secret_sha256 = api_key_hash(secret)};
  sodium_memzero(secret.data(), secret.size());
  if (!id || !whole) return std::nullopt;
  return read;
}

std::array<std::byte, 32> api_key_hash(std::span<const std::byte, api_key_secret_bytes> secret) noexcept {
  std::array<std::byte, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
  return hash;
}

}  // namespace signet::server

#include "src/jose/base64url.hpp"

#include <array>
#include <cstdint>

namespace signet::jose {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// A character's six bits at each of its four places in a group; any bit of `invalid` for one outside the alphabet. Four
// tables save the shifts, and one test a group finds every bad character.
constexpr std::uint32_t invalid = 0xff000000;

constexpr std::array<std::uint32_t, 256> bits_shifted_by(unsigned shift) {
  std::array<std::uint32_t, 256> table;
  table.fill(invalid);
  for (std::uint32_t value = 0; value < alphabet.size(); ++value) {
    table[static_cast<unsigned char>(alphabet[value])] = value << shift;
  }
  return table;
}

constexpr auto first = bits_shifted_by(18);
constexpr auto second = bits_shifted_by(12);
constexpr auto third = bits_shifted_by(6);
constexpr auto fourth = bits_shifted_by(0);

std::byte byte_at(std::uint32_t bits, unsigned shift) noexcept { return static_cast<std::byte>(bits >> shift); }

}  // namespace

std::string base64url_encode(std::span<const std::byte> bytes) {
  std::string text;
  text.resize((bytes.size() * 4 + 2) / 3);
  char* out = text.data();
  std::size_t at = 0;
  const auto byte = [&](std::size_t index) { return std::to_integer<std::uint32_t>(bytes[index]); };
  for (; at + 3 <= bytes.size(); at += 3) {
    const std::uint32_t bits = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    *out++ = alphabet[bits >> 18];
    *out++ = alphabet[bits >> 12 & 63];
    *out++ = alphabet[bits >> 6 & 63];
    *out++ = alphabet[bits & 63];
  }
  if (bytes.size() - at == 1) {
    *out++ = alphabet[byte(at) >> 2];
    *out++ = alphabet[byte(at) << 4 & 63];
  } else if (bytes.size() - at == 2) {
    const std::uint32_t bits = byte(at) << 8 | byte(at + 1);
    *out++ = alphabet[bits >> 10];
    *out++ = alphabet[bits >> 4 & 63];
    *out++ = alphabet[bits << 2 & 63];
  }
  return text;
}

std::string base64url_encode(std::string_view text) { return base64url_encode(std::as_bytes(std::span{text})); }

bool base64url_decode_into(std::string_view text, std::byte* out) noexcept {
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  std::uint32_t bad = 0;
  for (std::size_t groups = text.size() / 4; groups != 0; --groups, in += 4, out += 3) {
    const std::uint32_t bits = first[in[0]] | second[in[1]] | third[in[2]] | fourth[in[3]];
    bad |= bits & invalid;
    out[0] = byte_at(bits, 16);
    out[1] = byte_at(bits, 8);
    out[2] = byte_at(bits, 0);
  }
  switch (text.size() % 4) {
    case 1:
      return false;  // six bits are no byte
    case 2: {
      const std::uint32_t bits = first[in[0]] | second[in[1]];
      bad |= bits & (invalid | 0xffff);  // the trailing bits are zero: one spelling for each value (case 8)
      out[0] = byte_at(bits, 16);
      break;
    }
    case 3: {
      const std::uint32_t bits = first[in[0]] | second[in[1]] | third[in[2]];
      bad |= bits & (invalid | 0xff);
      out[0] = byte_at(bits, 16);
      out[1] = byte_at(bits, 8);
      break;
    }
    default:
      break;
  }
  return bad == 0;
}

std::optional<std::vector<std::byte>> base64url_decode(std::string_view text) {
  std::vector<std::byte> bytes(base64url_decoded_size(text.size()));
  if (!base64url_decode_into(text, bytes.data())) return std::nullopt;
  return bytes;
}

}  // namespace signet::jose

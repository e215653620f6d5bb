#include "src/jwt/compact.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace signet::jwt {

namespace {

struct Alphabet {
  bool clean = true;
  std::size_t dots = 0;
};

// Branch-free and in blocks of a fixed size, so that the compiler uses vector instructions.
Alphabet look_over(const char* bytes, std::size_t size) noexcept {
  const auto is_foreign = [](std::uint8_t c) noexcept {
    const auto letter = static_cast<std::uint8_t>(static_cast<std::uint8_t>(c | 0x20U) - 'a') < 26;
    const auto digit = static_cast<std::uint8_t>(c - '0') < 10;
    return static_cast<std::uint8_t>(!(letter | digit | (c == '-') | (c == '_') | (c == '.')));
  };
  std::uint8_t foreign = 0;
  std::size_t dots = 0;
  constexpr std::size_t block = 32;
  std::size_t at = 0;
  for (; at + block <= size; at += block) {
    std::uint8_t dots_here = 0;
    for (std::size_t i = 0; i < block; ++i) {
      const auto c = static_cast<std::uint8_t>(bytes[at + i]);
      foreign = static_cast<std::uint8_t>(foreign | is_foreign(c));
      dots_here = static_cast<std::uint8_t>(dots_here + (c == '.'));
    }
    dots += dots_here;
  }
  for (; at < size; ++at) {
    const auto c = static_cast<std::uint8_t>(bytes[at]);
    foreign = static_cast<std::uint8_t>(foreign | is_foreign(c));
    dots += c == '.';
  }
  return {foreign == 0, dots};
}

}  // namespace

std::expected<CompactParts, Error> split_compact(std::string_view text, const Limits& limits) {
  if (text.size() > limits.token_bytes) return std::unexpected(Error{ErrorCode::token_too_large});
  const auto [clean, dots] = look_over(text.data(), text.size());
  if (!clean) return std::unexpected(Error{ErrorCode::token_malformed, "a character outside base64url"});
  if (dots != 2) return std::unexpected(Error{ErrorCode::token_malformed, "not three parts"});

  const auto first = text.find('.');
  const auto second = text.find('.', first + 1);
  CompactParts parts{.header = text.substr(0, first),
                     .payload = text.substr(first + 1, second - first - 1),
                     .signature = text.substr(second + 1),
                     .signing_input = text.substr(0, second)};
  if (parts.header.empty() || parts.payload.empty()) {
    return std::unexpected(Error{ErrorCode::token_malformed, "an empty part"});
  }
  return parts;
}

std::string quoted_for_log(std::string_view text) {
  constexpr std::size_t longest = 40;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
      out += c;
    } else {
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    }
  }
  out += text.size() > longest ? "\"..." : "\"";
  return out;
}

}  // namespace signet::jwt

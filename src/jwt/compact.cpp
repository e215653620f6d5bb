#include "src/jwt/compact.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace signet::jwt {

namespace {

// Sixteen characters at a time, in a vector of the compiler's: a branch for each would cost more than the rest.
using Block [[gnu::vector_size(16)]] = std::uint8_t;

// All bits of a byte set: it is of the alphabet, or a dot.
Block of_alphabet(Block c) noexcept {
  const Block letter = (c | 0x20) - 'a';
  const Block digit = c - '0';
  return reinterpret_cast<Block>((letter < 26) | (digit < 10) | (c == '-') | (c == '_') | (c == '.'));
}

bool all_of_alphabet(std::string_view text) noexcept {
  Block clean = Block{} - 1;
  std::size_t at = 0;
  for (; at + sizeof(Block) <= text.size(); at += sizeof(Block)) {
    Block block;
    std::memcpy(&block, text.data() + at, sizeof block);
    clean &= of_alphabet(block);
  }
  Block last = Block{} + 'A';
  if (at != text.size()) std::memcpy(&last, text.data() + at, text.size() - at);  // no text has no address either
  clean &= of_alphabet(last);
  const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(clean);
  return (words[0] & words[1]) == ~std::uint64_t{0};
}

}  // namespace

std::expected<CompactParts, Error> split_compact(std::string_view text, const Limits& limits) {
  if (text.size() > limits.token_bytes) return std::unexpected(Error{ErrorCode::token_too_large});
  if (!all_of_alphabet(text)) {
    return std::unexpected(Error{ErrorCode::token_malformed, "a character outside base64url"});
  }
  const auto first = text.find('.');
  const auto second = first == text.npos ? text.npos : text.find('.', first + 1);
  if (second == text.npos || text.find('.', second + 1) != text.npos) {
    return std::unexpected(Error{ErrorCode::token_malformed, "not three parts"});
  }
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

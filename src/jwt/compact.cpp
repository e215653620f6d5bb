#include "src/jwt/compact.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "src/jose/alphabet.hpp"

namespace signet::jwt {

std::expected<CompactParts, Error> split_compact(std::string_view text, const Limits& limits) {
  if (text.size() > limits.token_bytes) return std::unexpected(Error{ErrorCode::token_too_large});
  if (!jose::all_base64url_or_dots(text)) {
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

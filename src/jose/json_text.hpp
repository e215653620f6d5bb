#pragma once
// What a JSON text is made of, byte by byte. Included by the reader's own files.

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace signet::json {

inline bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

inline int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hexadecimal digits, or -1.
inline int code_unit(const char* at, const char* end) noexcept {
  if (end - at < 4) return -1;
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_value(at[i]);
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

constexpr bool is_high_surrogate(int unit) noexcept { return unit >= 0xd800 && unit <= 0xdbff; }
constexpr bool is_low_surrogate(int unit) noexcept { return unit >= 0xdc00 && unit <= 0xdfff; }

inline std::size_t encode_utf8(char32_t code, char* out) noexcept {
  if (code < 0x80) {
    out[0] = static_cast<char>(code);
    return 1;
  }
  if (code < 0x800) {
    out[0] = static_cast<char>(0xc0 | code >> 6);
    out[1] = static_cast<char>(0x80 | (code & 0x3f));
    return 2;
  }
  if (code < 0x10000) {
    out[0] = static_cast<char>(0xe0 | code >> 12);
    out[1] = static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out[2] = static_cast<char>(0x80 | (code & 0x3f));
    return 3;
  }
  out[0] = static_cast<char>(0xf0 | code >> 18);
  out[1] = static_cast<char>(0x80 | (code >> 12 & 0x3f));
  out[2] = static_cast<char>(0x80 | (code >> 6 & 0x3f));
  out[3] = static_cast<char>(0x80 | (code & 0x3f));
  return 4;
}

// Hands the bytes that a checked string stands for, piece by piece, to `take(std::string_view) -> bool`, until one says
// no.
template <class Take>
bool unescape(std::string_view raw, Take take) {
  const char* at = raw.data();
  const char* end = at + raw.size();
  while (at != end) {
    const auto* escape = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
    if (escape == nullptr) return take(std::string_view{at, end});
    if (escape != at && !take(std::string_view{at, escape})) return false;
    at = escape + 2;
    char bytes[4];
    std::size_t size = 1;
    switch (escape[1]) {
      case 'b':
        bytes[0] = '\b';
        break;
      case 'f':
        bytes[0] = '\f';
        break;
      case 'n':
        bytes[0] = '\n';
        break;
      case 'r':
        bytes[0] = '\r';
        break;
      case 't':
        bytes[0] = '\t';
        break;
      case 'u': {
        const int unit = code_unit(at, end);
        at += 4;
        auto code = static_cast<char32_t>(unit);
        if (is_high_surrogate(unit)) {
          code = 0x10000 + (static_cast<char32_t>(unit - 0xd800) << 10) +
                 static_cast<char32_t>(code_unit(at + 2, end) - 0xdc00);
          at += 6;
        }
        size = encode_utf8(code, bytes);
        break;
      }
      default:
        bytes[0] = escape[1];
        break;  // '"', '\\', '/'
    }
    if (!take(std::string_view{bytes, size})) return false;
  }
  return true;
}

inline bool has_escapes(std::string_view raw) noexcept {
  return !raw.empty() && std::memchr(raw.data(), '\\', raw.size()) != nullptr;
}

// Whether the checked string `raw` stands for `text`.
inline bool stands_for(std::string_view raw, std::string_view text) noexcept {
  if (!has_escapes(raw)) return raw == text;
  const bool prefix = unescape(raw, [&](std::string_view piece) {
    if (!text.starts_with(piece)) return false;
    text.remove_prefix(piece.size());
    return true;
  });
  return prefix && text.empty();
}

inline std::string unescaped(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  unescape(raw, [&](std::string_view piece) {
    text += piece;
    return true;
  });
  return text;
}

}  // namespace signet::json

#include "server/printable.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace signet::server {
namespace {

struct Span {
  char32_t first, last;
};

struct Decoded {
  char32_t code = 0;
  std::size_t bytes = 0;  // 0: not UTF-8
};

Decoded decode_utf8(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  char32_t code = lead & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {};
    code = code << 6 | (next & 0x3fu);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, size};
}

// Controls (category Cc); what has no shape of its own and changes how its neighbours are read or shown (categories Cf,
// Zl, Zp, and the other default ignorable code points of Unicode 15.1). Smileys that are joined, and Persian, show an
// escape: an invisible character that says something else to a machine than to a reader is worse.
constexpr std::array<Span, 30> invisible{{
    {0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},     {0x600, 0x605},
    {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},     {0x8e2, 0x8e2},
    {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f},   {0x3164, 0x3164},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
    {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0000, 0xe0fff}, {0xfdd0, 0xfdef},   {0xfffe, 0xffff},   {0x1fffe, 0x1ffff}, {0x10fffe, 0x10ffff},
}};

bool is_invisible(char32_t code) {
  return std::ranges::any_of(invisible, [code](Span span) { return code >= span.first && code <= span.last; });
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 0xf];
}

// As JSON writes it (RFC 8259 section 7): beyond the basic plane as two surrogates.
void append_escape(std::string& out, char32_t code) {
  const bool two = code > 0xffff;
  out += "\\u";
  append_hex(out, two ? 0xd7c0 + (code >> 10) : code, 4);
  if (!two) return;
  out += "\\u";
  append_hex(out, 0xdc00 | (code & 0x3ff), 4);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [code, bytes] = decode_utf8(text);
    if (bytes == 0) {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(text.front()), 2);
      text.remove_prefix(1);
      continue;
    }
    if (is_invisible(code)) {
      append_escape(out, code);
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return out;
}

}  // namespace signet::server

#include "server/accounts/unicode.hpp"

#include <sodium/utils.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace signet::server::unicode {
namespace {

const utf8proc_property_t& property(CodePoint point) noexcept { return *utf8proc_get_property(point); }

// RFC 8264 section 9.9: conjoining jamo that no modern syllable is made of by NFC, and some that it left over.
bool is_old_hangul_jamo(CodePoint point) noexcept {
  return (point >= 0x1100 && point <= 0x11FF) || (point >= 0xA960 && point <= 0xA97C) ||
         (point >= 0xD7B0 && point <= 0xD7FB);
}

// RFC 8264 section 9.6, those marked DISALLOWED: they lengthen or repeat and look like nothing.
bool is_exception(CodePoint point) noexcept {
  constexpr std::array<CodePoint, 10> disallowed{0x0640, 0x07FA, 0x302E, 0x302F, 0x3031,
                                                 0x3032, 0x3033, 0x3034, 0x3035, 0x303B};
  return std::ranges::find(disallowed, point) != disallowed.end();
}

}  // namespace

CodePoints::~CodePoints() { sodium_memzero(points_.data(), points_.size() * sizeof(CodePoint)); }

std::optional<CodePoints> normalize(std::string_view utf8, Form form) {
  auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  if (form == Form::nfkc_casefold) {
    options = static_cast<utf8proc_option_t>(options | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD);
  }
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(utf8.data());
  const auto size = static_cast<utf8proc_ssize_t>(utf8.size());
  const auto needed = utf8proc_decompose(bytes, size, nullptr, 0, options);
  if (needed < 0) return std::nullopt;
  CodePoints text{static_cast<std::size_t>(needed)};
  auto& points = text.points();
  if (utf8proc_decompose(bytes, size, points.data(), needed, options) != needed) return std::nullopt;
  const auto composed = utf8proc_normalize_utf32(points.data(), needed, options);
  if (composed < 0) return std::nullopt;
  sodium_memzero(points.data() + composed, static_cast<std::size_t>(needed - composed) * sizeof(CodePoint));
  points.resize(static_cast<std::size_t>(composed));
  return text;
}

std::string encode(std::span<const CodePoint> points) {
  std::string utf8(points.size() * 4, '\0');
  std::size_t size = 0;
  for (const CodePoint point : points) {
    size +=
        static_cast<std::size_t>(utf8proc_encode_char(point, reinterpret_cast<utf8proc_uint8_t*>(utf8.data()) + size));
  }
  utf8.resize(size);
  return utf8;
}

bool is_space(CodePoint point) noexcept { return property(point).category == UTF8PROC_CATEGORY_ZS; }

bool is_mark(CodePoint point) noexcept {
  const auto category = property(point).category;
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}

CodePoint to_lower(CodePoint point) noexcept { return utf8proc_tolower(point); }

bool in_identifier_class(CodePoint point) noexcept {
  if (point < 0x80) return point > 0x20 && point < 0x7F;
  if (property(point).ignorable || is_old_hangul_jamo(point) || is_exception(point)) return false;
  switch (property(point).category) {
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
      return true;
    default:
      return false;
  }
}

bool in_freeform_class(CodePoint point) noexcept {
  if (point < 0x80) return point >= 0x20 && point < 0x7F;
  if (property(point).ignorable || is_old_hangul_jamo(point)) return false;
  switch (property(point).category) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    default:
      return true;
  }
}

bool satisfies_bidi_rule(std::span<const CodePoint> points) noexcept {
  bool right_to_left = false, european = false, arabic = false, others_allowed = true;
  int last = UTF8PROC_BIDI_CLASS_L;  // of those that are not NSM
  for (const CodePoint point : points) {
    const int bidi = property(point).bidi_class;
    if (bidi != UTF8PROC_BIDI_CLASS_NSM) last = bidi;
    switch (bidi) {
      case UTF8PROC_BIDI_CLASS_R:
      case UTF8PROC_BIDI_CLASS_AL:
        right_to_left = true;
        break;
      case UTF8PROC_BIDI_CLASS_AN:
        right_to_left = arabic = true;
        break;
      case UTF8PROC_BIDI_CLASS_EN:
        european = true;
        break;
      case UTF8PROC_BIDI_CLASS_ES:
      case UTF8PROC_BIDI_CLASS_CS:
      case UTF8PROC_BIDI_CLASS_ET:
      case UTF8PROC_BIDI_CLASS_ON:
      case UTF8PROC_BIDI_CLASS_BN:
      case UTF8PROC_BIDI_CLASS_NSM:
        break;
      default:
        others_allowed = false;  // left-to-right letters above all
    }
  }
  if (!right_to_left) return true;
  const int first = property(points.front()).bidi_class;
  const bool begins = first == UTF8PROC_BIDI_CLASS_R || first == UTF8PROC_BIDI_CLASS_AL;
  const bool ends = last == UTF8PROC_BIDI_CLASS_R || last == UTF8PROC_BIDI_CLASS_AL || last == UTF8PROC_BIDI_CLASS_EN ||
                    last == UTF8PROC_BIDI_CLASS_AN;
  return begins && ends && others_allowed && !(european && arabic);
}

}  // namespace signet::server::unicode

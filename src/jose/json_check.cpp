#include "src/jose/json_check.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <memory>
#include <string>

#include "src/jose/json_text.hpp"
#include "src/jose/limits.hpp"
#include "src/jose/utf8.hpp"

namespace signet::json {
namespace {

// Bytes of a string that need no look of their own: no quote, no backslash, no control character, no UTF-8 sequence.
inline const char* skip_plain(const char* at, const char* end) noexcept {
#ifdef __SSE2__
  // Sixteen at a time, as every x86-64 can. As signed numbers, control characters and the bytes of a sequence are both
  // below the space.
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i special = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')), _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))),
        _mm_cmplt_epi8(block, _mm_set1_epi8(' ')));
    const auto places = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (places != 0) return at + std::countr_zero(places);
  }
#endif
  while (at != end && static_cast<signed char>(*at) >= ' ' && *at != '"' && *at != '\\') ++at;
  return at;
}

const char* skip_digits(const char* at, const char* end) noexcept {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

}  // namespace

// One pass over the text; remembers the member names of the objects it is inside of, to find repeated ones (case 30).
class Checker {
 public:
  // `sink` may be null.
  Checker(std::string_view text, const Limits& limits, MemberSink* sink) noexcept
      : begin_{text.data()},
        at_{text.data()},
        end_{text.data() + text.size()},
        deepest_{std::min(limits.json_depth, jose::deepest_json)},
        most_members_{limits.json_members},
        sink_{sink} {}

  [[nodiscard]] std::expected<View, Error> check() {
    skip_space();
    Value value;
    const char* problem = check_value(0, value);
    if (problem == nullptr) {
      skip_space();
      if (at_ == end_) return view(value);
      problem = "bytes after the end";
    }
    return std::unexpected(
        Error{ErrorCode::json_malformed, std::string{problem} + " at byte " + std::to_string(at_ - begin_)});
  }

 private:
  struct Value {
    const char* begin = nullptr;
    const char* end = nullptr;
    Kind kind{};
    bool has_escapes = false;
  };
  struct String {
    std::string_view raw;
    bool has_escapes = false;
  };
  struct Name {  // left as it is in memory until it is used: clearing all of them would cost more than most checks
    const char* raw;
    std::size_t size;
    std::uint64_t key;
  };
  static constexpr std::size_t inline_names = 48;

  void skip_space() noexcept {
    if (at_ == end_ || static_cast<unsigned char>(*at_) > ' ') return;  // tokens are written without space
    while (at_ != end_ && is_space(*at_)) ++at_;
  }

  bool take(char c) noexcept {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  static View view(const Value& value) noexcept { return View{{value.begin, value.end}, value.kind}; }

  // Each check answers null, or what is wrong at `at_`.
  const char* check_value(std::size_t depth, Value& value) {
    value.begin = at_;
    const char* problem = check_value_of(depth, value);
    value.end = at_;
    return problem;
  }

  const char* check_value_of(std::size_t depth, Value& value) {
    if (at_ == end_) return "the text ends where a value is due";
    switch (*at_) {
      case '{':
        value.kind = Kind::object;
        return check_object(depth + 1);
      case '[':
        value.kind = Kind::array;
        return check_array(depth + 1);
      case '"': {
        value.kind = Kind::string;
        String string;
        const char* problem = check_string(string);
        value.has_escapes = string.has_escapes;
        return problem;
      }
      case 't':
        value.kind = Kind::boolean;
        return check_word("true");
      case 'f':
        value.kind = Kind::boolean;
        return check_word("false");
      case 'n':
        value.kind = Kind::null;
        return check_word("null");
      default:
        value.kind = Kind::number;
        return check_number();
    }
  }

  const char* check_word(std::string_view word) noexcept {
    if (!std::string_view{at_, end_}.starts_with(word)) return "not a value";
    at_ += word.size();
    return nullptr;
  }

  // RFC 8259 section 6, and it must fit a double (case 33).
  const char* check_number() noexcept {
    const char* start = at_;
    take('-');
    if (at_ == end_ || !is_digit(*at_)) return "not a value";
    const char* digits = at_;
    if (*at_ == '0') {
      ++at_;
    } else {
      at_ = skip_digits(at_, end_);
    }
    if (at_ != end_ && is_digit(*at_)) return "a number with a leading zero";
    bool plain = true;
    if (take('.')) {
      plain = false;
      if (at_ == end_ || !is_digit(*at_)) return "no digit after the decimal point";
      at_ = skip_digits(at_, end_);
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      plain = false;
      ++at_;
      if (!take('-')) take('+');
      if (at_ == end_ || !is_digit(*at_)) return "no digit in the exponent";
      at_ = skip_digits(at_, end_);
    }
    if (plain && at_ - digits < 300) return nullptr;  // 10^300 is well inside a double's range
    double value = 0;
    if (std::from_chars(start, at_, value).ec != std::errc{} || !std::isfinite(value)) return "a number out of range";
    return nullptr;
  }

  const char* check_string(String& string) noexcept {
    const char* const start = at_ + 1;
    at_ = skip_plain(start, end_);
    while (at_ != end_) {
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"') {
        string.raw = {start, at_++};
        return nullptr;
      }
      if (c == '\\') {
        string.has_escapes = true;
        if (const char* problem = check_escape()) return problem;
      } else if (c < 0x20) {
        return "a control character in a string";
      } else {
        const std::size_t length = utf8_length(at_, end_);
        if (length == 0) return "invalid UTF-8";
        at_ += length;
      }
      at_ = skip_plain(at_, end_);
    }
    return "a string without an end";
  }

  const char* check_escape() noexcept {
    if (end_ - at_ < 2) return "a string without an end";
    const char c = at_[1];
    if (c != 'u') {
      if (std::string_view{"\"\\/bfnrt"}.find(c) == std::string_view::npos) return "an unknown escape";
      at_ += 2;
      return nullptr;
    }
    const int unit = code_unit(at_ + 2, end_);
    if (unit < 0) return "an escape that is not four hexadecimal digits";
    if (is_low_surrogate(unit)) return "a lone surrogate";
    if (is_high_surrogate(unit)) {
      if (end_ - at_ < 12 || at_[6] != '\\' || at_[7] != 'u' || !is_low_surrogate(code_unit(at_ + 8, end_))) {
        return "a lone surrogate";
      }
      at_ += 6;
    }
    at_ += 6;
    return nullptr;
  }

  const char* check_array(std::size_t depth) {
    if (depth > deepest_) return "nested too deep";
    ++at_;
    skip_space();
    if (take(']')) return nullptr;
    for (;;) {
      if (++members_ > most_members_) return "too many members";
      skip_space();
      Value value;
      if (const char* problem = check_value(depth, value)) return problem;
      skip_space();
      if (take(']')) return nullptr;
      if (!take(',')) return "neither ',' nor ']' after an element";
    }
  }

  const char* check_object(std::size_t depth) {
    if (depth > deepest_) return "nested too deep";
    ++at_;
    skip_space();
    if (take('}')) return nullptr;
    const std::size_t own = count_;  // the names from here on are this object's
    std::uint64_t seen = 0;
    for (;;) {
      if (++members_ > most_members_) return "too many members";
      skip_space();
      if (at_ == end_ || *at_ != '"') return "no member name where one is due";
      String name;
      if (const char* problem = check_string(name)) return problem;
      const auto key = key_of(name);
      if (!remember(name, key, own, seen)) return "a member twice";
      skip_space();
      if (!take(':')) return "no ':' after a member name";
      skip_space();
      Value value;
      if (const char* problem = check_value(depth, value)) return problem;
      if (sink_ != nullptr && depth == 1) {
        sink_->take({.raw_name = name.raw,
                     .name_has_escapes = name.has_escapes,
                     .key = key,
                     .value = view(value),
                     .value_has_escapes = value.has_escapes});
      }
      skip_space();
      if (take('}')) {
        count_ = own;
        return nullptr;
      }
      if (!take(',')) return "neither ',' nor '}' after a member";
    }
  }

  static std::uint64_t key_of(const String& name) {
    return name.has_escapes ? name_key(unescaped(name.raw)) : name_key(name.raw);
  }

  // False when one of the names since `own` stands for the same text. Each name sets one of 64 bits of `seen`: who
  // finds his not set, which is most often so, needs not look at the names.
  bool remember(const String& name, std::uint64_t key, std::size_t own, std::uint64_t& seen) {
    const std::uint64_t bit = std::uint64_t{1} << (key * 0x9e3779b97f4a7c15 >> 58U);
    if ((seen & bit) != 0 && is_known(name, key, own)) return false;
    seen |= bit;
    if (count_ == inline_names && spill_ == nullptr) spill();
    names_[count_++] = {name.raw.data(), name.raw.size(), key};
    return true;
  }

  [[nodiscard]] bool is_known(const String& name, std::uint64_t key, std::size_t own) const {
    for (std::size_t i = own; i < count_; ++i) {
      if (names_[i].key == key && same({names_[i].raw, names_[i].size}, name)) return true;
    }
    return false;
  }

  [[gnu::noinline]] void spill() {
    const auto most_names = static_cast<std::size_t>(end_ - begin_) / 4 + 1;  // "":0 and what separates them
    spill_ = std::make_unique_for_overwrite<Name[]>(std::min(most_members_, most_names));
    std::copy_n(names_, count_, spill_.get());
    names_ = spill_.get();
  }

  static bool same(std::string_view known, const String& name) {
    return name.has_escapes ? stands_for(known, unescaped(name.raw)) : stands_for(known, name.raw);
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  std::size_t deepest_;
  std::size_t most_members_;
  MemberSink* sink_;
  std::size_t members_ = 0;
  std::size_t count_ = 0;
  Name inline_[inline_names];
  Name* names_ = inline_;
  std::unique_ptr<Name[]> spill_;
};

std::expected<View, Error> parse(std::string_view text, const Limits& limits, MemberSink* sink) {
  return Checker{text, limits, sink}.check();
}

}  // namespace signet::json

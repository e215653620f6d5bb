// Reading: the check of a text, and the views of one that has passed it. Writing stands in json_write.cpp.

#include "signet/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>

#include "src/jose/utf8.hpp"

namespace signet::json {
namespace {

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hexadecimal digits, or -1.
int code_unit(const char* at, const char* end) noexcept {
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

std::size_t encode_utf8(char32_t code, char* out) noexcept {
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

bool has_escapes(std::string_view raw) noexcept {
  return !raw.empty() && std::memchr(raw.data(), '\\', raw.size()) != nullptr;
}

// Whether the checked string `raw` stands for `text`.
bool stands_for(std::string_view raw, std::string_view text) noexcept {
  if (!has_escapes(raw)) return raw == text;
  const bool prefix = unescape(raw, [&](std::string_view piece) {
    if (!text.starts_with(piece)) return false;
    text.remove_prefix(piece.size());
    return true;
  });
  return prefix && text.empty();
}

// One pass over the text; remembers the member names of the objects it is inside of, to find repeated ones (case 30).
class Checker {
 public:
  Checker(std::string_view text, const Limits& limits) noexcept
      : begin_{text.data()}, at_{text.data()}, end_{text.data() + text.size()}, limits_{limits} {}

  // Null, or what is wrong at `offset()`.
  [[nodiscard]] const char* check(std::string_view& value, Kind& kind) {
    skip_space();
    const char* start = at_;
    if (const char* problem = check_value(0, kind)) return problem;
    value = {start, at_};
    skip_space();
    return at_ == end_ ? nullptr : "bytes after the end";
  }

  [[nodiscard]] std::size_t offset() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

 private:
  struct Name {
    std::string_view raw;
    std::uint32_t hash;
  };
  static constexpr std::size_t inline_names = 48;

  void skip_space() noexcept {
    while (at_ != end_ && is_space(*at_)) ++at_;
  }

  bool take(char c) noexcept {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  const char* check_value(std::size_t depth, Kind& kind) {
    if (at_ == end_) return "the text ends where a value is due";
    switch (*at_) {
      case '{':
        kind = Kind::object;
        return check_object(depth + 1);
      case '[':
        kind = Kind::array;
        return check_array(depth + 1);
      case '"': {
        kind = Kind::string;
        std::string_view raw;
        return check_string(raw);
      }
      case 't':
        kind = Kind::boolean;
        return check_word("true");
      case 'f':
        kind = Kind::boolean;
        return check_word("false");
      case 'n':
        kind = Kind::null;
        return check_word("null");
      default:
        kind = Kind::number;
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
      while (at_ != end_ && is_digit(*at_)) ++at_;
    }
    if (at_ != end_ && is_digit(*at_)) return "a number with a leading zero";
    bool plain = true;
    if (take('.')) {
      plain = false;
      if (at_ == end_ || !is_digit(*at_)) return "no digit after the decimal point";
      while (at_ != end_ && is_digit(*at_)) ++at_;
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      plain = false;
      ++at_;
      if (!take('-')) take('+');
      if (at_ == end_ || !is_digit(*at_)) return "no digit in the exponent";
      while (at_ != end_ && is_digit(*at_)) ++at_;
    }
    if (plain && at_ - digits < 300) return nullptr;  // 10^300 is well inside a double's range
    double value = 0;
    if (std::from_chars(start, at_, value).ec != std::errc{} || !std::isfinite(value)) return "a number out of range";
    return nullptr;
  }

  // Leaves `raw` as what stands between the quotes.
  const char* check_string(std::string_view& raw) noexcept {
    const char* start = ++at_;
    while (at_ != end_) {
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"') {
        raw = {start, at_++};
        return nullptr;
      }
      if (c == '\\') {
        if (const char* problem = check_escape()) return problem;
      } else if (c < 0x20) {
        return "a control character in a string";
      } else if (c < 0x80) {
        ++at_;
      } else {
        const std::size_t length = utf8_length(at_, end_);
        if (length == 0) return "invalid UTF-8";
        at_ += length;
      }
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
    if (depth > limits_.json_depth) return "nested too deep";
    ++at_;
    skip_space();
    if (take(']')) return nullptr;
    for (;;) {
      if (++members_ > limits_.json_members) return "too many members";
      skip_space();
      Kind kind{};
      if (const char* problem = check_value(depth, kind)) return problem;
      skip_space();
      if (take(']')) return nullptr;
      if (!take(',')) return "neither ',' nor ']' after an element";
    }
  }

  const char* check_object(std::size_t depth) {
    if (depth > limits_.json_depth) return "nested too deep";
    ++at_;
    skip_space();
    if (take('}')) return nullptr;
    const std::size_t own = count_;  // the names from here on are this object's
    for (;;) {
      if (++members_ > limits_.json_members) return "too many members";
      skip_space();
      if (at_ == end_ || *at_ != '"') return "no member name where one is due";
      std::string_view raw;
      if (const char* problem = check_string(raw)) return problem;
      if (!remember(raw, own)) return "a member twice";
      skip_space();
      if (!take(':')) return "no ':' after a member name";
      skip_space();
      Kind kind{};
      if (const char* problem = check_value(depth, kind)) return problem;
      skip_space();
      if (take('}')) {
        count_ = own;
        return nullptr;
      }
      if (!take(',')) return "neither ',' nor '}' after a member";
    }
  }

  // False when one of the names since `own` stands for the same text.
  bool remember(std::string_view raw, std::size_t own) {
    std::uint32_t hash = 2166136261;
    const auto mix = [&](std::string_view piece) {
      for (const char c : piece) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
      return true;
    };
    const bool escaped = has_escapes(raw);
    if (escaped) {
      unescape(raw, mix);
    } else {
      mix(raw);
    }
    for (std::size_t i = own; i < count_; ++i) {
      if (names_[i].hash == hash && same(names_[i].raw, raw, escaped)) return false;
    }
    if (count_ == inline_names && spill_ == nullptr) {
      spill_ = std::make_unique<Name[]>(limits_.json_members);
      std::copy_n(names_, count_, spill_.get());
      names_ = spill_.get();
    }
    names_[count_++] = {raw, hash};
    return true;
  }

  static bool same(std::string_view known, std::string_view raw, bool escaped) {
    if (!escaped) return stands_for(known, raw);
    std::string text;
    unescape(raw, [&](std::string_view piece) {
      text += piece;
      return true;
    });
    return stands_for(known, text);
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  const Limits& limits_;
  std::size_t members_ = 0;
  std::size_t count_ = 0;
  Name inline_[inline_names];
  Name* names_ = inline_;
  std::unique_ptr<Name[]> spill_;
};

// From here on the text has been checked: these only find their way in it.

const char* skip_space(const char* at, const char* end) noexcept {
  while (at != end && is_space(*at)) ++at;
  return at;
}

// One past the closing quote of the string whose opening quote is at `at`.
const char* skip_string(const char* at, const char* end) noexcept {
  ++at;
  while (at != end && *at != '"') at += *at == '\\' ? 2 : 1;
  return at + 1;
}

const char* skip_value(const char* at, const char* end) noexcept {
  if (*at == '"') return skip_string(at, end);
  if (*at != '{' && *at != '[') {
    while (at != end && *at != ',' && *at != '}' && *at != ']' && !is_space(*at)) ++at;
    return at;
  }
  std::size_t depth = 0;
  while (at != end) {
    switch (*at) {
      case '"':
        at = skip_string(at, end);
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) return at + 1;
        break;
      default:
        break;
    }
    ++at;
  }
  return at;
}

Kind kind_at(char c) noexcept {
  switch (c) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    default:
      return Kind::number;
  }
}

// The first name of an object or the first element of an array; null when it is empty.
const char* first_inside(std::string_view text) noexcept {
  const char* end = text.data() + text.size();
  const char* at = skip_space(text.data() + 1, end);
  return *at == '}' || *at == ']' ? nullptr : at;
}

// What comes after the value that ends at `at`; null at the end.
const char* next_after(const char* at, const char* end) noexcept {
  at = skip_space(at, end);
  return at != end && *at == ',' ? skip_space(at + 1, end) : nullptr;
}

std::string_view inside_quotes(std::string_view text) noexcept { return text.substr(1, text.size() - 2); }

std::string unescaped(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  unescape(raw, [&](std::string_view piece) {
    text += piece;
    return true;
  });
  return text;
}

}  // namespace

std::expected<View, Error> parse(std::string_view text, const Limits& limits) noexcept {
  try {
    Checker checker{text, limits};
    std::string_view value;
    Kind kind{};
    if (const char* problem = checker.check(value, kind)) {
      return std::unexpected(
          Error{ErrorCode::json_malformed, std::string{problem} + " at byte " + std::to_string(checker.offset())});
    }
    return View{value, kind};
  } catch (...) {
    return std::unexpected(Error{ErrorCode::internal});
  }
}

std::optional<bool> View::boolean() const noexcept {
  if (kind_ != Kind::boolean) return std::nullopt;
  return text_ == "true";
}

std::optional<double> View::number() const noexcept {
  if (kind_ != Kind::number) return std::nullopt;
  double value = 0;
  std::from_chars(text_.data(), text_.data() + text_.size(), value);
  return value;
}

std::optional<std::int64_t> View::integer() const noexcept {
  if (kind_ != Kind::number) return std::nullopt;
  std::int64_t value = 0;
  const char* end = text_.data() + text_.size();
  const auto [stopped, problem] = std::from_chars(text_.data(), end, value);
  if (problem != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

std::optional<std::string> View::string() const {
  if (kind_ != Kind::string) return std::nullopt;
  return unescaped(inside_quotes(text_));
}

std::optional<std::string_view> View::plain_string() const noexcept {
  if (kind_ != Kind::string) return std::nullopt;
  const auto raw = inside_quotes(text_);
  if (has_escapes(raw)) return std::nullopt;
  return raw;
}

std::optional<std::vector<std::string>> View::strings() const {
  if (kind_ != Kind::array) return std::nullopt;
  std::vector<std::string> texts;
  for (const View element : elements()) {
    auto text = element.string();
    if (!text) return std::nullopt;
    texts.push_back(std::move(*text));
  }
  return texts;
}

std::optional<View> View::find(std::string_view name) const noexcept {
  if (kind_ != Kind::object) return std::nullopt;
  const char* end = text_.data() + text_.size();
  for (const char* at = first_inside(text_); at != nullptr;) {
    const char* name_end = skip_string(at, end);
    const char* value = skip_space(skip_space(name_end, end) + 1, end);
    const char* value_end = skip_value(value, end);
    if (stands_for({at + 1, name_end - 1}, name)) return View{{value, value_end}, kind_at(*value)};
    at = next_after(value_end, end);
  }
  return std::nullopt;
}

Members View::members() const noexcept { return Members{kind_ == Kind::object ? text_ : std::string_view{"{}"}}; }

Elements View::elements() const noexcept { return Elements{kind_ == Kind::array ? text_ : std::string_view{"[]"}}; }

Members::iterator Members::begin() const { return iterator{object_}; }

Members::iterator::iterator(std::string_view object) noexcept
    : at_{first_inside(object)}, end_{object.data() + object.size()} {}

std::string_view Members::iterator::raw_name() const noexcept { return {at_ + 1, skip_string(at_, end_) - 1}; }

View Members::iterator::value() const noexcept {
  const char* value = skip_space(skip_space(skip_string(at_, end_), end_) + 1, end_);
  return View{{value, skip_value(value, end_)}, kind_at(*value)};
}

Member Members::iterator::operator*() const { return {unescaped(raw_name()), value()}; }

Members::iterator& Members::iterator::operator++() noexcept {
  const auto text = value().text();
  at_ = next_after(text.data() + text.size(), end_);
  return *this;
}

Elements::iterator Elements::begin() const noexcept { return iterator{array_}; }

Elements::iterator::iterator(std::string_view array) noexcept
    : at_{first_inside(array)}, end_{array.data() + array.size()} {}

View Elements::iterator::operator*() const noexcept { return View{{at_, skip_value(at_, end_)}, kind_at(*at_)}; }

Elements::iterator& Elements::iterator::operator++() noexcept {
  at_ = next_after(skip_value(at_, end_), end_);
  return *this;
}

}  // namespace signet::json

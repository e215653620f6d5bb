// Views of a text that has been checked. The check stands in json_check.cpp, writing in json_write.cpp.

#include "signet/json.hpp"

#include <charconv>

#include "src/jose/json_check.hpp"
#include "src/jose/json_text.hpp"

namespace signet::json {
namespace {

// The text has been checked: these only find their way in it.

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

}  // namespace

std::expected<View, Error> parse(std::string_view text, const Limits& limits) noexcept {
  try {
    return parse(text, limits, nullptr);
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

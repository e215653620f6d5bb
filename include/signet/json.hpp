#pragma once
// Strict JSON (RFC 8259), as tokens need it: text is checked once, in full, and then only looked at. No tree is built.
// Refused: duplicate members at any level, invalid UTF-8, a byte order mark, bytes after the end, lone surrogates,
// numbers that no double holds, and more depth or members than Limits allow.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "signet/error.hpp"
#include "signet/limits.hpp"

namespace signet::json {

template <class T>
concept IsCharacter = std::is_same_v<T, char> || std::is_same_v<T, wchar_t> || std::is_same_v<T, char8_t> ||
                      std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>;
template <class T>
concept IsInteger = std::is_integral_v<T> && !std::is_same_v<T, bool> && !IsCharacter<T>;

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

class Members;
class Elements;
class Checker;

// A value inside text that `parse` has accepted. Does not own the text: it must outlive the view.
class View {
 public:
  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }  // the value's own JSON

  // Each is nullopt when the value is of another kind.
  [[nodiscard]] std::optional<bool> boolean() const noexcept;
  [[nodiscard]] std::optional<double> number() const noexcept;
  [[nodiscard]] std::optional<std::int64_t> integer() const noexcept;  // also nullopt: fraction, exponent, out of range
  [[nodiscard]] std::optional<std::string> string() const;             // with escapes resolved
  // The string where it stands; also nullopt when it contains escapes.
  [[nodiscard]] std::optional<std::string_view> plain_string() const noexcept;
  [[nodiscard]] std::optional<std::vector<std::string>> strings() const;  // an array of strings, all of it

  // The member of that name, byte for byte after escapes are resolved; nullopt when absent or when not an object.
  [[nodiscard]] std::optional<View> find(std::string_view name) const noexcept;

  [[nodiscard]] Members members() const noexcept;    // empty unless an object
  [[nodiscard]] Elements elements() const noexcept;  // empty unless an array

 private:
  friend class Members;
  friend class Elements;
  friend class Checker;
  View(std::string_view text, Kind kind) noexcept : text_{text}, kind_{kind} {}
  std::string_view text_;
  Kind kind_;
};

// Checks all of `text`: one JSON value and nothing else. Errors: json_malformed, with the byte offset in the detail.
// Allocates only for texts with many members, or with escapes in their names.
[[nodiscard]] std::expected<View, Error> parse(std::string_view text, const Limits& limits = {}) noexcept;

struct Member {
  std::string name;
  View value;
};

// The members of an object in the order of the text: `for (const json::Member& m : view.members())`.
class Members {
 public:
  class iterator;
  [[nodiscard]] iterator begin() const;
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  friend class View;
  explicit Members(std::string_view object) noexcept : object_{object} {}
  std::string_view object_;
};

class Members::iterator {
 public:
  using value_type = Member;
  using difference_type = std::ptrdiff_t;
  [[nodiscard]] Member operator*() const;
  // The two halves of a member without copying: the name as it stands between its quotes, escapes unresolved.
  [[nodiscard]] std::string_view raw_name() const noexcept;
  [[nodiscard]] View value() const noexcept;
  iterator& operator++() noexcept;
  void operator++(int) noexcept { ++*this; }
  [[nodiscard]] bool operator==(std::default_sentinel_t) const noexcept { return at_ == nullptr; }

 private:
  friend class Members;
  explicit iterator(std::string_view object) noexcept;
  const char* at_ = nullptr;   // the opening quote of the current name, null at the end
  const char* end_ = nullptr;  // one past the object's closing brace
};

class Elements {
 public:
  class iterator;
  [[nodiscard]] iterator begin() const noexcept;
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  friend class View;
  explicit Elements(std::string_view array) noexcept : array_{array} {}
  std::string_view array_;
};

class Elements::iterator {
 public:
  using value_type = View;
  using difference_type = std::ptrdiff_t;
  [[nodiscard]] View operator*() const noexcept;
  iterator& operator++() noexcept;
  void operator++(int) noexcept { ++*this; }
  [[nodiscard]] bool operator==(std::default_sentinel_t) const noexcept { return at_ == nullptr; }

 private:
  friend class Elements;
  explicit iterator(std::string_view array) noexcept;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_string(std::string& out, std::string_view text);

class Array;

// Writes an object: json::Object{}.set("a", 1).set("b", "text").text(). Names are not checked for repetition.
class Object {
 public:
  Object& set(std::string_view name, std::string_view value);
  Object& set(std::string_view name, const char* value) { return set(name, std::string_view{value}); }
  Object& set(std::string_view name, const std::string& value) { return set(name, std::string_view{value}); }
  Object& set(std::string_view name, bool value);
  template <class Integer>
    requires IsInteger<Integer>
  Object& set(std::string_view name, Integer value) {
    return set_raw(name, std::to_string(value));
  }
  // What would silently become something else: a null pointer a string, any other pointer a bool, a character a number.
  Object& set(std::string_view name, std::nullptr_t) = delete;
  template <class T>
    requires(!std::is_same_v<std::remove_cv_t<T>, char>)
  Object& set(std::string_view name, T* value) = delete;
  template <IsCharacter Character>
  Object& set(std::string_view name, Character value) = delete;
  Object& set(std::string_view name, double value);  // Precondition: finite
  Object& set(std::string_view name, const std::vector<std::string>& values);
  Object& set(std::string_view name, const Object& value);
  Object& set(std::string_view name, const Array& value);
  Object& set_null(std::string_view name);
  Object& set_raw(std::string_view name, std::string_view json);  // Precondition: `json` is valid JSON
  [[nodiscard]] bool empty() const noexcept { return members_.empty(); }
  [[nodiscard]] std::string text() const;

 private:
  std::string members_;
};

class Array {
 public:
  Array& add(std::string_view value);
  Array& add(const Object& value);
  Array& add_raw(std::string_view json);  // Precondition: `json` is valid JSON
  [[nodiscard]] bool empty() const noexcept { return elements_.empty(); }
  [[nodiscard]] std::string text() const;

 private:
  std::string elements_;
};

}  // namespace signet::json

// Writing JSON: strings with their escapes, and the two builders.

#include <charconv>

#include "signet/json.hpp"
#include "src/jose/utf8.hpp"

namespace signet::json {

void append_string(std::string& out, std::string_view text) {
  static constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  const char* end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const auto c = static_cast<unsigned char>(*at);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += *at++;
    } else if (c < 0x20 || c == 0x7f) {
      out += "\\u00";
      out += hex[c >> 4];
      out += hex[c & 15];
      ++at;
    } else if (const std::size_t length = utf8_length(at, end); length != 0) {
      out.append(at, length);
      at += length;
    } else {
      out += "\xef\xbf\xbd";
      ++at;
    }
  }
  out += '"';
}

namespace {

void begin_member(std::string& members, std::string_view name) {
  if (!members.empty()) members += ',';
  append_string(members, name);
  members += ':';
}

}  // namespace

Object& Object::set(std::string_view name, std::string_view value) {
  begin_member(members_, name);
  append_string(members_, value);
  return *this;
}

Object& Object::set(std::string_view name, bool value) { return set_raw(name, value ? "true" : "false"); }

Object& Object::set(std::string_view name, double value) {
  char text[32];
  const auto [end, problem] = std::to_chars(text, text + sizeof text, value);
  return set_raw(name, problem == std::errc{} ? std::string_view{text, end} : "0");
}

Object& Object::set(std::string_view name, const std::vector<std::string>& values) {
  Array array;
  for (const auto& value : values) array.add(value);
  return set(name, array);
}

Object& Object::set(std::string_view name, const Object& value) { return set_raw(name, value.text()); }

Object& Object::set(std::string_view name, const Array& value) { return set_raw(name, value.text()); }

Object& Object::set_null(std::string_view name) { return set_raw(name, "null"); }

Object& Object::set_raw(std::string_view name, std::string_view json) {
  begin_member(members_, name);
  members_ += json;
  return *this;
}

std::string Object::text() const { return '{' + members_ + '}'; }

Array& Array::add(std::string_view value) {
  if (!elements_.empty()) elements_ += ',';
  append_string(elements_, value);
  return *this;
}

Array& Array::add(const Object& value) { return add_raw(value.text()); }

Array& Array::add_raw(std::string_view json) {
  if (!elements_.empty()) elements_ += ',';
  elements_ += json;
  return *this;
}

std::string Array::text() const { return '[' + elements_ + ']'; }

}  // namespace signet::json

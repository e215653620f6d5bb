// Accepted text can be walked whole, holds no name twice in an object, and written again it is accepted again and means
// the same.

#include "signet/json.hpp"

#include <string>

#include "fuzz/property.hpp"

namespace {

namespace json = signet::json;
using signet::fuzz::require;

std::string rewrite(json::View value) {
  switch (value.kind()) {
    case json::Kind::object: {
      json::Object object;
      for (const auto& [name, member] : value.members()) {
        // `find` stops at the first member of that name: were there two, one of them would not find itself.
        const auto found = value.find(name);
        require(found && found->text().data() == member.text().data());
        object.set_raw(name, rewrite(member));
      }
      return object.text();
    }
    case json::Kind::array: {
      json::Array array;
      for (const json::View element : value.elements()) array.add_raw(rewrite(element));
      return array.text();
    }
    case json::Kind::string: {
      const auto text = value.string();
      require(text.has_value());
      if (const auto plain = value.plain_string()) require(*plain == *text);
      std::string out;
      json::append_string(out, *text);
      return out;
    }
    case json::Kind::number: {
      const auto number = value.number();
      require(number.has_value());
      // An integer that a double holds exactly is the same number by both ways.
      const auto integer = value.integer();
      if (integer && *integer > -(1LL << 53) && *integer < (1LL << 53)) {
        require(static_cast<double>(*integer) == *number);
      }
      return std::string{value.text()};
    }
    case json::Kind::boolean:
      require(value.text() == (*value.boolean() ? "true" : "false"));
      return std::string{value.text()};
    case json::Kind::null:
      require(value.text() == "null");
      return "null";
  }
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = signet::fuzz::text_of(data, size);
  // Whatever the bytes are, they can be written as a string.
  std::string quoted;
  json::append_string(quoted, text);
  require(json::parse(quoted).has_value());

  const auto value = json::parse(text);
  if (!value) {
    require(value.error().code() == signet::ErrorCode::json_malformed);
    return 0;
  }
  const auto once = rewrite(*value);
  const auto again = json::parse(once);
  require(again.has_value());
  require(rewrite(*again) == once);

  return 0;
}

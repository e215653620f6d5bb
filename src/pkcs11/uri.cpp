#include <algorithm>
#include <array>
#include <utility>

#include "signet/pkcs11.hpp"

namespace signet {
namespace {

constexpr std::size_t longest = 1024;
constexpr std::string_view scheme = "pkcs11:";

struct Attribute {
  std::string_view name;
  std::string Pkcs11Uri::* value;
};
// In the order in which they are written.
constexpr std::array attributes{Attribute{"token", &Pkcs11Uri::token}, Attribute{"serial", &Pkcs11Uri::serial},
                                Attribute{"object", &Pkcs11Uri::object}, Attribute{"id", &Pkcs11Uri::id}};

std::unexpected<Error> refuse(const std::string& why) {
  return std::unexpected(Error{ErrorCode::invalid_configuration, "a PKCS#11 URI: " + why});
}

bool is_digit_or_letter(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// What stands for itself in a value: `pk11-pchar` of RFC 7512 section 2.3.
bool is_plain(char c) {
  return is_digit_or_letter(c) || std::string_view{"-._~:[]@!$'()*+,=&"}.find(c) != std::string_view::npos;
}

std::optional<unsigned> hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_plain(text[i])) {
      out.push_back(text[i]);
      continue;
    }
    if (text[i] != '%' || text.size() - i < 3) return std::nullopt;
    const auto high = hex(text[i + 1]), low = hex(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out.push_back(static_cast<char>(*high << 4 | *low));
    i += 2;
  }
  return out;
}

// No longer than what was decoded, so that the text of a place can be read again.
void append_encoded(std::string& out, std::string_view value) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : value) {
    if (is_plain(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
}

}  // namespace

std::expected<Pkcs11Uri, Error> Pkcs11Uri::parse(std::string_view text) {
  if (text.size() > longest) return refuse("longer than 1024 characters");
  if (!text.starts_with(scheme)) return refuse("it begins with pkcs11:");
  text.remove_prefix(scheme.size());
  // Not quoted: it may be a PIN.
  if (text.contains('?')) return refuse("no PIN and no module stand in it, so no `?` does");
  Pkcs11Uri uri;
  for (bool more = true; more;) {
    const auto end = text.find(';');
    more = end != std::string_view::npos;
    const auto part = text.substr(0, end);
    text.remove_prefix(more ? end + 1 : text.size());
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) return refuse("an attribute without a value");
    if (part == "type=private") continue;
    const auto* found = std::ranges::find(attributes, part.substr(0, equals), &Attribute::name);
    if (found == attributes.end())
      return refuse("it has token, serial, object, id and type=private, no other attribute");
    std::string& value = uri.*found->value;
    auto given = decoded(part.substr(equals + 1));
    if (!given || given->empty()) return refuse(std::string{found->name} + " is empty, or not percent-encoded");
    if (!value.empty()) return refuse(std::string{found->name} + " stands there twice");
    value = std::move(*given);
  }
  if (uri.token.empty() && uri.serial.empty()) return refuse("it names no token: token= or serial= is missing");
  if (uri.object.empty() && uri.id.empty()) return refuse("it names no key: object= or id= is missing");
  return uri;
}

std::string Pkcs11Uri::text() const {
  std::string out{scheme};
  for (const Attribute& attribute : attributes) {
    const std::string& value = this->*attribute.value;
    if (value.empty()) continue;
    if (out.size() > scheme.size()) out.push_back(';');
    out.append(attribute.name).push_back('=');
    append_encoded(out, value);
  }
  return out;
}

}  // namespace signet

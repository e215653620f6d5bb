#include "src/jose/serialization.hpp"

#include <algorithm>

#include "src/jose/base64url.hpp"

namespace signet::jose {
namespace {

std::unexpected<Error> malformed(std::string_view what) {
  return std::unexpected(Error{ErrorCode::token_malformed, std::string{what}});
}
std::unexpected<Error> too_large(std::string_view what = "the header") {
  return std::unexpected(Error{ErrorCode::token_too_large, std::string{what}});
}

}  // namespace

std::expected<json::View, Error> message_object(std::string_view text, const Limits& limits) {
  if (text.size() > limits.token_bytes) return too_large("the message");
  const auto object = json::parse(text, limits);
  if (!object) return malformed(object.error().detail());
  if (object->kind() != json::Kind::object) return malformed("not a JSON object");
  return *object;
}

std::expected<std::vector<json::View>, Error> parts_of(json::View message, std::string_view array,
                                                       std::initializer_list<std::string_view> own) {
  const auto elements = message.find(array);
  if (!elements) return std::vector{message};
  if (std::ranges::any_of(own, [&](std::string_view name) { return message.find(name).has_value(); })) {
    return malformed("flattened and general at once");
  }
  if (elements->kind() != json::Kind::array) return malformed(std::string{array} + " is not an array");
  std::vector<json::View> parts;
  for (const json::View one : elements->elements()) {
    if (parts.size() == most_parts) return too_large("more than 32 " + std::string{array});
    if (one.kind() != json::Kind::object) return malformed(std::string{array} + " holds something else than objects");
    parts.push_back(one);
  }
  if (parts.empty()) return malformed(std::string{array} + " is empty");
  return parts;
}

bool decode(std::string_view base64url, crypto::Bytes& out) {
  out.resize(base64url_decoded_size(base64url.size()));
  return base64url_decode_into(base64url, out.data());
}

std::expected<std::string, Error> decode_header(std::string_view base64url, const Limits& limits) {
  if (base64url_decoded_size(base64url.size()) > limits.header_bytes) return too_large();
  crypto::Bytes bytes;
  if (!decode(base64url, bytes)) return malformed("the protected header is not base64url");
  return std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::expected<std::optional<std::string>, Error> any_text_member(json::View object, std::string_view name) {
  const auto value = object.find(name);
  if (!value) return std::optional<std::string>{};
  auto text = value->string();
  if (!text) return malformed(std::string{name} + " is not a string");
  return text;
}

std::expected<std::optional<std::string>, Error> text_member(json::View object, std::string_view name) {
  auto text = any_text_member(object, name);
  if (text && *text && (*text)->empty()) return malformed(std::string{name} + " is there and empty");
  return text;
}

std::expected<std::string, Error> header_member(json::View object, std::string_view name, const Limits& limits) {
  const auto value = object.find(name);
  if (!value) return std::string{};
  if (value->kind() != json::Kind::object) return malformed(std::string{name} + " is not an object");
  if (value->text().size() > limits.header_bytes) return too_large();
  return std::string{value->text()};
}

std::expected<ProtectedHeader, Error> protected_member(json::View object, const Limits& limits) {
  auto text = text_member(object, "protected");
  if (!text) return std::unexpected(std::move(text).error());
  std::optional<std::string>& present = *text;
  if (!present) return ProtectedHeader{};
  auto decoded = decode_header(*present, limits);
  if (!decoded) return std::unexpected(std::move(decoded).error());
  return ProtectedHeader{*std::move(present), std::move(*decoded)};
}

std::optional<json::View> object_in(const std::string& text, const Limits& limits) noexcept {
  if (text.empty()) return std::nullopt;
  const auto object = json::parse(text, limits);
  return object ? std::optional{*object} : std::nullopt;  // what was read before fails for lack of memory alone
}

std::optional<std::string> text_in(const std::optional<json::View>& object, std::string_view name) {
  const auto value = object ? object->find(name) : std::nullopt;
  return value ? value->string() : std::nullopt;
}

}  // namespace signet::jose

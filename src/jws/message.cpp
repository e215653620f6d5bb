#include "src/jws/message.hpp"

#include <algorithm>

#include "signet/json.hpp"
#include "src/jose/base64url.hpp"
#include "src/jose/serialization.hpp"
#include "src/jwt/header.hpp"

namespace signet::jws {
namespace {

std::unexpected<Error> malformed(std::string_view what) {
  return std::unexpected(Error{ErrorCode::token_malformed, std::string{what}});
}
std::unexpected<Error> too_large(std::string_view what) {
  return std::unexpected(Error{ErrorCode::token_too_large, std::string{what}});
}

std::expected<Message::Signature, Error> read_signature(json::View object, const Limits& limits) {
  if (object.kind() != json::Kind::object) return malformed("a signature is not an object");
  Message::Signature signature;
  auto protect = jose::protected_member(object, limits);
  if (!protect) return std::unexpected(std::move(protect).error());
  signature.protected_text = std::move(protect->text);
  signature.protected_header = std::move(protect->json);
  auto header = jose::header_member(object, "header", limits);
  if (!header) return std::unexpected(std::move(header).error());
  signature.header = std::move(*header);
  const auto text = jose::text_member(object, "signature");
  if (!text) return std::unexpected(text.error());
  const std::optional<std::string>& present = *text;
  if (!present) return malformed("no signature");
  if (!jose::decode(*present, signature.signature)) return malformed("the signature is not base64url");
  return signature;
}

std::expected<void, Error> read_signatures(json::View object, const Limits& limits, Message& message) {
  const auto add = [&](json::View one) -> std::expected<void, Error> {
    auto signature = read_signature(one, limits);
    if (!signature) return std::unexpected(std::move(signature).error());
    message.signatures.push_back(std::move(*signature));
    return {};
  };
  const auto signatures = object.find("signatures");
  if (!signatures) return add(object);
  if (object.find("protected") || object.find("header") || object.find("signature")) {
    return malformed("flattened and general at once");
  }
  if (signatures->kind() != json::Kind::array) return malformed("signatures is not an array");
  for (const json::View one : signatures->elements()) {
    if (message.signatures.size() == jose::most_parts) return too_large("more than 32 signatures");
    if (auto added = add(one); !added) return added;
  }
  if (message.signatures.empty()) return malformed("no signature");
  return {};
}

void set_signature(json::Object& object, const Message::Signature& signature) {
  if (!signature.protected_text.empty()) object.set("protected", signature.protected_text);
  if (!signature.header.empty()) object.set_raw("header", signature.header);
  object.set("signature", jose::base64url_encode(signature.signature));
}

json::Object with_payload(const Message& message) {
  json::Object object;
  if (message.payload) object.set("payload", *message.payload);
  return object;
}

}  // namespace

std::string signing_input(const Message::Signature& signature, std::string_view payload) {
  std::string input;
  input.reserve(signature.protected_text.size() + 1 + payload.size());
  input.append(signature.protected_text).append(1, '.').append(payload);
  return input;
}

std::expected<Message, Error> read_compact(std::string_view text, const Limits& limits) {
  if (text.size() > limits.token_bytes) return too_large("the message");
  if (std::ranges::count(text, '.') != 2) return malformed("not three parts");
  const auto first = text.find('.'), second = text.rfind('.');
  Message::Signature signature{
      .protected_text = std::string{text.substr(0, first)}, .protected_header = {}, .header = {}, .signature = {}};
  if (signature.protected_text.empty()) return malformed("no header");
  auto header = jose::decode_header(signature.protected_text, limits);
  if (!header) return std::unexpected(std::move(header).error());
  signature.protected_header = std::move(*header);
  if (!jose::decode(text.substr(second + 1), signature.signature)) return malformed("the signature is not base64url");
  Message message;
  message.payload = text.substr(first + 1, second - first - 1);
  message.signatures.push_back(std::move(signature));
  return message;
}

std::expected<Message, Error> read_json(std::string_view text, const Limits& limits) {
  if (text.size() > limits.token_bytes) return too_large("the message");
  const auto object = json::parse(text, limits);
  if (!object) return malformed(object.error().detail());
  if (object->kind() != json::Kind::object) return malformed("not a JSON object");
  Message message;
  auto payload = jose::any_text_member(*object, "payload");
  if (!payload) return std::unexpected(std::move(payload).error());
  message.payload = std::move(*payload);
  if (auto read = read_signatures(*object, limits, message); !read) return std::unexpected(std::move(read).error());
  return message;
}

bool fits_compact(std::string_view payload) noexcept {
  return std::ranges::all_of(payload, [](char c) { return c >= 0x20 && c < 0x7f && c != '.'; });
}

bool fits_json(std::string_view payload) { return jwt::is_utf8(payload); }

std::string write_compact(const Message& message) {
  const Message::Signature& signature = message.signatures.front();
  return signing_input(signature, message.payload.value_or(std::string{})) + '.' +
         jose::base64url_encode(signature.signature);
}

std::string write_flattened(const Message& message) {
  json::Object object = with_payload(message);
  set_signature(object, message.signatures.front());
  return object.text();
}

std::string write_general(const Message& message) {
  json::Array signatures;
  for (const Message::Signature& one : message.signatures) {
    json::Object signature;
    set_signature(signature, one);
    signatures.add(signature);
  }
  return with_payload(message).set("signatures", signatures).text();
}

}  // namespace signet::jws

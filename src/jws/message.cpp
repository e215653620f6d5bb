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

std::expected<Message::Signature, Error> read_signature(json::View object, const Limits& limits) {
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
  if (text.size() > limits.token_bytes) return std::unexpected(Error{ErrorCode::token_too_large, "the message"});
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
  const auto object = jose::message_object(text, limits);
  if (!object) return std::unexpected(object.error());
  Message message;
  auto payload = jose::any_text_member(*object, "payload");
  if (!payload) return std::unexpected(std::move(payload).error());
  message.payload = std::move(*payload);
  const auto parts = jose::parts_of(*object, "signatures", {"protected", "header", "signature"});
  if (!parts) return std::unexpected(parts.error());
  for (const json::View part : *parts) {
    auto signature = read_signature(part, limits);
    if (!signature) return std::unexpected(std::move(signature).error());
    message.signatures.push_back(std::move(*signature));
  }
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

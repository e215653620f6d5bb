#include "src/jwe/message.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "signet/json.hpp"
#include "src/jose/base64url.hpp"
#include "src/jose/serialization.hpp"

namespace signet::jwe {
namespace {

using jose::base64url_encode;

std::unexpected<Error> malformed(std::string_view what) {
  return std::unexpected(Error{ErrorCode::token_malformed, std::string{what}});
}

// A member that holds base64url: absent is nothing.
std::expected<void, Error> read_bytes(json::View object, std::string_view name, Bytes& out) {
  const auto text = name == "ciphertext" ? jose::any_text_member(object, name) : jose::text_member(object, name);
  if (!text) return std::unexpected(text.error());
  const std::optional<std::string>& present = *text;
  if (present && !jose::decode(*present, out)) return malformed(std::string{name} + " is not base64url");
  return {};
}

std::expected<Message::Recipient, Error> read_recipient(json::View object, const Limits& limits) {
  Message::Recipient recipient;
  auto header = jose::header_member(object, "header", limits);
  if (!header) return std::unexpected(std::move(header).error());
  recipient.header = std::move(*header);
  if (auto read = read_bytes(object, "encrypted_key", recipient.encrypted_key); !read) {
    return std::unexpected(std::move(read).error());
  }
  return recipient;
}

// --- writing

void set_shared_members(json::Object& object, const Message& message) {
  if (!message.protected_text.empty()) object.set("protected", message.protected_text);
  if (!message.shared_header.empty()) object.set_raw("unprotected", message.shared_header);
}

void set_recipient(json::Object& object, const Message::Recipient& recipient) {
  if (!recipient.header.empty()) object.set_raw("header", recipient.header);
  if (!recipient.encrypted_key.empty()) object.set("encrypted_key", base64url_encode(recipient.encrypted_key));
}

std::string finished(json::Object object, const Message& message) {
  if (!message.additional_text.empty()) object.set("aad", message.additional_text);
  return object.set("iv", base64url_encode(message.iv))
      .set("ciphertext", base64url_encode(message.ciphertext))
      .set("tag", base64url_encode(message.tag))
      .text();
}

}  // namespace

std::string Message::additional_data() const {
  return additional_text.empty() ? protected_text : protected_text + '.' + additional_text;
}

std::expected<Message, Error> read_compact(std::string_view text, const Limits& limits) {
  if (text.size() > limits.token_bytes) return std::unexpected(Error{ErrorCode::token_too_large, "the token"});
  std::array<std::string_view, 5> parts;
  std::size_t count = 0, begin = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at != text.size() && text[at] != '.') continue;
    if (count == parts.size()) return malformed("more than five parts");
    parts[count++] = text.substr(begin, at - begin);
    begin = at + 1;
  }
  if (count != parts.size()) return malformed("not five parts");
  if (parts[0].empty()) return malformed("no header");

  Message message;
  auto header = jose::decode_header(parts[0], limits);
  if (!header) return std::unexpected(std::move(header).error());
  message.protected_text = parts[0];
  message.protected_header = std::move(*header);
  message.recipients.emplace_back();
  if (!jose::decode(parts[1], message.recipients.front().encrypted_key) || !jose::decode(parts[2], message.iv) ||
      !jose::decode(parts[3], message.ciphertext) || !jose::decode(parts[4], message.tag)) {
    return malformed("a part is not base64url");
  }
  return message;
}

std::expected<Message, Error> read_json(std::string_view text, const Limits& limits) {
  const auto object = jose::message_object(text, limits);
  if (!object) return std::unexpected(object.error());
  Message message;
  auto header = jose::protected_member(*object, limits);
  if (!header) return std::unexpected(std::move(header).error());
  message.protected_text = std::move(header->text);
  message.protected_header = std::move(header->json);
  auto shared = jose::header_member(*object, "unprotected", limits);
  if (!shared) return std::unexpected(std::move(shared).error());
  message.shared_header = std::move(*shared);
  const auto parts = jose::parts_of(*object, "recipients", {"header", "encrypted_key"});
  if (!parts) return std::unexpected(parts.error());
  for (const json::View part : *parts) {
    auto recipient = read_recipient(part, limits);
    if (!recipient) return std::unexpected(std::move(recipient).error());
    message.recipients.push_back(std::move(*recipient));
  }
  for (const auto& [name, place] :
       {std::pair{"iv", &message.iv}, std::pair{"ciphertext", &message.ciphertext}, std::pair{"tag", &message.tag}}) {
    if (auto read = read_bytes(*object, name, *place); !read) return std::unexpected(std::move(read).error());
  }
  if (!object->find("ciphertext")) return malformed("no ciphertext");
  auto aad = jose::text_member(*object, "aad");
  if (!aad) return std::unexpected(std::move(aad).error());
  message.additional_text = std::move(*aad).value_or(std::string{});
  if (!jose::base64url_decode(message.additional_text)) return malformed("aad is not base64url");
  return message;
}

std::string write_compact(const Message& message) {
  std::string text = message.protected_text;
  for (const Bytes* part :
       {&message.recipients.front().encrypted_key, &message.iv, &message.ciphertext, &message.tag}) {
    text += '.';
    text += base64url_encode(*part);
  }
  return text;
}

std::string write_flattened(const Message& message) {
  json::Object object;
  set_shared_members(object, message);
  set_recipient(object, message.recipients.front());
  return finished(std::move(object), message);
}

std::string write_general(const Message& message) {
  json::Array recipients;
  for (const Message::Recipient& one : message.recipients) {
    json::Object recipient;
    set_recipient(recipient, one);
    recipients.add(recipient);
  }
  json::Object object;
  set_shared_members(object, message);
  object.set("recipients", recipients);
  return finished(std::move(object), message);
}

}  // namespace signet::jwe

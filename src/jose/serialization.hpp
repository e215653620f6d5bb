#pragma once
// What the JSON serializations of JWS (RFC 7515 section 7.2) and JWE (RFC 7516 section 7.2) have in common.

#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"
#include "signet/json.hpp"
#include "src/crypto/secure_memory.hpp"

namespace signet::jose {

// Each signature or recipient costs the reader the work of a key.
inline constexpr std::size_t most_parts = 32;

// The whole text, one JSON object. Errors: token_too_large, token_malformed.
[[nodiscard]] std::expected<json::View, Error> message_object(std::string_view text, const Limits& limits);

// The signatures or recipients: the objects in the array of that name (general), or without one the message itself
// (flattened), which alone may have the members `own` of such a part. Errors: token_malformed, token_too_large.
[[nodiscard]] std::expected<std::vector<json::View>, Error> parts_of(json::View message, std::string_view array,
                                                                     std::initializer_list<std::string_view> own);

[[nodiscard]] bool decode(std::string_view base64url, crypto::Bytes& out);

// The protected header, decoded. Errors: token_too_large, token_malformed.
[[nodiscard]] std::expected<std::string, Error> decode_header(std::string_view base64url, const Limits& limits);

// A text member; absent is nothing. Errors: token_malformed, also when it is there and empty, for then it must be
// absent.
[[nodiscard]] std::expected<std::optional<std::string>, Error> text_member(json::View object, std::string_view name);

// The same where empty text means something.
[[nodiscard]] std::expected<std::optional<std::string>, Error> any_text_member(json::View object,
                                                                               std::string_view name);

// An unprotected header as JSON; empty when absent. Errors: token_malformed, token_too_large.
[[nodiscard]] std::expected<std::string, Error> header_member(json::View object, std::string_view name,
                                                              const Limits& limits);

// The protected header as it stands, and decoded; both empty when absent. Errors: those of the parts.
struct ProtectedHeader {
  std::string text;  // base64url
  std::string json;
};
[[nodiscard]] std::expected<ProtectedHeader, Error> protected_member(json::View object, const Limits& limits);

// A header that was read before: its object, or nothing for empty text. And a text member of such an object.
[[nodiscard]] std::optional<json::View> object_in(const std::string& text, const Limits& limits) noexcept;
[[nodiscard]] std::optional<std::string> text_in(const std::optional<json::View>& object, std::string_view name);

}  // namespace signet::jose

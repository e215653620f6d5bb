#include "signet/danger.hpp"

#include <utility>

#include "src/jose/base64url.hpp"
#include "src/jwt/compact.hpp"

namespace signet::danger {

namespace {

std::expected<std::string, Error> decode_object(std::string_view part, std::string_view encoded, const Limits& limits) {
  const auto malformed = [&](std::string_view what) {
    return std::unexpected(Error{ErrorCode::token_malformed, std::string{part}.append(": ").append(what)});
  };
  std::string text(jose::base64url_decoded_size(encoded.size()), '\0');
  if (!jose::base64url_decode_into(encoded, reinterpret_cast<std::byte*>(text.data())))
    return malformed("not base64url");
  const auto value = json::parse(text, limits);
  if (!value) return malformed(value.error().detail());
  if (value->kind() != json::Kind::object) return malformed("not a JSON object");
  return text;
}

json::View no_members() noexcept { return *json::parse("{}"); }

}  // namespace

// Read again rather than kept: a view would not survive a move of the short text it looks at. Empty for a token that
// was moved from.
json::View UnverifiedToken::header() const noexcept { return json::parse(header_, limits_).value_or(no_members()); }
json::View UnverifiedToken::claims() const noexcept { return json::parse(claims_, limits_).value_or(no_members()); }

std::expected<UnverifiedToken, Error> read_unverified(std::string_view compact, const Limits& limits) {
  const auto parts = jwt::split_compact(compact, limits);
  if (!parts) return std::unexpected(parts.error());
  if (jose::base64url_decoded_size(parts->header.size()) > limits.header_bytes) {
    return std::unexpected(Error{ErrorCode::token_too_large, "the header"});
  }
  auto header = decode_object("header", parts->header, limits);
  if (!header) return std::unexpected(std::move(header.error()));
  auto claims = decode_object("claims", parts->payload, limits);
  if (!claims) return std::unexpected(std::move(claims.error()));
  if (!parts->signature.empty() && !jose::base64url_decode(parts->signature)) {
    return std::unexpected(Error{ErrorCode::token_malformed, "signature: not base64url"});
  }

  UnverifiedToken token;
  token.header_ = std::move(*header);
  token.claims_ = std::move(*claims);
  token.signature_ = parts->signature;
  token.limits_ = limits;
  return token;
}

}  // namespace signet::danger

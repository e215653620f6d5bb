#include "signet/logout_token.hpp"

#include <utility>

namespace signet {
namespace {

bool is_text(const std::optional<json::View>& value) {
  const auto text = value ? value->string() : std::nullopt;
  return text && !text->empty();
}

// What it has to be apart from that, every verifier checks.
bool is_not_empty(json::View claims, std::string_view name) {
  const auto value = claims.find(name);
  return !value || value->text() != R"("")";
}

bool names_the_event(json::View claims) {
  const auto events = claims.find("events");
  const auto event = events ? events->find(backchannel_logout_event) : std::nullopt;
  return event && event->kind() == json::Kind::object;
}

std::optional<std::string> text_of(const VerifiedToken& token, std::string_view name) {
  return token.claim<std::string>(name);
}

}  // namespace

std::expected<LogoutVerifier, Error> LogoutVerifier::with(std::shared_ptr<const KeySource> keys,
                                                          std::string_view issuer, std::string_view client_id,
                                                          std::shared_ptr<const Clock> clock) {
  auto verifier =
      Verifier::builder()
          .key_source(std::move(keys))
          .issuer(issuer)
          .audience(client_id)
          .type(logout_token_type)
          .require("iat")
          .require("jti")
          .check("jti", [](json::View claims) { return is_not_empty(claims, "jti"); })
          .check("sub or sid",
                 [](json::View claims) { return is_text(claims.find("sub")) || is_text(claims.find("sid")); })
          .check("sub", [](json::View claims) { return is_not_empty(claims, "sub"); })
          .check("sid", [](json::View claims) { return is_not_empty(claims, "sid"); })
          .check("events", names_the_event)
          .check("nonce", [](json::View claims) { return !claims.find("nonce"); })
          .clock(std::move(clock))
          .build();
  if (!verifier) return std::unexpected(verifier.error());
  return LogoutVerifier{std::move(*verifier)};
}

std::expected<LogoutToken, Error> LogoutVerifier::verify(std::string_view compact) const {
  const auto token = verifier_.verify(compact);
  if (!token) return std::unexpected(token.error());
  return LogoutToken{.subject = text_of(*token, "sub"),
                     .session = text_of(*token, "sid"),
                     .id = std::string{token->id()},
                     .issued_at = token->issued_at().value_or(Time{}),
                     .expires_at = token->expires_at().value_or(Time{})};
}

}  // namespace signet

#include "signet/verified_token.hpp"

#include <utility>

#include "src/jwt/token_data.hpp"

namespace signet {

using jwt::Registered;

VerifiedToken::VerifiedToken(jwt::TokenHandle data) noexcept : data_{std::move(data)} {}
VerifiedToken::VerifiedToken(VerifiedToken&&) noexcept = default;
VerifiedToken& VerifiedToken::operator=(VerifiedToken&&) noexcept = default;
VerifiedToken::~VerifiedToken() = default;

Algorithm VerifiedToken::algorithm() const noexcept { return data_->algorithm; }
std::optional<std::string_view> VerifiedToken::key_id() const noexcept { return data_->header.key_id; }
std::optional<std::string_view> VerifiedToken::type() const noexcept { return data_->header.type; }
json::View VerifiedToken::header() const noexcept { return *data_->header.json; }
json::View VerifiedToken::claims() const noexcept { return *data_->claims; }

std::string_view VerifiedToken::issuer() const noexcept { return data_->text(Registered::iss); }
std::string_view VerifiedToken::subject() const noexcept { return data_->text(Registered::sub); }
std::string_view VerifiedToken::id() const noexcept { return data_->text(Registered::jti); }
std::optional<Time> VerifiedToken::expires_at() const noexcept { return data_->instant(Registered::exp); }
std::optional<Time> VerifiedToken::not_before() const noexcept { return data_->instant(Registered::nbf); }
std::optional<Time> VerifiedToken::issued_at() const noexcept { return data_->instant(Registered::iat); }

std::vector<std::string> VerifiedToken::audience() const {
  const auto* aud = data_->find(Registered::aud);
  if (aud == nullptr) return {};
  if (aud->value.kind() == json::Kind::string) return {std::string{aud->text}};
  return aud->value.strings().value_or(std::vector<std::string>{});
}

bool VerifiedToken::has(std::string_view name) const noexcept { return data_->find(name) != nullptr; }

bool VerifiedToken::has_scope(std::string_view scope) const noexcept {
  if (scope.empty() || scope.find(' ') != std::string_view::npos) return false;
  auto granted = data_->text(Registered::scope);
  while (!granted.empty()) {
    const auto end = granted.find(' ');
    if (granted.substr(0, end) == scope) return true;
    if (end == std::string_view::npos) return false;
    granted.remove_prefix(end + 1);
  }
  return false;
}

template <>
std::optional<json::View> VerifiedToken::claim<json::View>(std::string_view name) const {
  const auto* claim = data_->find(name);
  if (claim == nullptr) return std::nullopt;
  return claim->value;
}

template <>
std::optional<std::string_view> VerifiedToken::claim<std::string_view>(std::string_view name) const {
  const auto* claim = data_->find(name);
  if (claim == nullptr || claim->value.kind() != json::Kind::string) return std::nullopt;
  return claim->text;
}

template <>
std::optional<std::string> VerifiedToken::claim<std::string>(std::string_view name) const {
  const auto text = claim<std::string_view>(name);
  if (!text) return std::nullopt;
  return std::string{*text};
}

template <>
std::optional<bool> VerifiedToken::claim<bool>(std::string_view name) const {
  const auto* claim = data_->find(name);
  return claim != nullptr ? claim->value.boolean() : std::nullopt;
}

template <>
std::optional<std::int64_t> VerifiedToken::claim<std::int64_t>(std::string_view name) const {
  const auto* claim = data_->find(name);
  return claim != nullptr ? claim->value.integer() : std::nullopt;
}

template <>
std::optional<double> VerifiedToken::claim<double>(std::string_view name) const {
  const auto* claim = data_->find(name);
  return claim != nullptr ? claim->value.number() : std::nullopt;
}

template <>
std::optional<std::vector<std::string>> VerifiedToken::claim<std::vector<std::string>>(std::string_view name) const {
  const auto* claim = data_->find(name);
  return claim != nullptr ? claim->value.strings() : std::nullopt;
}

}  // namespace signet

#include "server/sessions/access_token.hpp"

#include <algorithm>
#include <charconv>

#include "server/id.hpp"
#include "server/revocation/log.hpp"
#include "signet/claims.hpp"
#include "signet/json.hpp"
#include "signet/signer.hpp"

namespace signet::server {
namespace {

constexpr std::string_view type = "at+jwt";  // RFC 9068 section 2.1

// `lifetime` less 0 to 5 % of it.
std::chrono::seconds shortened(std::chrono::seconds lifetime) {
  auto random = random_id_bytes();
  auto fraction = std::to_integer<std::int64_t>(random[0]) << 8 | std::to_integer<std::int64_t>(random[1]);
  return lifetime - lifetime * fraction / (20 * 65536);
}

}  // namespace

std::expected<void, std::string> check(const AccessTokenPolicy& policy) {
  using namespace std::chrono_literals;
  if (policy.issuer.empty()) return std::unexpected("the issuer must not be empty");
  if (policy.audience.empty()) return std::unexpected("the audience must not be empty");
  if (policy.client_id.empty()) return std::unexpected("the client id must not be empty");
  if (policy.lifetime < 10s || policy.lifetime > longest_access_lifetime) {
    return std::unexpected("the lifetime of access tokens must be 10 seconds to 1 hour");
  }
  return {};
}

std::string status_list_uri(std::string_view issuer, std::int64_t list) {
  return std::string{issuer} + "/status/" + std::to_string(list);
}

std::optional<std::int64_t> status_list_of_uri(std::string_view issuer, std::string_view uri) {
  const auto slash = uri.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::int64_t list = 0;
  const auto name = uri.substr(slash + 1);
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), list);
  if (error != std::errc{} || end != name.data() + name.size() || status_list_uri(issuer, list) != uri)
    return std::nullopt;
  return list;
}

std::expected<AccessToken, Error> issue_access_token(const AccessTokenPolicy& policy, const SigningKey& key,
                                                     const TokenGrant& grant, Time now) {
  using std::chrono::floor;
  using std::chrono::seconds;
  auto issued_at = floor<seconds>(now);
  auto expires_at = std::min(issued_at + shortened(policy.lifetime), floor<seconds>(grant.ends_at));
  if (grant.status) expires_at = std::min(expires_at, floor<seconds>(status_list_end(grant.status->list)));
  auto id = id_text(random_id_bytes());

  Claims claims;
  claims.issuer(policy.issuer)
      .subject(grant.subject)
      .audience(policy.audience)
      .expires_at(expires_at)
      .issued_at(issued_at)
      .id(id)
      .set("client_id", policy.client_id)
      .set("sid", grant.session);
  if (grant.signed_in_at) claims.set("auth_time", floor<seconds>(*grant.signed_in_at).time_since_epoch().count());
  if (!grant.scope.empty()) claims.set("scope", grant.scope);
  if (!grant.binding.empty()) claims.set("cnf", json::Object{}.set("jkt", grant.binding));
  if (grant.status) {
    const auto& [list, index] = *grant.status;
    claims.set("status",
               json::Object{}.set("status_list",
                                  json::Object{}.set("idx", index).set("uri", status_list_uri(policy.issuer, list))));
  }

  auto text = Signer{key}.type(type).sign(claims);
  if (!text) return std::unexpected(text.error());
  return AccessToken{std::move(*text), std::move(id), expires_at, expires_at - issued_at};
}

std::expected<AccessToken, Error> issue_access_token(const AccessTokenPolicy& policy, const SigningKey& key,
                                                     const Account& account, const Session& session, Time now) {
  return issue_access_token(
      policy, key,
      TokenGrant{.subject = account.id.text(),
                 .session = session.id.text(),
                 .scope = account.scope,
                 .signed_in_at = session.created_at,
                 .ends_at = std::min(session.idle_expires_at, session.expires_at),
                 .status = session.status.empty() ? std::nullopt : std::optional{session.status.front()},
                 .binding = session.binding},
      now);
}

std::expected<Verifier, Error> access_token_verifier(const AccessTokenPolicy& policy,
                                                     std::shared_ptr<const KeySource> keys,
                                                     std::shared_ptr<const Revocations> revocations,
                                                     std::shared_ptr<const Clock> clock) {
  return Verifier::builder()
      .key_source(std::move(keys))
      .issuer(policy.issuer)
      .audience(policy.audience)
      .type(type)
      .require("sub")
      .require("iat")
      .require("jti")
      .require("sid")
      .require("client_id")
      .revocations(std::move(revocations))
      .clock(std::move(clock))
      .cache(cached_access_tokens)
      .build();
}

}  // namespace signet::server

#include "server/api/described.hpp"

#include <algorithm>
#include <chrono>

#include "server/api_keys/key_text.hpp"

namespace signet::server::api {
namespace {

// NumericDate, as in tokens (RFC 7519 section 2).
std::int64_t seconds(Time time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); }

json::Object& describe(const AccountId& account, std::string_view scope, std::string_view session,
                       const Services& services, json::Object& body) {
  body.set("sub", account.text());
  if (!scope.empty()) body.set("scope", scope);
  return body.set("client_id", services.tokens.client_id).set("sid", session);
}

}  // namespace

json::Object& describe(const ApiKey& key, const Services& services, json::Object& body) {
  return describe(key.account, key.scope, api_key_session(key.id), services, body)
      .set("iat", seconds(key.created_at))
      .set("exp", seconds(key.expires_at));
}

json::Object& describe(const FoundSession& found, const Services& services, json::Object& body) {
  const Session& session = found.session;
  return describe(found.account.id, found.account.scope, session.id.text(), services, body)
      .set("auth_time", seconds(session.created_at))
      .set("iat", seconds(session.rotated_at))
      .set("exp", seconds(std::min(session.idle_expires_at, session.expires_at)));
}

}  // namespace signet::server::api

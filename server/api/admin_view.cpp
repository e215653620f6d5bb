#include "server/api/admin_view.hpp"

#include <chrono>
#include <limits>
#include <string>

#include "server/api_keys/key_text.hpp"
#include "server/audit/audit.hpp"
#include "server/words.hpp"

namespace signet::server::api {
namespace {

constexpr std::size_t most_events = 10'000;

std::int64_t seconds(Time time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); }

template <class Row>
json::Array all(const std::vector<Row>& rows) {
  json::Array list;
  for (const Row& row : rows) list.add(shown(row));
  return list;
}

}  // namespace

json::Object shown(const Account& account) {
  json::Object object;
  object.set("id", account.id.text()).set("username", account.username).set("scope", account.scope);
  object.set("disabled", account.disabled).set("must_change_password", account.must_change_password);
  object.set("created_at", seconds(account.created_at));
  return object.set("password_changed_at", seconds(account.password_changed_at));
}

json::Object shown(const Session& session) {
  json::Object object;
  object.set("id", session.id.text()).set("created_at", seconds(session.created_at));
  object.set("last_used_at", seconds(session.last_used_at)).set("expires_at", seconds(session.expires_at));
  return object.set("address", session.address).set("user_agent", session.user_agent);
}

json::Object shown(const ApiKey& key) {
  json::Array networks;
  for (const auto word : words(key.networks)) networks.add(word);
  json::Object object;
  object.set("id", api_key_id_text(key.id)).set("name", key.name).set("scope", key.scope).set("networks", networks);
  object.set("created_at", seconds(key.created_at)).set("expires_at", seconds(key.expires_at));
  if (key.last_used_at != Time{}) object.set("last_used_at", seconds(key.last_used_at));
  return object;
}

json::Object shown(const AuditEvent& event) {
  json::Object object;
  object.set("seq", event.seq).set("at", seconds(event.at)).set("kind", event.kind);
  add_who_and_what(object, event);
  return object;
}

json::Object shown(const std::vector<KeyRecord>& keys) {
  json::Array list;
  for (const KeyRecord& key : keys) {
    json::Object object;
    object.set("kid", key.key_id).set("alg", key.algorithm).set("state", name(key.state));
    object.set("since", seconds(key.state_since)).set("created_at", seconds(key.created_at));
    if (!key.location.empty()) object.set("location", key.location);
    list.add(std::move(object));
  }
  return json::Object{}.set("signing_keys", list);
}

Stored<std::optional<json::Object>> export_account(Store& store, const AccountId& id, const AuditSource& source,
                                                   Time now) {
  std::optional<json::Object> exported;
  bool found = false;
  const auto written = store.write([&](Transaction& transaction) {
    found = transaction.account(id).has_value();
    if (!found) return;
    transaction.append_audit(audit_event(AuditKind::account_exported, now, source, {.account = id, .session = {}}));
  });
  if (!written) return std::unexpected(written.error());
  if (!found) return exported;
  // Apart from that, for it takes long, and everybody waits for who writes.
  const auto read = store.read([&](Transaction& transaction) {
    exported.reset();
    const auto account = transaction.account(id);
    if (!account) return;
    const auto events = transaction.audit_before(std::numeric_limits<std::int64_t>::max(),
                                                 {.account = id.text(), .kind = {}, .since = {}}, most_events);
    json::Object object;
    object.set("account", shown(*account)).set("sessions", all(transaction.sessions_of(id)));
    object.set("api_keys", all(transaction.api_keys_of(id))).set("audit", all(events));
    exported = std::move(object);
  });
  if (!read) return std::unexpected(read.error());
  return exported;
}

}  // namespace signet::server::api

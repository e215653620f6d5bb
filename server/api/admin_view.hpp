#pragma once
// Accounts and what belongs to them as an administrator sees them. Times are NumericDates (RFC 7519 section 2).

#include <optional>

#include "server/audit/audit.hpp"
#include "server/store/store.hpp"
#include "signet/json.hpp"

namespace signet::server::api {

[[nodiscard]] json::Object shown(const Account& account);
[[nodiscard]] json::Object shown(const Session& session);
[[nodiscard]] json::Object shown(const ApiKey& key);
[[nodiscard]] json::Object shown(const AuditEvent& event);
[[nodiscard]] json::Object shown(const std::vector<KeyRecord>& keys);  // {"signing_keys":[…]}, public parts alone

// All that is kept of an account: itself, its sessions, its API keys, and the newest 10,000 of its audit events. No
// hashes. Recorded as account_exported, in the same transaction. Nothing when there is no such account.
[[nodiscard]] Stored<std::optional<json::Object>> export_account(Store& store, const AccountId& id,
                                                                 const AuditSource& source, Time now);

}  // namespace signet::server::api

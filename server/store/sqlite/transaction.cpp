#include "server/store/sqlite/transaction.hpp"

#include "server/store/sql.hpp"

namespace signet::server::sqlite {

using sql::all;
using sql::bytes_of;
using sql::first;
using sql::key_states;
using sql::limit;
using sql::name_of;
using sql::no_such_row;
using sql::revocation_kinds;

bool SqliteTransaction::insert_account(const Account& a) {
  connection_
      .query(
          "INSERT INTO accounts (id, username, password_hash, scope, disabled, must_change_password, created_at, "
          "password_changed_at) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (username) DO NOTHING")
      .bind(a.id, a.username, a.password_hash, a.scope, a.disabled, a.must_change_password, a.created_at,
            a.password_changed_at)
      .run();
  return connection_.changes() == 1;
}

std::optional<Account> SqliteTransaction::account(const AccountId& id) {
  auto query = connection_.query(
      "SELECT id, username, password_hash, scope, disabled, must_change_password, created_at, password_changed_at FROM "
      "accounts WHERE id = "
      "?");
  return first<Account>(query.bind(id));
}

std::optional<Account> SqliteTransaction::account_by_username(std::string_view username) {
  auto query = connection_.query(
      "SELECT id, username, password_hash, scope, disabled, must_change_password, created_at, password_changed_at FROM "
      "accounts "
      "WHERE username = ?");
  return first<Account>(query.bind(username));
}

void SqliteTransaction::update_account(const Account& a) {
  connection_
      .query(
          "UPDATE accounts SET password_hash = ?, scope = ?, disabled = ?, must_change_password = ?, "
          "password_changed_at = ? WHERE id = ?")
      .bind(a.password_hash, a.scope, a.disabled, a.must_change_password, a.password_changed_at, a.id)
      .run();
  if (connection_.changes() != 1) no_such_row("account");
}

std::vector<Account> SqliteTransaction::accounts_beginning(std::string_view beginning, std::string_view after_username,
                                                           std::size_t at_most) {
  const auto [from, end] = sql::usernames(beginning, after_username);
  auto query = connection_.query(
      "SELECT id, username, password_hash, scope, disabled, must_change_password, created_at, password_changed_at "
      "FROM accounts WHERE username >= ? AND username < ? AND username <> ? ORDER BY username LIMIT ?");
  return all<Account>(query.bind(from, end, after_username, limit(at_most)));
}

bool SqliteTransaction::delete_account(const AccountId& id) {
  connection_.query("DELETE FROM accounts WHERE id = ?").bind(id).run();
  return connection_.changes() == 1;
}

void SqliteTransaction::insert_session(const Session& s) {
  connection_
      .query(
          "INSERT INTO sessions (id, account, counter, rotated_at, successor_used, created_at, last_used_at, "
          "idle_expires_at, expires_at, binding, user_agent, address, status, secret_sha256) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(s.id, s.account, s.counter, s.rotated_at, s.successor_used, s.created_at, s.last_used_at, s.idle_expires_at,
            s.expires_at, s.binding, s.user_agent, s.address, to_text(s.status), bytes_of(s.secret_sha256))
      .run();
}

std::optional<Session> SqliteTransaction::session(const SessionId& id) {
  auto query = connection_.query(
      "SELECT id, account, counter, rotated_at, successor_used, created_at, last_used_at, idle_expires_at, expires_at, "
      "binding, user_agent, address, status, secret_sha256 FROM sessions WHERE id = ?");
  return first<Session>(query.bind(id));
}

std::vector<Session> SqliteTransaction::sessions_of(const AccountId& account) {
  auto query = connection_.query(
      "SELECT id, account, counter, rotated_at, successor_used, created_at, last_used_at, idle_expires_at, expires_at, "
      "binding, user_agent, address, status, secret_sha256 FROM sessions WHERE account = ? ORDER BY created_at, id");
  return all<Session>(query.bind(account));
}

std::vector<Session> SqliteTransaction::living_sessions(const AccountId& account, Time now, std::size_t skip,
                                                        std::size_t at_most) {
  // The unary plus keeps the planner from the index by end, which would walk everybody's sessions.
  auto query = connection_.query(
      "SELECT id, account, counter, rotated_at, successor_used, created_at, last_used_at, idle_expires_at, expires_at, "
      "binding, user_agent, address, status, secret_sha256 FROM sessions WHERE account = ? AND +min(idle_expires_at, "
      "expires_at) > ? "
      "ORDER BY last_used_at DESC, id DESC LIMIT ? OFFSET ?");
  return all<Session>(query.bind(account, now, limit(at_most), limit(skip)));
}

bool SqliteTransaction::advance_session(const Session& s, std::uint32_t from) {
  connection_
      .query(
          "UPDATE sessions SET counter = ?, rotated_at = ?, successor_used = ?, last_used_at = ?, idle_expires_at = ?, "
          "expires_at = ?, binding = ?, user_agent = ?, address = ?, status = ?, secret_sha256 = ? WHERE id = ? AND "
          "counter = ?")
      .bind(s.counter, s.rotated_at, s.successor_used, s.last_used_at, s.idle_expires_at, s.expires_at, s.binding,
            s.user_agent, s.address, to_text(s.status), bytes_of(s.secret_sha256), s.id, from)
      .run();
  return connection_.changes() == 1;
}

bool SqliteTransaction::delete_session(const SessionId& id) {
  connection_.query("DELETE FROM sessions WHERE id = ?").bind(id).run();
  return connection_.changes() == 1;
}

std::vector<Session> SqliteTransaction::delete_sessions_of(const AccountId& account,
                                                           const std::optional<SessionId>& except) {
  auto query = connection_.query(
      "DELETE FROM sessions WHERE account = ? AND id <> ? RETURNING id, account, counter, rotated_at, successor_used, "
      "created_at, last_used_at, idle_expires_at, expires_at, binding, user_agent, address, status, secret_sha256");
  return all<Session>(query.bind(account, except.value_or(sql::nobody)));
}

void SqliteTransaction::note_session_use(const SessionId& id, Time used_at, Time idle_expires_at) {
  connection_
      .query(
          "UPDATE sessions SET last_used_at = max(last_used_at, ?), "
          "idle_expires_at = min(expires_at, max(idle_expires_at, ?)) WHERE id = ?")
      .bind(used_at, idle_expires_at, id)
      .run();
}

void SqliteTransaction::append_revocation(const Revocation& r, const StatusEntries& status) {
  connection_.query("INSERT INTO revocations (kind, key, cutoff, expires_at, status) VALUES (?, ?, ?, ?, ?)")
      .bind(name_of(r.kind, revocation_kinds), r.key, r.cutoff, r.expires_at, to_text(status))
      .run();
}

std::vector<LoggedRevocation> SqliteTransaction::revocations_after(std::int64_t seq, std::size_t at_most) {
  auto query = connection_.query(
      "SELECT seq, kind, key, cutoff, expires_at, status FROM revocations WHERE seq > ? ORDER BY seq LIMIT ?");
  return all<LoggedRevocation>(query.bind(seq, limit(at_most)));
}

std::string SqliteTransaction::revocation_epoch() {
  auto query = connection_.query("SELECT epoch FROM revocation_log WHERE id = 1");
  if (!query.next()) no_such_row("revocation epoch");
  return query.text();
}

std::uint32_t SqliteTransaction::take_status_block(std::int64_t list, std::uint32_t count) {
  auto query = connection_.query(
      "INSERT INTO status_lists (list, size) VALUES (?, ?) "
      "ON CONFLICT (list) DO UPDATE SET size = size + excluded.size RETURNING size");
  if (!query.bind(list, count).next()) no_such_row("status list");
  return static_cast<std::uint32_t>(query.integer()) - count;
}

std::optional<std::int64_t> SqliteTransaction::status_list_size(std::int64_t list) {
  auto query = connection_.query("SELECT size FROM status_lists WHERE list = ?");
  return first<std::int64_t>(query.bind(list));
}

std::optional<std::string> SqliteTransaction::last_run(std::string_view name) {
  auto query = connection_.query("SELECT value FROM last_run WHERE name = ?");
  return first<std::string>(query.bind(name));
}

void SqliteTransaction::set_last_run(std::string_view name, std::string_view value) {
  auto query = connection_.query(
      "INSERT INTO last_run (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
  query.bind(name, value).run();
}

std::vector<std::int64_t> SqliteTransaction::status_lists() {
  auto query = connection_.query("SELECT list FROM status_lists ORDER BY list");
  return all<std::int64_t>(query);
}

std::vector<AuditEvent> SqliteTransaction::audit_after(std::int64_t seq, std::size_t at_most) {
  auto query = connection_.query(
      "SELECT seq, at, kind, account, session, actor, address, request_id, detail FROM audit WHERE seq > ? "
      "ORDER BY seq LIMIT ?");
  return all<AuditEvent>(query.bind(seq, limit(at_most)));
}

std::vector<AuditEvent> SqliteTransaction::audit_before(std::int64_t seq, const AuditFilter& filter,
                                                        std::size_t at_most) {
  // Two statements, so that the one with an account walks its index, and no other's events.
  auto query =
      filter.account.empty()
          ? connection_.query(
                "SELECT seq, at, kind, account, session, actor, address, request_id, detail FROM audit "
                "WHERE seq < ?1 AND at >= ?2 AND (?3 = '' OR kind = ?3) AND ?4 = '' ORDER BY seq DESC LIMIT ?5")
          : connection_.query(
                "SELECT seq, at, kind, account, session, actor, address, request_id, detail FROM audit "
                "WHERE seq < ?1 AND at >= ?2 AND (?3 = '' OR kind = ?3) AND account = ?4 ORDER BY seq DESC "
                "LIMIT ?5");
  return all<AuditEvent>(query.bind(seq, filter.since, filter.kind, filter.account, limit(at_most)));
}

void SqliteTransaction::insert_key(const KeyRecord& k) {
  connection_
      .query(
          "INSERT INTO keys (key_id, algorithm, state, sealed, created_at, state_since, location) VALUES (?, ?, ?, ?, "
          "?, ?, ?)")
      .bind(k.key_id, k.algorithm, name_of(k.state, key_states), std::span<const std::byte>{k.sealed}, k.created_at,
            k.state_since, k.location)
      .run();
}

std::vector<KeyRecord> SqliteTransaction::keys() {
  auto query = connection_.query(
      "SELECT key_id, algorithm, state, sealed, created_at, state_since, location FROM keys ORDER BY created_at, "
      "key_id");
  return all<KeyRecord>(query);
}

void SqliteTransaction::update_key(const KeyRecord& k) {
  connection_
      .query("UPDATE keys SET algorithm = ?, state = ?, sealed = ?, created_at = ?, state_since = ? WHERE key_id = ?")
      .bind(k.algorithm, name_of(k.state, key_states), std::span<const std::byte>{k.sealed}, k.created_at,
            k.state_since, k.key_id)
      .run();
  if (connection_.changes() != 1) no_such_row("key");
}

void SqliteTransaction::delete_key(std::string_view key_id) {
  connection_.query("DELETE FROM keys WHERE key_id = ?").bind(key_id).run();
}

void SqliteTransaction::insert_api_key(const ApiKey& k) {
  connection_.query("UPDATE api_key_changes SET last = last + 1").run();
  connection_
      .query(
          "INSERT INTO api_keys (id, account, name, secret_sha256, scope, networks, created_at, expires_at, "
          "last_used_at, status, change) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, last FROM api_key_changes")
      .bind(k.id, k.account, k.name, std::span<const std::byte>{k.secret_sha256}, k.scope, k.networks, k.created_at,
            k.expires_at, k.last_used_at, to_text(k.status))
      .run();
}

std::optional<ApiKey> SqliteTransaction::api_key(const ApiKeyId& id) {
  auto query = connection_.query(
      "SELECT id, account, name, secret_sha256, scope, networks, created_at, expires_at, last_used_at, status, change "
      "FROM api_keys WHERE id = ?");
  return first<ApiKey>(query.bind(id));
}

std::vector<ApiKey> SqliteTransaction::api_keys_of(const AccountId& account) {
  auto query = connection_.query(
      "SELECT id, account, name, secret_sha256, scope, networks, created_at, expires_at, last_used_at, status, change "
      "FROM api_keys WHERE account = ? ORDER BY created_at, id");
  return all<ApiKey>(query.bind(account));
}

std::size_t SqliteTransaction::living_api_keys(Time now, std::size_t at_most) {
  auto query = connection_.query("SELECT count(*) FROM (SELECT 1 FROM api_keys WHERE expires_at > ? LIMIT ?)");
  query.bind(now, limit(at_most)).next();
  return static_cast<std::size_t>(query.integer());
}

void SqliteTransaction::place_api_key(const ApiKeyId& id, const StatusEntries& status) {
  connection_.query("UPDATE api_keys SET status = ? WHERE id = ?").bind(to_text(status), id).run();
}

std::vector<ApiKey> SqliteTransaction::api_keys_changed_after(std::int64_t change, std::size_t at_most) {
  auto query = connection_.query(
      "SELECT id, account, name, secret_sha256, scope, networks, created_at, expires_at, last_used_at, status, change "
      "FROM api_keys WHERE change > ? ORDER BY change LIMIT ?");
  return all<ApiKey>(query.bind(change, limit(at_most)));
}

bool SqliteTransaction::end_api_key(const ApiKeyId& id, Time expires_at) {
  connection_.query("UPDATE api_key_changes SET last = last + 1").run();
  connection_.query("UPDATE api_keys SET expires_at = ?, change = (SELECT last FROM api_key_changes) WHERE id = ?")
      .bind(expires_at, id)
      .run();
  return connection_.changes() == 1;
}

bool SqliteTransaction::delete_api_key(const ApiKeyId& id) {
  connection_.query("DELETE FROM api_keys WHERE id = ?").bind(id).run();
  return connection_.changes() == 1;
}

std::vector<ApiKey> SqliteTransaction::delete_api_keys_of(const AccountId& account) {
  auto query = connection_.query(
      "DELETE FROM api_keys WHERE account = ? RETURNING id, account, name, secret_sha256, scope, networks, created_at, "
      "expires_at, last_used_at, status, change");
  return all<ApiKey>(query.bind(account));
}

void SqliteTransaction::note_api_key_use(const ApiKeyId& id, Time used_at) {
  connection_.query("UPDATE api_keys SET last_used_at = max(last_used_at, ?) WHERE id = ?").bind(used_at, id).run();
}

std::size_t SqliteTransaction::sweep(Time now, std::size_t at_most) {
  connection_.query("DELETE FROM status_lists WHERE list < ?").bind(oldest_status_list(now)).run();
  sweep_receivers(now, at_most);
  connection_
      .query(
          "DELETE FROM sessions WHERE id IN "
          "(SELECT id FROM sessions WHERE min(idle_expires_at, expires_at) <= ? LIMIT ?)")
      .bind(now, limit(at_most))
      .run();
  auto gone = static_cast<std::size_t>(connection_.changes());
  connection_.query("DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE expires_at <= ? LIMIT ?)")
      .bind(now, limit(at_most - gone))
      .run();
  gone += static_cast<std::size_t>(connection_.changes());
  connection_
      .query(
          "DELETE FROM revocations WHERE seq IN "
          "(SELECT seq FROM revocations WHERE expires_at <= ? AND seq < (SELECT max(seq) FROM revocations) "
          "ORDER BY expires_at LIMIT ?)")
      .bind(now, limit(at_most - gone))
      .run();
  return gone + static_cast<std::size_t>(connection_.changes());
}

std::size_t SqliteTransaction::sweep_audit(Time before, std::size_t at_most) {
  connection_
      .query(
          "DELETE FROM audit WHERE seq IN "
          "(SELECT seq FROM (SELECT seq, at FROM audit ORDER BY seq LIMIT ?) WHERE at < ?)")
      .bind(limit(at_most), before)
      .run();
  return static_cast<std::size_t>(connection_.changes());
}

}  // namespace signet::server::sqlite

#include "server/store/postgres/transaction.hpp"

#include "server/store/sql.hpp"

namespace signet::server::postgres {

using sql::all;
using sql::bytes_of;
using sql::first;
using sql::key_states;
using sql::limit;
using sql::name_of;
using sql::no_such_row;
using sql::revocation_kinds;

bool PostgresTransaction::insert_account(const Account& a) {
  return connection_
             .query(
                 "INSERT INTO signet.accounts (id, username, password_hash, scope, disabled, must_change_password, "
                 "created_at, "
                 "password_changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (username) DO NOTHING",
                 a.id, a.username, a.password_hash, a.scope, a.disabled, a.must_change_password, a.created_at,
                 a.password_changed_at)
             .changed() == 1;
}

std::optional<Account> PostgresTransaction::account(const AccountId& id) {
  return first<Account>(connection_.query(
      "SELECT id, username, password_hash, scope, disabled, must_change_password, created_at, password_changed_at "
      "FROM signet.accounts WHERE id = $1",
      id));
}

std::optional<Account> PostgresTransaction::account_by_username(std::string_view username) {
  return first<Account>(connection_.query(
      "SELECT id, username, password_hash, scope, disabled, must_change_password, created_at, password_changed_at "
      "FROM signet.accounts WHERE username = $1",
      username));
}

void PostgresTransaction::update_account(const Account& a) {
  auto done = connection_.query(
      "UPDATE signet.accounts SET password_hash = $1, scope = $2, disabled = $3, must_change_password = $4, "
      "password_changed_at = $5 WHERE id = $6",
      a.password_hash, a.scope, a.disabled, a.must_change_password, a.password_changed_at, a.id);
  if (done.changed() != 1) no_such_row("account");
}

std::vector<Account> PostgresTransaction::accounts_beginning(std::string_view beginning,
                                                             std::string_view after_username, std::size_t at_most) {
  const auto [from, end] = sql::usernames(beginning, after_username);
  return all<Account>(connection_.query(
      "SELECT id, username, password_hash, scope, disabled, must_change_password, created_at, password_changed_at "
      "FROM signet.accounts WHERE username >= $1 AND username < $2 AND username <> $3 ORDER BY username LIMIT $4",
      from, end, after_username, limit(at_most)));
}

bool PostgresTransaction::delete_account(const AccountId& id) {
  return connection_.query("DELETE FROM signet.accounts WHERE id = $1", id).changed() == 1;
}

void PostgresTransaction::insert_session(const Session& s) {
  (void)connection_.query(
      "INSERT INTO signet.sessions (id, account, counter, rotated_at, successor_used, created_at, last_used_at, "
      "idle_expires_at, expires_at, binding, user_agent, address, status, secret_sha256) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
      s.id, s.account, s.counter, s.rotated_at, s.successor_used, s.created_at, s.last_used_at, s.idle_expires_at,
      s.expires_at, s.binding, s.user_agent, s.address, to_text(s.status), bytes_of(s.secret_sha256));
}

std::optional<Session> PostgresTransaction::session(const SessionId& id) {
  return first<Session>(
      connection_.query("SELECT id, account, counter, rotated_at, successor_used, created_at, last_used_at, "
                        "idle_expires_at, expires_at, binding, user_agent, address, status, secret_sha256 "
                        "FROM signet.sessions WHERE id = $1",
                        id));
}

std::vector<Session> PostgresTransaction::sessions_of(const AccountId& account) {
  return all<Session>(
      connection_.query("SELECT id, account, counter, rotated_at, successor_used, created_at, last_used_at, "
                        "idle_expires_at, expires_at, binding, user_agent, address, status, secret_sha256 "
                        "FROM signet.sessions WHERE account = $1 ORDER BY created_at, id",
                        account));
}

std::vector<Session> PostgresTransaction::living_sessions(const AccountId& account, Time now, std::size_t skip,
                                                          std::size_t at_most) {
  return all<Session>(connection_.query(
      "SELECT id, account, counter, rotated_at, successor_used, created_at, last_used_at, "
      "idle_expires_at, expires_at, binding, user_agent, address, status, secret_sha256 FROM signet.sessions "
      "WHERE account = $1 AND idle_expires_at > $2 AND expires_at > $2 "
      "ORDER BY last_used_at DESC, id DESC LIMIT $3 OFFSET $4",
      account, now, limit(at_most), limit(skip)));
}

bool PostgresTransaction::advance_session(const Session& s, std::uint32_t from) {
  return connection_
             .query(
                 "UPDATE signet.sessions SET counter = $1, rotated_at = $2, successor_used = $3, last_used_at = $4, "
                 "idle_expires_at = $5, expires_at = $6, binding = $7, user_agent = $8, address = $9, status = $10, "
                 "secret_sha256 = $11 WHERE id = $12 AND counter = $13",
                 s.counter, s.rotated_at, s.successor_used, s.last_used_at, s.idle_expires_at, s.expires_at, s.binding,
                 s.user_agent, s.address, to_text(s.status), bytes_of(s.secret_sha256), s.id, from)
             .changed() == 1;
}

bool PostgresTransaction::delete_session(const SessionId& id) {
  return connection_.query("DELETE FROM signet.sessions WHERE id = $1", id).changed() == 1;
}

std::vector<Session> PostgresTransaction::delete_sessions_of(const AccountId& account,
                                                             const std::optional<SessionId>& except) {
  return all<Session>(connection_.query(
      "DELETE FROM signet.sessions WHERE account = $1 AND id <> $2 RETURNING id, account, counter, rotated_at, "
      "successor_used, created_at, last_used_at, idle_expires_at, expires_at, binding, user_agent, address, status, "
      "secret_sha256",
      account, except.value_or(sql::nobody)));
}

void PostgresTransaction::note_session_use(const SessionId& id, Time used_at, Time idle_expires_at) {
  connection_.post(
      "UPDATE signet.sessions SET last_used_at = greatest(last_used_at, $1), "
      "idle_expires_at = least(expires_at, greatest(idle_expires_at, $2)) WHERE id = $3",
      used_at, idle_expires_at, id);
}

// A reader asks for everything after the newest number it has seen, so a number must never become visible after a
// greater one has. A sequence alone does not promise that: a transaction takes 7, another takes 8 and commits, a reader
// sees 8, then 7 commits and is never read. Therefore the number is taken under a lock that is kept until the commit is
// visible: the order of the numbers is the order of the commits. The lock is on a row that nobody changes, so that
// waiting for it is no conflict for SERIALIZABLE, and it works where advisory locks do not. The number is drawn in a
// statement of its own, after the lock is held, and from a sequence, which gives the newest number even to a
// transaction that sees an older moment; on engines that hand out sequences in blocks (YugabyteDB:
// ysql_sequence_cache_minval) the block must be 1.
//
// The price: transactions that revoke commit one after the other, as many a second as the disk can sync. Logins and
// refreshes are not among them. A node that dies with the lock held loses it with its connection, at the latest after
// idle_in_transaction_session_timeout.
void PostgresTransaction::append_revocation(const Revocation& r, const StatusEntries& status) {
  order_changes();
  connection_.post(
      "INSERT INTO signet.revocations (seq, kind, key, cutoff, expires_at, status) "
      "VALUES (nextval('signet.revocation_seq'), $1, $2, $3, $4, $5)",
      name_of(r.kind, revocation_kinds), r.key, r.cutoff, r.expires_at, to_text(status));
}

std::vector<LoggedRevocation> PostgresTransaction::revocations_after(std::int64_t seq, std::size_t at_most) {
  return all<LoggedRevocation>(
      connection_.query("SELECT seq, kind, key, cutoff, expires_at, status FROM signet.revocations WHERE seq > $1 "
                        "ORDER BY seq LIMIT $2",
                        seq, limit(at_most)));
}

std::string PostgresTransaction::revocation_epoch() {
  auto rows = connection_.query("SELECT epoch FROM signet.revocation_order WHERE id = 1");
  if (!rows.next()) no_such_row("revocation epoch");
  return rows.text();
}

std::uint32_t PostgresTransaction::take_status_block(std::int64_t list, std::uint32_t count) {
  auto row = connection_.query(
      "INSERT INTO signet.status_lists AS lists (list, size) VALUES ($1, $2) "
      "ON CONFLICT (list) DO UPDATE SET size = lists.size + excluded.size RETURNING size",
      list, count);
  if (!row.next()) no_such_row("status list");
  return static_cast<std::uint32_t>(row.integer()) - count;
}

std::optional<std::int64_t> PostgresTransaction::status_list_size(std::int64_t list) {
  return first<std::int64_t>(connection_.query("SELECT size FROM signet.status_lists WHERE list = $1", list));
}

std::optional<std::string> PostgresTransaction::last_run(std::string_view name) {
  return first<std::string>(connection_.query("SELECT value FROM signet.last_run WHERE name = $1", name));
}

void PostgresTransaction::set_last_run(std::string_view name, std::string_view value) {
  (void)connection_.query(
      "INSERT INTO signet.last_run (name, value) VALUES ($1, $2) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name, value);
}

std::vector<std::int64_t> PostgresTransaction::status_lists() {
  return all<std::int64_t>(connection_.query("SELECT list FROM signet.status_lists ORDER BY list"));
}

std::vector<AuditEvent> PostgresTransaction::audit_after(std::int64_t seq, std::size_t at_most) {
  return all<AuditEvent>(
      connection_.query("SELECT seq, at, kind, account, session, actor, address, request_id, detail "
                        "FROM signet.audit WHERE seq > $1 ORDER BY seq LIMIT $2",
                        seq, limit(at_most)));
}

std::vector<AuditEvent> PostgresTransaction::audit_before(std::int64_t seq, const AuditFilter& filter,
                                                          std::size_t at_most) {
  const char* const sql =
      filter.account.empty()
          ? "SELECT seq, at, kind, account, session, actor, address, request_id, detail FROM signet.audit "
            "WHERE seq < $1 AND at >= $2 AND ($3 = '' OR kind = $3) AND $4 = '' ORDER BY seq DESC LIMIT $5"
          : "SELECT seq, at, kind, account, session, actor, address, request_id, detail FROM signet.audit "
            "WHERE seq < $1 AND at >= $2 AND ($3 = '' OR kind = $3) AND account = $4 ORDER BY seq DESC LIMIT $5";
  return all<AuditEvent>(connection_.query(sql, seq, filter.since, filter.kind, filter.account, limit(at_most)));
}

void PostgresTransaction::insert_key(const KeyRecord& k) {
  (void)connection_.query(
      "INSERT INTO signet.keys (key_id, algorithm, state, sealed, created_at, state_since, location) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
      k.key_id, k.algorithm, name_of(k.state, key_states), std::span<const std::byte>{k.sealed}, k.created_at,
      k.state_since, k.location);
}

std::vector<KeyRecord> PostgresTransaction::keys() {
  return all<KeyRecord>(
      connection_.query("SELECT key_id, algorithm, state, sealed, created_at, state_since, location FROM signet.keys "
                        "ORDER BY created_at, key_id"));
}

void PostgresTransaction::update_key(const KeyRecord& k) {
  auto done = connection_.query(
      "UPDATE signet.keys SET algorithm = $1, state = $2, sealed = $3, created_at = $4, state_since = $5 "
      "WHERE key_id = $6",
      k.algorithm, name_of(k.state, key_states), std::span<const std::byte>{k.sealed}, k.created_at, k.state_since,
      k.key_id);
  if (done.changed() != 1) no_such_row("key");
}

void PostgresTransaction::delete_key(std::string_view key_id) {
  (void)connection_.query("DELETE FROM signet.keys WHERE key_id = $1", key_id);
}

// Numbered as the revocations are, under the same lock and for the same reason.
void PostgresTransaction::order_changes() {
  if (!ordered_) connection_.post("SELECT id FROM signet.revocation_order WHERE id = 1 FOR UPDATE");
  ordered_ = true;
}

void PostgresTransaction::insert_api_key(const ApiKey& k) {
  order_changes();
  (void)connection_.query(
      "INSERT INTO signet.api_keys (id, account, name, secret_sha256, scope, networks, created_at, expires_at, "
      "last_used_at, status, change) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
      "nextval('signet.api_key_change'))",
      k.id, k.account, k.name, std::span<const std::byte>{k.secret_sha256}, k.scope, k.networks, k.created_at,
      k.expires_at, k.last_used_at, to_text(k.status));
}

std::optional<ApiKey> PostgresTransaction::api_key(const ApiKeyId& id) {
  return first<ApiKey>(
      connection_.query("SELECT id, account, name, secret_sha256, scope, networks, created_at, expires_at, "
                        "last_used_at, status, change FROM signet.api_keys WHERE id = $1",
                        id));
}

std::vector<ApiKey> PostgresTransaction::api_keys_of(const AccountId& account) {
  return all<ApiKey>(
      connection_.query("SELECT id, account, name, secret_sha256, scope, networks, created_at, expires_at, "
                        "last_used_at, status, change FROM signet.api_keys WHERE account = $1 ORDER BY created_at, id",
                        account));
}

std::size_t PostgresTransaction::living_api_keys(Time now, std::size_t at_most) {
  auto rows =
      connection_.query("SELECT count(*) FROM (SELECT 1 FROM signet.api_keys WHERE expires_at > $1 LIMIT $2) AS living",
                        now, limit(at_most));
  return rows.next() ? static_cast<std::size_t>(rows.integer()) : 0;
}

void PostgresTransaction::place_api_key(const ApiKeyId& id, const StatusEntries& status) {
  connection_.post("UPDATE signet.api_keys SET status = $1 WHERE id = $2", to_text(status), id);
}

std::vector<ApiKey> PostgresTransaction::api_keys_changed_after(std::int64_t change, std::size_t at_most) {
  return all<ApiKey>(
      connection_.query("SELECT id, account, name, secret_sha256, scope, networks, created_at, expires_at, "
                        "last_used_at, status, change FROM signet.api_keys WHERE change > $1 ORDER BY change LIMIT $2",
                        change, limit(at_most)));
}

bool PostgresTransaction::end_api_key(const ApiKeyId& id, Time expires_at) {
  order_changes();
  return connection_
             .query(
                 "UPDATE signet.api_keys SET expires_at = $1, change = nextval('signet.api_key_change') WHERE id = $2",
                 expires_at, id)
             .changed() == 1;
}

bool PostgresTransaction::delete_api_key(const ApiKeyId& id) {
  return connection_.query("DELETE FROM signet.api_keys WHERE id = $1", id).changed() == 1;
}

std::vector<ApiKey> PostgresTransaction::delete_api_keys_of(const AccountId& account) {
  return all<ApiKey>(
      connection_.query("DELETE FROM signet.api_keys WHERE account = $1 RETURNING id, account, name, secret_sha256, "
                        "scope, networks, created_at, expires_at, last_used_at, status, change",
                        account));
}

void PostgresTransaction::note_api_key_use(const ApiKeyId& id, Time used_at) {
  connection_.post("UPDATE signet.api_keys SET last_used_at = greatest(last_used_at, $1) WHERE id = $2", used_at, id);
}

// Several nodes sweep at once, beside refreshes: what another one holds is left for the next time.
std::size_t PostgresTransaction::sweep(Time now, std::size_t at_most) {
  connection_.post("DELETE FROM signet.status_lists WHERE list < $1", oldest_status_list(now));
  sweep_receivers(now, at_most);
  auto gone = connection_
                  .query(
                      "DELETE FROM signet.sessions WHERE id = ANY (ARRAY(SELECT id FROM signet.sessions "
                      "WHERE least(idle_expires_at, expires_at) <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED))",
                      now, limit(at_most))
                  .changed();
  gone += connection_
              .query(
                  "DELETE FROM signet.api_keys WHERE id = ANY (ARRAY(SELECT id FROM signet.api_keys "
                  "WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED))",
                  now, limit(at_most - static_cast<std::size_t>(gone)))
              .changed();
  gone += connection_
              .query(
                  "DELETE FROM signet.revocations WHERE seq = ANY (ARRAY(SELECT seq FROM signet.revocations "
                  "WHERE expires_at <= $1 AND seq < (SELECT max(seq) FROM signet.revocations) "
                  "ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
                  now, limit(at_most - static_cast<std::size_t>(gone)))
              .changed();
  return static_cast<std::size_t>(gone);
}

std::size_t PostgresTransaction::sweep_audit(Time before, std::size_t at_most) {
  auto gone = connection_.query(
      "DELETE FROM signet.audit WHERE seq = ANY (ARRAY(SELECT seq FROM "
      "(SELECT seq, at FROM signet.audit ORDER BY seq LIMIT $1) AS oldest WHERE at < $2))",
      limit(at_most), before);
  return static_cast<std::size_t>(gone.changed());
}

}  // namespace signet::server::postgres

#include "server/store/sqlite/schema.hpp"

#include <array>

namespace signet::server::sqlite {
namespace {

// Written into the file's header, so that nobody's other database is taken for ours: "SGNT".
constexpr std::int64_t application_id = 0x53474e54;

// Step n brings version n to n+1. A step that was released is never changed; a new one is added.
// Times are milliseconds since 1970.
constexpr std::array steps{
    R"(
CREATE TABLE accounts (
  id                  BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  username            TEXT    NOT NULL UNIQUE,
  password_hash       TEXT    NOT NULL,
  scope               TEXT    NOT NULL,
  disabled            INTEGER NOT NULL,
  must_change_password INTEGER NOT NULL,
  created_at          INTEGER NOT NULL,
  password_changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id              BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  account         BLOB    NOT NULL REFERENCES accounts (id),
  counter         INTEGER NOT NULL,
  rotated_at      INTEGER NOT NULL,
  successor_used  INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  last_used_at    INTEGER NOT NULL,
  idle_expires_at INTEGER NOT NULL,
  expires_at      INTEGER NOT NULL,
  binding         TEXT    NOT NULL,
  user_agent      TEXT    NOT NULL,
  address         TEXT    NOT NULL,
  status          TEXT    NOT NULL,
  secret_sha256   BLOB    NOT NULL CHECK (length(secret_sha256) IN (0, 32))  -- of the opaque token, if it has one
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_account ON sessions (account, created_at);
CREATE INDEX sessions_by_end ON sessions (min(idle_expires_at, expires_at));

CREATE TABLE revocations (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  kind       TEXT    NOT NULL,
  key        TEXT    NOT NULL,
  cutoff     INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  status     TEXT    NOT NULL
) STRICT;
CREATE INDEX revocations_by_end ON revocations (expires_at);

CREATE TABLE status_lists (
  list INTEGER PRIMARY KEY,
  size INTEGER NOT NULL
) STRICT;

CREATE TABLE revocation_log (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  epoch TEXT    NOT NULL
) STRICT;
INSERT INTO revocation_log (id, epoch) VALUES (1, lower(hex(randomblob(8))));

CREATE TABLE last_run (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  at         INTEGER NOT NULL,
  kind       TEXT    NOT NULL,
  account    TEXT    NOT NULL,
  session    TEXT    NOT NULL,
  actor      TEXT    NOT NULL,
  address    TEXT    NOT NULL,
  request_id TEXT    NOT NULL,
  detail     TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_by_account ON audit (account, seq);

CREATE TABLE receivers (
  name     TEXT    NOT NULL PRIMARY KEY,
  topic    TEXT    NOT NULL,
  kinds    TEXT    NOT NULL,
  noted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  receiver   TEXT    NOT NULL,
  message    TEXT    NOT NULL,
  event      INTEGER NOT NULL,
  account    TEXT    NOT NULL,
  session    TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  due_at     INTEGER NOT NULL,
  attempts   INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_by_due ON deliveries (receiver, due_at, seq);

CREATE TABLE api_keys (
  id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  account       BLOB    NOT NULL REFERENCES accounts (id),
  name          TEXT    NOT NULL,
  secret_sha256 BLOB    NOT NULL CHECK (length(secret_sha256) = 32),
  scope         TEXT    NOT NULL,
  networks      TEXT    NOT NULL,
  created_at    INTEGER NOT NULL,
  expires_at    INTEGER NOT NULL,
  last_used_at  INTEGER NOT NULL,
  status        TEXT    NOT NULL,
  change        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_by_account ON api_keys (account, created_at);
CREATE INDEX api_keys_by_change ON api_keys (change);
CREATE INDEX api_keys_by_end ON api_keys (expires_at);
-- One row: the number of the last change, which outlives the key it was given to.
CREATE TABLE api_key_changes (last INTEGER NOT NULL) STRICT;
INSERT INTO api_key_changes (last) VALUES (0);

CREATE TABLE keys (
  key_id      TEXT    NOT NULL PRIMARY KEY,
  algorithm   TEXT    NOT NULL,
  state       TEXT    NOT NULL,
  sealed      BLOB    NOT NULL,
  created_at  INTEGER NOT NULL,
  state_since INTEGER NOT NULL,
  location    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
)"};
constexpr auto newest = static_cast<std::int64_t>(steps.size());

std::int64_t pragma(Connection& connection, const char* sql) {
  auto query = connection.query(sql);
  query.next();
  return query.integer();
}

// Throws unless the file is empty or ours, and not from the future.
std::int64_t version_of(Connection& connection) {
  auto version = pragma(connection, "PRAGMA user_version");
  auto application = pragma(connection, "PRAGMA application_id");
  bool fresh = version == 0 && application == 0 && pragma(connection, "SELECT count(*) FROM sqlite_schema") == 0;
  if (!fresh && application != application_id) {
    throw StoreFailed{{StoreFailure::unavailable, "the file is a database of another program"}};
  }
  if (version > newest) {
    throw StoreFailed{{StoreFailure::unavailable, "the database was made by a newer version of Signet (schema " +
                                                      std::to_string(version) + ", this version knows " +
                                                      std::to_string(newest) + ")"}};
  }
  return version;
}

}  // namespace

void migrate(Connection& connection) {
  if (version_of(connection) == newest) return;  // without a lock: the usual start
  connection.execute("BEGIN IMMEDIATE");
  try {
    // Asked again: another process may have been faster.
    for (auto version = version_of(connection); version < newest; ++version) {
      connection.execute(steps[static_cast<std::size_t>(version)]);
    }
    auto mark = "PRAGMA application_id = " + std::to_string(application_id) +
                "; PRAGMA user_version = " + std::to_string(newest) + "; COMMIT";
    connection.execute(mark.c_str());
  } catch (...) {
    if (connection.in_transaction()) connection.execute("ROLLBACK");
    throw;
  }
}

}  // namespace signet::server::sqlite

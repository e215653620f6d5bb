#include "server/store/sqlite/connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <thread>

namespace signet::server::sqlite {
namespace {

constexpr int primary_code(int code) { return code & 0xff; }

[[noreturn]] void fail(int code, std::string detail) {
  auto failure = primary_code(code) == SQLITE_CONSTRAINT ? StoreFailure::conflict : StoreFailure::unavailable;
  throw StoreFailed{{failure, "SQLite: " + std::move(detail) + " (code " + std::to_string(code) + ")"}};
}

SQLite::Database open(const std::filesystem::path& file, std::chrono::milliseconds busy_timeout) {
  try {
    // No lock inside SQLite: a connection is used by one thread at a time.
    return SQLite::Database{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                            static_cast<int>(busy_timeout.count())};
  } catch (const SQLite::Exception& e) {
    fail(e.getExtendedErrorCode(), e.what());
  }
}

// The switch to WAL needs the file for itself for a moment, and SQLite does not wait for that as it does elsewhere. Two
// processes that start together meet here.
void enter_wal(SQLite::Database& database, std::chrono::milliseconds patience) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    int code = database.tryExec("PRAGMA journal_mode = WAL");
    if (code == SQLITE_OK) return;
    bool busy = primary_code(code) == SQLITE_BUSY || primary_code(code) == SQLITE_LOCKED;
    if (!busy || std::chrono::steady_clock::now() >= deadline) fail(code, database.getErrorMsg());
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

}  // namespace

bool Query::next() {
  int code = statement_.tryExecuteStep();
  column_ = 0;
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  fail(statement_.getExtendedErrorCode(), statement_.getErrorMsg());
}

std::string Query::text() {
  auto value = column();
  // The bytes are counted after the text is asked for, as SQLite wants it.
  const char* start = value.getText();
  return {start, static_cast<std::size_t>(value.getBytes())};
}

std::vector<std::byte> Query::bytes() {
  auto value = column();
  auto* start = static_cast<const std::byte*>(value.getBlob());
  return {start, start + value.getBytes()};
}

void Query::bind_one(std::span<const std::byte> value) {
  // No pointer would be NULL, which is not an empty blob.
  statement_.bind(++bound_, value.empty() ? static_cast<const void*>("") : value.data(),
                  static_cast<int>(value.size()));
}

void Query::copy_id(std::array<std::byte, 16>& out) {
  auto value = column();
  auto* start = static_cast<const std::byte*>(value.getBlob());
  std::copy_n(start, std::min<std::size_t>(out.size(), static_cast<std::size_t>(value.getBytes())), out.begin());
}

Connection::Connection(const std::filesystem::path& file, Access access, std::chrono::milliseconds busy_timeout)
    : database_{open(file, busy_timeout)} {
  enter_wal(database_, busy_timeout);
  // SQLite goes on with another journal where it cannot have this one (a network drive, say); readers would then block
  // the writer.
  auto journal = [this] {
    auto query = this->query("PRAGMA journal_mode");
    query.next();
    return query.text();
  }();
  if (journal != "wal") fail(SQLITE_CANTOPEN, "the file system cannot hold a write-ahead log");
  // FULL: an answered rotation must survive a power cut, or a spent refresh token would work again.
  execute(
      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -8000");
  if (access == Access::reading) execute("PRAGMA query_only = ON");
}

Query Connection::query(const char* sql) {
  auto kept = statements_.find(sql);
  if (kept == statements_.end()) {
    try {
      kept = statements_.try_emplace(sql, database_, sql).first;
    } catch (const SQLite::Exception& e) {
      fail(e.getExtendedErrorCode(), e.what());
    }
  }
  return Query{kept->second};
}

void Connection::execute(const char* sql) {
  int code = database_.tryExec(sql);
  if (code != SQLITE_OK) fail(database_.getExtendedErrorCode(), database_.getErrorMsg());
}

std::int64_t Connection::changes() const { return sqlite3_changes64(database_.getHandle()); }

std::int64_t Connection::last_insert_id() const { return database_.getLastInsertRowid(); }

bool Connection::in_transaction() const noexcept { return sqlite3_get_autocommit(database_.getHandle()) == 0; }

}  // namespace signet::server::sqlite

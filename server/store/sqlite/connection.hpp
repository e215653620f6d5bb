#pragma once
// One connection to the file, with its statements kept; failures leave as StoreFailed.

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/id.hpp"
#include "server/store/store.hpp"

namespace signet::server::sqlite {

// One use of a kept statement: bind in order, next, read the columns in order. Resets the statement when it goes, so
// that no cursor stays open behind it.
class Query {
 public:
  explicit Query(SQLite::Statement& statement) noexcept : statement_{statement} {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() { (void)statement_.tryReset(); }

  template <class... Values>
  Query& bind(const Values&... values) {
    (bind_one(values), ...);
    return *this;
  }

  // Whether there is a row (another one). Throws StoreFailed.
  bool next();
  void run() { (void)next(); }

  std::int64_t integer() { return column().getInt64(); }
  bool boolean() { return integer() != 0; }
  Time time() { return Time{std::chrono::milliseconds{integer()}}; }
  std::string text();
  std::vector<std::byte> bytes();
  template <class Tag>
  Id<Tag> id() {
    Id<Tag> id;
    copy_id(id.bytes);
    return id;
  }

 private:
  void bind_one(std::int64_t value) { statement_.bind(++bound_, value); }
  void bind_one(std::uint32_t value) { bind_one(std::int64_t{value}); }
  void bind_one(bool value) { bind_one(std::int64_t{value}); }
  void bind_one(Time value) { bind_one(std::int64_t{value.time_since_epoch().count()}); }
  void bind_one(const std::string& value) { statement_.bind(++bound_, value); }
  void bind_one(std::string_view value) { bind_one(std::string{value}); }
  void bind_one(std::span<const std::byte> value);
  template <class Tag>
  void bind_one(const Id<Tag>& value) {
    bind_one(std::span<const std::byte>{value.bytes});
  }

  SQLite::Column column() { return statement_.getColumn(column_++); }
  void copy_id(std::array<std::byte, 16>& out);

  SQLite::Statement& statement_;
  int bound_ = 0;
  int column_ = 0;
};

enum class Access : std::uint8_t { reading, writing };

class Connection {
 public:
  // The file must exist. Throws StoreFailed.
  Connection(const std::filesystem::path& file, Access access, std::chrono::milliseconds busy_timeout);

  // `sql` must be a constant: its address is what the prepared statement is kept by.
  [[nodiscard]] Query query(const char* sql);

  // Several statements, unprepared.
  void execute(const char* sql);

  // Rows that the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] std::int64_t last_insert_id() const;

  // SQLite gives up the whole transaction by itself after some failures (a full disk, say).
  [[nodiscard]] bool in_transaction() const noexcept;

 private:
  SQLite::Database database_;
  std::unordered_map<const char*, SQLite::Statement> statements_;
};

}  // namespace signet::server::sqlite

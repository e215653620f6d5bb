#pragma once
// One connection to the server, never waited for longer than it is told. Failures leave as PostgresFailed.

#include <libpq-fe.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/id.hpp"
#include "server/store/store.hpp"
#include "signet/secret.hpp"

namespace signet::server::postgres {

using Deadline = std::chrono::steady_clock::time_point;

enum class Trouble : std::uint8_t {
  refused,      // the statement cannot be done: a unique value is taken, a row it names is not there
  contended,    // another transaction was in the way (SQLSTATE 40001, 40P01): the same work may go through now
  slow,         // the server gave up after its time limit
  failed,       // the server reports anything else
  lost,         // the connection broke; the server may be well
  unreachable,  // no connection can be had, or the server does not answer
};

class PostgresFailed final : public StoreFailed {
 public:
  PostgresFailed(Trouble trouble, std::string_view detail)
      : StoreFailed{{trouble == Trouble::refused ? StoreFailure::conflict : StoreFailure::unavailable,
                     "PostgreSQL: " + std::string{detail}}},
        trouble_{trouble} {}
  [[nodiscard]] Trouble trouble() const noexcept { return trouble_; }

 private:
  Trouble trouble_;
};

// One value on its way to the server, in PostgreSQL's binary format. Views what it was made of.
class Parameter {
 public:
  explicit(false) Parameter(std::int64_t value);
  explicit(false) Parameter(std::uint32_t value) : Parameter{std::int64_t{value}} {}
  explicit(false) Parameter(Time value) : Parameter{std::int64_t{value.time_since_epoch().count()}} {}
  explicit(false) Parameter(bool value);
  explicit(false) Parameter(std::string_view value);
  explicit(false) Parameter(const std::string& value) : Parameter{std::string_view{value}} {}
  explicit(false) Parameter(std::span<const std::byte> value);
  template <class Tag>
  explicit(false) Parameter(const Id<Tag>& value) : Parameter{std::span<const std::byte>{value.bytes}} {}

  [[nodiscard]] Oid type() const noexcept { return type_; }
  [[nodiscard]] const char* data() const noexcept { return outside_ ? outside_ : inside_.data(); }
  [[nodiscard]] int size() const noexcept { return size_; }

 private:
  Oid type_;
  std::array<char, 8> inside_{};
  const char* outside_ = nullptr;
  int size_;
};

// The rows of one answer: `next`, then the columns in order.
class Rows {
 public:
  using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;
  explicit Rows(Result result) noexcept : result_{std::move(result)} {}

  [[nodiscard]] bool next() noexcept;
  [[nodiscard]] std::int64_t integer();
  [[nodiscard]] bool boolean();
  [[nodiscard]] Time time() { return Time{std::chrono::milliseconds{integer()}}; }
  [[nodiscard]] std::string text() { return std::string{column()}; }
  [[nodiscard]] std::vector<std::byte> bytes();
  template <class Tag>
  [[nodiscard]] Id<Tag> id() {
    Id<Tag> id;
    copy_id(id.bytes);
    return id;
  }

  // Rows that an INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changed() const;
  // What was done: "COMMIT", say.
  [[nodiscard]] std::string_view done() const { return PQcmdStatus(result_.get()); }

 private:
  std::string_view column();
  void copy_id(std::array<std::byte, 16>& out);

  Result result_;
  int row_ = -1;
  int column_ = 0;
};

// What every connection is told.
struct Limits {
  std::chrono::seconds connect{2};  // for each address the name of the server has
  std::chrono::milliseconds statement{2000};
  std::chrono::milliseconds lock{1500};
  std::chrono::milliseconds idle_in_transaction{5000};
};

// A URL taken apart; nothing of it is in any error.
class Address {
 public:
  // Throws PostgresFailed when it cannot be read.
  explicit Address(const Secret& url);
  [[nodiscard]] PGconn* open(const Limits& limits) const;

 private:
  struct Options {
    void operator()(PQconninfoOption* options) const noexcept;
  };
  std::unique_ptr<PQconninfoOption, Options> options_;
};

class Connection {
 public:
  Connection(const Address& address, const Limits& limits);

  // Opens a transaction, in which nothing is begun after `deadline`. Sent together with its first statement.
  void begin(const char* sql, Deadline deadline);
  // When it throws and `outcome_unknown` is true, the transaction may be durable or not.
  void commit();
  // False when the connection is of no more use.
  [[nodiscard]] bool rollback() noexcept;
  [[nodiscard]] bool outcome_unknown() const noexcept { return outcome_unknown_; }

  // `sql` must be a constant: its address is what the prepared statement is kept by.
  template <class... Values>
  Rows query(const char* sql, const Values&... values) {
    const std::array<Parameter, sizeof...(Values)> parameters{Parameter{values}...};
    send(sql, parameters);
    return receive();
  }
  // The same without waiting: goes out with the next query or the commit, and fails there.
  template <class... Values>
  void post(const char* sql, const Values&... values) {
    const std::array<Parameter, sizeof...(Values)> parameters{Parameter{values}...};
    send(sql, parameters);
  }
  // Unprepared, without parameters.
  Rows execute(const char* sql);

  // A statement outside of any transaction, given the usual time.
  void command(const char* sql);
  enum class Awaited : std::uint8_t { notification, waker, nothing };
  // Until a channel that this connection listens to was notified by another connection, or the descriptor `waker` can
  // be read, or for so long. Between commands only.
  [[nodiscard]] Awaited await_notification(int waker, std::chrono::milliseconds at_most);

  // Migrations may take longer.
  void limit_statements(std::chrono::milliseconds limit) noexcept { statement_limit_ = limit; }

 private:
  bool take_notifications();
  void check_going_on();
  void send_begin();
  void send(const char* sql, std::span<const Parameter> parameters);
  void sent(int accepted);
  Rows receive();
  PGresult* next_result(Deadline deadline);
  void wait(short events, Deadline deadline);
  [[noreturn]] void lose(std::string_view why);
  [[noreturn]] void fail(Trouble trouble, std::string_view detail);

  struct Close {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Close> connection_;
  std::chrono::milliseconds statement_limit_;
  Deadline deadline_{};
  const char* begin_ = nullptr;  // still to be sent
  bool in_transaction_ = false;
  bool outcome_unknown_ = false;
  bool broken_ = false;
  bool failed_ = false;          // the transaction can only be rolled back
  std::size_t outstanding_ = 0;  // statements without an answer yet
  std::unordered_map<const char*, std::string> statements_;
  std::vector<const char*> fresh_;  // prepared since the last answer
  std::size_t names_ = 0;
};

}  // namespace signet::server::postgres

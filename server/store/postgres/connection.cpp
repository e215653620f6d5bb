#include "server/store/postgres/connection.hpp"

#include <openssl/crypto.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <stdexcept>

namespace signet::server::postgres {
namespace {

// What pg_type.h calls BOOLOID and so on: part of the protocol, never changed.
constexpr Oid bool_type = 16, bytea_type = 17, int8_type = 20, text_type = 25;
constexpr int binary = 1;

// How much longer than the server's own limit an answer is waited for.
constexpr std::chrono::milliseconds slack{500};
constexpr std::chrono::milliseconds rollback_time{500};

std::string one_line(std::string_view text) {
  std::string line;
  for (char c : text) {
    bool blank = static_cast<unsigned char>(c) < 0x21;
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

// SQLSTATE: PostgreSQL's appendix A.
Trouble trouble_of(std::string_view state) {
  if (state == "40001" || state == "40P01") return Trouble::contended;
  if (state.starts_with("22") || state.starts_with("23")) return Trouble::refused;
  if (state == "55P03" || state == "57014") return Trouble::slow;
  // 25006: it was the primary once; 25P03, 25P04, 57P..: the server ends the connection.
  if (state.starts_with("08") || state.starts_with("57P") || state.starts_with("25P") || state == "25006")
    return Trouble::lost;
  return Trouble::failed;
}

int checked_size(std::size_t size) {
  if (size > (std::size_t{1} << 30)) throw PostgresFailed{Trouble::refused, "a value of more than a gigabyte"};
  return static_cast<int>(size);
}

void ignore_notice(void*, const PGresult*) {}

}  // namespace

Parameter::Parameter(std::int64_t value) : type_{int8_type}, size_{8} {
  auto rest = static_cast<std::uint64_t>(value);
  for (auto at = inside_.rbegin(); at != inside_.rend(); ++at, rest >>= 8) *at = static_cast<char>(rest & 0xff);
}
Parameter::Parameter(bool value) : type_{bool_type}, inside_{value ? '\1' : '\0'}, size_{1} {}
Parameter::Parameter(std::string_view value)
    : type_{text_type}, outside_{value.empty() ? "" : value.data()}, size_{checked_size(value.size())} {}
Parameter::Parameter(std::span<const std::byte> value)
    : type_{bytea_type},
      outside_{value.empty() ? "" : reinterpret_cast<const char*>(value.data())},
      size_{checked_size(value.size())} {}

bool Rows::next() noexcept {
  column_ = 0;
  return ++row_ < PQntuples(result_.get());
}

std::string_view Rows::column() {
  int column = column_++;
  return {PQgetvalue(result_.get(), row_, column), static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

std::int64_t Rows::integer() {
  auto bytes = column();
  if (bytes.size() != 8) throw PostgresFailed{Trouble::failed, "a column is no bigint"};
  std::uint64_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

bool Rows::boolean() {
  auto bytes = column();
  if (bytes.size() != 1) throw PostgresFailed{Trouble::failed, "a column is no boolean"};
  return bytes[0] != 0;
}

std::vector<std::byte> Rows::bytes() {
  auto value = std::as_bytes(std::span{column()});
  return {value.begin(), value.end()};
}

void Rows::copy_id(std::array<std::byte, 16>& out) {
  auto value = std::as_bytes(std::span{column()});
  if (value.size() != out.size()) throw PostgresFailed{Trouble::failed, "a column is no id"};
  std::ranges::copy(value, out.begin());
}

std::int64_t Rows::changed() const {
  std::string_view text = PQcmdTuples(result_.get());
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

void Address::Options::operator()(PQconninfoOption* options) const noexcept {
  for (auto* option = options; option->keyword; ++option) {
    if (option->val) OPENSSL_cleanse(option->val, std::strlen(option->val));
  }
  PQconninfoFree(options);
}

Address::Address(const Secret& url) {
  std::string text{url.reveal_text()};
  char* quoted = nullptr;  // libpq's own message repeats parts of the URL, and so perhaps of the password
  bool known = text.starts_with("postgres://") || text.starts_with("postgresql://");
  if (known && text.find('\0') == std::string::npos) options_.reset(PQconninfoParse(text.c_str(), &quoted));
  OPENSSL_cleanse(text.data(), text.size());
  if (quoted) {
    OPENSSL_cleanse(quoted, std::strlen(quoted));
    PQfreemem(quoted);
  }
  if (!options_) throw PostgresFailed{Trouble::failed, "expected postgresql://user:password@host:port/database"};
}

PGconn* Address::open(const Limits& limits) const {
  auto seconds = std::to_string(limits.connect.count());
  auto milliseconds = std::to_string((limits.statement + slack).count());
  // What the URL does not say. A server that vanished is noticed by TCP, too; of several hosts the primary is wanted.
  std::map<std::string, const char*, std::less<>> values{{"connect_timeout", seconds.c_str()},
                                                         {"tcp_user_timeout", milliseconds.c_str()},
                                                         {"keepalives", "1"},
                                                         {"keepalives_idle", "10"},
                                                         {"keepalives_interval", "3"},
                                                         {"keepalives_count", "3"},
                                                         {"target_session_attrs", "read-write"},
                                                         {"gssencmode", "disable"},
                                                         {"application_name", "signet"}};
  for (auto* option = options_.get(); option->keyword; ++option) {
    if (option->val) values.insert_or_assign(option->keyword, option->val);
  }
  values.insert_or_assign("client_encoding", "UTF8");
  std::vector<const char*> names, texts;
  for (const auto& [keyword, value] : values) {
    names.push_back(keyword.c_str());
    texts.push_back(value);
  }
  names.push_back(nullptr);
  texts.push_back(nullptr);
  return PQconnectdbParams(names.data(), texts.data(), 0);
}

Connection::Connection(const Address& address, const Limits& limits)
    : connection_{address.open(limits)}, statement_limit_{limits.statement} {
  if (!connection_) throw std::bad_alloc{};
  auto* raw = connection_.get();
  if (PQstatus(raw) != CONNECTION_OK) throw PostgresFailed{Trouble::unreachable, one_line(PQerrorMessage(raw))};
  PQsetNoticeReceiver(raw, ignore_notice, nullptr);
  if (PQsetnonblocking(raw, 1) != 0 || PQenterPipelineMode(raw) != 1) lose("the connection cannot be set up");

  deadline_ = std::chrono::steady_clock::now() + limits.connect;
  auto time = [](std::chrono::milliseconds limit) { return std::to_string(limit.count()) + "ms"; };
  // An answered rotation must survive a crash of the server, or a spent refresh token would work again: whoever has
  // switched that off for the whole database did not mean this. A machine that dies with a transaction open holds its
  // locks until the idle limit.
  auto rows = query(
      "SELECT set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false), "
      "set_config('idle_in_transaction_session_timeout', $3, false), "
      "set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' "
      "ELSE current_setting('synchronous_commit') END, false), current_setting('server_encoding')",
      time(limits.statement), time(limits.lock), time(limits.idle_in_transaction));
  if (!rows.next()) lose("the connection cannot be set up");
  for (int column = 0; column < 4; ++column) (void)rows.text();
  if (auto encoding = rows.text(); encoding != "UTF8")
    throw PostgresFailed{Trouble::failed, "the database's encoding is " + encoding + ", expected UTF8"};
}

void Connection::begin(const char* sql, Deadline deadline) {
  begin_ = sql;
  deadline_ = deadline;
  failed_ = outcome_unknown_ = in_transaction_ = false;
}

// Before anything is handed to libpq: what it holds it will send one day.
void Connection::check_going_on() {
  // A work that goes on after a failure would be told of "an aborted transaction" only.
  if (failed_) throw PostgresFailed{Trouble::failed, "the transaction has failed already"};
  if (std::chrono::steady_clock::now() >= deadline_) fail(Trouble::slow, "the transaction took too long");
}

void Connection::send_begin() {
  check_going_on();
  if (!begin_) return;
  sent(PQsendQueryParams(connection_.get(), begin_, 0, nullptr, nullptr, nullptr, nullptr, binary));
  begin_ = nullptr;
  in_transaction_ = true;
}

void Connection::send(const char* sql, std::span<const Parameter> parameters) {
  send_begin();
  constexpr std::size_t most = 16;
  std::array<Oid, most> types{};
  std::array<const char*, most> values{};
  std::array<int, most> sizes{}, formats{};
  if (parameters.size() > most) throw std::logic_error{"too many parameters"};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    types[i] = parameters[i].type();
    values[i] = parameters[i].data();
    sizes[i] = parameters[i].size();
    formats[i] = binary;
  }
  int count = static_cast<int>(parameters.size());
  auto [kept, fresh] = statements_.try_emplace(sql);
  if (fresh) {
    kept->second = "s" + std::to_string(++names_);
    fresh_.push_back(sql);
    sent(PQsendPrepare(connection_.get(), kept->second.c_str(), sql, count, types.data()));
  }
  sent(PQsendQueryPrepared(connection_.get(), kept->second.c_str(), count, values.data(), sizes.data(), formats.data(),
                           binary));
}

Rows Connection::execute(const char* sql) {
  send_begin();
  sent(PQsendQueryParams(connection_.get(), sql, 0, nullptr, nullptr, nullptr, nullptr, binary));
  return receive();
}

void Connection::command(const char* sql) {
  begin(nullptr, std::chrono::steady_clock::now() + statement_limit_);
  (void)execute(sql);
}

Connection::Awaited Connection::await_notification(int waker, std::chrono::milliseconds at_most) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  for (;;) {
    if (take_notifications()) return Awaited::notification;
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Awaited::nothing;
    std::array<pollfd, 2> ready{{{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0},
                                 {.fd = waker, .events = POLLIN, .revents = 0}}};
    if (ready[0].fd < 0) lose("the connection is closed");
    if (::poll(ready.data(), ready.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
      lose(std::strerror(errno));
    if (ready[1].revents != 0) return Awaited::waker;
    if (ready[0].revents != 0 && !PQconsumeInput(connection_.get())) lose(PQerrorMessage(connection_.get()));
  }
}

// Whether there were any of others.
bool Connection::take_notifications() {
  bool others = false;
  while (auto* notified = PQnotifies(connection_.get())) {
    others |= notified->be_pid != PQbackendPID(connection_.get());
    PQfreemem(notified);
  }
  return others;
}

void Connection::sent(int accepted) {
  if (!accepted) lose(PQerrorMessage(connection_.get()));
  ++outstanding_;
}

void Connection::commit() {
  if (begin_ || !in_transaction_) {  // nothing was asked
    begin_ = nullptr;
    return;
  }
  check_going_on();
  sent(PQsendQueryParams(connection_.get(), "COMMIT", 0, nullptr, nullptr, nullptr, nullptr, binary));
  // From here until the server has said something, the transaction may be durable or not.
  outcome_unknown_ = true;
  auto answer = receive();
  outcome_unknown_ = false;
  in_transaction_ = false;
  // The server answers ROLLBACK where it had given the transaction up.
  if (answer.done() != "COMMIT") fail(Trouble::failed, "the transaction was not committed");
}

bool Connection::rollback() noexcept {
  begin_ = nullptr;
  if (broken_) return false;
  bool open = outstanding_ > 0 || PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
  if (!open) return true;
  try {
    failed_ = false;
    deadline_ = std::chrono::steady_clock::now() + rollback_time;
    // What was posted and not yet sent goes first, and may fail: the rollback is then sent on its own.
    if (outstanding_ > 0) {
      try {
        (void)receive();
      } catch (const PostgresFailed&) {
        if (broken_) return false;
      }
      failed_ = false;
    }
    (void)execute("ROLLBACK");
    in_transaction_ = false;
    return true;
  } catch (...) {
    return false;
  }
}

// Everything sent so far is answered in one round trip; returns the last answer, or throws the first failure: the
// server has then skipped the rest.
Rows Connection::receive() {
  auto* raw = connection_.get();
  if (PQpipelineSync(raw) != 1) lose(PQerrorMessage(raw));
  outstanding_ = 0;
  // The server has a limit of its own and says so when it is over; this is for one that says nothing.
  auto deadline = std::chrono::steady_clock::now() + statement_limit_ + slack;
  for (int unsent; (unsent = PQflush(raw)) != 0;) {
    if (unsent < 0) lose(PQerrorMessage(raw));
    wait(POLLIN | POLLOUT, deadline);
    if (!PQconsumeInput(raw)) lose(PQerrorMessage(raw));
  }

  Rows::Result last{nullptr, PQclear}, error{nullptr, PQclear};
  for (int nothing = 0; nothing < 2;) {
    Rows::Result result{next_result(deadline), PQclear};
    if (!result) {  // the end of one statement's answer; twice: the end of everything
      ++nothing;
      continue;
    }
    nothing = 0;
    auto status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) {
      if (!error) {
        fresh_.clear();
        return Rows{std::move(last)};
      }
      // What was prepared here may or may not be there: it gets another name.
      for (const char* sql : fresh_) statements_.erase(sql);
      fresh_.clear();
      const char* state = PQresultErrorField(error.get(), PG_DIAG_SQLSTATE);
      const char* message = PQresultErrorField(error.get(), PG_DIAG_MESSAGE_PRIMARY);
      std::string_view code = state ? state : "";
      // An answer: what failed did not happen, a commit neither. CockroachDB has one code that says it does not know.
      if (code != "40003") outcome_unknown_ = false;
      fail(trouble_of(code), one_line(message ? message : "no reason") + " (" + std::string{code} + ")");
    }
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      last = std::move(result);
    } else if (status != PGRES_PIPELINE_ABORTED && !error) {
      error = std::move(result);
    }
  }
  // The server's last words, when it had any, say more than the closed socket.
  lose(error ? PQresultErrorMessage(error.get()) : PQerrorMessage(raw));
}

PGresult* Connection::next_result(Deadline deadline) {
  auto* raw = connection_.get();
  while (PQisBusy(raw)) {
    wait(POLLIN, deadline);
    // A closed connection shows in the next result, after what was still to be read.
    if (!PQconsumeInput(raw)) break;
  }
  return PQgetResult(raw);
}

void Connection::wait(short events, Deadline deadline) {
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) fail(Trouble::unreachable, "no answer in time");
    pollfd socket{.fd = PQsocket(connection_.get()), .events = events, .revents = 0};
    if (socket.fd < 0) lose("the connection is closed");
    int ready = ::poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) lose(std::strerror(errno));
  }
}

void Connection::lose(std::string_view why) { fail(Trouble::lost, "connection lost: " + one_line(why)); }

void Connection::fail(Trouble trouble, std::string_view detail) {
  failed_ = true;
  broken_ |= trouble == Trouble::lost || trouble == Trouble::unreachable;
  std::string text{detail};
  if (outcome_unknown_) text += "; it is not known whether the commit was done";
  throw PostgresFailed{trouble, text};
}

}  // namespace signet::server::postgres

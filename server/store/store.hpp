#pragma once
// What the server remembers, behind one interface: SQLite now, PostgreSQL for many machines. Speaks the rules' types;
// holds no rules of its own.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/accounts/account.hpp"
#include "server/api_keys/api_key.hpp"
#include "server/audit/event.hpp"
#include "server/deliveries/delivery.hpp"
#include "server/keys/key_record.hpp"
#include "server/sessions/session.hpp"
#include "server/sessions/status.hpp"
#include "signet/revocations.hpp"

namespace signet::server {

enum class StoreFailure : std::uint8_t {
  conflict,     // a unique value is taken
  unavailable,  // the database cannot be reached, is full, or timed out: see Store::write for what was changed
};

struct StoreError {
  StoreFailure failure;
  std::string detail;  // for logs
};

template <class T>
using Stored = std::expected<T, StoreError>;

struct LoggedRevocation {
  std::int64_t seq;
  Revocation revocation;
  // The bits of the status lists that it sets; of a kind that covers everybody's (see status_of_all): all bits of a
  // list below that index.
  StatusEntries status{};
};

[[nodiscard]] constexpr bool status_of_all(RevocationKind kind) noexcept {
  return kind == RevocationKind::client || kind == RevocationKind::key || kind == RevocationKind::everyone;
}

// How a transaction is abandoned from inside. `Store::read` and `Store::write` catch it and return the error; nothing
// else should. Any other exception leaves them as it is, after everything the work did was undone.
class StoreFailed : public std::exception {
 public:
  explicit StoreFailed(StoreError error) : error_{std::move(error)} {}
  [[nodiscard]] const StoreError& error() const noexcept { return error_; }
  [[nodiscard]] const char* what() const noexcept override { return error_.detail.c_str(); }

 private:
  StoreError error_;
};

// Everything inside one transaction: all of it happens, or none. Every function throws StoreFailed: `conflict` when an
// inserted id exists already or a row it names does not, `unavailable` when the database fails.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // False when the username is taken.
  [[nodiscard]] virtual bool insert_account(const Account& account) = 0;
  [[nodiscard]] virtual std::optional<Account> account(const AccountId& id) = 0;
  [[nodiscard]] virtual std::optional<Account> account_by_username(std::string_view username) = 0;
  virtual void update_account(const Account& account) = 0;  // all but the id and the username
  // In the order of their usernames, those after `after_username`; with `beginning`, those whose username begins so.
  [[nodiscard]] virtual std::vector<Account> accounts_beginning(std::string_view beginning,
                                                                std::string_view after_username,
                                                                std::size_t at_most) = 0;
  [[nodiscard]] std::vector<Account> accounts(std::string_view after_username, std::size_t at_most) {
    return accounts_beginning({}, after_username, at_most);
  }
  // False when there is none. Its sessions and API keys have to be gone before.
  [[nodiscard]] virtual bool delete_account(const AccountId& id) = 0;

  virtual void insert_session(const Session& session) = 0;
  [[nodiscard]] virtual std::optional<Session> session(const SessionId& id) = 0;
  // Every one of them, oldest first, also those that have expired and are not swept yet.
  [[nodiscard]] virtual std::vector<Session> sessions_of(const AccountId& account) = 0;
  // Those that live at `now`, the most recently used first (equals: the greater id first): leaves out the first `skip`
  // and returns at most `at_most` of the rest. One statement, over the rows of this account alone: ORDER BY
  // last_used_at DESC, id DESC LIMIT at_most OFFSET skip.
  [[nodiscard]] virtual std::vector<Session> living_sessions(const AccountId& account, Time now, std::size_t skip,
                                                             std::size_t at_most) = 0;
  // Writes `next` where the counter is still `from` (compare and swap); false when it is not.
  [[nodiscard]] virtual bool advance_session(const Session& next, std::uint32_t from) = 0;
  [[nodiscard]] virtual bool delete_session(const SessionId& id) = 0;
  // Every one of them but `except`, in one statement however many they are; those that went, in no order.
  [[nodiscard]] virtual std::vector<Session> delete_sessions_of(const AccountId& account,
                                                                const std::optional<SessionId>& except) = 0;
  // Moves both on, never back, and no end beyond `expires_at`; no error when the session is gone.
  virtual void note_session_use(const SessionId& id, Time used_at, Time idle_expires_at) = 0;

  // Appends to the revocation log, whose sequence number only grows.
  virtual void append_revocation(const Revocation& revocation, const StatusEntries& status = {}) = 0;
  [[nodiscard]] virtual std::vector<LoggedRevocation> revocations_after(std::int64_t seq, std::size_t at_most) = 0;
  // Sixteen hexadecimal digits, made with the database: a number of the log means nothing under another epoch.
  [[nodiscard]] virtual std::string revocation_epoch() = 0;

  // The first of `count` places of a status list that nobody else is given. Makes the list with its first block.
  [[nodiscard]] virtual std::uint32_t take_status_block(std::int64_t list, std::uint32_t count) = 0;
  // How many places were given out of it; nothing when there is no such list.
  [[nodiscard]] virtual std::optional<std::int64_t> status_list_size(std::int64_t list) = 0;
  [[nodiscard]] virtual std::vector<std::int64_t> status_lists() = 0;

  // What the server was last started with ("issuer", "algorithm"), for whoever works on the data beside it.
  [[nodiscard]] virtual std::optional<std::string> last_run(std::string_view name) = 0;
  virtual void set_last_run(std::string_view name, std::string_view value) = 0;

  // Also leaves a delivery for each receiver of events that wants this kind, due at once.
  virtual void append_audit(const AuditEvent& event) = 0;
  [[nodiscard]] virtual std::vector<AuditEvent> audit_after(std::int64_t seq, std::size_t at_most) = 0;
  // Events before that number that the filter lets through, newest first.
  [[nodiscard]] virtual std::vector<AuditEvent> audit_before(std::int64_t seq, const AuditFilter& filter,
                                                             std::size_t at_most) = 0;

  // From now on there are deliveries for it. `now`: see receiver_kept.
  virtual void note_receiver(const Receiver& receiver, Time now) = 0;
  // A delivery for each receiver of logouts, due at once.
  virtual void append_logout(const Logout& logout, Time now) = 0;
  // Those that are due, in their order; each is due again at `until`, unless it has been settled by then. Of several
  // servers each takes others.
  [[nodiscard]] virtual std::vector<Delivery> take_deliveries(std::string_view receiver, Time now, Time until,
                                                              std::size_t at_most) = 0;
  // Settles a delivery that was taken: it is tried again at `due_at`, unless somebody else has taken it since; or
  // never.
  virtual void put_off_delivery(const Delivery& delivery, Time due_at) = 0;
  virtual void end_delivery(const Delivery& delivery) = 0;
  // How many wait, counted up to `at_most`.
  [[nodiscard]] virtual std::size_t waiting_deliveries(std::string_view receiver, std::size_t at_most) = 0;

  virtual void insert_key(const KeyRecord& key) = 0;
  [[nodiscard]] virtual std::vector<KeyRecord> keys() = 0;
  virtual void update_key(const KeyRecord& key) = 0;
  virtual void delete_key(std::string_view key_id) = 0;

  // What is inserted or updated gets the next number of changes, as greater numbers are never seen before smaller ones;
  // `change` of the argument is not looked at.
  virtual void insert_api_key(const ApiKey& key) = 0;
  [[nodiscard]] virtual std::optional<ApiKey> api_key(const ApiKeyId& id) = 0;
  [[nodiscard]] virtual std::vector<ApiKey> api_keys_of(const AccountId& account) = 0;  // oldest first
  // How many live at `now`, of all accounts, counted up to `at_most`.
  [[nodiscard]] virtual std::size_t living_api_keys(Time now, std::size_t at_most) = 0;
  // Where the tokens that it is exchanged for stand in the status lists. No change; no error when the key is gone.
  virtual void place_api_key(const ApiKeyId& id, const StatusEntries& status) = 0;
  [[nodiscard]] virtual std::vector<ApiKey> api_keys_changed_after(std::int64_t change, std::size_t at_most) = 0;
  [[nodiscard]] virtual bool end_api_key(const ApiKeyId& id, Time expires_at) = 0;  // a change; false: no such key
  [[nodiscard]] virtual bool delete_api_key(const ApiKeyId& id) = 0;
  // As delete_sessions_of.
  [[nodiscard]] virtual std::vector<ApiKey> delete_api_keys_of(const AccountId& account) = 0;
  // No change, and no error when the key is gone; never goes back in time.
  virtual void note_api_key_use(const ApiKeyId& id, Time used_at) = 0;

  // Deletes at most `at_most` sessions, API keys and revocations that have expired; returns how many went. The newest
  // revocation stays, expired or not: it tells how far the log has come. Status lists that are over, and receivers that
  // nobody names any more, go as well, uncounted.
  virtual std::size_t sweep(Time now, std::size_t at_most) = 0;

  // Deletes audit events from before `before`; returns how many went. Looks at the `at_most` oldest by their number and
  // at no others: numbers and times grow together, so no index on the time is needed, and a sweep with nothing to do
  // reads a page or two.
  virtual std::size_t sweep_audit(Time before, std::size_t at_most) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Runs `work` in a transaction and returns when it is durable. `work` may run more than once (after a conflict
  // between machines) and must have no other effect. Blocks: for the store and password lanes only.
  // `unavailable` means that nothing was changed, with one exception: when the connection to PostgreSQL breaks during
  // the commit, nobody knows (the detail says so). The rules bear that, as they bear an answer that is lost on its way:
  // a revocation that happened is enforced once the log is read, a session that was rotated gives the same successor
  // for the grace, and what was made is found by whoever asks again.
  [[nodiscard]] virtual Stored<void> write(const std::function<void(Transaction&)>& work) = 0;

  // The same for reading only; sees everything that a finished `write` wrote.
  [[nodiscard]] virtual Stored<void> read(const std::function<void(Transaction&)>& work) = 0;

  // From now on `heard` is called, in a thread of the store's own, soon after another process has appended to the
  // revocation log. It may be called for nothing, and not be called when it should: who follows the log looks at it
  // from time to time all the same. Nothing to call: no more calls, and none is going on when this returns. An engine
  // without such a thing never calls.
  virtual void watch_revocations(std::function<void()> /*heard*/) {}
  // This process has appended to it: tells those who watch in others. Waits for nothing.
  virtual void tell_revoked() noexcept {}

  // Cheap; false while the database cannot be reached.
  [[nodiscard]] virtual bool healthy() const noexcept = 0;
};

}  // namespace signet::server

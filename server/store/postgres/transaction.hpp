#pragma once

#include "server/store/postgres/connection.hpp"
#include "server/store/store.hpp"

namespace signet::server::postgres {

// The SQL. Begins and ends nothing: the store does.
class PostgresTransaction final : public Transaction {
 public:
  explicit PostgresTransaction(Connection& connection) noexcept : connection_{connection} {}

  bool insert_account(const Account& account) override;
  std::optional<Account> account(const AccountId& id) override;
  std::optional<Account> account_by_username(std::string_view username) override;
  void update_account(const Account& account) override;
  std::vector<Account> accounts_beginning(std::string_view beginning, std::string_view after_username,
                                          std::size_t at_most) override;
  bool delete_account(const AccountId& id) override;

  void insert_session(const Session& session) override;
  std::optional<Session> session(const SessionId& id) override;
  std::vector<Session> sessions_of(const AccountId& account) override;
  std::vector<Session> living_sessions(const AccountId& account, Time now, std::size_t skip,
                                       std::size_t at_most) override;
  bool advance_session(const Session& next, std::uint32_t from) override;
  bool delete_session(const SessionId& id) override;
  std::vector<Session> delete_sessions_of(const AccountId& account, const std::optional<SessionId>& except) override;
  void note_session_use(const SessionId& id, Time used_at, Time idle_expires_at) override;

  void append_revocation(const Revocation& revocation, const StatusEntries& status) override;
  std::vector<LoggedRevocation> revocations_after(std::int64_t seq, std::size_t at_most) override;
  std::string revocation_epoch() override;

  std::uint32_t take_status_block(std::int64_t list, std::uint32_t count) override;
  std::optional<std::int64_t> status_list_size(std::int64_t list) override;
  std::optional<std::string> last_run(std::string_view name) override;
  void set_last_run(std::string_view name, std::string_view value) override;
  std::vector<std::int64_t> status_lists() override;

  void append_audit(const AuditEvent& event) override;
  std::vector<AuditEvent> audit_after(std::int64_t seq, std::size_t at_most) override;

  std::vector<AuditEvent> audit_before(std::int64_t seq, const AuditFilter& filter, std::size_t at_most) override;

  void note_receiver(const Receiver& receiver, Time now) override;
  void append_logout(const Logout& logout, Time now) override;
  std::vector<Delivery> take_deliveries(std::string_view receiver, Time now, Time until, std::size_t at_most) override;
  void put_off_delivery(const Delivery& delivery, Time due_at) override;
  void end_delivery(const Delivery& delivery) override;
  std::size_t waiting_deliveries(std::string_view receiver, std::size_t at_most) override;

  void insert_key(const KeyRecord& key) override;
  std::vector<KeyRecord> keys() override;
  void update_key(const KeyRecord& key) override;
  void delete_key(std::string_view key_id) override;

  void insert_api_key(const ApiKey& key) override;
  std::optional<ApiKey> api_key(const ApiKeyId& id) override;
  std::vector<ApiKey> api_keys_of(const AccountId& account) override;
  std::size_t living_api_keys(Time now, std::size_t at_most) override;
  void place_api_key(const ApiKeyId& id, const StatusEntries& status) override;
  std::vector<ApiKey> api_keys_changed_after(std::int64_t change, std::size_t at_most) override;
  bool end_api_key(const ApiKeyId& id, Time expires_at) override;
  bool delete_api_key(const ApiKeyId& id) override;
  std::vector<ApiKey> delete_api_keys_of(const AccountId& account) override;
  void note_api_key_use(const ApiKeyId& id, Time used_at) override;

  std::size_t sweep(Time now, std::size_t at_most) override;
  std::size_t sweep_audit(Time before, std::size_t at_most) override;

 private:
  void order_changes();
  void sweep_receivers(Time now, std::size_t at_most);
  Connection& connection_;
  bool ordered_ = false;  // whether it holds the lock on the revocation log
};

}  // namespace signet::server::postgres

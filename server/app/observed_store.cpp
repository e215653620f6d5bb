#include "server/app/observed_store.hpp"

#include <utility>

namespace signet::server::app {
namespace {

// Passes everything on and keeps a copy of the audit events.
class Overheard final : public Transaction {
 public:
  Overheard(Transaction& inner, std::vector<AuditEvent>& heard, bool& revoked)
      : inner_{inner}, heard_{heard}, revoked_{revoked} {}

  bool insert_account(const Account& account) override { return inner_.insert_account(account); }
  std::optional<Account> account(const AccountId& id) override { return inner_.account(id); }
  std::optional<Account> account_by_username(std::string_view name) override {
    return inner_.account_by_username(name);
  }
  void update_account(const Account& account) override { inner_.update_account(account); }
  std::vector<Account> accounts_beginning(std::string_view beginning, std::string_view after,
                                          std::size_t at_most) override {
    return inner_.accounts_beginning(beginning, after, at_most);
  }
  bool delete_account(const AccountId& id) override { return inner_.delete_account(id); }

  void insert_session(const Session& session) override { inner_.insert_session(session); }
  std::optional<Session> session(const SessionId& id) override { return inner_.session(id); }
  std::vector<Session> sessions_of(const AccountId& account) override { return inner_.sessions_of(account); }
  std::vector<Session> living_sessions(const AccountId& account, Time now, std::size_t skip,
                                       std::size_t at_most) override {
    return inner_.living_sessions(account, now, skip, at_most);
  }
  bool advance_session(const Session& next, std::uint32_t from) override { return inner_.advance_session(next, from); }
  bool delete_session(const SessionId& id) override { return inner_.delete_session(id); }
  std::vector<Session> delete_sessions_of(const AccountId& account, const std::optional<SessionId>& except) override {
    return inner_.delete_sessions_of(account, except);
  }
  void note_session_use(const SessionId& id, Time used_at, Time idle_expires_at) override {
    inner_.note_session_use(id, used_at, idle_expires_at);
  }

  void append_revocation(const Revocation& revocation, const StatusEntries& status) override {
    revoked_ = true;
    inner_.append_revocation(revocation, status);
  }
  std::vector<LoggedRevocation> revocations_after(std::int64_t seq, std::size_t at_most) override {
    return inner_.revocations_after(seq, at_most);
  }
  std::string revocation_epoch() override { return inner_.revocation_epoch(); }

  std::uint32_t take_status_block(std::int64_t list, std::uint32_t count) override {
    return inner_.take_status_block(list, count);
  }
  std::optional<std::int64_t> status_list_size(std::int64_t list) override { return inner_.status_list_size(list); }
  std::optional<std::string> last_run(std::string_view name) override { return inner_.last_run(name); }
  void set_last_run(std::string_view name, std::string_view value) override { inner_.set_last_run(name, value); }
  std::vector<std::int64_t> status_lists() override { return inner_.status_lists(); }

  void append_audit(const AuditEvent& event) override {
    inner_.append_audit(event);
    heard_.push_back(event);
  }
  std::vector<AuditEvent> audit_after(std::int64_t seq, std::size_t at_most) override {
    return inner_.audit_after(seq, at_most);
  }

  std::vector<AuditEvent> audit_before(std::int64_t seq, const AuditFilter& filter, std::size_t at_most) override {
    return inner_.audit_before(seq, filter, at_most);
  }

  void note_receiver(const Receiver& receiver, Time now) override { inner_.note_receiver(receiver, now); }
  void append_logout(const Logout& logout, Time now) override { inner_.append_logout(logout, now); }
  std::vector<Delivery> take_deliveries(std::string_view receiver, Time now, Time until, std::size_t at_most) override {
    return inner_.take_deliveries(receiver, now, until, at_most);
  }
  void put_off_delivery(const Delivery& delivery, Time due_at) override { inner_.put_off_delivery(delivery, due_at); }
  void end_delivery(const Delivery& delivery) override { inner_.end_delivery(delivery); }
  std::size_t waiting_deliveries(std::string_view receiver, std::size_t at_most) override {
    return inner_.waiting_deliveries(receiver, at_most);
  }

  void insert_key(const KeyRecord& key) override { inner_.insert_key(key); }
  std::vector<KeyRecord> keys() override { return inner_.keys(); }
  void update_key(const KeyRecord& key) override { inner_.update_key(key); }
  void delete_key(std::string_view key_id) override { inner_.delete_key(key_id); }

  void insert_api_key(const ApiKey& key) override { inner_.insert_api_key(key); }
  std::optional<ApiKey> api_key(const ApiKeyId& id) override { return inner_.api_key(id); }
  std::vector<ApiKey> api_keys_of(const AccountId& account) override { return inner_.api_keys_of(account); }
  std::size_t living_api_keys(Time now, std::size_t at_most) override { return inner_.living_api_keys(now, at_most); }
  void place_api_key(const ApiKeyId& id, const StatusEntries& status) override { inner_.place_api_key(id, status); }
  std::vector<ApiKey> api_keys_changed_after(std::int64_t change, std::size_t at_most) override {
    return inner_.api_keys_changed_after(change, at_most);
  }
  bool end_api_key(const ApiKeyId& id, Time expires_at) override { return inner_.end_api_key(id, expires_at); }
  bool delete_api_key(const ApiKeyId& id) override { return inner_.delete_api_key(id); }
  std::vector<ApiKey> delete_api_keys_of(const AccountId& account) override {
    return inner_.delete_api_keys_of(account);
  }
  void note_api_key_use(const ApiKeyId& id, Time used_at) override { inner_.note_api_key_use(id, used_at); }

  std::size_t sweep(Time now, std::size_t at_most) override { return inner_.sweep(now, at_most); }
  std::size_t sweep_audit(Time before, std::size_t at_most) override { return inner_.sweep_audit(before, at_most); }

 private:
  Transaction& inner_;
  std::vector<AuditEvent>& heard_;
  bool& revoked_;
};

}  // namespace

Stored<void> ObservedStore::write(const std::function<void(Transaction&)>& work) {
  const auto began = std::chrono::steady_clock::now();
  std::vector<AuditEvent> heard;
  bool revoked = false;
  auto done = store_.write([&](Transaction& transaction) {
    heard.clear();  // the work may run more than once
    revoked = false;
    Overheard overheard{transaction, heard, revoked};
    work(overheard);
  });
  observer_.on_done(true, std::chrono::steady_clock::now() - began, done ? nullptr : &done.error());
  if (done) {
    if (revoked) observer_.on_revoked();
    for (const AuditEvent& event : heard) observer_.on_audit(event);
  }
  return done;
}

Stored<void> ObservedStore::read(const std::function<void(Transaction&)>& work) {
  const auto began = std::chrono::steady_clock::now();
  auto done = store_.read(work);
  observer_.on_done(false, std::chrono::steady_clock::now() - began, done ? nullptr : &done.error());
  return done;
}

}  // namespace signet::server::app

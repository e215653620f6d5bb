#include "server/accounts/accounts.hpp"

#include <algorithm>
#include <utility>

#include "server/api_keys/api_keys.hpp"
#include "server/sessions/sessions.hpp"

namespace signet::server {
namespace {

std::unexpected<AccountError> fail(AccountProblem problem, std::string reason = {}) {
  return std::unexpected(AccountError{problem, std::move(reason)});
}
std::unexpected<AccountError> unavailable(const StoreError& error) {
  return fail(AccountProblem::unavailable, error.detail);
}
std::unexpected<AccountError> unavailable(const Error& error) {
  return fail(AccountProblem::unavailable, error.detail());
}
std::unexpected<AccountError> weak(PasswordProblem problem) {
  return fail(AccountProblem::weak_password, std::move(problem.reason));
}

// Whoever signed in by a password acts as the account.
AuditSource as_account(const AuditSource& source, const AccountId& account) {
  auto whose = source;
  if (whose.actor.empty()) whose.actor = account.text();
  return whose;
}

void replace_secret(Transaction& transaction, Session session, const SecretHash& next, Time now) {
  const auto from = session.counter++;
  session.secret_sha256 = next;
  session.rotated_at = now;
  if (!transaction.advance_session(session, from))
    throw StoreFailed{{StoreFailure::conflict, "the session was changed at the same moment"}};
}

// Every session and API key; returns it in words, for the audit log.
std::string end_everything_of(Transaction& transaction, RevocationLog& log, const AccountId& account,
                              ApiKeyFate keys = ApiKeyFate::revoke) {
  auto ended = std::to_string(end_sessions_of(transaction, log, account)) + " sessions ended";
  if (keys == ApiKeyFate::keep) return ended;
  return ended + ", " + std::to_string(end_api_keys_of(transaction, log, account)) + " API keys revoked";
}

}  // namespace

Accounts::Accounts(Store& store, const Clock& clock, const PasswordHasher& hasher, AccountOptions options)
    : store_{store}, clock_{clock}, hasher_{hasher}, options_{std::move(options)} {}

AccountResult<Account> Accounts::sign_up(std::string_view username, std::string_view password, std::string_view scope,
                                         const AuditSource& source) {
  auto name = prepare_username(username);
  if (!name) return fail(AccountProblem::bad_username, std::string{reason(name.error())});
  auto chosen = prepare_password(password);
  if (!chosen) return weak(std::move(chosen.error()));
  if (auto strong = check_strength(*chosen, *name, options_.password); !strong) return weak(std::move(strong.error()));

  // Asked before the work of hashing, and again where it counts.
  bool taken = false;
  auto looked =
      store_.read([&](Transaction& transaction) { taken = transaction.account_by_username(*name).has_value(); });
  if (!looked) return unavailable(looked.error());
  if (taken) return fail(AccountProblem::taken);

  auto hash = hasher_.hash(*chosen);
  if (!hash) return unavailable(hash.error());
  const auto now = clock_.now();
  const Account account{.id = AccountId::random(),
                        .username = std::move(*name),
                        .password_hash = std::move(*hash),
                        .scope = std::string{scope},
                        .disabled = false,
                        .must_change_password = false,
                        .created_at = now,
                        .password_changed_at = now};
  auto written = store_.write([&](Transaction& transaction) {
    taken = !transaction.insert_account(account);
    if (taken) return;
    transaction.append_audit(
        audit_event(AuditKind::signup, now, as_account(source, account.id), {.account = account.id, .session = {}}));
  });
  if (!written) return unavailable(written.error());
  if (taken) return fail(AccountProblem::taken);
  return account;
}

AccountResult<Account> Accounts::authenticate(std::string_view username, std::string_view password,
                                              const AuditSource& source) {
  std::optional<Account> account;
  const auto refuse = [&](std::string_view why) -> AccountResult<Account> {
    AuditTarget target;
    if (account) target.account = account->id;
    const auto event = audit_event(AuditKind::login_failed, clock_.now(), source, target, why);
    auto written = store_.write([&](Transaction& transaction) { transaction.append_audit(event); });
    if (!written) return unavailable(written.error());
    return fail(AccountProblem::invalid_credentials);
  };

  // Depends on nothing but what was sent, so that its speed tells nothing.
  const auto presented = prepare_password(password);
  if (!presented) return refuse("a password that none can be");

  if (const auto name = prepare_username(username)) {
    auto looked = store_.read([&](Transaction& transaction) { account = transaction.account_by_username(*name); });
    if (!looked) return unavailable(looked.error());
  }
  if (!account) {
    hasher_.verify_nothing(*presented);
    return refuse("unknown username");
  }
  const auto verified = hasher_.verify(account->password_hash, *presented);
  if (!verified) return unavailable(verified.error());
  if (!*verified) return refuse("wrong password");
  if (account->disabled) return refuse("the account is disabled");

  if (hasher_.needs_rehash(account->password_hash)) {
    // Only while the account is what was just verified; failing leaves the old hash, which is as good as it was.
    if (auto renewed = hasher_.hash(*presented)) {
      (void)store_.write([&](Transaction& transaction) {
        auto current = transaction.account(account->id);
        if (!current || current->password_hash != account->password_hash) return;
        current->password_hash = *renewed;
        transaction.update_account(*current);
      });
    }
  }
  return std::move(*account);
}

AccountResult<bool> Accounts::change_password(const AccountId& id, const std::optional<SessionId>& keep,
                                              std::string_view current, std::string_view next,
                                              const AuditSource& source, const std::optional<SecretHash>& next_secret) {
  const auto whose = as_account(source, id);
  const AuditTarget target{.account = id, .session = keep};
  const auto refuse = [&](std::string_view why) -> AccountResult<bool> {
    const auto event = audit_event(AuditKind::password_change_failed, clock_.now(), whose, target, why);
    auto written = store_.write([&](Transaction& transaction) { transaction.append_audit(event); });
    if (!written) return unavailable(written.error());
    return fail(AccountProblem::invalid_credentials);
  };
  const auto presented = prepare_password(current);
  if (!presented) return refuse("a password that none can be");

  // Again when the hash changed under us: a login may have renewed it, and then the same password still holds.
  for (int attempt = 0; attempt < 3; ++attempt) {
    std::optional<Account> account;
    auto looked = store_.read([&](Transaction& transaction) { account = transaction.account(id); });
    if (!looked) return unavailable(looked.error());
    if (!account || account->disabled) return refuse("no such account, or disabled");
    const auto verified = hasher_.verify(account->password_hash, *presented);
    if (!verified) return unavailable(verified.error());
    if (!*verified) return refuse("wrong password");

    auto chosen = prepare_password(next);
    if (!chosen) return weak(std::move(chosen.error()));
    auto strong = check_strength(*chosen, account->username, options_.password);
    if (!strong) return weak(std::move(strong.error()));
    auto hash = hasher_.hash(*chosen);
    if (!hash) return unavailable(hash.error());

    bool changed = false, keeps = false;
    Revocations nowhere;
    auto written = write_revoking(
        store_, options_.enforced ? *options_.enforced : nowhere, clock_,
        [&](Transaction& transaction, RevocationLog& log) {
          changed = false;
          auto found = transaction.account(id);
          if (!found || found->disabled || found->password_hash != account->password_hash) return;
          found->password_hash = *hash;
          found->must_change_password = false;
          // Always later than before: a login that began under the old password is told from it by this.
          found->password_changed_at = std::max(log.now(), found->password_changed_at + std::chrono::milliseconds{1});
          transaction.update_account(*found);
          auto kept = keep ? transaction.session(*keep) : std::nullopt;
          if (kept && kept->account != id) kept.reset();
          if (kept && kept->secret_sha256 && next_secret) replace_secret(transaction, *kept, *next_secret, log.now());
          const auto ended = end_sessions_of(transaction, log, id, kept ? keep : std::nullopt);
          transaction.append_audit(audit_event(AuditKind::password_changed, log.now(), whose, target,
                                               std::to_string(ended) + " sessions ended"));
          changed = true;
          keeps = kept.has_value();
        });
    if (!written) return unavailable(written.error());
    if (changed) return keeps;
  }
  return refuse("the password changed at the same time");
}

AccountResult<void> Accounts::change(const AccountId& id,
                                     const std::function<void(Account&, Transaction&, RevocationLog&)>& work) {
  bool found = false;
  Revocations nowhere;
  auto written = write_revoking(store_, options_.enforced ? *options_.enforced : nowhere, clock_,
                                [&](Transaction& transaction, RevocationLog& log) {
                                  auto account = transaction.account(id);
                                  found = account.has_value();
                                  if (account) work(*account, transaction, log);
                                });
  if (!written) return unavailable(written.error());
  if (!found) return fail(AccountProblem::not_found);
  return {};
}

AccountResult<void> Accounts::set_flags(const AccountId& id, const Flags& flags, const AuditSource& source,
                                        ApiKeyFate keys) {
  return change(id, [&](Account& account, Transaction& transaction, RevocationLog& log) {
    const auto record = [&](AuditKind kind, std::string_view detail) {
      transaction.update_account(account);
      transaction.append_audit(audit_event(kind, log.now(), source, {.account = id, .session = {}}, detail));
    };
    if (flags.disabled && *flags.disabled != account.disabled) {
      account.disabled = *flags.disabled;
      record(account.disabled ? AuditKind::account_disabled : AuditKind::account_enabled,
             account.disabled ? end_everything_of(transaction, log, id) : "");
    }
    if (flags.must_change_password && *flags.must_change_password != account.must_change_password) {
      account.must_change_password = *flags.must_change_password;
      record(AuditKind::password_expired,
             account.must_change_password ? end_everything_of(transaction, log, id, keys) : "taken back");
    }
  });
}

AccountResult<void> Accounts::set_disabled(const AccountId& id, bool disabled, const AuditSource& source) {
  return set_flags(id, {.disabled = disabled}, source);
}

AccountResult<void> Accounts::set_password(const AccountId& id, std::string_view next, bool must_change,
                                           const AuditSource& source, ApiKeyFate keys) {
  const auto known = find(id);
  if (!known) return std::unexpected(known.error());
  const auto chosen = prepare_password(next);
  if (!chosen) return weak(chosen.error());
  if (auto strong = check_strength(*chosen, known->username, options_.password); !strong) {
    return weak(std::move(strong.error()));
  }
  const auto hash = hasher_.hash(*chosen);
  if (!hash) return unavailable(hash.error());
  return change(id, [&](Account& account, Transaction& transaction, RevocationLog& log) {
    account.password_hash = *hash;
    account.must_change_password = must_change;
    account.password_changed_at = std::max(log.now(), account.password_changed_at + std::chrono::milliseconds{1});
    transaction.update_account(account);
    const auto ended = end_everything_of(transaction, log, id, keys);
    transaction.append_audit(
        audit_event(AuditKind::password_changed, log.now(), source, {.account = id, .session = {}}, ended));
  });
}

AccountResult<void> Accounts::expire_password(const AccountId& id, bool must, const AuditSource& source,
                                              ApiKeyFate keys) {
  return set_flags(id, {.must_change_password = must}, source, keys);
}

AccountResult<void> Accounts::remove(const AccountId& id, const AuditSource& source) {
  return change(id, [&](Account&, Transaction& transaction, RevocationLog& log) {
    const auto detail = end_everything_of(transaction, log, id);
    transaction.append_audit(
        audit_event(AuditKind::account_deleted, log.now(), source, {.account = id, .session = {}}, detail));
    (void)transaction.delete_account(id);
  });
}

AccountResult<Account> Accounts::find(const AccountId& id) {
  std::optional<Account> account;
  auto looked = store_.read([&](Transaction& transaction) { account = transaction.account(id); });
  if (!looked) return unavailable(looked.error());
  if (!account) return fail(AccountProblem::not_found);
  return std::move(*account);
}

AccountResult<Account> Accounts::find(std::string_view username) {
  const auto name = prepare_username(username);
  if (!name) return fail(AccountProblem::bad_username, std::string{reason(name.error())});
  std::optional<Account> account;
  auto looked = store_.read([&](Transaction& transaction) { account = transaction.account_by_username(*name); });
  if (!looked) return unavailable(looked.error());
  if (!account) return fail(AccountProblem::not_found);
  return std::move(*account);
}

AccountResult<std::vector<Account>> Accounts::list(std::string_view after_username, std::size_t at_most) {
  return search({}, after_username, at_most);
}

AccountResult<std::vector<Account>> Accounts::search(std::string_view beginning, std::string_view after_username,
                                                     std::size_t at_most) {
  std::vector<Account> accounts;
  const auto prepared = prepare_username(beginning), after = prepare_username(after_username);
  for (const auto& text : {prepared, after}) {
    if (!text && text.error() == UsernameProblem::not_utf8) return accounts;
  }
  // What is no whole username may still begin one.
  const auto as_stored = prepared.value_or(std::string{beginning});
  auto looked = store_.read(
      [&](Transaction& transaction) { accounts = transaction.accounts_beginning(as_stored, after_username, at_most); });
  if (!looked) return unavailable(looked.error());
  return accounts;
}

}  // namespace signet::server

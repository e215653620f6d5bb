#pragma once
// Who may sign in. Every function here that takes a password hashes: for the password lane, or the command line.

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/accounts/account.hpp"
#include "server/accounts/password.hpp"
#include "server/accounts/password_hash.hpp"
#include "server/accounts/username.hpp"
#include "server/audit/audit.hpp"
#include "server/credential_text.hpp"
#include "server/revocation/log.hpp"
#include "server/store/store.hpp"
#include "signet/clock.hpp"

namespace signet::server {

enum class AccountProblem : std::uint8_t {
  bad_username,
  taken,
  weak_password,        // refused by the rules for new passwords; the reason is for the client
  invalid_credentials,  // unknown, wrong, disabled: one answer for all
  not_found,            // no account of that id
  unavailable,          // the store, or the memory to hash in: nothing was changed
};

struct AccountError {
  AccountProblem problem;
  std::string reason;  // for the client with bad_username and weak_password; for logs with unavailable
};

template <class T>
using AccountResult = std::expected<T, AccountError>;

struct AccountOptions {
  PasswordPolicy password;
  // What this process's verifier looks at: a change is enforced here when it has returned. Null where nothing is
  // verified; verifiers elsewhere hear of it through the revocation log.
  Revocations* enforced = nullptr;
};

// What becomes of an account's API keys when an administrator takes its password away: whoever knew that may have made
// some, so they go unless it is said that they stay.
enum class ApiKeyFate : std::uint8_t { revoke, keep };

class Accounts {
 public:
  // All must outlive it.
  Accounts(Store& store, const Clock& clock, const PasswordHasher& hasher, AccountOptions options = {});

  // `scope`: space-separated, goes into the account's tokens. Errors: bad_username, weak_password, taken, unavailable.
  [[nodiscard]] AccountResult<Account> sign_up(std::string_view username, std::string_view password,
                                               std::string_view scope, const AuditSource& source);

  // The account whose password it is; its hash is renewed when the costs have risen. One hash is made whether or not
  // the username exists. A failure is recorded here (login_failed); success (login) is recorded with the session it
  // begins. Errors: invalid_credentials, unavailable.
  [[nodiscard]] AccountResult<Account> authenticate(std::string_view username, std::string_view password,
                                                    const AuditSource& source);

  // Ends every session but `keep`, and revokes their tokens, in the transaction that changes the password. When `keep`
  // is in server mode, `next_secret` takes the place of its opaque token's. Returns whether `keep` goes on: it may have
  // ended meanwhile.
  // Errors: invalid_credentials (the current password is wrong, the account is gone or disabled), weak_password,
  // unavailable.
  [[nodiscard]] AccountResult<bool> change_password(const AccountId& account, const std::optional<SessionId>& keep,
                                                    std::string_view current, std::string_view next,
                                                    const AuditSource& source,
                                                    const std::optional<SecretHash>& next_secret = {});

  // Disabling ends every session and revokes every token and API key of the account; enabling does not bring them back.
  // Doing it twice changes nothing. Errors: not_found, unavailable.
  [[nodiscard]] AccountResult<void> set_disabled(const AccountId& account, bool disabled, const AuditSource& source);

  // A password from an administrator: ends every session, as `change_password` does, and API keys. `must_change`: the
  // user has to choose another one at the next login. Errors: weak_password, not_found, unavailable.
  [[nodiscard]] AccountResult<void> set_password(const AccountId& account, std::string_view next, bool must_change,
                                                 const AuditSource& source, ApiKeyFate keys = ApiKeyFate::revoke);

  // With `must`, the next session needs a new password; those that live end, and API keys. Doing it twice changes
  // nothing.
  // Errors: not_found, unavailable.
  [[nodiscard]] AccountResult<void> expire_password(const AccountId& account, bool must, const AuditSource& source,
                                                    ApiKeyFate keys = ApiKeyFate::revoke);

  // Both of these at once, as far as they are given: all of it happens or nothing. Errors: not_found, unavailable.
  struct Flags {
    std::optional<bool> disabled{};
    std::optional<bool> must_change_password{};
  };
  [[nodiscard]] AccountResult<void> set_flags(const AccountId& account, const Flags& flags, const AuditSource& source,
                                              ApiKeyFate keys = ApiKeyFate::revoke);

  // Ends and revokes everything of the account and forgets it; the audit log keeps what it says of the id.
  // Errors: not_found, unavailable.
  [[nodiscard]] AccountResult<void> remove(const AccountId& account, const AuditSource& source);

  // Errors: not_found, unavailable.
  [[nodiscard]] AccountResult<Account> find(const AccountId& account);
  [[nodiscard]] AccountResult<Account> find(std::string_view username);  // as typed; also bad_username

  // In the order of usernames, after that one. Errors: unavailable.
  [[nodiscard]] AccountResult<std::vector<Account>> list(std::string_view after_username = {},
                                                         std::size_t at_most = 100);
  // The same of those whose username begins so, in any spelling. Errors: unavailable.
  [[nodiscard]] AccountResult<std::vector<Account>> search(std::string_view beginning,
                                                           std::string_view after_username = {},
                                                           std::size_t at_most = 100);

 private:
  // `work` on the account in a transaction that may revoke.
  [[nodiscard]] AccountResult<void> change(const AccountId& account,
                                           const std::function<void(Account&, Transaction&, RevocationLog&)>& work);

  Store& store_;
  const Clock& clock_;
  const PasswordHasher& hasher_;
  AccountOptions options_;
};

}  // namespace signet::server

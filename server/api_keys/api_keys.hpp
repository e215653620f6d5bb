#pragma once
// Credentials for scripts: made, listed, taken back by their owner. Every change, its audit event and its revocations
// are one transaction.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "server/api_keys/api_key.hpp"
#include "server/audit/audit.hpp"
#include "server/revocation/log.hpp"
#include "server/sessions/status_indexes.hpp"
#include "server/store/store.hpp"
#include "signet/clock.hpp"
#include "signet/revocations.hpp"

namespace signet::server {

struct ApiKeyPolicy {
  std::string environment = "live";                            // stands in the text of every key
  std::string client = "signet";                               // the `client_id` of the tokens it is exchanged for
  std::chrono::milliseconds lifetime = std::chrono::days{90};  // unless the owner says otherwise
  std::chrono::milliseconds longest_lifetime = std::chrono::days{365};
  std::size_t most_per_account = 50;
  std::size_t most = 100'000;  // of all accounts: every server holds them in memory
  // How long ago its maker may have signed in: a key outlives a session that somebody else got hold of.
  std::chrono::milliseconds login_age = std::chrono::hours{1};
};

// What an owner asks for.
struct NewApiKey {
  std::string name{};                  // 1 to 100 printable characters
  std::optional<std::string> scope{};  // of the owner's; unset: all but admin:…
  std::string networks{};              // as in ApiKey
  std::optional<std::chrono::milliseconds> lifetime{};
  // The key that it takes the place of: that one ends after the overlap, at once when it is zero.
  std::optional<ApiKeyId> replaces{};
  std::chrono::milliseconds overlap{0};
};

enum class ApiKeyProblem : std::uint8_t {
  bad_request,     // the reason is for the client
  scope_too_wide,  // a scope that the owner does not have
  too_many,
  not_found,  // no such key of this owner; no such account, or a disabled one
  unavailable,
};

struct ApiKeyError {
  ApiKeyProblem problem;
  std::string reason;  // for the client with bad_request, for logs with unavailable
};

template <class T>
using ApiKeyResult = std::expected<T, ApiKeyError>;

struct MadeApiKey {
  ApiKey key{};
  std::string text{};  // to be shown once
};

class ApiKeys {
 public:
  // All but the policy must outlive it. `enforced`, `places`: as for Sessions.
  ApiKeys(Store& store, Revocations& enforced, const Clock& clock, ApiKeyPolicy policy = {}, StatusPlaces places = {})
      : store_{store}, enforced_{enforced}, clock_{clock}, policy_{std::move(policy)}, places_{places} {}

  // Audit: api_key_created; api_key_revoked of one that it replaces without overlap.
  [[nodiscard]] ApiKeyResult<MadeApiKey> create(const AccountId& account, const NewApiKey& wanted,
                                                const AuditSource& source);

  // Those that live, oldest first. Errors: unavailable.
  [[nodiscard]] ApiKeyResult<std::vector<ApiKey>> list(const AccountId& account);

  // Takes it back, and every token it was exchanged for. `owner`: whose it has to be; unset: anybody's.
  // Errors: not_found, unavailable. Audit: api_key_revoked.
  [[nodiscard]] ApiKeyResult<void> revoke(const ApiKeyId& id, const std::optional<AccountId>& owner,
                                          const AuditSource& source);

  // Where a token stands in the status lists that the key is exchanged for now; nothing without status lists. Errors:
  // not_found (it has been revoked in the meantime), unavailable.
  [[nodiscard]] ApiKeyResult<std::optional<StatusEntry>> place(const ApiKeyId& id);

  [[nodiscard]] const ApiKeyPolicy& policy() const noexcept { return policy_; }

 private:
  Store& store_;
  Revocations& enforced_;
  const Clock& clock_;
  const ApiKeyPolicy policy_;
  const StatusPlaces places_;
};

// Whether everyone was revoked after the key was made, or its client. Those two cut-offs are kept for as long as a key
// may live (RevocationLog), and take back in one row what has no row of its own.
[[nodiscard]] bool is_cut_off(const Revocations& enforced, const ApiKey& key, std::string_view client);

// Revokes every key of the account, inside a transaction of the caller's (an account disabled or deleted). Returns how
// many went.
std::size_t end_api_keys_of(Transaction& transaction, RevocationLog& log, const AccountId& account);

}  // namespace signet::server

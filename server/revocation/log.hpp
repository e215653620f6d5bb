#pragma once
// Every cause of a revocation (logout, password change, reuse, an administrator, RFC 7009, a lost key) writes its rows
// here, in the transaction of the change itself.

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "server/id.hpp"
#include "server/store/store.hpp"
#include "signet/clock.hpp"
#include "signet/revocations.hpp"

namespace signet::server {

// No access token lives longer than this, whatever is configured. A revocation is kept for this and longest_leeway
// together, so that it outlives every token it covers, even after the configuration has changed.
inline constexpr std::chrono::seconds longest_access_lifetime = std::chrono::hours{1};
// Nor does any session live longer than this. What no verifier elsewhere has to be told, because it is looked up, is
// covered by no row of its own when everyone is revoked, or a client: those two cut-offs are kept for it.
inline constexpr std::chrono::seconds longest_session = std::chrono::years{10};

// The rows of one transaction.
//
// A token says when it was issued in whole seconds, so a cut-off cannot separate the token that "log out everywhere" is
// to end from the token of a new login in the same second. Therefore a cut-off for a subject is the beginning of the
// current second (it never touches a later login), and the sessions that exist are revoked by their id as well (which
// reaches the tokens of this very second). `end_sessions_of` in sessions.hpp does both. The cut-off for
// everyone is the end of the current second instead: there, one login too many is better than one token left. The one
// for a key lies in the future, as far as the row is kept: a key in other hands signs any `iat`.
class RevocationLog {
 public:
  RevocationLog(Transaction& transaction, Time now) : transaction_{transaction}, now_{now} {}

  // `status`: the places in the status lists of what is revoked. A place is its session's, so the other tokens that the
  // session had got by then are revoked with a single one for those who read status lists; it needs another place.
  void session(const SessionId& id, const StatusEntries& status = {});
  void api_key(std::string_view session, const StatusEntries& status = {});  // the `sid` of its tokens
  void subject(const AccountId& account);
  void token(std::string_view jti, Time token_expires_at, const StatusEntries& status = {});

  // The three that name no places: in the status lists they revoke every place that was given out until now, when
  // tokens of this server may be meant at all. Who has such a place gets another one with his next token.
  enum class Places : bool { none, all };
  void client(std::string_view client_id, Places places = Places::all);
  // What relying parties are told: that one session has ended, or all that the account has.
  void logout(const AccountId& account, const std::optional<SessionId>& session = {});
  void key(std::string_view key_id, Places places = Places::all);
  // Every access token that was issued until now. Sessions stay: their refresh tokens give new access tokens, which
  // are good. Who wants everyone to log in again has to end the sessions as well. Sessions in server mode have no other
  // token, so they are over; so they are with their client.
  void everyone();

  [[nodiscard]] const std::vector<Revocation>& rows() const noexcept { return rows_; }
  [[nodiscard]] Time now() const noexcept { return now_; }

 private:
  [[nodiscard]] StatusEntries ends_of_lists();
  void append(Revocation row, const StatusEntries& status = {});

  Transaction& transaction_;
  Time now_;
  std::vector<Revocation> rows_;
};

// A write that revokes. When it returns without an error, the rows are durable and this process already enforces them.
// Like `Store::write`, `work` may run more than once.
[[nodiscard]] Stored<void> write_revoking(Store& store, Revocations& enforced, const Clock& clock,
                                          const std::function<void(Transaction&, RevocationLog&)>& work);

}  // namespace signet::server

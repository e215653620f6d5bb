#pragma once
// Logins: opened, refreshed, listed, ended. Every change, its audit event and its revocations are one transaction.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/accounts/account.hpp"
#include "server/audit/audit.hpp"
#include "server/current.hpp"
#include "server/limits/rate_limiter.hpp"
#include "server/revocation/log.hpp"
#include "server/sessions/pair_uses.hpp"
#include "server/sessions/refresh_rule.hpp"
#include "server/sessions/refresh_token.hpp"
#include "server/sessions/session.hpp"
#include "server/sessions/status_indexes.hpp"
#include "server/store/store.hpp"
#include "signet/clock.hpp"
#include "signet/revocations.hpp"

namespace signet::server {

// Who asks, for the session's row and the audit log.
struct Caller {
  std::string address;
  std::string user_agent;
  std::string request_id;
  std::string actor;  // who does it; empty: the account itself
};

enum class SessionProblem : std::uint8_t {
  invalid_grant,  // not a living refresh token of ours, or the account may not log in any more
  reuse,          // a spent token; the session has just been ended. The client hears `invalid_grant`
  unavailable,    // the store failed; nothing was changed
};

// What a login or a refresh gives: the endpoint adds an access token for it, unless it has an opaque one.
struct Granted {
  Session session;
  Account account;
  std::string refresh_token;  // empty in server mode
  bool repeated = false;      // the answer of the last rotation once more
  std::string opaque_token{};
};

// How a session begins.
struct Opening {
  SessionMode mode = SessionMode::token;
  std::string_view binding{};     // the client's DPoP key thumbprint, or empty
  std::string_view instead_of{};  // when it is the opaque token of a session: that one ends
};

// Living sessions of one account, unless it is configured otherwise.
inline constexpr std::size_t usual_sessions_per_account = 100;

class Sessions {
 public:
  Sessions(Store& store, Revocations& enforced, const Clock& clock, RefreshTokenCodec codec, RefreshPolicy policy = {},
           std::size_t most_per_account = usual_sessions_per_account, StatusPlaces places = {})
      : store_{store},
        enforced_{enforced},
        clock_{clock},
        codec_{std::move(codec)},
        policy_{policy},
        most_per_account_{most_per_account},
        places_{places} {}

  // A session for an account whose password has just been checked. invalid_grant when, since `verified` was read, the
  // account was disabled or its password changed: the old password must not open a session behind the change.
  // Where the account would have more living sessions than it may, the least recently used go. Audit: "login",
  // "session_revoked".
  [[nodiscard]] std::expected<Granted, SessionProblem> open(const Account& verified, const Caller& caller,
                                                            const Opening& opening = {});

  // See judge_refresh. Audit: "refresh_reuse"; "refresh_repeated", not for every tab: once in ten minutes for each
  // counter and address.
  [[nodiscard]] std::expected<Granted, SessionProblem> refresh(std::string_view refresh_token, std::string_view binding,
                                                               const Caller& caller);

  // Writes and reads refresh tokens otherwise from now on.
  void change_codec(RefreshTokenCodec codec) { codec_.set(std::move(codec)); }

  // The session that a refresh token of ours is for, by its MAC alone: whether it lives is not looked up.
  [[nodiscard]] std::optional<SessionId> session_of(std::string_view refresh_token) const noexcept;

  // The living sessions of an account, oldest first; when there are more than it may have, the most recently used.
  [[nodiscard]] Stored<std::vector<Session>> list(const AccountId& account);

  // The session of the refresh token, when it is the one that `refresh` would rotate: for introspection.
  [[nodiscard]] Stored<std::optional<Session>> find(std::string_view refresh_token);

  // Ends one session; false when `owner` has no such session. `kind`: logout, session_revoked.
  [[nodiscard]] Stored<bool> revoke(const SessionId& id, const AccountId& owner, AuditKind kind, const Caller& caller);

  // The same by the refresh token, current or spent, or the opaque token (RFC 7009). False when it is not a token of a
  // session.
  [[nodiscard]] Stored<bool> revoke(std::string_view token, AuditKind kind, const Caller& caller);

  // Ends all of them but `except`; returns how many. With `except` unset, tokens without a session go too. With it
  // set and no other session there, nothing is written.
  // `kind`: logout_all, logout_others, sessions_revoked.
  [[nodiscard]] Stored<std::size_t> revoke_all(const AccountId& account, const std::optional<SessionId>& except,
                                               AuditKind kind, const Caller& caller);

  // An access token of a bound session, issued then, was used: the refresh token before it is spent for good. Asks no
  // store. See PairUses.
  void seen_in_use(const SessionId& id, Time token_issued_at) { pair_uses_.note(id, token_issued_at); }

  // Writes that for the other nodes; call it every few seconds.
  Stored<void> write_uses() { return pair_uses_.write(store_, clock_.now()); }

 private:
  // A write that revokes and gives places.
  [[nodiscard]] Stored<void> write_granting(
      const std::function<void(Transaction&, RevocationLog&, StatusEntrance&)>& work);

  Store& store_;
  Revocations& enforced_;
  const Clock& clock_;
  Current<RefreshTokenCodec> codec_;
  RefreshPolicy policy_;
  std::size_t most_per_account_;
  StatusPlaces places_;
  PairUses pair_uses_;
  RateLimiter repeats_{{Rate{1, std::chrono::minutes{10}}}, 16'384};  // that are worth an audit event
};

// Ends every session of the account but `except`, inside a transaction of the caller's (a change of password, an
// account disabled): rows deleted, each revoked by id, and, unless one is kept, a cut-off for the subject. Returns how
// many ended.
std::size_t end_sessions_of(Transaction& transaction, RevocationLog& log, const AccountId& account,
                            const std::optional<SessionId>& except = {});

}  // namespace signet::server

#pragma once
// The security events Signet records: a closed list, so that whoever watches the log can know all of it. Each is
// written in the transaction of the change it tells of, or not at all.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/audit/event.hpp"
#include "server/id.hpp"

namespace signet::json {
class Object;
}

namespace signet::server {

// The names (`name` below) are stable; they stand in the store, in the log and in docs/operations.md.
enum class AuditKind : std::uint8_t {
  signup,            // an account was made
  login,             // the right password; a session began
  login_failed,      // unknown username, wrong password or disabled account: the detail says which
  login_limited,     // refused before the password was looked at: too many attempts
  logout,            // the user ended this session
  logout_others,     // the user ended all sessions but this one
  logout_all,        // the user ended every session
  session_revoked,   // one session ended from the list of sessions, by an administrator, by RFC 7009 or by a login that
                     // was one too many: the detail says which of these the last is
  sessions_revoked,  // an administrator ended every session of an account
  refresh_repeated,  // the token before the current one came back within the grace, and got the same answer
  refresh_reuse,     // a refresh token came back after it was spent: the session is gone
  token_revoked,     // one access token, by RFC 7009
  password_changed,  // all other sessions ended with it
  password_change_failed,  // the current password was wrong
  account_disabled,        // everything of it is revoked
  account_enabled,
  account_deleted,
  account_exported,  // an administrator took a copy of all that is kept of it
  password_expired,  // an administrator wants a new password before the next session
  api_key_created,
  api_key_revoked,
  signing_key_created,       // the detail names the key id and the state it began in
  signing_key_activated,     // an announced key signs now
  signing_key_retired,       // verifies, no longer signs
  signing_key_removed,       // the last token it signed has expired
  signing_key_revoked,       // compromised: every token of it is revoked
  signing_keys_sealed_anew,  // under another master key
  everyone_revoked,          // the global cut-off
  client_revoked,            // every token of one client; the detail names it
  introspection_refused,     // a client that is not known at POST /introspect, or whose secret is wrong
};

inline constexpr auto audit_kinds = std::to_array<AuditKind>({AuditKind::signup,
                                                              AuditKind::login,
                                                              AuditKind::login_failed,
                                                              AuditKind::login_limited,
                                                              AuditKind::logout,
                                                              AuditKind::logout_others,
                                                              AuditKind::logout_all,
                                                              AuditKind::session_revoked,
                                                              AuditKind::sessions_revoked,
                                                              AuditKind::refresh_repeated,
                                                              AuditKind::refresh_reuse,
                                                              AuditKind::token_revoked,
                                                              AuditKind::password_changed,
                                                              AuditKind::password_change_failed,
                                                              AuditKind::account_disabled,
                                                              AuditKind::account_enabled,
                                                              AuditKind::account_deleted,
                                                              AuditKind::account_exported,
                                                              AuditKind::password_expired,
                                                              AuditKind::api_key_created,
                                                              AuditKind::api_key_revoked,
                                                              AuditKind::signing_key_created,
                                                              AuditKind::signing_key_activated,
                                                              AuditKind::signing_key_retired,
                                                              AuditKind::signing_key_removed,
                                                              AuditKind::signing_key_revoked,
                                                              AuditKind::signing_keys_sealed_anew,
                                                              AuditKind::everyone_revoked,
                                                              AuditKind::client_revoked,
                                                              AuditKind::introspection_refused});

// "signup", "login", "login_failed", ...: the enumerator's own name.
[[nodiscard]] std::string_view name(AuditKind kind) noexcept;
[[nodiscard]] std::optional<AuditKind> audit_kind_from_name(std::string_view name) noexcept;

// Who did it and from where.
struct AuditSource {
  std::string actor;       // an account's id text, "cli", "server"; empty: nobody is signed in
  std::string address;     // the client's, empty outside a request
  std::string request_id;  // empty outside a request
};

// What it was done to.
struct AuditTarget {
  std::optional<AccountId> account;
  std::optional<SessionId> session;
};

// `detail` is for people and never holds a secret, a token or what someone typed into a form: people type passwords
// into username fields. Control characters in it and in the source become '?', and each is cut at 256 bytes.
[[nodiscard]] AuditEvent audit_event(AuditKind kind, Time at, const AuditSource& source, const AuditTarget& target = {},
                                     std::string_view detail = {});

// The members that are told of an event wherever it is told: actor, account, session, address, request_id, detail; but
// for the actor, those that are not empty.
void add_who_and_what(json::Object& object, const AuditEvent& event);

}  // namespace signet::server

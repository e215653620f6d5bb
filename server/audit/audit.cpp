#include "server/audit/audit.hpp"

#include <algorithm>

#include "signet/json.hpp"

namespace signet::server {
namespace {

constexpr std::size_t longest_field = 256;

// One line of printable text, whatever it came from: a log reader must not be fooled, nor a terminal driven. Cut at a
// whole UTF-8 character.
std::string one_line(std::string_view text) {
  if (text.size() > longest_field) {
    std::size_t end = longest_field;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  std::string line{text};
  std::ranges::replace_if(line, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return line;
}

}  // namespace

std::string_view name(AuditKind kind) noexcept {
  switch (kind) {
      // clang-format off
    case AuditKind::signup: return "signup";
    case AuditKind::login: return "login";
    case AuditKind::login_failed: return "login_failed";
    case AuditKind::login_limited: return "login_limited";
    case AuditKind::logout: return "logout";
    case AuditKind::logout_others: return "logout_others";
    case AuditKind::logout_all: return "logout_all";
    case AuditKind::session_revoked: return "session_revoked";
    case AuditKind::sessions_revoked: return "sessions_revoked";
    case AuditKind::refresh_repeated: return "refresh_repeated";
    case AuditKind::refresh_reuse: return "refresh_reuse";
    case AuditKind::token_revoked: return "token_revoked";
    case AuditKind::password_changed: return "password_changed";
    case AuditKind::password_change_failed: return "password_change_failed";
    case AuditKind::account_disabled: return "account_disabled";
    case AuditKind::account_enabled: return "account_enabled";
    case AuditKind::account_deleted: return "account_deleted";
    case AuditKind::account_exported: return "account_exported";
    case AuditKind::password_expired: return "password_expired";
    case AuditKind::api_key_created: return "api_key_created";
    case AuditKind::api_key_revoked: return "api_key_revoked";
    case AuditKind::signing_key_created: return "signing_key_created";
    case AuditKind::signing_key_activated: return "signing_key_activated";
    case AuditKind::signing_key_retired: return "signing_key_retired";
    case AuditKind::signing_key_removed: return "signing_key_removed";
    case AuditKind::signing_key_revoked: return "signing_key_revoked";
    case AuditKind::signing_keys_sealed_anew: return "signing_keys_sealed_anew";
    case AuditKind::everyone_revoked: return "everyone_revoked";
    case AuditKind::client_revoked: return "client_revoked";
    case AuditKind::introspection_refused: return "introspection_refused";
      // clang-format on
  }
  return "unknown";
}

std::optional<AuditKind> audit_kind_from_name(std::string_view text) noexcept {
  const auto* found = std::ranges::find(audit_kinds, text, name);
  if (found == audit_kinds.end()) return std::nullopt;
  return *found;
}

AuditEvent audit_event(AuditKind kind, Time at, const AuditSource& source, const AuditTarget& target,
                       std::string_view detail) {
  return {.seq = 0,
          .at = at,
          .kind = std::string{name(kind)},
          .account = target.account ? target.account->text() : std::string{},
          .session = target.session ? target.session->text() : std::string{},
          .actor = one_line(source.actor),
          .address = one_line(source.address),
          .request_id = one_line(source.request_id),
          .detail = one_line(detail)};
}

void add_who_and_what(json::Object& object, const AuditEvent& event) {
  object.set("actor", event.actor);
  const auto set_if = [&](const char* name, const std::string& value) {
    if (!value.empty()) object.set(name, value);
  };
  set_if("account", event.account);
  set_if("session", event.session);
  set_if("address", event.address);
  set_if("request_id", event.request_id);
  set_if("detail", event.detail);
}

}  // namespace signet::server

#pragma once
// Rows whose every field differs, so that a swapped column shows.

#include <string>

#include "server/store/store.hpp"

namespace signet::server::testing {

inline Time at(std::int64_t milliseconds) { return Time{std::chrono::milliseconds{milliseconds}}; }

inline Account account_named(std::string username) {
  return {.id = AccountId::random(),
          .username = std::move(username),
          .password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
          .scope = "profile keys",
          .disabled = false,
          .must_change_password = true,
          .created_at = at(1'700'000'000'123),
          .password_changed_at = at(1'700'000'111'456)};
}

inline Session session_of(const AccountId& account) {
  Session session{.id = SessionId::random(),
                  .account = account,
                  .counter = 3'000'000'000,
                  .rotated_at = at(1'700'000'000'001),
                  .successor_used = true,
                  .created_at = at(1'700'000'000'002),
                  .last_used_at = at(1'700'000'000'003),
                  .idle_expires_at = at(1'700'000'000'004),
                  .expires_at = at(1'700'000'000'005),
                  .binding = "jkt",
                  .user_agent = "Browser \"1\"; -- 'x'",
                  .address = "2001:db8::1"};
  session.secret_sha256.emplace().fill(std::byte{0x5a});
  session.secret_sha256->front() = std::byte{0};
  return session;
}

inline ApiKey api_key_of(const AccountId& account) {
  ApiKey key{.id = ApiKeyId::random(),
             .account = account,
             .name = "nightly \"backup\"; -- 'x'",
             .scope = "profile",
             .networks = "192.0.2.0/24 2001:db8::/32",
             .created_at = at(1'700'000'000'001),
             .expires_at = at(1'800'000'000'002),
             .last_used_at = at(1'700'000'000'003),
             .status = {{495'833, 17}, {495'832, 4'000'000'000}}};
  key.secret_sha256.fill(std::byte{0xa5});
  key.secret_sha256[0] = std::byte{0};
  return key;
}

inline KeyRecord key_named(std::string key_id) {
  return {.key_id = std::move(key_id),
          .algorithm = "ES256",
          .state = KeyState::signing,
          .sealed = {std::byte{0}, std::byte{255}, std::byte{0}, std::byte{7}},
          .created_at = at(1'700'000'000'001),
          .state_since = at(1'700'000'000'002)};
}

inline AuditEvent event_of(std::string kind) {
  return {.seq = 0,
          .at = at(1'700'000'000'001),
          .kind = std::move(kind),
          .account = "account",
          .session = "session",
          .actor = "actor",
          .address = "192.0.2.1",
          .request_id = "request",
          .detail = "detail"};
}

inline RevocationQuery token_with_id(std::string_view jti, Time issued_at) { return {jti, {}, {}, {}, {}, issued_at}; }
inline RevocationQuery token_of_session(std::string_view sid, Time issued_at) {
  return {{}, sid, {}, {}, {}, issued_at};
}

inline auto fields(const Account& a) {
  return std::tie(a.id, a.username, a.password_hash, a.scope, a.disabled, a.must_change_password, a.created_at,
                  a.password_changed_at);
}
inline auto fields(const ApiKey& k) {
  return std::tie(k.id, k.account, k.name, k.secret_sha256, k.scope, k.networks, k.created_at, k.expires_at,
                  k.last_used_at, k.status);
}
inline auto fields(const Session& s) {
  return std::tie(s.id, s.account, s.counter, s.rotated_at, s.successor_used, s.created_at, s.last_used_at,
                  s.idle_expires_at, s.expires_at, s.binding, s.user_agent, s.address, s.secret_sha256);
}
inline auto fields(const KeyRecord& k) {
  return std::tie(k.key_id, k.algorithm, k.state, k.sealed, k.created_at, k.state_since);
}
inline auto fields(const Revocation& r) { return std::tie(r.kind, r.key, r.cutoff, r.expires_at); }
inline auto fields_but_seq(const AuditEvent& e) {
  return std::tie(e.at, e.kind, e.account, e.session, e.actor, e.address, e.request_id, e.detail);
}

// Nothing compares two rows but tests.
template <class Row>
bool same(const Row& a, const Row& b) {
  return fields(a) == fields(b);
}

}  // namespace signet::server::testing

#pragma once
// Sessions whose token says nothing: "sgs_" and a credential (server/credential_text.hpp), looked up at each request.

#include <cstddef>
#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "server/accounts/account.hpp"
#include "server/credential_text.hpp"
#include "server/sessions/refresh_rule.hpp"
#include "server/sessions/session.hpp"
#include "server/store/store.hpp"
#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/revocations.hpp"

namespace signet::server {

inline constexpr std::string_view session_token_prefix = "sgs_";

[[nodiscard]] MadeCredential make_session_token(const SessionId& id);

struct ReadSessionToken {
  SessionId id;
  SecretHash secret_sha256{};
  // Whether the session's token is this one. In constant time.
  [[nodiscard]] bool is_of(const Session& session) const noexcept {
    return session.secret_sha256 && same_secret(*session.secret_sha256, secret_sha256);
  }
};
// Nothing unless it is whole.
[[nodiscard]] std::optional<ReadSessionToken> read_session_token(std::string_view text) noexcept;

// What a request finds: as it is once this use is written.
struct FoundSession {
  Session session;
  Account account;
};

// Finds them, and notes that they were used. Thread-safe.
class ServerSessions {
 public:
  // `enforced`, `store` and the clock must outlive it. `client_id`: the `client_id` that its sessions have.
  ServerSessions(Store& store, const Revocations& enforced, const Clock& clock, RefreshPolicy policy,
                 std::string client_id)
      : store_{store}, enforced_{enforced}, clock_{clock}, policy_{policy}, client_id_{std::move(client_id)} {}

  // The living session of that token, whose account may log in. Waits for the store, unless the text is no whole token.
  // Errors, for logs: token_malformed, token_revoked (no such session any more, or another token since), token_expired,
  // internal (the store failed).
  [[nodiscard]] std::expected<FoundSession, Error> find(std::string_view text);

  // Writes when sessions were last used, which moves their idle ends. A use is noted once a minute (a quarter of the
  // idle time, if that is less), so call it more often than that.
  Stored<void> write_uses();

 private:
  [[nodiscard]] std::chrono::milliseconds grain() const noexcept;

  Store& store_;
  const Revocations& enforced_;
  const Clock& clock_;
  const RefreshPolicy policy_;
  const std::string client_id_;

  std::mutex noting_;
  // In the order of the ids, so that nodes that write the same ones never wait for each other in a circle.
  std::map<SessionId, Time> uses_;
};

}  // namespace signet::server

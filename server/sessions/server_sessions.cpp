#include "server/sessions/server_sessions.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace signet::server {
namespace {

constexpr std::size_t uses_at_once = 500;  // so that nothing waits long for the writer

}  // namespace

MadeCredential make_session_token(const SessionId& id) { return make_credential(session_token_prefix, id.bytes); }

std::optional<ReadSessionToken> read_session_token(std::string_view text) noexcept {
  if (!text.starts_with(session_token_prefix)) return std::nullopt;
  const auto read = read_credential(text, session_token_prefix.size());
  if (!read) return std::nullopt;
  return ReadSessionToken{.id = {read->id}, .secret_sha256 = read->secret_sha256};
}

std::expected<FoundSession, Error> ServerSessions::find(std::string_view text) {
  const auto refuse = [](ErrorCode code, std::string why) { return std::unexpected(Error{code, std::move(why)}); };
  const auto read = read_session_token(text);
  if (!read) return refuse(ErrorCode::token_malformed, "not the token of a session");

  std::optional<Session> session;
  std::optional<Account> account;
  auto looked = store_.read([&](Transaction& transaction) {
    session = transaction.session(read->id);
    if (session && !read->is_of(*session)) session.reset();
    account = session ? transaction.account(session->account) : std::nullopt;
  });
  if (!looked) return refuse(ErrorCode::internal, looked.error().detail);
  if (!session) return refuse(ErrorCode::token_revoked, "no session has this token");
  if (!account || account->disabled) return refuse(ErrorCode::token_revoked, "the account may not log in");

  const auto now = clock_.now();
  if (now >= session->idle_expires_at || now >= session->expires_at)
    return refuse(ErrorCode::token_expired, "the session has expired");
  // Its row went with every cause but two, the cut-offs for everyone and for a client.
  if (enforced_.covers({.session = session->id.text(),
                        .subject = session->account.text(),
                        .client = client_id_,
                        .issued_at = session->rotated_at}))
    return refuse(ErrorCode::token_revoked, "the session was revoked");

  if (now >= session->last_used_at + grain()) {
    const std::lock_guard lock{noting_};
    uses_.insert_or_assign(session->id, now);
  }
  session->last_used_at = std::max(session->last_used_at, now);
  session->idle_expires_at =
      std::max(session->idle_expires_at, std::min<Time>(now + policy_.idle, session->expires_at));
  return FoundSession{.session = std::move(*session), .account = std::move(*account)};
}

Stored<void> ServerSessions::write_uses() {
  std::map<SessionId, Time> uses;
  {
    const std::lock_guard lock{noting_};
    uses.swap(uses_);
  }
  while (!uses.empty()) {
    const auto end = std::next(uses.begin(), static_cast<std::ptrdiff_t>(std::min(uses.size(), uses_at_once)));
    auto written = store_.write([&](Transaction& transaction) {
      for (auto use = uses.begin(); use != end; ++use)
        transaction.note_session_use(use->first, use->second, use->second + policy_.idle);
    });
    if (!written) {
      const std::lock_guard lock{noting_};
      uses_.merge(uses);  // where a session was used again since, that stays
      return written;
    }
    uses.erase(uses.begin(), end);
  }
  return {};
}

std::chrono::milliseconds ServerSessions::grain() const noexcept {
  return std::min<std::chrono::milliseconds>(std::chrono::minutes{1}, policy_.idle / 4);
}

}  // namespace signet::server

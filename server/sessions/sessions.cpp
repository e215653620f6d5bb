#include "server/sessions/sessions.hpp"

#include <algorithm>
#include <utility>

#include "server/sessions/server_sessions.hpp"

namespace signet::server {
namespace {

constexpr std::size_t longest_user_agent = 200;
// Sessions that one login ends, so that it never holds the writer for long. More than one are too many only after
// the number was lowered; the next logins take the rest.
constexpr std::size_t most_ended_by_login = 20;

// What a client says about itself is shown to the user and written to logs: printable ASCII, shortened.
std::string printable(std::string_view said) {
  std::string shown{said.substr(0, longest_user_agent)};
  std::ranges::replace_if(shown, [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

AuditEvent event(AuditKind kind, Time at, const AccountId& account, const std::optional<SessionId>& session,
                 const Caller& caller, std::string_view detail = {}) {
  const AuditSource source{.actor = caller.actor.empty() ? account.text() : caller.actor,
                           .address = caller.address,
                           .request_id = caller.request_id};
  return audit_event(kind, at, source, {.account = account, .session = session}, detail);
}

bool lives(const Session& session, Time now) { return now < session.idle_expires_at && now < session.expires_at; }

void end_session(Transaction& transaction, RevocationLog& log, const Session& session, AuditKind kind,
                 const Caller& caller, std::string_view detail = {}) {
  if (!transaction.delete_session(session.id)) return;  // somebody else was faster, and has written the rest
  log.session(session.id, session.status);
  log.logout(session.account, session.id);
  transaction.append_audit(event(kind, log.now(), session.account, session.id, caller, detail));
}

// Makes room for one more.
void end_least_recently_used(Transaction& transaction, RevocationLog& log, const AccountId& account,
                             std::size_t most_per_account, const Caller& caller) {
  const std::size_t kept = most_per_account - 1;
  for (const auto& session : transaction.living_sessions(account, log.now(), kept, most_ended_by_login)) {
    end_session(transaction, log, session, AuditKind::session_revoked, caller,
                "the least recently used of more than " + std::to_string(most_per_account) + " sessions");
  }
}

// The browser that logs in again drops the token it had.
void end_predecessor(Transaction& transaction, RevocationLog& log, std::string_view opaque_token,
                     const Caller& caller) {
  const auto old = read_session_token(opaque_token);
  if (!old) return;
  const auto session = transaction.session(old->id);
  if (session && old->is_of(*session))
    end_session(transaction, log, *session, AuditKind::session_revoked, caller, "another login in its place");
}

// Who got the answer once more, as far as it is not who logged in.
std::string told_of_repeat(const Session& session, std::uint32_t presented, const Caller& caller) {
  auto detail = "presented " + std::to_string(presented) + ", current " + std::to_string(session.counter);
  if (caller.address != session.address) detail += "; from " + caller.address + ", the login from " + session.address;
  if (auto agent = printable(caller.user_agent); agent != session.user_agent)
    detail += "; by " + agent + ", the login by " + session.user_agent;
  return detail;
}

}  // namespace

std::expected<Granted, SessionProblem> Sessions::open(const Account& verified, const Caller& caller,
                                                      const Opening& opening) {
  std::optional<Granted> granted;
  auto written = write_granting([&](Transaction& transaction, RevocationLog& log, StatusEntrance& places) {
    granted.reset();
    auto account = transaction.account(verified.id);
    if (!account || account->disabled || account->must_change_password ||
        account->password_changed_at != verified.password_changed_at)
      return;
    end_predecessor(transaction, log, opening.instead_of, caller);
    end_least_recently_used(transaction, log, account->id, most_per_account_, caller);
    auto now = log.now();
    auto expires_at = now + policy_.absolute;
    Session session{.id = SessionId::random(),
                    .account = account->id,
                    .rotated_at = now,
                    .created_at = now,
                    .last_used_at = now,
                    .idle_expires_at = std::min<Time>(now + policy_.idle, expires_at),
                    .expires_at = expires_at,
                    .binding = std::string{opening.binding},
                    .user_agent = printable(caller.user_agent),
                    .address = caller.address};
    std::string refresh_token, opaque_token;
    if (opening.mode == SessionMode::server) {
      auto made = make_session_token(session.id);
      session.secret_sha256 = made.secret_sha256;
      opaque_token = std::move(made.text);
    } else {
      (void)places.enter(session.status);
      refresh_token = codec_.now()->write({session.id, session.counter});
    }
    transaction.insert_session(session);
    transaction.append_audit(event(AuditKind::login, now, account->id, session.id, caller));
    granted = Granted{.session = std::move(session),
                      .account = std::move(*account),
                      .refresh_token = std::move(refresh_token),
                      .opaque_token = std::move(opaque_token)};
  });
  if (!written) return std::unexpected(SessionProblem::unavailable);
  if (!granted) return std::unexpected(SessionProblem::invalid_grant);
  return std::move(*granted);
}

std::expected<Granted, SessionProblem> Sessions::refresh(std::string_view refresh_token, std::string_view binding,
                                                         const Caller& caller) {
  auto presented = codec_.now()->read(refresh_token);
  if (!presented) return std::unexpected(SessionProblem::invalid_grant);

  std::expected<Granted, SessionProblem> outcome = std::unexpected(SessionProblem::invalid_grant);
  // Asked once: the work may run again. A token is the same counter of the same session whoever sends it.
  std::optional<bool> worth_telling;
  const auto repeat_key =
      std::string{refresh_token.substr(0, RefreshTokenCodec::text_size)} + address_key(caller.address);
  auto written = write_granting([&](Transaction& transaction, RevocationLog& log, StatusEntrance& places) {
    outcome = std::unexpected(SessionProblem::invalid_grant);
    auto session = transaction.session(presented->session);
    if (!session) return;
    session->successor_used = session->successor_used || pair_uses_.seen(*session);
    auto verdict = judge_refresh(*session, presented->counter, binding, log.now(), policy_);
    if (verdict.decision == RefreshDecision::invalid) return;
    if (verdict.decision == RefreshDecision::reuse) {
      end_session(transaction, log, *session, AuditKind::refresh_reuse, caller,
                  "presented " + std::to_string(presented->counter) + ", current " + std::to_string(session->counter));
      outcome = std::unexpected(SessionProblem::reuse);
      return;
    }
    auto account = transaction.account(session->account);
    if (!account || account->disabled) return;
    const bool entered = places.enter(verdict.session.status);
    if ((entered || verdict.decision == RefreshDecision::rotate) &&
        !transaction.advance_session(verdict.session, session->counter)) {
      // Only where transactions run side by side: another one rotated in between. The client's next try is answered.
      throw StoreFailed{{StoreFailure::conflict, "the session was rotated at the same moment"}};
    }
    const bool repeated = verdict.decision == RefreshDecision::repeat;
    if (repeated) {
      if (!worth_telling) worth_telling = repeats_.take(repeat_key, log.now()).has_value();
      if (*worth_telling) {
        transaction.append_audit(event(AuditKind::refresh_repeated, log.now(), session->account, session->id, caller,
                                       told_of_repeat(*session, presented->counter, caller)));
      }
    }
    auto token = codec_.now()->write({verdict.session.id, verdict.session.counter});
    outcome = Granted{std::move(verdict.session), std::move(*account), std::move(token), repeated};
  });
  if (!written && worth_telling.value_or(false)) repeats_.forget(repeat_key);  // the next one tells
  if (!written) return std::unexpected(SessionProblem::unavailable);
  return outcome;
}

Stored<void> Sessions::write_granting(const std::function<void(Transaction&, RevocationLog&, StatusEntrance&)>& work) {
  StatusEntrance entrance{places_, clock_};
  return entrance.run([&] {
    return write_revoking(store_, enforced_, clock_,
                          [&](Transaction& transaction, RevocationLog& log) { work(transaction, log, entrance); });
  });
}

std::optional<SessionId> Sessions::session_of(std::string_view refresh_token) const noexcept {
  auto presented = codec_.now()->read(refresh_token);
  if (!presented) return std::nullopt;
  return presented->session;
}

Stored<std::vector<Session>> Sessions::list(const AccountId& account) {
  std::vector<Session> sessions;
  auto done = store_.read([&](Transaction& transaction) {
    sessions = transaction.living_sessions(account, clock_.now(), 0, most_per_account_);
  });
  if (!done) return std::unexpected(done.error());
  std::ranges::sort(sessions, {}, [](const Session& session) { return std::pair{session.created_at, session.id}; });
  return sessions;
}

Stored<std::optional<Session>> Sessions::find(std::string_view refresh_token) {
  std::optional<Session> session;
  auto presented = codec_.now()->read(refresh_token);
  if (!presented) return session;
  auto done = store_.read([&](Transaction& transaction) {
    session = transaction.session(presented->session);
    if (!session) return;
    auto account = transaction.account(session->account);
    bool usable = account && !account->disabled && session->counter == presented->counter;
    if (!usable || !lives(*session, clock_.now())) session.reset();
  });
  if (!done) return std::unexpected(done.error());
  return session;
}

Stored<bool> Sessions::revoke(const SessionId& id, const AccountId& owner, AuditKind kind, const Caller& caller) {
  bool found = false;
  auto written = write_revoking(store_, enforced_, clock_, [&](Transaction& transaction, RevocationLog& log) {
    auto session = transaction.session(id);
    found = session && session->account == owner;
    if (found) end_session(transaction, log, *session, kind, caller);
  });
  if (!written) return std::unexpected(written.error());
  return found;
}

Stored<bool> Sessions::revoke(std::string_view token, AuditKind kind, const Caller& caller) {
  const auto opaque = read_session_token(token);
  const auto id = opaque ? std::optional{opaque->id} : session_of(token);
  if (!id) return false;
  bool found = false;
  auto written = write_revoking(store_, enforced_, clock_, [&](Transaction& transaction, RevocationLog& log) {
    auto session = transaction.session(*id);
    found = session && (!opaque || opaque->is_of(*session));
    if (found) end_session(transaction, log, *session, kind, caller);
  });
  if (!written) return std::unexpected(written.error());
  return found;
}

Stored<std::size_t> Sessions::revoke_all(const AccountId& account, const std::optional<SessionId>& except,
                                         AuditKind kind, const Caller& caller) {
  std::size_t ended = 0;
  auto written = write_revoking(store_, enforced_, clock_, [&](Transaction& transaction, RevocationLog& log) {
    ended = end_sessions_of(transaction, log, account, except);
    if (ended == 0 && except) return;
    transaction.append_audit(event(kind, log.now(), account, except, caller, std::to_string(ended) + " sessions"));
  });
  if (!written) return std::unexpected(written.error());
  return ended;
}

std::size_t end_sessions_of(Transaction& transaction, RevocationLog& log, const AccountId& account,
                            const std::optional<SessionId>& except) {
  // However many they are, one question to the store; the rest goes there without waiting.
  const auto ended = transaction.delete_sessions_of(account, except);
  for (const auto& session : ended) {
    log.session(session.id, session.status);
    if (except) log.logout(account, session.id);
  }
  if (!except) {
    log.subject(account);
    log.logout(account);
  }
  return ended.size();
}

}  // namespace signet::server

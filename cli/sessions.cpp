#include "cli/sessions.hpp"

#include <fmt/format.h>

#include "cli/account.hpp"
#include "cli/text.hpp"
#include "cli/time.hpp"
#include "server/sessions/sessions.hpp"
#include "signet/json.hpp"

namespace signet::cli {
namespace {

const server::Caller command_line{.address = {}, .user_agent = {}, .request_id = {}, .actor = "cli"};

// Sessions are listed and ended here by id; no refresh token is read or written, so any MAC key will do.
server::Sessions sessions_in(Data& data, Revocations& enforced, const Clock& clock) {
  return {*data.store,
          enforced,
          clock,
          server::RefreshTokenCodec{Secret::random(32)},
          data.config.refresh,
          data.config.sessions.most_per_account};
}

void show(const server::Session& session, bool json, Console& console) {
  const std::string created = utc_text(session.created_at);
  const std::string used = utc_text(session.last_used_at);
  const std::string expires = utc_text(std::min(session.expires_at, session.idle_expires_at));
  if (json) {
    json::Object object;
    object.set("id", session.id.text()).set("created_at", created).set("last_used_at", used);
    object.set("expires_at", expires).set("address", session.address).set("user_agent", session.user_agent);
    console.out << printable(object.text()) << '\n';
    return;
  }
  const char between = console.terminal ? ' ' : '\t';
  console.out << styled(console.out_colour, Style::strong, session.id.text()) << between << created << between << used
              << between << expires << between << printable(session.address) << between << printable(session.user_agent)
              << '\n';
}

Exit revoke_one(const std::string& text, Data& data, server::Sessions& sessions, Console& console) {
  const auto id = server::SessionId::from_text(text);
  if (!id) return complain(console, {"a session id has 22 characters; `signet sessions list NAME` shows them"});
  std::optional<server::Session> session;
  if (auto read = data.store->read([&](server::Transaction& transaction) { session = transaction.session(*id); });
      !read) {
    return store_failed(read.error(), console);
  }
  if (!session) return refuse("there is no such session: it may have ended by itself", console);
  const auto revoked = sessions.revoke(*id, session->account, server::AuditKind::session_revoked, command_line);
  if (!revoked) return store_failed(revoked.error(), console);
  if (!*revoked) return refuse("there is no such session: it has just ended by itself", console);
  console.out << "revoked " << id->text() << '\n';
  return Exit::ok;
}

Exit revoke_all(const std::string& name, Data& data, server::Sessions& sessions, Console& console) {
  const auto account = find_account(data, name);
  if (!account) return store_failed(account.error(), console);
  if (!*account) return refuse(fmt::format("{}: there is no such user", name), console);
  const auto count =
      sessions.revoke_all((*account)->id, std::nullopt, server::AuditKind::sessions_revoked, command_line);
  if (!count) return store_failed(count.error(), console);
  console.out << "revoked " << *count << (*count == 1 ? " session\n" : " sessions\n");
  return Exit::ok;
}

}  // namespace

Exit list_sessions(const SessionsListRequest& request, Console& console) {
  if (request.name.empty()) return complain(console, {"sessions list needs the name of a user"});
  auto data = open_data(request.location, Missing::refuse);
  if (!data) return complain(console, data.error());
  const auto account = find_account(*data, request.name);
  if (!account) return store_failed(account.error(), console);
  if (!*account) return refuse(fmt::format("{}: there is no such user", request.name), console);
  Revocations enforced;
  const auto sessions = sessions_in(*data, enforced, console.clock).list((*account)->id);
  if (!sessions) return store_failed(sessions.error(), console);
  for (const server::Session& session : *sessions) show(session, request.json, console);
  return Exit::ok;
}

Exit revoke_sessions(const SessionsRevokeRequest& request, Console& console) {
  if (request.id.empty() == request.user.empty()) {
    return complain(console, {"say which: sessions revoke SESSION_ID, or sessions revoke --user NAME --all"});
  }
  if (request.all == request.user.empty()) {
    return complain(console, {"--user and --all go together: every session of that user ends"});
  }
  auto data = open_data(request.location, Missing::refuse);
  if (!data) return complain(console, data.error());
  Revocations enforced;
  server::Sessions sessions = sessions_in(*data, enforced, console.clock);
  return request.user.empty() ? revoke_one(request.id, *data, sessions, console)
                              : revoke_all(request.user, *data, sessions, console);
}

}  // namespace signet::cli

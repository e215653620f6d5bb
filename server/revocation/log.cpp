#include "server/revocation/log.hpp"

#include <utility>

namespace signet::server {
namespace {

Time beginning_of_second(Time time) { return std::chrono::floor<std::chrono::seconds>(time); }
Time end_of_second(Time time) { return beginning_of_second(time) + std::chrono::seconds{1}; }

}  // namespace

void RevocationLog::session(const SessionId& id, const StatusEntries& status) {
  append({RevocationKind::session, id.text(), now_, now_ + longest_access_lifetime + longest_leeway}, status);
}

void RevocationLog::api_key(std::string_view session, const StatusEntries& status) {
  append({RevocationKind::session, std::string{session}, now_, now_ + longest_access_lifetime + longest_leeway},
         status);
}

void RevocationLog::subject(const AccountId& account) {
  append({RevocationKind::subject, account.text(), beginning_of_second(now_),
          now_ + longest_access_lifetime + longest_leeway});
}

void RevocationLog::token(std::string_view jti, Time token_expires_at, const StatusEntries& status) {
  append({RevocationKind::token, std::string{jti}, now_, token_expires_at + longest_leeway}, status);
}

void RevocationLog::client(std::string_view client_id, Places places) {
  append({RevocationKind::client, std::string{client_id}, end_of_second(now_), now_ + longest_session},
         places == Places::all ? ends_of_lists() : StatusEntries{});
}

void RevocationLog::logout(const AccountId& account, const std::optional<SessionId>& session) {
  transaction_.append_logout({account, session}, now_);
}

// Whoever has the key writes into `iat` what he likes.
void RevocationLog::key(std::string_view key_id, Places places) {
  const auto end = now_ + longest_access_lifetime + longest_leeway;
  append({RevocationKind::key, std::string{key_id}, end, end},
         places == Places::all ? ends_of_lists() : StatusEntries{});
}

void RevocationLog::everyone() {
  append({RevocationKind::everyone, {}, end_of_second(now_), now_ + longest_session}, ends_of_lists());
}

StatusEntries RevocationLog::ends_of_lists() {
  StatusEntries ends;
  for (const auto list : transaction_.status_lists()) {
    const auto size = transaction_.status_list_size(list);
    if (size) ends.push_back({.list = list, .index = static_cast<std::uint32_t>(*size)});
  }
  return ends;
}

void RevocationLog::append(Revocation row, const StatusEntries& status) {
  transaction_.append_revocation(row, status);
  rows_.push_back(std::move(row));
}

Stored<void> write_revoking(Store& store, Revocations& enforced, const Clock& clock,
                            const std::function<void(Transaction&, RevocationLog&)>& work) {
  std::vector<Revocation> rows;
  auto written = store.write([&](Transaction& transaction) {
    RevocationLog log{transaction, clock.now()};
    work(transaction, log);
    rows = log.rows();
  });
  if (!written) return written;
  for (const auto& row : rows) enforced.add(row);
  return written;
}

}  // namespace signet::server

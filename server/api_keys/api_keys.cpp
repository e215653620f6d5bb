#include "server/api_keys/api_keys.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "server/api_keys/key_text.hpp"
#include "server/printable.hpp"
#include "server/words.hpp"

namespace signet::server {
namespace {

constexpr std::size_t longest_name = 100;

std::unexpected<ApiKeyError> fail(ApiKeyProblem problem, std::string reason = {}) {
  return std::unexpected(ApiKeyError{problem, std::move(reason)});
}

std::string in_one_form(std::string_view scope) {
  std::string out;
  for (const auto word : words(scope)) out.append(out.empty() ? "" : " ").append(word);
  return out;
}

// Of UTF-8; what is none is refused in any case.
std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// A key outlives the login that made it by months: an administrator's names those scopes, or has none of them.
std::string less_admin(std::string_view scope) {
  std::string out;
  for (const auto word : words(scope)) {
    if (!word.starts_with("admin:")) out.append(word).append(" ");
  }
  return out;
}

void end_api_key(Transaction& transaction, RevocationLog& log, const ApiKey& key) {
  if (transaction.delete_api_key(key.id)) log.api_key(api_key_session(key.id), key.status);
}

}  // namespace

ApiKeyResult<MadeApiKey> ApiKeys::create(const AccountId& owner, const NewApiKey& wanted, const AuditSource& source) {
  if (wanted.name.empty() || characters_in(wanted.name) > longest_name || printable(wanted.name) != wanted.name) {
    return fail(ApiKeyProblem::bad_request, "`name` is 1 to 100 printable characters.");
  }
  const auto lifetime = wanted.lifetime.value_or(std::min(policy_.lifetime, policy_.longest_lifetime));
  if (lifetime < std::chrono::minutes{1} || lifetime > policy_.longest_lifetime) {
    const auto most = std::chrono::floor<std::chrono::seconds>(policy_.longest_lifetime).count();
    return fail(ApiKeyProblem::bad_request, "`expires_in` is from 60 to " + std::to_string(most) + " seconds.");
  }

  MadeApiKey made;
  made.key = {.id = ApiKeyId::random(), .account = owner, .name = wanted.name, .networks = wanted.networks};
  auto credential = make_credential(api_key_beginning(policy_.environment), made.key.id.bytes);
  made.key.secret_sha256 = credential.secret_sha256;
  made.text = std::move(credential.text);

  std::optional<ApiKeyProblem> refused;
  auto written = write_revoking(store_, enforced_, clock_, [&](Transaction& transaction, RevocationLog& log) {
    refused.reset();
    const auto now = log.now();
    const auto account = transaction.account(owner);
    if (!account || account->disabled) {
      refused = ApiKeyProblem::not_found;
      return;
    }
    made.key.scope = in_one_form(wanted.scope ? *wanted.scope : less_admin(account->scope));
    if (!has_words(account->scope, words(made.key.scope))) {
      refused = ApiKeyProblem::scope_too_wide;
      return;
    }
    auto keys = transaction.api_keys_of(owner);
    std::erase_if(keys, [&](const ApiKey& key) { return key.expires_at <= now; });
    // What a cut-off took back has no row of its own in the log, and needs none; nor does it count.
    std::erase_if(keys, [&](const ApiKey& key) {
      const bool dead = is_cut_off(enforced_, key, policy_.client);
      if (dead) (void)transaction.delete_api_key(key.id);
      return dead;
    });
    const auto old = wanted.replaces ? std::ranges::find(keys, *wanted.replaces, &ApiKey::id) : keys.end();
    if (wanted.replaces && old == keys.end()) {
      refused = ApiKeyProblem::not_found;
      return;
    }
    // One that goes makes room.
    const bool makes_room = wanted.replaces && wanted.overlap <= std::chrono::milliseconds{0};
    const std::size_t goes = makes_room ? 1 : 0;
    if (keys.size() >= policy_.most_per_account + goes ||
        transaction.living_api_keys(now, policy_.most + goes) >= policy_.most + goes) {
      refused = ApiKeyProblem::too_many;
      return;
    }
    made.key.created_at = now;
    made.key.expires_at = now + lifetime;
    const AuditTarget target{.account = owner, .session = {}};
    std::string detail = api_key_id_text(made.key.id);
    if (wanted.replaces) detail += " in place of " + api_key_id_text(*wanted.replaces);
    transaction.append_audit(audit_event(AuditKind::api_key_created, now, source, target, detail));
    if (makes_room) {
      end_api_key(transaction, log, *old);
      transaction.append_audit(
          audit_event(AuditKind::api_key_revoked, now, source, target, api_key_id_text(*wanted.replaces)));
    } else if (wanted.replaces) {
      (void)transaction.end_api_key(old->id, std::min<Time>(old->expires_at, now + wanted.overlap));
    }
    transaction.insert_api_key(made.key);
  });
  if (!written) return fail(ApiKeyProblem::unavailable, written.error().detail);
  if (refused) return fail(*refused);
  return made;
}

ApiKeyResult<std::vector<ApiKey>> ApiKeys::list(const AccountId& account) {
  std::vector<ApiKey> keys;
  auto read = store_.read([&](Transaction& transaction) { keys = transaction.api_keys_of(account); });
  if (!read) return fail(ApiKeyProblem::unavailable, read.error().detail);
  const auto now = clock_.now();
  std::erase_if(keys,
                [&](const ApiKey& key) { return key.expires_at <= now || is_cut_off(enforced_, key, policy_.client); });
  return keys;
}

ApiKeyResult<void> ApiKeys::revoke(const ApiKeyId& id, const std::optional<AccountId>& owner,
                                   const AuditSource& source) {
  bool found = false;
  auto written = write_revoking(store_, enforced_, clock_, [&](Transaction& transaction, RevocationLog& log) {
    const auto key = transaction.api_key(id);
    found = key && (!owner || key->account == *owner);
    if (!found) return;
    end_api_key(transaction, log, *key);
    transaction.append_audit(audit_event(AuditKind::api_key_revoked, log.now(), source,
                                         {.account = key->account, .session = {}}, api_key_id_text(id)));
  });
  if (!written) return fail(ApiKeyProblem::unavailable, written.error().detail);
  if (!found) return fail(ApiKeyProblem::not_found);
  return {};
}

ApiKeyResult<std::optional<StatusEntry>> ApiKeys::place(const ApiKeyId& id) {
  if (places_.indexes == nullptr) return std::nullopt;
  std::optional<ApiKey> key;
  StatusEntrance entrance{places_, clock_};
  auto read = store_.read([&](Transaction& transaction) { key = transaction.api_key(id); });
  if (!read) return fail(ApiKeyProblem::unavailable, read.error().detail);
  // Once an hour; looked at again, for two servers may find out at once.
  if (key && entrance.is_due(key->status)) {
    auto written = entrance.run([&] {
      return store_.write([&](Transaction& transaction) {
        key = transaction.api_key(id);
        if (key && entrance.enter(key->status)) transaction.place_api_key(id, key->status);
      });
    });
    if (!written) return fail(ApiKeyProblem::unavailable, written.error().detail);
  }
  if (!key) return fail(ApiKeyProblem::not_found);
  return key->status.front();
}

bool is_cut_off(const Revocations& enforced, const ApiKey& key, std::string_view client) {
  return enforced.covers({.client = client, .issued_at = key.created_at});
}

std::size_t end_api_keys_of(Transaction& transaction, RevocationLog& log, const AccountId& account) {
  const auto keys = transaction.delete_api_keys_of(account);
  for (const auto& key : keys) log.api_key(api_key_session(key.id), key.status);
  return keys.size();
}

}  // namespace signet::server

#include "server/api_keys/table.hpp"

#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "server/api_keys/key_text.hpp"
#include "server/networks.hpp"
#include "server/words.hpp"

namespace signet::server {
namespace {

constexpr std::size_t page = 1000;
constexpr std::size_t uses_at_once = 500;
constexpr std::size_t most_strangers = 10'000;
constexpr auto anew_after = std::chrono::minutes{5};
constexpr auto use_grain = std::chrono::minutes{1};

}  // namespace

struct ApiKeyTable::Entry {
  explicit Entry(ApiKey made)
      : key{std::move(made)},
        session{api_key_session(key.id)},
        networks{Networks::parse(words(key.networks))},
        used{key.last_used_at.time_since_epoch().count()} {}

  const ApiKey key;
  const std::string session;
  const std::expected<Networks, std::string> networks;  // an error: good nowhere
  std::atomic<std::int64_t> used;                       // milliseconds since 1970
};

// Random bytes already.
std::size_t ApiKeyTable::Hash::operator()(const ApiKeyId& id) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, id.bytes.data(), sizeof hash);
  return hash;
}

std::expected<std::shared_ptr<ApiKeyTable::Entry>, Error> ApiKeyTable::living(std::string_view text) const {
  const auto refuse = [](ErrorCode code, const char* why) { return std::unexpected(Error{code, why}); };
  const auto read = read_api_key(policy_.environment, text);
  if (!read) return refuse(ErrorCode::token_malformed, "not an API key of this environment");
  std::shared_ptr<Entry> entry;
  {
    const std::shared_lock lock{changing_};
    if (const auto found = entries_.find(read->id); found != entries_.end()) entry = found->second;
  }
  const bool same = entry && same_secret(entry->key.secret_sha256, read->secret_sha256);
  if (!same) return refuse(ErrorCode::key_not_found, "no such API key");
  const auto now = clock_.now();
  if (now >= entry->key.expires_at) return refuse(ErrorCode::token_expired, "the API key has expired");
  if (is_revoked(*entry)) return refuse(ErrorCode::token_revoked, "the API key was revoked");
  return entry;
}

bool ApiKeyTable::is_revoked(const Entry& entry) const {
  return enforced_.covers({.session = entry.session, .client = policy_.client, .issued_at = entry.key.created_at});
}

std::shared_ptr<const ApiKey> ApiKeyTable::used(const std::shared_ptr<Entry>& entry) const {
  entry->used.store(clock_.now().time_since_epoch().count(), std::memory_order_relaxed);
  return {entry, &entry->key};
}

std::expected<std::shared_ptr<const ApiKey>, Error> ApiKeyTable::find(std::string_view text) const {
  auto entry = living(text);
  if (!entry) return std::unexpected(std::move(entry.error()));
  return used(*entry);
}

std::expected<std::shared_ptr<const ApiKey>, Error> ApiKeyTable::find_used_from(std::string_view text,
                                                                                std::string_view client) const {
  auto entry = living(text);
  if (!entry) return std::unexpected(std::move(entry.error()));
  const auto address = Address::parse(client);
  const bool anywhere = (*entry)->key.networks.empty();
  if (!anywhere && !(address && (*entry)->networks && (*entry)->networks->contain(*address)))
    return std::unexpected(Error{ErrorCode::claim_rejected, "the API key was used from outside its networks"});
  return used(*entry);
}

Stored<void> ApiKeyTable::read_changes(Store& store, std::int64_t after, Entries& into, std::int64_t& newest) const {
  newest = after;
  std::vector<ApiKey> rows;
  do {
    auto done = store.read([&](Transaction& transaction) { rows = transaction.api_keys_changed_after(newest, page); });
    if (!done) return done;
    for (auto& row : rows) {
      newest = row.change;
      const auto id = row.id;
      into.insert_or_assign(id, std::make_shared<Entry>(std::move(row)));
    }
  } while (rows.size() == page);
  return {};
}

Stored<void> ApiKeyTable::follow(Store& store) {
  const std::lock_guard alone{following_};
  forget_dead();
  const auto now = clock_.now();
  const bool anew = read_anew_at_ == Time{} || now - read_anew_at_ >= anew_after;
  auto done = read(store, anew ? Extent::all : Extent::changes);
  if (done && anew) read_anew_at_ = now;
  return done;
}

bool ApiKeyTable::lacks(std::string_view text) const {
  const auto read = read_api_key(policy_.environment, text);
  if (!read) return false;
  const std::shared_lock lock{changing_};
  return !entries_.contains(read->id) && !strangers_.contains(read->id);
}

Stored<void> ApiKeyTable::learn(std::string_view text, Store& store) {
  if (!lacks(text)) return {};
  const auto begun = reads_begun_.load();
  const std::lock_guard alone{following_};
  if (last_read_ <= begun) {  // a later one began after this was asked
    if (auto done = read(store, Extent::changes); !done) return done;
  }
  // No key will ever get that id: ids are random, and known to nobody before the key is written.
  const auto id = read_api_key(policy_.environment, text)->id;
  const std::unique_lock change{changing_};
  if (strangers_.size() >= most_strangers) strangers_.clear();
  if (!entries_.contains(id)) strangers_.insert(id);
  return {};
}

Stored<void> ApiKeyTable::read(Store& store, Extent extent) {
  const auto number = ++reads_begun_;
  const bool anew = extent == Extent::all;
  Entries read;
  std::int64_t newest = 0;
  if (auto done = read_changes(store, anew ? 0 : newest_, read, newest); !done) return done;
  last_read_ = number;
  // Nothing changed with an empty table and a number that was given out before: the number stays.
  newest_ = std::max(newest_, newest);

  // What takes long is done where readers do not wait for it: they are event loops.
  {
    const std::shared_lock lock{changing_};
    for (auto& [id, entry] : read) {
      const auto old = entries_.find(id);
      if (old != entries_.end()) entry->used = std::max<std::int64_t>(entry->used, old->second->used);
    }
  }
  const std::unique_lock change{changing_};
  if (anew) {
    entries_.swap(read);  // the old ones go after the lock
    strangers_.clear();   // the database may be another one now
  } else {
    for (auto& [id, entry] : read) entries_.insert_or_assign(id, std::move(entry));
  }
  return {};
}

// A revocation is forgotten after a while, and the database may be away for longer: a key that it has covered once
// leaves for good.
void ApiKeyTable::forget_dead() {
  const auto now = clock_.now();
  std::vector<ApiKeyId> dead;
  {
    const std::shared_lock lock{changing_};
    for (const auto& [id, entry] : entries_) {
      if (is_revoked(*entry) || now >= entry->key.expires_at) dead.push_back(id);
    }
  }
  if (dead.empty()) return;
  const std::unique_lock change{changing_};
  for (const auto& id : dead) entries_.erase(id);
}

void ApiKeyTable::put(const ApiKey& key) {
  const std::unique_lock change{changing_};
  entries_.insert_or_assign(key.id, std::make_shared<Entry>(key));
}

Stored<void> ApiKeyTable::write_uses(Store& store) {
  for (;;) {
    const auto written = write_some_uses(store);
    if (!written) return std::unexpected(written.error());
    if (*written < uses_at_once) return {};
  }
}

Stored<std::size_t> ApiKeyTable::write_some_uses(Store& store) {
  std::vector<std::pair<ApiKeyId, Time>> uses;
  {
    const std::shared_lock lock{changing_};
    for (const auto& [id, entry] : entries_) {
      const auto used = std::chrono::floor<std::chrono::minutes>(Time{std::chrono::milliseconds{entry->used}});
      if (used >= entry->key.last_used_at + use_grain) uses.emplace_back(id, used);
      if (uses.size() == uses_at_once) break;
    }
  }
  if (uses.empty()) return 0;
  auto written = store.write([&](Transaction& transaction) {
    for (const auto& [id, used] : uses) transaction.note_api_key_use(id, used);
  });
  if (!written) return std::unexpected(written.error());
  const std::unique_lock change{changing_};
  for (const auto& [id, used] : uses) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;
    auto key = found->second->key;
    key.last_used_at = used;
    auto next = std::make_shared<Entry>(std::move(key));
    next->used = found->second->used.load();
    found->second = std::move(next);
  }
  return uses.size();
}

std::size_t ApiKeyTable::size() const {
  const std::shared_lock lock{changing_};
  return entries_.size();
}

}  // namespace signet::server

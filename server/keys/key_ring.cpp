#include "server/keys/key_ring.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "server/audit/audit.hpp"
#include "src/jose/base64url.hpp"

namespace signet::server {
namespace {

using Records = std::vector<KeyRecord>;

// Binds a sealed key to its row: another row's private key does not open there.
std::string seal_context(std::string_view key_id, std::string_view algorithm) {
  return "signing key\n" + std::string{key_id} + "\n" + std::string{algorithm};
}

std::expected<KeyRecord, Error> make_key(Algorithm algorithm, KeyState state, Time now, const MasterKey& master) {
  auto key = SigningKey::generate(algorithm);
  if (!key) return std::unexpected(key.error());
  KeyRecord record{.key_id = key->thumbprint(),
                   .algorithm = std::string{name(algorithm)},
                   .state = state,
                   .sealed = {},
                   .created_at = now,
                   .state_since = now};
  auto jwk = key->with_key_id(record.key_id).to_private_jwk();
  if (!jwk) return std::unexpected(jwk.error());
  record.sealed = master.seal(jwk->reveal(), seal_context(record.key_id, record.algorithm));
  return record;
}

std::expected<SigningKey, Error> open_key(const KeyRecord& record, const MasterKey& master) {
  const auto because = [&](const Error& error) {
    return std::unexpected(Error{ErrorCode::key_malformed, "signing key " + record.key_id + ": " + error.detail()});
  };
  const auto algorithm = algorithm_from_name(record.algorithm);
  if (!algorithm) return because(Error{ErrorCode::key_unsupported, "an algorithm this version does not know"});
  auto jwk = master.open(record.sealed, seal_context(record.key_id, record.algorithm));
  if (!jwk) return because(jwk.error());
  auto key = SigningKey::from_jwk(*algorithm, *jwk);
  if (!key) return because(key.error());
  if (key->thumbprint() != record.key_id) return because(Error{ErrorCode::key_mismatch, "its id is another key's"});
  return key->with_key_id(record.key_id);
}

PublishedKeys publish(const KeySet& keys) {
  PublishedKeys published{.json = keys.to_json(), .etag = {}};
  std::array<std::byte, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(published.json.data()), published.json.size());
  published.etag = '"' + jose::base64url_encode(std::span{digest}.first(16)) + '"';
  return published;
}

// Signing, announced, retired; by id within each: the same order, and so the same ETag, on every server.
void sort_for_publication(Records& records) {
  const auto rank = [](KeyState state) {
    return state == KeyState::signing ? 0 : state == KeyState::announced ? 1 : 2;
  };
  std::ranges::sort(records, {}, [&](const KeyRecord& key) { return std::pair{rank(key.state), key.key_id}; });
}

KeyRecord* find_record(Records& records, std::string_view key_id) {
  auto found = std::ranges::find(records, key_id, &KeyRecord::key_id);
  return found == records.end() ? nullptr : &*found;
}

// Does what the plan says, in the caller's transaction; `fresh` is inserted only if the plan still wants a key.
void carry_out(const RotationPlan& plan, const std::optional<KeyRecord>& fresh, Time now, Transaction& transaction,
               Records& records) {
  const auto record = [&](AuditKind kind, std::string_view key_id) {
    static const AuditSource server{.actor = "server", .address = {}, .request_id = {}};
    transaction.append_audit(audit_event(kind, now, server, {}, key_id));
  };
  const auto move = [&](std::string_view key_id, KeyState state, AuditKind kind) {
    auto* key = find_record(records, key_id);
    if (!key) return;
    key->state = state;
    key->state_since = now;
    transaction.update_key(*key);
    record(kind, key_id);
  };
  for (const auto& key_id : plan.remove) {
    transaction.delete_key(key_id);
    std::erase_if(records, [&](const KeyRecord& key) { return key.key_id == key_id; });
    record(AuditKind::signing_key_removed, key_id);
  }
  for (const auto& key_id : plan.retire) move(key_id, KeyState::retired, AuditKind::signing_key_retired);
  if (plan.sign) move(*plan.sign, KeyState::signing, AuditKind::signing_key_activated);
  if (plan.create && fresh) {
    auto key = *fresh;
    key.state = *plan.create;
    transaction.insert_key(key);
    record(AuditKind::signing_key_created, key.key_id + (key.state == KeyState::signing ? " signing" : " announced"));
    records.push_back(std::move(key));
  }
}

}  // namespace

struct KeyRing::Current {
  std::vector<std::pair<std::string, KeyState>> states;  // what it was made of, in the order of publication
  SigningKey signing;
  KeySet verifying;
  PublishedKeys published;
};

struct KeyRing::Source {
  Store& store;
  const MasterKey& master;
  const Clock& clock;
  RotationPolicy policy;
};

KeyRing::KeyRing() = default;
KeyRing::~KeyRing() = default;

std::expected<std::unique_ptr<KeyRing>, Error> KeyRing::of_secret(const Secret& secret) {
  auto key = SigningKey::hmac(Algorithm::HS256, secret);
  if (!key) return std::unexpected(key.error());
  auto keys = KeySet::of({key->verifying_key()});
  if (!keys) return std::unexpected(keys.error());
  std::unique_ptr<KeyRing> ring{new KeyRing};
  auto published = publish(*keys);
  ring->use(std::make_unique<const Current>(Current{
      .states = {}, .signing = std::move(*key), .verifying = std::move(*keys), .published = std::move(published)}));
  return ring;
}

std::expected<std::unique_ptr<KeyRing>, Error> KeyRing::open(Store& store, const MasterKey& master, const Clock& clock,
                                                             RotationPolicy policy) {
  if (is_symmetric(policy.algorithm)) {
    return std::unexpected(Error{ErrorCode::invalid_configuration,
                                 "keys in the store are for public-key algorithms; HS256 takes a secret"});
  }
  std::unique_ptr<KeyRing> ring{new KeyRing};
  ring->source_ = std::unique_ptr<Source>{new Source{store, master, clock, policy}};
  if (auto ready = ring->apply(false); !ready) return std::unexpected(ready.error());
  return ring;
}

std::expected<void, Error> KeyRing::refresh() { return apply(false); }
std::expected<void, Error> KeyRing::announce() { return apply(true); }

std::expected<void, Error> KeyRing::apply(bool announce) {
  if (!source_) return {};
  const std::lock_guard lock{changing_};
  const auto now = source_->clock.now();
  const auto plan_for = [&](const Records& records) {
    auto plan = plan_rotation(records, now, source_->policy);
    const bool announced =
        std::ranges::any_of(records, [](const KeyRecord& key) { return key.state == KeyState::announced; });
    if (announce && !plan.create && !announced) plan.create = KeyState::announced;
    return plan;
  };
  const auto store_failed = [](const StoreError& error) {
    return std::unexpected(Error{ErrorCode::input_output, "signing keys: " + error.detail});
  };

  Records records;
  auto looked = source_->store.read([&](Transaction& transaction) { records = transaction.keys(); });
  if (!looked) return store_failed(looked.error());
  if (const auto plan = plan_for(records); !plan.empty()) {
    // Made out here because it takes time (RSA), inserted in there only if no other server was quicker.
    std::optional<KeyRecord> fresh;
    if (plan.create) {
      auto made = make_key(source_->policy.algorithm, *plan.create, now, source_->master);
      if (!made) return std::unexpected(made.error());
      fresh = std::move(*made);
    }
    auto written = source_->store.write([&](Transaction& transaction) {
      records = transaction.keys();
      carry_out(plan_for(records), fresh, now, transaction, records);
    });
    if (!written) return store_failed(written.error());
  }
  sort_for_publication(records);

  std::vector<std::pair<std::string, KeyState>> states;
  for (const auto& record : records) states.emplace_back(record.key_id, record.state);
  if (const auto* current = current_.load(std::memory_order_acquire); current && current->states == states) return {};

  std::optional<SigningKey> signing;
  std::vector<VerifyingKey> verifying;
  for (const auto& record : records) {
    auto key = open_key(record, source_->master);
    if (!key) return std::unexpected(key.error());
    verifying.push_back(key->verifying_key());
    if (record.state == KeyState::signing && !signing) signing = std::move(*key);
  }
  if (!signing) return std::unexpected(Error{ErrorCode::input_output, "signing keys: the store holds none that signs"});
  auto keys = KeySet::of(std::move(verifying));
  if (!keys) return std::unexpected(keys.error());
  auto published = publish(*keys);
  use(std::make_unique<const Current>(Current{.states = std::move(states),
                                              .signing = std::move(*signing),
                                              .verifying = std::move(*keys),
                                              .published = std::move(published)}));
  return {};
}

void KeyRing::use(std::unique_ptr<const Current> next) {
  once_current_.push_back(std::move(next));
  current_.store(once_current_.back().get(), std::memory_order_release);
}

const SigningKey& KeyRing::signing_key() const noexcept { return current_.load(std::memory_order_acquire)->signing; }
const PublishedKeys& KeyRing::published() const noexcept { return current_.load(std::memory_order_acquire)->published; }

std::expected<VerifyingKey, Error> KeyRing::find(const KeyQuery& query) const noexcept {
  return current_.load(std::memory_order_acquire)->verifying.find(query);
}

}  // namespace signet::server

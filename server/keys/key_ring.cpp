#include "server/keys/key_ring.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "server/keys/signing_keys.hpp"
#include "src/jose/base64url.hpp"

namespace signet::server {
namespace {

using Records = SigningKeys::Records;

PublishedKeys publish(const KeySet& keys) {
  PublishedKeys published{.json = keys.to_json(), .etag = {}};
  std::array<std::byte, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(published.json.data()), published.json.size());
  published.etag = '"' + jose::base64url_encode(std::span{digest}.first(16)) + '"';
  return published;
}

// Signing, announced, retired; by id within each: the same order, and so the same ETag, on every server.
void choose_for_publication(Records& records) {
  std::erase_if(records, [](const KeyRecord& key) { return key.state == KeyState::revoked; });
  const auto rank = [](KeyState state) {
    return state == KeyState::signing ? 0 : state == KeyState::announced ? 1 : 2;
  };
  std::ranges::sort(records, {}, [&](const KeyRecord& key) { return std::pair{rank(key.state), key.key_id}; });
}

}  // namespace

struct KeyRing::Current {
  std::vector<std::pair<std::string, KeyState>> states;  // what it was made of, in the order of publication
  std::optional<SigningKey> signing;                     // nothing: the shared secret does
  std::shared_ptr<ExternalKey> elsewhere;                // null: `signing` is in this process
  std::optional<KeySet> verifying;                       // public keys; nothing when there are none
  PublishedKeys published;
  bool has_tables = false;
};

struct KeyRing::Source {
  SigningKeys keys;
  ExternalKeys external;
};

// Apart from the public keys: no set has both (case 44).
struct KeyRing::Shared {
  SigningKey signing;
  KeySet verifying;
};

KeyRing::KeyRing() = default;
KeyRing::~KeyRing() = default;

std::expected<std::unique_ptr<KeyRing>, Error> KeyRing::of_secret(const Secret& secret) {
  auto key = SigningKey::hmac(Algorithm::HS256, secret);
  if (!key) return std::unexpected(key.error());
  auto keys = KeySet::of({key->verifying_key()});
  if (!keys) return std::unexpected(keys.error());
  std::unique_ptr<KeyRing> ring{new KeyRing};
  ring->use(std::make_unique<const Current>(
      Current{.states = {}, .signing = {}, .elsewhere = {}, .verifying = {}, .published = publish(*keys)}));
  ring->shared_ = std::make_unique<const Shared>(Shared{.signing = std::move(*key), .verifying = std::move(*keys)});
  return ring;
}

std::expected<std::unique_ptr<KeyRing>, Error> KeyRing::open_with_secret(const Secret& secret, Store& store,
                                                                         MasterKey master, const Clock& clock) {
  auto ring = of_secret(secret);
  if (!ring) return ring;
  const RotationPolicy policy{.algorithm = (*ring)->signing_key().algorithm()};
  if (auto read = (*ring)->read_store(store, std::move(master), clock, policy, {}); !read)
    return std::unexpected(read.error());
  return ring;
}

std::expected<std::unique_ptr<KeyRing>, Error> KeyRing::open(Store& store, MasterKey master, const Clock& clock,
                                                             RotationPolicy policy, ExternalKeys external) {
  if (is_symmetric(policy.algorithm)) {
    return std::unexpected(Error{ErrorCode::invalid_configuration,
                                 "keys in the store are for public-key algorithms; HS256 takes a secret"});
  }
  std::unique_ptr<KeyRing> ring{new KeyRing};
  if (auto read = ring->read_store(store, std::move(master), clock, policy, std::move(external)); !read)
    return std::unexpected(read.error());
  return ring;
}

std::expected<void, Error> KeyRing::read_store(Store& store, MasterKey master, const Clock& clock,
                                               const RotationPolicy& policy, ExternalKeys external) {
  source_ = std::unique_ptr<Source>{new Source{
      SigningKeys{store, std::move(master), clock, policy, {.actor = "server", .address = {}, .request_id = {}}},
      std::move(external)}};
  if (auto sealed = source_->keys.seal_anew(); !sealed) return sealed;
  return refresh();
}

std::expected<void, Error> KeyRing::refresh() {
  if (!source_) return {};
  const std::lock_guard lock{changing_};
  auto records = source_->keys.rotate_when_due();
  if (!records) return std::unexpected(records.error());
  return take_over(std::move(*records));
}

std::expected<void, Error> KeyRing::change_master(const MasterKey& next) {
  if (!source_) return {};
  const std::lock_guard lock{changing_};
  return source_->keys.change_master(next);
}

std::expected<void, Error> KeyRing::announce() {
  if (!source_) return {};
  const std::lock_guard lock{changing_};
  auto records = source_->keys.rotate(Begin::announced);
  if (!records) return std::unexpected(records.error());
  return take_over(std::move(*records));
}

std::expected<void, Error> KeyRing::follow(Store& store) {
  if (!source_) return {};
  const std::lock_guard lock{changing_};
  Records records;
  auto looked = store.read([&](Transaction& transaction) { records = transaction.keys(); });
  if (!looked) return std::unexpected(Error{ErrorCode::input_output, "signing keys: " + looked.error().detail});
  return take_over(std::move(records));
}

std::expected<void, Error> KeyRing::take_over(std::vector<KeyRecord> records) {
  choose_for_publication(records);
  std::vector<std::pair<std::string, KeyState>> states;
  for (const auto& record : records) states.emplace_back(record.key_id, record.state);
  if (const auto* current = current_.load(std::memory_order_acquire); current && current->states == states) return {};

  // A key that was there before is the very same, with its table: tokens that were verified with it stay remembered.
  const auto* before = current_.load(std::memory_order_acquire);
  const auto known = [&](const VerifyingKey& key) {
    ErrorCode why{};
    const auto* same = before && before->verifying
                           ? before->verifying->find({.algorithm = name(key.algorithm()), .key_id = key.key_id()}, why)
                           : nullptr;
    return same != nullptr && same->thumbprint() == key.thumbprint() ? *same : key;
  };
  std::optional<SigningKey> signing;
  std::shared_ptr<ExternalKey> elsewhere;
  std::vector<VerifyingKey> verifying;
  for (const auto& record : records) {
    auto key = open_key(record, source_->keys.master());
    if (!key) return std::unexpected(key.error());
    if (record.state == KeyState::signing && !signing) {
      if (!record.location.empty()) {
        auto reached = ExternalKey::of(key->verifying, record.location, source_->external);
        if (!reached) return std::unexpected(std::move(reached).error());
        elsewhere = std::move(*reached);
      }
      signing = elsewhere ? elsewhere->signing_key() : std::move(key->signing);
    }
    verifying.push_back(known(key->verifying));
  }
  if (!signing && !shared_)
    return std::unexpected(Error{ErrorCode::key_not_found, "signing keys: the store holds none that signs"});
  std::optional<KeySet> keys;
  if (!verifying.empty()) {
    auto set = KeySet::of(std::move(verifying));
    if (!set) return std::unexpected(set.error());
    keys = std::move(*set);
  }
  auto published = publish(keys ? *keys : shared_->verifying);
  use(std::make_unique<const Current>(Current{.states = std::move(states),
                                              .signing = std::move(signing),
                                              .elsewhere = std::move(elsewhere),
                                              .verifying = std::move(keys),
                                              .published = std::move(published)}));
  return {};
}

void KeyRing::make_tables() {
  const std::lock_guard lock{changing_};
  const auto& current = *current_.load(std::memory_order_acquire);
  if (current.has_tables || !current.verifying) return;
  Current next{current};
  next.verifying = current.verifying->with_tables();
  next.has_tables = true;
  use(std::make_unique<const Current>(std::move(next)));
}

void KeyRing::use(std::unique_ptr<const Current> next) {
  once_current_.push_back(std::move(next));
  current_.store(once_current_.back().get(), std::memory_order_release);
}

const SigningKey& KeyRing::signing_key() const noexcept {
  return shared_ ? shared_->signing : *current_.load(std::memory_order_acquire)->signing;
}
const PublishedKeys& KeyRing::published() const noexcept { return current_.load(std::memory_order_acquire)->published; }

bool KeyRing::can_sign() const noexcept {
  const auto& elsewhere = current_.load(std::memory_order_acquire)->elsewhere;
  return shared_ || !elsewhere || elsewhere->answers();
}

void KeyRing::probe() {
  const auto& elsewhere = current_.load(std::memory_order_acquire)->elsewhere;
  if (elsewhere && !shared_) elsewhere->probe();
}

std::expected<VerifyingKey, Error> KeyRing::find(const KeyQuery& query) const noexcept {
  if (shared_) {
    const auto algorithm = algorithm_from_name(query.algorithm);
    if (algorithm && is_symmetric(*algorithm)) return shared_->verifying.find(query);
  }
  const auto& verifying = current_.load(std::memory_order_acquire)->verifying;
  return verifying ? verifying->find(query) : shared_->verifying.find(query);
}

}  // namespace signet::server

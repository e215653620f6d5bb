#include "server/keys/signing_keys.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "server/revocation/log.hpp"

namespace signet::server {
namespace {

using Records = SigningKeys::Records;

// Binds a sealed key to its row: another row's private key does not open there, and nobody without the master key puts
// in one of his own, or sends to another HSM.
std::string seal_context(const KeyRecord& key) {
  const std::string place = key.location.empty() ? "" : "\n" + key.location;
  return "signing key\n" + key.key_id + "\n" + key.algorithm + place;
}

std::expected<KeyRecord, Error> seal_key(const SigningKey& key, KeyState state, Time now, const MasterKey& master,
                                         std::string_view location = {}) {
  KeyRecord record{.key_id = key.thumbprint(),
                   .algorithm = std::string{name(key.algorithm())},
                   .state = state,
                   .sealed = {},
                   .created_at = now,
                   .state_since = now,
                   .location = std::string{location}};
  const auto named = key.with_key_id(record.key_id);
  if (!location.empty()) {
    const auto jwk = named.verifying_key().to_jwk();
    if (!jwk) return std::unexpected(jwk.error());
    record.sealed = master.seal(std::as_bytes(std::span{*jwk}), seal_context(record));
    return record;
  }
  auto jwk = named.to_private_jwk();
  if (!jwk) return std::unexpected(jwk.error());
  record.sealed = master.seal(jwk->reveal(), seal_context(record));
  return record;
}

std::expected<KeyRecord, Error> make_key(Algorithm algorithm, KeyState state, Time now, const MasterKey& master) {
  auto key = SigningKey::generate(algorithm);
  if (!key) return std::unexpected(key.error());
  return seal_key(*key, state, now, master);
}

KeyRecord* find_record(Records& records, std::string_view key_id) {
  auto found = std::ranges::find(records, key_id, &KeyRecord::key_id);
  return found == records.end() ? nullptr : &*found;
}

const KeyRecord* find_state(const Records& records, KeyState state) {
  auto found = std::ranges::find(records, state, &KeyRecord::state);
  return found == records.end() ? nullptr : &*found;
}

// What makes way for a key that is to sign at once.
void retire_signing(const Records& records, RotationPlan& plan) {
  for (const auto& record : records) {
    const bool retired = std::ranges::find(plan.retire, record.key_id) != plan.retire.end();
    if (record.state == KeyState::signing && !retired) plan.retire.push_back(record.key_id);
  }
}

std::unexpected<Error> store_failed(const StoreError& error) {
  return std::unexpected(Error{ErrorCode::input_output, "signing keys: " + error.detail});
}

// Why `key_id` cannot come into the store beside `records`.
std::optional<Error> refusal(const Records& records, std::string_view key_id) {
  const auto refuse = [](std::string why) { return Error{ErrorCode::invalid_configuration, std::move(why)}; };
  for (const auto& record : records) {
    if (record.key_id == key_id && record.state == KeyState::revoked) return refuse("this key was revoked");
    if (record.key_id == key_id) return refuse("this key is there already");
  }
  if (const auto* next = find_state(records, KeyState::announced)) {
    return refuse("another key is announced already: " + next->key_id);
  }
  return std::nullopt;
}

}  // namespace

std::expected<OpenedKey, Error> open_key(const KeyRecord& record, const MasterKey& master) {
  const auto because = [&](const Error& error) {
    return std::unexpected(Error{ErrorCode::key_malformed, "signing key " + record.key_id + ": " + error.detail()});
  };
  const auto algorithm = algorithm_from_name(record.algorithm);
  if (!algorithm) return because(Error{ErrorCode::key_unsupported, "an algorithm this version does not know"});
  auto jwk = master.open(record.sealed, seal_context(record));
  if (!jwk) return because(jwk.error());
  const auto opened = [&](auto key, auto make) -> std::expected<OpenedKey, Error> {
    if (!key) return because(key.error());
    if (key->thumbprint() != record.key_id) return because(Error{ErrorCode::key_mismatch, "its id is another key's"});
    return make(key->with_key_id(record.key_id));
  };
  if (!record.location.empty()) {
    return opened(VerifyingKey::from_jwk(*algorithm, jwk->reveal_text()),
                  [](VerifyingKey key) { return OpenedKey{.verifying = std::move(key), .signing = {}}; });
  }
  return opened(SigningKey::from_jwk(*algorithm, *jwk),
                [](SigningKey key) { return OpenedKey{.verifying = key.verifying_key(), .signing = std::move(key)}; });
}

void SigningKeys::record(AuditKind kind, std::string_view detail, Time now, Transaction& transaction) const {
  transaction.append_audit(audit_event(kind, now, by_, {}, detail));
}

// Does what the plan says, in the caller's transaction; `fresh` is inserted only if the plan still wants a key. One
// that wants a key and has none was made for keys that have changed since: nothing of it is done.
void SigningKeys::carry_out(const RotationPlan& plan, const std::optional<KeyRecord>& fresh, Time now,
                            Transaction& transaction, Records& records) const {
  const auto move = [&](std::string_view key_id, KeyState state, AuditKind kind) {
    auto* key = find_record(records, key_id);
    if (!key) return;
    key->state = state;
    key->state_since = now;
    transaction.update_key(*key);
    record(kind, key_id, now, transaction);
  };
  if (plan.create && !fresh) throw StoreFailed{{StoreFailure::conflict, "the keys changed at the same moment"}};
  for (const auto& key_id : plan.remove) {
    transaction.delete_key(key_id);
    std::erase_if(records, [&](const KeyRecord& key) { return key.key_id == key_id; });
    record(AuditKind::signing_key_removed, key_id, now, transaction);
  }
  for (const auto& key_id : plan.retire) move(key_id, KeyState::retired, AuditKind::signing_key_retired);
  if (plan.sign) move(*plan.sign, KeyState::signing, AuditKind::signing_key_activated);
  if (plan.create) {
    auto key = *fresh;
    key.state = *plan.create;
    transaction.insert_key(key);
    record(AuditKind::signing_key_created, key.key_id + (key.state == KeyState::signing ? " signing" : " announced"),
           now, transaction);
    records.push_back(std::move(key));
  }
}

template <class PlanFor>
std::expected<Records, Error> SigningKeys::change(PlanFor plan_for) {
  const auto now = clock_.now();
  Records records;
  auto looked = store_.read([&](Transaction& transaction) { records = transaction.keys(); });
  if (!looked) return store_failed(looked.error());
  const RotationPlan plan = plan_for(std::as_const(records), now);
  if (plan.empty()) return records;
  // Made out here because it takes time (RSA), inserted in there only if no other server was quicker.
  std::optional<KeyRecord> fresh;
  if (plan.create) {
    auto made = make_key(policy_.algorithm, *plan.create, now, master_);
    if (!made) return std::unexpected(made.error());
    fresh = std::move(*made);
  }
  auto written = store_.write([&](Transaction& transaction) {
    records = transaction.keys();
    carry_out(plan_for(std::as_const(records), now), fresh, now, transaction, records);
  });
  if (!written) return store_failed(written.error());
  return records;
}

std::expected<Records, Error> SigningKeys::rotate_when_due() {
  return change([this](const Records& records, Time now) { return plan_rotation(records, now, policy_); });
}

std::expected<void, Error> SigningKeys::seal_anew() {
  const auto is_due = [this](const KeyRecord& record) {
    return record.state != KeyState::revoked && !master_.is_current(record.sealed);
  };
  Records records;
  auto looked = store_.read([&](Transaction& transaction) { records = transaction.keys(); });
  if (!looked) return store_failed(looked.error());
  if (std::ranges::none_of(records, is_due)) return {};
  std::optional<Error> refused;
  auto written = store_.write([&](Transaction& transaction) {
    refused.reset();
    for (auto record : transaction.keys()) {
      if (!is_due(record)) continue;
      const auto context = seal_context(record);
      const auto jwk = master_.open(record.sealed, context);
      if (!jwk) {
        refused = Error{ErrorCode::key_malformed, "signing key " + record.key_id + ": " + jwk.error().detail()};
        throw StoreFailed{{StoreFailure::conflict, "a signing key cannot be opened"}};
      }
      record.sealed = master_.seal(jwk->reveal(), context);
      transaction.update_key(record);
    }
    record(AuditKind::signing_keys_sealed_anew, "under another master key", clock_.now(), transaction);
  });
  if (refused) return std::unexpected(std::move(*refused));
  if (!written) return store_failed(written.error());
  return {};
}

std::expected<void, Error> SigningKeys::change_master(const MasterKey& next) {
  SigningKeys under{store_, next, clock_, policy_, by_};
  Records records;
  auto looked = store_.read([&](Transaction& transaction) { records = transaction.keys(); });
  if (!looked) return store_failed(looked.error());
  if (const auto lost = under.lost_of(records); !lost.empty()) {
    return std::unexpected(
        Error{ErrorCode::key_mismatch, "signing key " + lost.front() + " is sealed under another one"});
  }
  // Not where the current one stays: another server may be ahead of this one, and what it has sealed opens here.
  if (!next.has_current_of(master_)) {
    if (auto sealed = under.seal_anew(); !sealed) return sealed;
  }
  master_ = next;
  return {};
}

std::expected<Records, Error> SigningKeys::rotate(Begin begin) {
  if (is_symmetric(policy_.algorithm)) {
    return std::unexpected(Error{ErrorCode::invalid_configuration, "a shared secret signs: no key of the store would"});
  }
  std::optional<Error> refused;
  auto changed = change([&](const Records& records, Time now) {
    auto plan = plan_rotation(records, now, policy_);
    const bool none_is_announced = !plan.sign && !find_state(records, KeyState::announced);
    if (!policy_.makes_keys && none_is_announced) {
      refused = Error{ErrorCode::invalid_configuration, "no key is made here: import the next one"};
      return RotationPlan{};
    }
    if (begin == Begin::announced) {
      if (!plan.create && !find_state(records, KeyState::announced)) plan.create = KeyState::announced;
      return plan;
    }
    // One that takes over by time in this very moment is what was asked for.
    if (plan.sign || plan.create == KeyState::signing) return plan;
    const auto* next = find_state(records, KeyState::announced);
    const bool stays = next && std::ranges::find(plan.remove, next->key_id) == plan.remove.end();
    if (stays) plan.sign = next->key_id;
    plan.create = stays ? std::nullopt : std::optional{KeyState::signing};
    retire_signing(records, plan);
    return plan;
  });
  if (refused) return std::unexpected(std::move(*refused));
  return changed;
}

std::expected<Records, Error> SigningKeys::import(const SigningKey& key, Begin begin, std::string_view location) {
  if (key.algorithm() != policy_.algorithm) {
    return std::unexpected(Error{ErrorCode::key_mismatch, "the key is for " + std::string{name(key.algorithm())} +
                                                              ", the server signs with " +
                                                              std::string{name(policy_.algorithm)}});
  }
  const auto now = clock_.now();
  const auto state = begin == Begin::at_once ? KeyState::signing : KeyState::announced;
  const auto fresh = seal_key(key, state, now, master_, location);
  if (!fresh) return std::unexpected(fresh.error());
  Records records;
  std::optional<Error> refused;
  auto written = store_.write([&](Transaction& transaction) {
    records = transaction.keys();
    refused = refusal(records, fresh->key_id);
    if (refused) return;
    RotationPlan plan;
    plan.create = state;
    if (begin == Begin::at_once) retire_signing(records, plan);
    carry_out(plan, *fresh, now, transaction, records);
  });
  if (!written) return store_failed(written.error());
  if (refused) return std::unexpected(std::move(*refused));
  return records;
}

std::expected<Records, Error> SigningKeys::revoke_chosen(const Choose& choose, Revocations& enforced) {
  // In case none is left to sign; thrown away otherwise.
  std::optional<KeyRecord> fresh;
  if (!is_symmetric(policy_.algorithm) && policy_.makes_keys) {
    auto made = make_key(policy_.algorithm, KeyState::signing, clock_.now(), master_);
    if (!made) return std::unexpected(made.error());
    fresh = std::move(*made);
  }
  Records records;
  std::optional<Error> refused;
  auto written = write_revoking(store_, enforced, clock_, [&](Transaction& transaction, RevocationLog& log) {
    records = transaction.keys();
    refused.reset();
    const auto chosen = choose(records);
    if (!chosen) {
      refused = chosen.error();
      return;
    }
    for (const auto& key_id : *chosen) {
      auto* key = find_record(records, key_id);
      if (!key->location.empty() && !opens(*key)) {  // the HSM still has it
        RotationPlan only;
        only.remove.push_back(key_id);
        carry_out(only, {}, log.now(), transaction, records);
        continue;
      }
      const bool has_signed = key->state != KeyState::announced;
      key->state = KeyState::revoked;
      key->state_since = log.now();
      key->sealed.clear();
      transaction.update_key(*key);
      log.key(key_id, has_signed ? RevocationLog::Places::all : RevocationLog::Places::none);
      record(AuditKind::signing_key_revoked, key_id, log.now(), transaction);
    }
    if (!chosen->empty()) carry_out(plan_rotation(records, log.now(), policy_), fresh, log.now(), transaction, records);
  });
  if (!written) return store_failed(written.error());
  if (refused) return std::unexpected(std::move(*refused));
  return records;
}

std::expected<Records, Error> SigningKeys::revoke(std::string_view key_id, Revocations& enforced) {
  return revoke_chosen(
      [this, key_id](const Records& records) -> std::expected<std::vector<std::string>, Error> {
        const auto key = std::ranges::find(records, key_id, &KeyRecord::key_id);
        const bool there = key != records.end();
        if (!there || key->state == KeyState::revoked) {
          return std::unexpected(
              Error{ErrorCode::key_not_found, there ? "this key was revoked before" : "there is no key of this id"});
        }
        if (key->state == KeyState::signing && !policy_.makes_keys && !find_state(records, KeyState::announced)) {
          return std::unexpected(Error{ErrorCode::invalid_configuration,
                                       "no other key would sign, and none is made here: import one first, to sign at "
                                       "once"});
        }
        return std::vector{std::string{key_id}};
      },
      enforced);
}

std::vector<std::string> SigningKeys::lost_of(const Records& records) const {
  std::vector<std::string> lost;
  for (const auto& record : records) {
    if (record.state == KeyState::revoked) continue;
    if (!opens(record)) lost.push_back(record.key_id);
  }
  return lost;
}

bool SigningKeys::opens(const KeyRecord& record) const {
  return master_.open(record.sealed, seal_context(record)).has_value();
}

std::expected<std::vector<std::string>, Error> SigningKeys::replace_lost(Revocations& enforced) {
  std::vector<std::string> lost;
  const auto done = revoke_chosen(
      [&](const Records& records) -> std::expected<std::vector<std::string>, Error> { return lost = lost_of(records); },
      enforced);
  if (!done) return std::unexpected(done.error());
  return lost;
}

std::expected<MasterKey, Error> load_or_make_master_key(Store& store, const std::filesystem::path& directory) {
  Records records;
  auto looked = store.read([&](Transaction& transaction) { records = transaction.keys(); });
  if (!looked) return store_failed(looked.error());
  const auto is_sealed = [](const KeyRecord& key) { return key.state != KeyState::revoked; };
  // Looked for after the keys were: another process makes it before its first key.
  if (std::ranges::any_of(records, is_sealed) && !MasterKey::is_there(directory)) {
    return std::unexpected(Error{
        ErrorCode::key_not_found,
        "the server's master key is needed: " + (directory / "master.key").string() +
            " is not there, and neither SIGNET_MASTER_KEY nor SIGNET_MASTER_KEY_FILE is set. Put it back; if it is "
            "lost, `signet keys replace-lost` goes on without it"});
  }
  return MasterKey::load(directory);
}

}  // namespace signet::server

#include "server/keys/signing_keys.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/keys/key_ring.hpp"
#include "server/revocation/log.hpp"
#include "tests/server/store/engines.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;
using Records = SigningKeys::Records;

class SigningKeysTest : public OverEveryEngine {
 protected:
  SigningKeys keys_in(Store& one) {
    return {one, master, clock, policy, {.actor = "cli", .address = {}, .request_id = {}}};
  }
  Records stored() {
    Records found;
    EXPECT_TRUE(store->read([&](Transaction& transaction) { found = transaction.keys(); }));
    return found;
  }
  std::vector<std::string> audited() {
    std::vector<std::string> kinds;
    EXPECT_TRUE(store->read([&](Transaction& transaction) {
      kinds.clear();
      for (const auto& event : transaction.audit_after(0, 100)) kinds.push_back(event.kind + " " + event.actor);
    }));
    return kinds;
  }
  std::string id_in(KeyState state) {
    std::string found;
    for (const auto& key : stored()) {
      if (key.state != state) continue;
      EXPECT_EQ(found, "") << "two keys are " << name(state);
      found = key.key_id;
    }
    return found;
  }

  const RotationPolicy policy{};
  MasterKey master = MasterKey::random();
  ManualClock clock{Time{1'700'000'000s}};
  Revocations enforced;
  SigningKeys keys = keys_in(*store);
};
SIGNET_OVER_EVERY_ENGINE(SigningKeysTest);

TEST_P(SigningKeysTest, rotation_by_hand_announces_one_key_and_only_one) {
  ASSERT_TRUE(keys.rotate_when_due());
  const auto first = id_in(KeyState::signing);
  ASSERT_TRUE(keys.rotate(Begin::announced));
  const auto next = id_in(KeyState::announced);
  EXPECT_EQ(id_in(KeyState::signing), first);
  ASSERT_TRUE(keys.rotate(Begin::announced));
  EXPECT_EQ(stored().size(), 2U);
  clock.advance(policy.announce_for);
  ASSERT_TRUE(keys.rotate_when_due());
  EXPECT_EQ(id_in(KeyState::signing), next);
  EXPECT_EQ(id_in(KeyState::retired), first);
}

TEST_P(SigningKeysTest, at_once_takes_the_announced_key_and_otherwise_a_new_one) {
  ASSERT_TRUE(keys.rotate_when_due());
  ASSERT_TRUE(keys.rotate(Begin::announced));
  const auto announced = id_in(KeyState::announced);
  ASSERT_TRUE(keys.rotate(Begin::at_once));
  EXPECT_EQ(id_in(KeyState::signing), announced);
  EXPECT_EQ(stored().size(), 2U);
  ASSERT_TRUE(keys.rotate(Begin::at_once));
  EXPECT_NE(id_in(KeyState::signing), announced);
  EXPECT_EQ(stored().size(), 3U);
}

TEST_P(SigningKeysTest, of_many_that_rotate_at_the_same_moment_the_store_never_has_two_that_sign) {
  ASSERT_TRUE(keys.rotate_when_due());
  clock.advance(policy.sign_for - policy.announce_for);
  std::vector<std::unique_ptr<Store>> stores(4);
  for (auto& each : stores) each = database->open();
  const auto together = [&](auto work) {
    std::vector<std::jthread> nodes;
    for (auto& each : stores) nodes.emplace_back([&, node = each.get()] { work(*node); });
  };
  together([&](Store& node) { EXPECT_TRUE(keys_in(node).rotate_when_due()); });
  const auto next = id_in(KeyState::announced);
  EXPECT_EQ(stored().size(), 2U) << "one made it, the others saw it";
  clock.advance(policy.announce_for);
  together([&](Store& node) { EXPECT_TRUE(keys_in(node).rotate_when_due()); });
  EXPECT_EQ(id_in(KeyState::signing), next);
  together([&](Store& node) { (void)keys_in(node).rotate(Begin::at_once); });
  EXPECT_NE(id_in(KeyState::signing), "");
}

TEST_P(SigningKeysTest, a_revoked_key_leaves_no_private_part_and_its_tokens_are_refused_whatever_they_claim) {
  ASSERT_TRUE(keys.rotate_when_due());
  const auto ring = KeyRing::open(*store, master, clock, policy);
  ASSERT_TRUE(ring);
  const auto lost = id_in(KeyState::signing);
  ASSERT_TRUE(keys.revoke(lost, enforced));
  for (const auto& record : stored()) {
    EXPECT_EQ(record.sealed.empty(), record.key_id == lost);
    EXPECT_EQ(record.state, record.key_id == lost ? KeyState::revoked : KeyState::signing);
  }
  EXPECT_TRUE(enforced.covers({.key = lost, .issued_at = clock.now() - 1h}));
  EXPECT_TRUE(enforced.covers({.key = lost, .issued_at = clock.now() + 1h})) << "who has the key writes any iat";
  EXPECT_FALSE(enforced.covers({.key = id_in(KeyState::signing), .issued_at = clock.now()}));

  ASSERT_TRUE((*ring)->follow(*store));
  EXPECT_EQ((*ring)->signing_key().key_id(), id_in(KeyState::signing));
  EXPECT_EQ((*ring)->published().json.find(lost), std::string::npos);
  EXPECT_FALSE((*ring)->find({.algorithm = "ES256", .key_id = lost}));
  std::vector<LoggedRevocation> logged;
  ASSERT_TRUE(store->read([&](Transaction& transaction) { logged = transaction.revocations_after(0, 10); }));
  ASSERT_EQ(logged.size(), 1U);
  EXPECT_EQ(logged[0].revocation.kind, RevocationKind::key);
  EXPECT_EQ(audited().back(), "signing_key_created cli");
}

TEST_P(SigningKeysTest, the_announced_key_takes_over_when_the_signing_one_is_revoked) {
  ASSERT_TRUE(keys.rotate_when_due());
  ASSERT_TRUE(keys.rotate(Begin::announced));
  const auto lost = id_in(KeyState::signing), next = id_in(KeyState::announced);
  ASSERT_TRUE(keys.revoke(lost, enforced));
  EXPECT_EQ(id_in(KeyState::signing), next);
  const auto again = keys.revoke(lost, enforced);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::key_not_found);
  EXPECT_EQ(keys.revoke("nobody's", enforced).error().code(), ErrorCode::key_not_found);
  EXPECT_EQ(enforced.size(), 1U);
}

TEST_P(SigningKeysTest, an_imported_key_is_announced_signs_and_cannot_come_back_once_revoked) {
  ASSERT_TRUE(keys.rotate_when_due());
  const auto own = SigningKey::generate(Algorithm::ES256), other = SigningKey::generate(Algorithm::ES256);
  ASSERT_TRUE(own && other);
  ASSERT_TRUE(keys.import(*own, Begin::announced));
  EXPECT_EQ(id_in(KeyState::announced), own->thumbprint());
  EXPECT_EQ(keys.import(*other, Begin::announced).error().code(), ErrorCode::invalid_configuration) << "one at a time";
  EXPECT_EQ(keys.import(*own, Begin::at_once).error().code(), ErrorCode::invalid_configuration) << "it is there";
  clock.advance(policy.announce_for);
  ASSERT_TRUE(keys.rotate_when_due());
  EXPECT_EQ(id_in(KeyState::signing), own->thumbprint());
  ASSERT_TRUE(keys.import(*other, Begin::at_once));
  EXPECT_EQ(id_in(KeyState::signing), other->thumbprint());

  ASSERT_TRUE(keys.revoke(own->thumbprint(), enforced));
  const auto back = keys.import(*own, Begin::announced);
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().detail(), "this key was revoked");
  const auto foreign = SigningKey::generate(Algorithm::EdDSA);
  EXPECT_EQ(keys.import(*foreign, Begin::announced).error().code(), ErrorCode::key_mismatch);
}

TEST_P(SigningKeysTest, every_key_is_sealed_anew_under_the_current_master_key) {
  ASSERT_TRUE(keys.rotate_when_due());
  ASSERT_TRUE(keys.rotate(Begin::announced));
  ASSERT_TRUE(keys.rotate(Begin::at_once));
  ASSERT_TRUE(keys.revoke(id_in(KeyState::retired), enforced));
  TemporaryDirectory directory;
  const auto old = MasterKey::open_or_create(directory.path());
  ASSERT_TRUE(old && MasterKey::renew(directory.path()));
  const auto both = MasterKey::open_or_create(directory.path());
  ASSERT_TRUE(both);
  const AuditSource server{.actor = "server", .address = {}, .request_id = {}};
  EXPECT_EQ(SigningKeys(*store, *both, clock, policy, server).seal_anew().error().code(), ErrorCode::key_malformed)
      << "sealed under a master key that is not among these";

  const auto other = database->open();
  ASSERT_TRUE(store->write([&](Transaction& transaction) {
    for (const auto& record : transaction.keys()) transaction.delete_key(record.key_id);
  }));
  ASSERT_TRUE(SigningKeys(*store, *old, clock, policy, server).rotate_when_due());
  const auto id = id_in(KeyState::signing);
  const auto ring = KeyRing::open(*store, *both, clock, policy);
  ASSERT_TRUE(ring) << ring.error().detail();
  EXPECT_EQ((*ring)->signing_key().key_id(), id);
  for (const auto& record : stored()) EXPECT_TRUE(both->is_current(record.sealed));
  EXPECT_EQ(audited().back(), "signing_keys_sealed_anew server");
  const auto recorded = audited().size();
  ASSERT_TRUE(KeyRing::open(*other, *both, clock, policy));
  EXPECT_EQ(audited().size(), recorded) << "once";
  EXPECT_FALSE(KeyRing::open(*store, *old, clock, policy)) << "who has only the old one";
}

TEST_P(SigningKeysTest, the_master_key_changes_while_they_are_in_use_and_no_key_is_lost) {
  const auto text = [](char c) { return std::string(42, c) + "A\n"; };
  const auto set = [&](const std::string& lines) { return MasterKey::from_text(lines, "here").value(); };
  const AuditSource server{.actor = "server", .address = {}, .request_id = {}};
  const auto under = [&](Store& one, const MasterKey& its) { return SigningKeys{one, its, clock, policy, server}; };
  const auto old = set(text('b')), next = set(text('c'));
  const auto other_store = database->open();
  auto here = under(*store, old), there = under(*other_store, old);
  ASSERT_TRUE(here.rotate_when_due());
  const auto unseen = audited();
  EXPECT_EQ(here.change_master(next).error().code(), ErrorCode::key_mismatch) << "nothing would open";
  EXPECT_EQ(here.master(), old);

  ASSERT_TRUE(here.change_master(set(text('b') + text('c'))));
  EXPECT_EQ(audited(), unseen) << "it only reads";
  ASSERT_TRUE(here.change_master(set(text('c') + text('b'))));
  for (const auto& record : stored()) EXPECT_TRUE(next.is_current(record.sealed));
  EXPECT_EQ(audited().back(), "signing_keys_sealed_anew server");
  EXPECT_EQ(there.lost_of(stored()).size(), 1U) << "the other server has yet to hear of it";
  const auto sealed = audited().size();
  ASSERT_TRUE(there.change_master(set(text('b') + text('c'))));
  EXPECT_EQ(audited().size(), sealed) << "and does not seal back";
  ASSERT_TRUE(there.rotate(Begin::announced));
  EXPECT_EQ(here.change_master(next).error().code(), ErrorCode::key_mismatch) << "one is sealed under the old one";
  ASSERT_TRUE(there.change_master(set(text('c') + text('b'))));
  ASSERT_TRUE(here.change_master(next));
  ASSERT_TRUE(there.change_master(next));
  for (const auto& record : stored()) EXPECT_TRUE(open_key(record, next));
}

TEST_P(SigningKeysTest, keys_of_a_lost_master_key_are_revoked_and_one_of_the_new_signs) {
  ASSERT_TRUE(keys.rotate_when_due());
  ASSERT_TRUE(keys.rotate(Begin::announced));
  const auto lost = stored();
  const auto other = MasterKey::random();
  SigningKeys with_other{*store, other, clock, policy, {.actor = "cli", .address = {}, .request_id = {}}};
  EXPECT_EQ(keys.lost_of(lost), std::vector<std::string>{});
  EXPECT_EQ(with_other.lost_of(lost).size(), 2U);
  EXPECT_FALSE(KeyRing::open(*store, other, clock, policy));

  const auto replaced = with_other.replace_lost(enforced);
  ASSERT_TRUE(replaced) << replaced.error().detail();
  EXPECT_EQ(replaced->size(), 2U);
  EXPECT_EQ(enforced.size(), 2U);
  for (const auto& key : lost) EXPECT_TRUE(enforced.covers({.key = key.key_id, .issued_at = clock.now() + 1h}));
  for (const auto& key : stored()) EXPECT_EQ(key.state == KeyState::revoked, key.sealed.empty());
  const auto ring = KeyRing::open(*store, other, clock, policy);
  ASSERT_TRUE(ring) << ring.error().detail();
  EXPECT_EQ((*ring)->signing_key().key_id(), id_in(KeyState::signing));
  const auto events = audited();
  EXPECT_EQ(std::ranges::count(events, "signing_key_revoked cli"), 2);
  EXPECT_EQ(events.back(), "signing_key_created cli");

  const auto again = with_other.replace_lost(enforced);
  EXPECT_TRUE(again && again->empty());
  EXPECT_EQ(audited(), events) << "nothing is lost any more";
}

TEST_P(SigningKeysTest, of_a_key_elsewhere_the_public_half_is_kept_bound_to_its_place) {
  auto none_made = policy;
  none_made.makes_keys = false;
  SigningKeys importing{*store, master, clock, none_made, {.actor = "cli", .address = {}, .request_id = {}}};
  EXPECT_FALSE(importing.rotate(Begin::at_once)) << "there is none to sign";
  const auto key = SigningKey::generate(Algorithm::ES256).value();
  const std::string place = "pkcs11:token=vault;object=login";
  ASSERT_TRUE(importing.import(key, Begin::at_once, place));
  auto record = stored().at(0);
  EXPECT_EQ(record.location, place);
  const auto opened = open_key(record, master);
  ASSERT_TRUE(opened) << opened.error().detail();
  EXPECT_EQ(opened->verifying.key_id(), key.thumbprint());
  EXPECT_FALSE(opened->signing);
  EXPECT_EQ(importing.revoke(record.key_id, enforced).error().code(), ErrorCode::invalid_configuration);
  for (const auto* other : {"pkcs11:token=other;object=login", ""}) {
    record.location = other;
    EXPECT_FALSE(open_key(record, master)) << other;
  }

  const auto other_master = MasterKey::random();
  SigningKeys without{*store, other_master, clock, none_made, {.actor = "cli", .address = {}, .request_id = {}}};
  const auto lost = without.replace_lost(enforced);
  ASSERT_TRUE(lost) << lost.error().detail();
  EXPECT_TRUE(stored().empty()) << "the HSM still has it";
  EXPECT_TRUE(without.import(key, Begin::at_once, place));
}

TEST_P(SigningKeysTest, no_master_key_is_made_beside_keys_that_another_one_sealed) {
  for (const char* variable : {"SIGNET_MASTER_KEY", "SIGNET_MASTER_KEY_FILE"}) ::unsetenv(variable);
  TemporaryDirectory directory;
  const auto first = load_or_make_master_key(*store, directory.path());
  ASSERT_TRUE(first) << first.error().detail();
  SigningKeys sealing{*store, *first, clock, policy, {.actor = "cli", .address = {}, .request_id = {}}};
  ASSERT_TRUE(sealing.rotate_when_due());
  EXPECT_TRUE(load_or_make_master_key(*store, directory.path()));
  std::filesystem::remove(directory.path() / "master.key");
  const auto missing = load_or_make_master_key(*store, directory.path());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::key_not_found);
  EXPECT_NE(missing.error().detail().find((directory.path() / "master.key").string()), std::string::npos);
  EXPECT_NE(missing.error().detail().find("SIGNET_MASTER_KEY_FILE"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "master.key"));
}

TEST_P(SigningKeysTest, a_revocation_that_the_store_did_not_take_changes_nothing) {
  ASSERT_TRUE(keys.rotate_when_due());
  struct Broken final : Store {
    Stored<void> write(const std::function<void(Transaction&)>&) override {
      return std::unexpected(StoreError{StoreFailure::unavailable, "gone"});
    }
    Stored<void> read(const std::function<void(Transaction&)>&) override { return {}; }
    bool healthy() const noexcept override { return false; }
  } broken;
  const auto refused = keys_in(broken).revoke(id_in(KeyState::signing), enforced);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::input_output);
  EXPECT_EQ(enforced.size(), 0U);
}

}  // namespace
}  // namespace signet::server::testing

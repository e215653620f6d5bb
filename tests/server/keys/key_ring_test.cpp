#include "server/keys/key_ring.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "signet/json.hpp"
#include "tests/server/store/engines.hpp"

namespace signet::server {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using testing::engine_name;
using testing::engines;
using testing::OverEveryEngine;
using testing::SqliteDatabase;

class KeyRingTest : public OverEveryEngine {
 protected:
  std::unique_ptr<KeyRing> open(RotationPolicy policy = {}) {
    auto ring = KeyRing::open(*store, master, clock, policy);
    if (!ring) throw std::runtime_error{ring.error().detail()};
    return std::move(*ring);
  }
  std::vector<KeyRecord> records() {
    std::vector<KeyRecord> found;
    EXPECT_TRUE(store->read([&](Transaction& transaction) { found = transaction.keys(); }));
    return found;
  }
  std::vector<std::string> audit_kinds() {
    std::vector<std::string> kinds;
    EXPECT_TRUE(store->read([&](Transaction& transaction) {
      kinds.clear();
      for (const auto& event : transaction.audit_after(0, 100)) kinds.push_back(event.kind);
    }));
    return kinds;
  }

  MasterKey master = MasterKey::random();
  ManualClock clock{Time{1'700'000'000s}};
};
SIGNET_OVER_EVERY_ENGINE(KeyRingTest);

// Whether a signature made by the ring's current key verifies with the key that the ring finds for it.
bool verifies(const KeyRing& signer, const KeyRing& verifier) {
  const auto& key = signer.signing_key();
  const auto signature = key.sign("header.claims");
  KeyQuery query{.algorithm = name(key.algorithm()), .key_id = {}};
  if (!key.key_id().empty()) query.key_id = key.key_id();
  const auto found = verifier.find(query);
  return signature && found && found->verifies("header.claims", *signature);
}

std::vector<std::string> published_ids(const KeyRing& ring) {
  std::vector<std::string> ids;
  const auto text = ring.published().json;
  for (const auto key : json::parse(text)->find("keys")->elements()) ids.push_back(*key.find("kid")->string());
  return ids;
}

TEST_P(KeyRingTest, first_start_makes_one_key_that_signs_and_is_published_without_its_private_part) {
  const auto ring = open();
  EXPECT_EQ(ring->signing_key().algorithm(), Algorithm::ES256);
  EXPECT_EQ(ring->signing_key().key_id(), ring->signing_key().thumbprint());
  EXPECT_TRUE(verifies(*ring, *ring));
  EXPECT_EQ(published_ids(*ring), std::vector{ring->signing_key().key_id()});
  const auto text = ring->published().json;
  const auto jwk = *json::parse(text)->find("keys")->elements().begin();
  EXPECT_EQ(jwk.find("alg")->string(), "ES256");
  EXPECT_EQ(jwk.find("use")->string(), "sig");
  EXPECT_FALSE(jwk.find("d"));
  EXPECT_EQ(audit_kinds(), std::vector<std::string>{"signing_key_created"});
}

TEST_P(KeyRingTest, second_start_finds_the_same_key) {
  const auto first = open(), second = open();
  EXPECT_EQ(first->signing_key().key_id(), second->signing_key().key_id());
  EXPECT_TRUE(verifies(*first, *second));
  EXPECT_EQ(first->published().etag, second->published().etag);
  EXPECT_EQ(records().size(), 1U);
}

TEST_P(KeyRingTest, of_many_processes_on_an_empty_store_all_sign_with_one_key) {
  std::vector<std::unique_ptr<Store>> stores(6);
  for (auto& each : stores) each = database->open();
  std::vector<std::string> ids(stores.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < stores.size(); ++i) {
      threads.emplace_back([&, i] {
        if (auto ring = KeyRing::open(*stores[i], master, clock)) ids[i] = (*ring)->signing_key().key_id();
      });
    }
  }
  EXPECT_FALSE(ids[0].empty());
  for (const auto& id : ids) EXPECT_EQ(id, ids[0]);
  EXPECT_EQ(records().size(), 1U);
  EXPECT_EQ(audit_kinds().size(), 1U);
}

TEST(KeyRing, every_public_key_algorithm_can_be_chosen) {
  const auto master = MasterKey::random();
  const ManualClock clock{Time{1'700'000'000s}};
  for (const auto algorithm :
       {Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA, Algorithm::Ed25519, Algorithm::RS256, Algorithm::PS256}) {
    SqliteDatabase own;
    const auto its = own.open();
    auto ring = KeyRing::open(*its, master, clock, {.algorithm = algorithm});
    ASSERT_TRUE(ring) << name(algorithm) << ": " << ring.error().detail();
    EXPECT_EQ((*ring)->signing_key().algorithm(), algorithm);
    EXPECT_TRUE(verifies(**ring, **ring)) << name(algorithm);
    auto again = KeyRing::open(*its, master, clock, {.algorithm = algorithm});
    ASSERT_TRUE(again) << name(algorithm) << ": " << again.error().detail();
    EXPECT_TRUE(verifies(**ring, **again)) << name(algorithm);
  }
}

TEST_P(KeyRingTest, a_shared_secret_signs_without_a_kid_and_is_never_published) {
  const auto secret = Secret::random(32);
  const auto ring = KeyRing::of_secret(secret);
  ASSERT_TRUE(ring) << ring.error().detail();
  EXPECT_EQ((*ring)->signing_key().algorithm(), Algorithm::HS256);
  EXPECT_EQ((*ring)->signing_key().key_id(), "");
  EXPECT_EQ((*ring)->published().json, R"({"keys":[]})");
  const auto signature = (*ring)->signing_key().sign("header.claims");
  const auto found = (*ring)->find({.algorithm = "HS256", .key_id = {}});
  ASSERT_TRUE(signature && found);
  EXPECT_TRUE(found->verifies("header.claims", *signature));
  EXPECT_TRUE((*ring)->refresh());
  EXPECT_FALSE(KeyRing::of_secret(Secret::random(31))) << "shorter than its hash";
  EXPECT_FALSE(KeyRing::open(*store, master, clock, {.algorithm = Algorithm::HS256}));
}

TEST_P(KeyRingTest, keys_of_before_a_shared_secret_verify_until_their_tokens_have_expired) {
  const auto before = open();
  const auto secret = Secret::random(32);
  const auto ring = KeyRing::open_with_secret(secret, *store, master, clock);
  ASSERT_TRUE(ring) << ring.error().detail();
  EXPECT_EQ((*ring)->signing_key().algorithm(), Algorithm::HS256);
  EXPECT_TRUE(verifies(**ring, **ring));
  EXPECT_TRUE(verifies(*before, **ring)) << "what was issued under the key of before";
  EXPECT_EQ(published_ids(**ring), std::vector{before->signing_key().key_id()});
  EXPECT_FALSE((*ring)->find({.algorithm = "HS256", .key_id = before->signing_key().key_id()}))
      << "one key, one algorithm";
  EXPECT_EQ(records().at(0).state, KeyState::retired);
  EXPECT_FALSE((*ring)->announce()) << "nothing of the store will sign";
  EXPECT_EQ(records().size(), 1U);

  clock.advance(RotationPolicy{}.keep_retired);
  ASSERT_TRUE((*ring)->refresh());
  EXPECT_FALSE(verifies(*before, **ring));
  EXPECT_TRUE(verifies(**ring, **ring));
  EXPECT_EQ((*ring)->published().json, R"({"keys":[]})");
  const auto after = open();
  EXPECT_EQ(after->signing_key().algorithm(), Algorithm::ES256) << "without the secret, a key signs again";
  EXPECT_FALSE(KeyRing::open_with_secret(Secret::random(31), *store, master, clock));
}

TEST_P(KeyRingTest, private_keys_are_not_readable_in_the_store_and_open_under_their_master_key_only) {
  const auto ring = open();
  const auto record = records().front();
  const std::string_view sealed{reinterpret_cast<const char*>(record.sealed.data()), record.sealed.size()};
  EXPECT_EQ(sealed.find("kty"), sealed.npos);
  EXPECT_EQ(sealed.find(record.key_id), sealed.npos);
  const auto other = MasterKey::random();
  const auto refused = KeyRing::open(*store, other, clock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::key_malformed);
  EXPECT_NE(refused.error().detail().find("another master key"), std::string::npos) << refused.error().detail();
}

TEST_P(KeyRingTest, a_sealed_key_moved_to_another_row_or_changed_is_refused) {
  (void)open();
  const auto record = records().front();
  auto moved = record;
  moved.key_id = "another-key-id";
  ASSERT_TRUE(store->write([&](Transaction& transaction) {
    transaction.delete_key(record.key_id);
    transaction.insert_key(moved);
  }));
  EXPECT_FALSE(KeyRing::open(*store, master, clock));
  auto changed = record;
  changed.sealed.back() ^= std::byte{1};
  ASSERT_TRUE(store->write([&](Transaction& transaction) {
    transaction.delete_key(moved.key_id);
    transaction.insert_key(changed);
  }));
  EXPECT_FALSE(KeyRing::open(*store, master, clock));
  ASSERT_TRUE(store->write([&](Transaction& transaction) {
    transaction.delete_key(record.key_id);
    transaction.insert_key(record);
  }));
  EXPECT_TRUE(KeyRing::open(*store, master, clock));
}

TEST_P(KeyRingTest, a_key_is_announced_signs_is_retired_and_goes) {
  const RotationPolicy policy{.announce_for = 24h, .sign_for = days{90}, .keep_retired = 2h};
  const auto ring = open(policy);
  const auto first = ring->signing_key().key_id();
  const auto first_tag = ring->published().etag;
  const auto& held = ring->published();

  clock.advance(days{89});
  ASSERT_TRUE(ring->refresh());
  EXPECT_EQ(ring->signing_key().key_id(), first) << "announced keys do not sign";
  ASSERT_EQ(published_ids(*ring).size(), 2U);
  EXPECT_NE(ring->published().etag, first_tag);
  EXPECT_EQ(held.etag, first_tag) << "what a reader holds stays as it was";
  const auto second = published_ids(*ring)[1];

  clock.advance(24h);
  ASSERT_TRUE(ring->refresh());
  EXPECT_EQ(ring->signing_key().key_id(), second);
  EXPECT_TRUE(ring->find({.algorithm = "ES256", .key_id = first})) << "retired keys verify";
  EXPECT_EQ(published_ids(*ring), (std::vector{second, first}));

  clock.advance(2h);
  ASSERT_TRUE(ring->refresh());
  EXPECT_EQ(published_ids(*ring), std::vector{second});
  const auto gone = ring->find({.algorithm = "ES256", .key_id = first});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code(), ErrorCode::key_not_found);
  EXPECT_EQ(audit_kinds(),
            (std::vector<std::string>{"signing_key_created", "signing_key_created", "signing_key_retired",
                                      "signing_key_activated", "signing_key_removed"}));
}

TEST_P(KeyRingTest, another_process_sees_each_change_at_its_next_refresh_and_adds_none) {
  const auto here = open();
  auto other_store = database->open();
  auto there = KeyRing::open(*other_store, master, clock);
  ASSERT_TRUE(there);
  ASSERT_TRUE(here->announce());
  EXPECT_EQ(published_ids(**there).size(), 1U);
  ASSERT_TRUE((*there)->refresh());
  EXPECT_EQ(published_ids(**there), published_ids(*here));
  EXPECT_EQ((*there)->published().etag, here->published().etag);
  ASSERT_TRUE((*there)->announce());
  EXPECT_EQ(records().size(), 2U) << "one announced key is enough";
  clock.advance(24h);
  ASSERT_TRUE((*there)->refresh());
  EXPECT_TRUE(verifies(**there, *here)) << "who has not heard of the change knows the key already";
  ASSERT_TRUE(here->refresh());
  EXPECT_EQ(here->signing_key().key_id(), (*there)->signing_key().key_id());
  EXPECT_EQ(records().size(), 2U);
}

TEST_P(KeyRingTest, a_change_of_algorithm_is_announced_first_and_both_verify) {
  const auto before = open();
  const auto after = open({.algorithm = Algorithm::Ed25519});
  EXPECT_EQ(after->signing_key().algorithm(), Algorithm::ES256);
  clock.advance(24h);
  ASSERT_TRUE(after->refresh());
  EXPECT_EQ(after->signing_key().algorithm(), Algorithm::Ed25519);
  EXPECT_TRUE(verifies(*before, *after));
}

TEST_P(KeyRingTest, when_the_store_fails_the_ring_stays_as_it_was) {
  class Broken final : public Store {
   public:
    explicit Broken(Store& under) : under_{under} {}
    Stored<void> write(const std::function<void(Transaction&)>& work) override {
      return broken ? fail() : under_.write(work);
    }
    Stored<void> read(const std::function<void(Transaction&)>& work) override {
      return broken ? fail() : under_.read(work);
    }
    bool healthy() const noexcept override { return !broken; }
    bool broken = false;

   private:
    static Stored<void> fail() { return std::unexpected(StoreError{StoreFailure::unavailable, "gone"}); }
    Store& under_;
  } broken{*store};
  auto ring = KeyRing::open(broken, master, clock);
  ASSERT_TRUE(ring);
  const auto id = (*ring)->signing_key().key_id();
  broken.broken = true;
  const auto refused = (*ring)->refresh();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::input_output);
  EXPECT_FALSE((*ring)->announce());
  EXPECT_EQ((*ring)->signing_key().key_id(), id);
  EXPECT_TRUE(verifies(**ring, **ring));
  EXPECT_FALSE(KeyRing::open(broken, master, clock));
}

TEST_P(KeyRingTest, tables_are_made_once_for_each_change_of_keys) {
  const auto ring = open({.announce_for = 1h, .sign_for = days{1}, .keep_retired = 3h});
  const auto found = [&](const std::string& id) { return ring->find({.algorithm = "ES256", .key_id = id}).value(); };
  const auto first = ring->signing_key().key_id();
  const auto etag = ring->published().etag;
  const auto plain = found(first);
  ring->make_tables();
  const auto quick = found(first);
  EXPECT_EQ(quick.is_same_object(plain), plain.with_table().is_same_object(plain)) << "unless there are no tables here";
  EXPECT_TRUE(verifies(*ring, *ring));
  EXPECT_EQ(ring->published().etag, etag);
  ring->make_tables();
  ASSERT_TRUE(ring->follow(*store));
  EXPECT_TRUE(found(first).is_same_object(quick)) << "nothing has changed";

  ASSERT_TRUE(ring->announce());
  const auto ids = published_ids(*ring);
  ASSERT_EQ(ids.size(), 2U);
  const auto second = ids[0] == first ? ids[1] : ids[0];
  EXPECT_TRUE(found(first).is_same_object(quick)) << "tokens that it verified stay remembered";
  const auto announced = found(second);
  ring->make_tables();
  EXPECT_EQ(found(second).is_same_object(announced), announced.with_table().is_same_object(announced));
  EXPECT_TRUE(verifies(*ring, *ring));
}

TEST_P(KeyRingTest, readers_go_on_while_the_keys_change) {
  const auto ring = open({.announce_for = 1h, .sign_for = days{1}, .keep_retired = 3h});
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::array<std::atomic<int>, 2> rounds{};
  {
    std::vector<std::jthread> readers;
    for (auto& mine : rounds) {
      readers.emplace_back([&] {
        for (; !done; ++mine) {
          if (!verifies(*ring, *ring) || ring->published().etag.size() != 24) ++failures;
        }
      });
    }
    for (int i = 0; i < 30; ++i) {
      clock.advance(1h);
      EXPECT_TRUE(ring->announce());
      // A reader that sleeps within a round must not find the key that it signed with gone when it wakes up.
      for (auto& of_one : rounds) {
        for (const int seen = of_one; of_one == seen;) std::this_thread::yield();
      }
    }
    done = true;
  }
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace signet::server

#include "server/store/store.hpp"

#include "tests/server/store/store_fixture.hpp"

namespace signet::server::testing {
namespace {

class StoredSigningKeys : public StoreTest {};
SIGNET_OVER_EVERY_ENGINE(StoredSigningKeys);

TEST_P(StoredSigningKeys, signing_keys_are_kept_changed_and_deleted) {
  auto first = key_named("first"), second = key_named("second");
  second.created_at = at(1'800'000'000'000);
  write([&](Transaction& t) {
    t.insert_key(second);
    t.insert_key(first);
  });
  second.state = KeyState::retired;
  second.sealed = {};
  write([&](Transaction& t) { t.update_key(second); });
  read([&](Transaction& t) {
    auto keys = t.keys();
    ASSERT_EQ(keys.size(), 2u);
    EXPECT_TRUE(same(keys[0], first));
    EXPECT_TRUE(same(keys[1], second));
  });
  write([&](Transaction& t) { t.delete_key("first"); });
  read([&](Transaction& t) { EXPECT_EQ(t.keys().size(), 1u); });
  EXPECT_EQ(refusal([&](Transaction& t) { t.insert_key(second); }), StoreFailure::conflict);
  EXPECT_EQ(refusal([&](Transaction& t) { t.update_key(first); }), StoreFailure::conflict);
}

}  // namespace
}  // namespace signet::server::testing

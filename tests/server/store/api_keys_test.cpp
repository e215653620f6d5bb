#include "server/store/store.hpp"

#include <vector>

#include "tests/server/store/store_fixture.hpp"

namespace signet::server::testing {
namespace {

class StoredApiKeys : public StoreTest {};
SIGNET_OVER_EVERY_ENGINE(StoredApiKeys);

TEST_P(StoredApiKeys, api_keys_are_kept_found_ended_and_deleted) {
  auto owner = kept_account("alice"), other = kept_account("bob");
  auto first = api_key_of(owner.id), second = api_key_of(owner.id), foreign = api_key_of(other.id);
  second.created_at += std::chrono::milliseconds{1};
  write([&](Transaction& t) {
    for (const auto* key : {&second, &first, &foreign}) t.insert_api_key(*key);
  });
  read([&](Transaction& t) {
    auto found = t.api_key(first.id);
    ASSERT_TRUE(found);
    EXPECT_TRUE(same(*found, first));
    EXPECT_FALSE(t.api_key(ApiKeyId::random()));
    auto keys = t.api_keys_of(owner.id);
    ASSERT_EQ(keys.size(), 2u);
    EXPECT_TRUE(same(keys[0], first));
    EXPECT_TRUE(same(keys[1], second));
  });
  EXPECT_EQ(refusal([&](Transaction& t) { t.insert_api_key(first); }), StoreFailure::conflict);
  write([&](Transaction& t) {
    EXPECT_TRUE(t.end_api_key(first.id, at(7)));
    EXPECT_FALSE(t.end_api_key(ApiKeyId::random(), at(7)));
    t.note_api_key_use(first.id, at(9'000'000'000'000));
    t.place_api_key(second.id, {{495'834, 1}});
    t.place_api_key(ApiKeyId::random(), {{495'834, 2}});
    EXPECT_EQ(t.api_key(second.id)->status, (StatusEntries{{495'834, 1}}));
    EXPECT_EQ(t.living_api_keys(at(8), 10), 2U) << "the ended one does not count";
    EXPECT_EQ(t.living_api_keys(at(8), 1), 1U);
    EXPECT_EQ(t.living_api_keys(second.expires_at, 10), 0U);
    t.note_api_key_use(second.id, at(1));
    t.note_api_key_use(ApiKeyId::random(), at(1));
  });
  read([&](Transaction& t) {
    EXPECT_EQ(t.api_key(first.id)->expires_at, at(7));
    EXPECT_EQ(t.api_key(first.id)->last_used_at, at(9'000'000'000'000));
    EXPECT_EQ(t.api_key(second.id)->last_used_at, second.last_used_at) << "never back in time";
  });
  write([&](Transaction& t) {
    EXPECT_EQ(t.sweep(at(7), 100), 1u) << "the one that has ended";
    EXPECT_TRUE(t.delete_api_key(second.id));
    EXPECT_FALSE(t.delete_api_key(second.id));
  });
  read([&](Transaction& t) { EXPECT_TRUE(t.api_keys_of(owner.id).empty()); });
}

TEST_P(StoredApiKeys, each_change_of_an_api_key_has_a_number_that_was_never_given_before) {
  auto owner = kept_account();
  auto first = api_key_of(owner.id), second = api_key_of(owner.id), third = api_key_of(owner.id);
  std::int64_t newest = 0;
  auto changed = [&] {
    std::vector<ApiKeyId> ids;
    read([&](Transaction& t) {
      for (std::vector<ApiKey> page; !(page = t.api_keys_changed_after(newest, 1)).empty();) {
        EXPECT_GT(page.front().change, newest);
        newest = page.front().change;
        ids.push_back(page.front().id);
      }
    });
    return ids;
  };
  write([&](Transaction& t) { t.insert_api_key(first); });
  write([&](Transaction& t) { t.insert_api_key(second); });
  EXPECT_EQ(changed(), (std::vector{first.id, second.id}));
  write([&](Transaction& t) {
    t.note_api_key_use(second.id, at(9'000'000'000'000));
    EXPECT_TRUE(t.end_api_key(first.id, at(8'000'000'000'000)));
  });
  EXPECT_EQ(changed(), std::vector{first.id}) << "a use is no change";
  write([&](Transaction& t) { EXPECT_TRUE(t.delete_api_key(first.id)); });
  write([&](Transaction& t) { t.insert_api_key(third); });
  EXPECT_EQ(changed(), std::vector{third.id}) << "the deleted key's number is not given again";
}

}  // namespace
}  // namespace signet::server::testing

#include "server/store/store.hpp"

#include <vector>

#include "tests/server/store/store_fixture.hpp"

namespace signet::server::testing {
namespace {

class StoredSessions : public StoreTest {};
SIGNET_OVER_EVERY_ENGINE(StoredSessions);

TEST_P(StoredSessions, a_session_is_found_as_it_was_written) {
  auto account = kept_account();
  auto session = session_of(account.id);
  write([&](Transaction& t) { t.insert_session(session); });
  read([&](Transaction& t) {
    auto found = t.session(session.id);
    ASSERT_TRUE(found);
    EXPECT_TRUE(same(*found, session));
    EXPECT_FALSE(t.session(SessionId::random()));
  });
}

TEST_P(StoredSessions, the_sessions_of_an_account_come_oldest_first_and_without_those_of_others) {
  auto alice = kept_account("alice"), bob = kept_account("bob");
  std::vector<SessionId> expected(3);
  write([&](Transaction& t) {
    for (int i : {2, 0, 1}) {
      auto session = session_of(alice.id);
      session.created_at = at(1000 + i);
      expected[static_cast<std::size_t>(i)] = session.id;
      t.insert_session(session);
    }
    t.insert_session(session_of(bob.id));
  });
  read([&](Transaction& t) {
    std::vector<SessionId> found;
    for (const auto& session : t.sessions_of(alice.id)) found.push_back(session.id);
    EXPECT_EQ(found, expected);
  });
}

TEST_P(StoredSessions, the_sessions_and_api_keys_of_an_account_go_in_one_statement_each_and_are_told) {
  auto alice = kept_account("alice"), bob = kept_account("bob");
  const auto kept = session_of(alice.id), ended = session_of(alice.id), foreign = session_of(bob.id);
  const auto key = api_key_of(alice.id), foreign_key = api_key_of(bob.id);
  write([&](Transaction& t) {
    for (const auto& session : {kept, ended, foreign}) t.insert_session(session);
    for (const auto& one : {key, foreign_key}) t.insert_api_key(one);
  });
  write([&](Transaction& t) {
    const auto gone = t.delete_sessions_of(alice.id, kept.id);
    ASSERT_EQ(gone.size(), 1u);
    EXPECT_TRUE(same(gone.front(), ended));
    const auto keys = t.delete_api_keys_of(alice.id);
    ASSERT_EQ(keys.size(), 1u);
    EXPECT_EQ(keys.front().id, key.id);
    EXPECT_EQ(keys.front().status, key.status);
  });
  write([&](Transaction& t) {
    EXPECT_EQ(t.delete_sessions_of(alice.id, std::nullopt).size(), 1u);
    EXPECT_TRUE(t.sessions_of(alice.id).empty());
    EXPECT_TRUE(t.session(foreign.id));
    EXPECT_TRUE(t.api_keys_of(alice.id).empty());
    EXPECT_EQ(t.api_keys_of(bob.id).size(), 1u);
  });
}

TEST_P(StoredSessions, living_sessions_come_most_recently_used_first_in_the_part_that_was_asked_for) {
  auto alice = kept_account("alice"), bob = kept_account("bob");
  std::vector<SessionId> expected(5);
  write([&](Transaction& t) {
    for (int i : {2, 0, 4, 1, 3}) {
      auto session = session_of(alice.id);
      session.created_at = at(1000 + i * i % 3);
      session.last_used_at = at(2000 - i);
      session.idle_expires_at = at(101);
      session.expires_at = at(101);
      expected[static_cast<std::size_t>(i)] = session.id;
      t.insert_session(session);
    }
    auto idle_out = session_of(alice.id), too_old = session_of(alice.id), somebody_elses = session_of(bob.id);
    idle_out.idle_expires_at = too_old.expires_at = at(100);
    for (const auto& session : {idle_out, too_old, somebody_elses}) t.insert_session(session);
  });
  auto found = [&](std::size_t skip, std::size_t at_most) {
    std::vector<SessionId> ids;
    read([&](Transaction& t) {
      for (const auto& session : t.living_sessions(alice.id, at(100), skip, at_most)) ids.push_back(session.id);
    });
    return ids;
  };
  auto part = [&](std::ptrdiff_t from, std::ptrdiff_t to) {
    return std::vector(expected.begin() + from, expected.begin() + to);
  };
  EXPECT_EQ(found(0, 100), expected);
  EXPECT_EQ(found(0, 2), part(0, 2));
  EXPECT_EQ(found(3, 1), part(3, 4));
  EXPECT_EQ(found(3, 100), part(3, 5));
  EXPECT_TRUE(found(5, 100).empty());
  EXPECT_TRUE(found(100, 100).empty());
  EXPECT_TRUE(found(0, 0).empty());
  read([&](Transaction& t) { EXPECT_EQ(t.living_sessions(alice.id, at(101), 0, 100).size(), 0u); });
}

TEST_P(StoredSessions, a_session_needs_a_new_id_and_an_account) {
  auto account = kept_account();
  auto session = session_of(account.id);
  write([&](Transaction& t) { t.insert_session(session); });
  EXPECT_EQ(refusal([&](Transaction& t) { t.insert_session(session); }), StoreFailure::conflict);
  EXPECT_EQ(refusal([&](Transaction& t) { t.insert_session(session_of(AccountId::random())); }),
            StoreFailure::conflict);
}

TEST_P(StoredSessions, a_session_advances_only_from_the_counter_it_has) {
  auto account = kept_account();
  auto session = session_of(account.id);
  session.counter = 7;
  auto next = session;
  next.counter = 8;
  next.rotated_at = at(1'800'000'000'000);
  next.successor_used = false;
  next.last_used_at = at(1'800'000'000'001);
  next.idle_expires_at = at(1'800'000'000'002);
  write([&](Transaction& t) {
    t.insert_session(session);
    EXPECT_FALSE(t.advance_session(next, 6));
    EXPECT_FALSE(t.advance_session(next, 8));
    EXPECT_TRUE(same(*t.session(session.id), session));
    EXPECT_TRUE(t.advance_session(next, 7));
    EXPECT_FALSE(t.advance_session(next, 7));
    EXPECT_TRUE(same(*t.session(session.id), next));
  });
}

TEST_P(StoredSessions, a_session_is_deleted_once) {
  auto account = kept_account();
  auto session = session_of(account.id);
  write([&](Transaction& t) {
    t.insert_session(session);
    EXPECT_TRUE(t.delete_session(session.id));
    EXPECT_FALSE(t.delete_session(session.id));
    EXPECT_FALSE(t.session(session.id));
    EXPECT_FALSE(t.advance_session(session, session.counter));
  });
}

}  // namespace
}  // namespace signet::server::testing

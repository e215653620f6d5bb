#include "server/store/store.hpp"

#include <gmock/gmock.h>

#include "server/store/sweep.hpp"
#include "tests/server/store/engines.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {
namespace {

class Stores : public OverEveryEngine {
 protected:
  void write(const std::function<void(Transaction&)>& work) {
    auto written = store->write(work);
    ASSERT_TRUE(written) << written.error().detail;
  }
  void read(const std::function<void(Transaction&)>& work) {
    auto done = store->read(work);
    ASSERT_TRUE(done) << done.error().detail;
  }
  // An account that is there.
  Account kept_account(std::string username = "alice") {
    auto account = account_named(std::move(username));
    write([&](Transaction& t) { ASSERT_TRUE(t.insert_account(account)); });
    return account;
  }
  // What a write that must not happen is answered.
  StoreFailure refusal(const std::function<void(Transaction&)>& work) {
    auto written = store->write(work);
    EXPECT_FALSE(written);
    return written ? StoreFailure::unavailable : written.error().failure;
  }
};
SIGNET_OVER_EVERY_ENGINE(Stores);

TEST_P(Stores, an_account_is_found_by_id_and_by_username_as_it_was_written) {
  auto account = kept_account();
  account_named("bob");
  read([&](Transaction& t) {
    auto by_id = t.account(account.id);
    auto by_name = t.account_by_username("alice");
    ASSERT_TRUE(by_id && by_name);
    EXPECT_TRUE(same(*by_id, account));
    EXPECT_TRUE(same(*by_name, account));
    EXPECT_FALSE(t.account(AccountId::random()));
    EXPECT_FALSE(t.account_by_username("alic"));
    EXPECT_FALSE(t.account_by_username("ALICE"));
    EXPECT_FALSE(t.account_by_username(""));
  });
}

TEST_P(Stores, text_is_kept_as_data_whatever_it_looks_like) {
  for (std::string name : {"'; DROP TABLE accounts; --", "%", "_", "naïve ☃", "?1", "\"", "\\"}) {
    auto account = kept_account(name);
    read([&](Transaction& t) {
      auto found = t.account_by_username(name);
      ASSERT_TRUE(found) << name;
      EXPECT_TRUE(same(*found, account));
    });
  }
}

TEST_P(Stores, a_taken_username_is_refused_and_the_first_account_stays) {
  auto first = kept_account("alice");
  write([&](Transaction& t) { EXPECT_FALSE(t.insert_account(account_named("alice"))); });
  read([&](Transaction& t) { EXPECT_TRUE(same(*t.account_by_username("alice"), first)); });
}

TEST_P(Stores, a_taken_account_id_is_a_conflict) {
  auto first = kept_account("alice");
  auto second = account_named("bob");
  second.id = first.id;
  EXPECT_EQ(refusal([&](Transaction& t) { (void)t.insert_account(second); }), StoreFailure::conflict);
  read([&](Transaction& t) { EXPECT_FALSE(t.account_by_username("bob")); });
}

TEST_P(Stores, an_update_changes_all_but_the_id_and_the_username) {
  auto account = kept_account();
  auto changed = account;
  changed.username = "mallory";
  changed.password_hash = "other";
  changed.scope = "";
  changed.disabled = true;
  changed.created_at = at(1);
  changed.password_changed_at = at(2);
  write([&](Transaction& t) { t.update_account(changed); });
  read([&](Transaction& t) {
    auto found = t.account(account.id);
    ASSERT_TRUE(found);
    changed.username = account.username;
    changed.created_at = account.created_at;
    EXPECT_TRUE(same(*found, changed));
  });
}

TEST_P(Stores, an_update_of_an_account_that_is_not_there_is_a_conflict) {
  EXPECT_EQ(refusal([](Transaction& t) { t.update_account(account_named("nobody")); }), StoreFailure::conflict);
}

TEST_P(Stores, accounts_are_listed_in_the_order_of_their_names_page_by_page) {
  for (auto name : {"dora", "alice", "carol", "bob"}) kept_account(name);
  read([](Transaction& t) {
    std::vector<std::string> names;
    for (std::string after; auto page = t.accounts(after, 3).size();) {
      for (const auto& account : t.accounts(after, 3)) names.push_back(account.username);
      after = names.back();
      ASSERT_LE(page, 3u);
    }
    EXPECT_THAT(names, ::testing::ElementsAre("alice", "bob", "carol", "dora"));
  });
}

TEST_P(Stores, a_session_is_found_as_it_was_written) {
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

TEST_P(Stores, the_sessions_of_an_account_come_oldest_first_and_without_those_of_others) {
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

TEST_P(Stores, the_sessions_and_api_keys_of_an_account_go_in_one_statement_each_and_are_told) {
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

TEST_P(Stores, living_sessions_come_most_recently_used_first_in_the_part_that_was_asked_for) {
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

TEST_P(Stores, a_session_needs_a_new_id_and_an_account) {
  auto account = kept_account();
  auto session = session_of(account.id);
  write([&](Transaction& t) { t.insert_session(session); });
  EXPECT_EQ(refusal([&](Transaction& t) { t.insert_session(session); }), StoreFailure::conflict);
  EXPECT_EQ(refusal([&](Transaction& t) { t.insert_session(session_of(AccountId::random())); }),
            StoreFailure::conflict);
}

TEST_P(Stores, a_session_advances_only_from_the_counter_it_has) {
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

TEST_P(Stores, a_session_is_deleted_once) {
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

TEST_P(Stores, revocations_of_every_kind_come_back_in_the_order_they_were_written) {
  using enum RevocationKind;
  std::vector<Revocation> written;
  for (auto kind : {everyone, token, session, subject, client, key}) {
    auto n = static_cast<std::int64_t>(written.size());
    written.push_back({kind, kind == everyone ? "" : "key " + std::to_string(n), at(1000 + n), at(2000 + n)});
  }
  write([&](Transaction& t) {
    for (const auto& revocation : written) t.append_revocation(revocation);
  });
  read([&](Transaction& t) {
    auto found = t.revocations_after(0, 100);
    ASSERT_EQ(found.size(), written.size());
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < found.size(); ++i) {
      numbers.push_back(found[i].seq);
      EXPECT_TRUE(same(found[i].revocation, written[i]));
    }
    EXPECT_TRUE(std::ranges::is_sorted(numbers, std::less_equal{}));
    EXPECT_EQ(t.revocations_after(numbers[3], 100).size(), 2u);
    EXPECT_EQ(t.revocations_after(numbers[1], 2).front().seq, numbers[2]);
    EXPECT_TRUE(t.revocations_after(numbers.back(), 100).empty());
  });
}

TEST_P(Stores, a_revocations_number_is_never_given_again_not_even_after_a_sweep) {
  std::int64_t before = 0;
  write([&](Transaction& t) { t.append_revocation({RevocationKind::token, "a", at(0), at(10)}); });
  write([&](Transaction& t) {
    EXPECT_EQ(t.sweep(at(10), 100), 0u);
    const auto left = t.revocations_after(0, 10);
    ASSERT_EQ(left.size(), 1u) << "the newest stays, to tell how far the log has come";
    before = left.front().seq;
  });
  store.reset();
  store = database->open();
  write([&](Transaction& t) { t.append_revocation({RevocationKind::token, "b", at(0), at(10)}); });
  read([&](Transaction& t) { EXPECT_EQ(t.revocations_after(before, 10).size(), 1u); });
  write([&](Transaction& t) { EXPECT_EQ(t.sweep(at(10), 100), 1u); });
}

TEST_P(Stores, the_log_has_an_epoch_that_stays_and_that_no_other_database_has) {
  const auto epoch = [](Store& of) {
    std::string text;
    EXPECT_TRUE(of.read([&](Transaction& t) { text = t.revocation_epoch(); }));
    return text;
  };
  const auto first = epoch(*store);
  EXPECT_EQ(first.size(), 16u);
  EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos);
  store.reset();
  store = database->open();
  EXPECT_EQ(epoch(*store), first);
  EXPECT_NE(epoch(*GetParam().make()->open()), first);
}

TEST_P(Stores, how_the_server_was_last_started_is_kept) {
  read([](Transaction& t) { EXPECT_EQ(t.last_run("issuer"), std::nullopt); });
  write([](Transaction& t) {
    t.set_last_run("issuer", "https://auth.example");
    t.set_last_run("algorithm", "ES256");
  });
  write([](Transaction& t) { t.set_last_run("algorithm", "HS256"); });
  store.reset();
  store = database->open();
  read([](Transaction& t) {
    EXPECT_EQ(t.last_run("issuer"), "https://auth.example");
    EXPECT_EQ(t.last_run("algorithm"), "HS256");
  });
}

TEST_P(Stores, audit_events_come_back_as_they_were_written) {
  write([](Transaction& t) {
    for (auto kind : {"login", "logout", "refresh_reuse"}) t.append_audit(event_of(kind));
  });
  read([](Transaction& t) {
    auto events = t.audit_after(0, 2);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(fields_but_seq(events[0]), fields_but_seq(event_of("login")));
    auto rest = t.audit_after(events[1].seq, 10);
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].kind, "refresh_reuse");
    EXPECT_GT(rest[0].seq, events[1].seq);
  });
}

TEST_P(Stores, api_keys_are_kept_found_ended_and_deleted) {
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

TEST_P(Stores, each_change_of_an_api_key_has_a_number_that_was_never_given_before) {
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

TEST_P(Stores, accounts_are_searched_by_the_beginning_of_the_name_and_deleted_with_nothing_left_of_them) {
  auto alice = kept_account("alice"), alicia = kept_account("alicia"), bob = kept_account("bob%_");
  auto names = [&](std::string_view beginning, std::string_view after, std::size_t at_most) {
    std::vector<std::string> found;
    read([&](Transaction& t) {
      for (const auto& account : t.accounts_beginning(beginning, after, at_most)) found.push_back(account.username);
    });
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("alic", "", 10), (Names{"alice", "alicia"}));
  EXPECT_EQ(names("alic", "alice", 10), Names{"alicia"});
  EXPECT_EQ(names("alic", "alicia", 10), Names{});
  EXPECT_EQ(names("alice", "alice", 10), Names{});
  EXPECT_EQ(names("alic", "", 1), Names{"alice"});
  EXPECT_EQ(names("b", "alice", 10), Names{"bob%_"});
  EXPECT_EQ(names("", "", 10), (Names{"alice", "alicia", "bob%_"}));
  EXPECT_EQ(names("bob%", "", 10), Names{"bob%_"});
  EXPECT_EQ(names("b%", "", 10), Names{}) << "what is searched for is text";
  EXPECT_EQ(names("Alice", "", 10), Names{});

  auto session = session_of(alice.id);
  auto key = api_key_of(alice.id);
  write([&](Transaction& t) {
    t.insert_session(session);
    t.insert_api_key(key);
  });
  EXPECT_FALSE(store->write([&](Transaction& t) { (void)t.delete_account(alice.id); })) << "its session is there";
  write([&](Transaction& t) {
    EXPECT_TRUE(t.delete_session(session.id));
    EXPECT_TRUE(t.delete_api_key(key.id));
    EXPECT_TRUE(t.delete_account(alice.id));
    EXPECT_FALSE(t.delete_account(alice.id));
  });
  EXPECT_EQ(names("", "", 10), (Names{"alicia", "bob%_"}));
}

class CountingStore final : public Store {
 public:
  explicit CountingStore(Store& store) : store_{store} {}
  Stored<void> write(const std::function<void(Transaction&)>& work) override {
    ++writes;
    if (writes == failing) return std::unexpected(StoreError{StoreFailure::unavailable, "gone"});
    return store_.write(work);
  }
  Stored<void> read(const std::function<void(Transaction&)>& work) override { return store_.read(work); }
  bool healthy() const noexcept override { return true; }
  int writes = 0, failing = 0;

 private:
  Store& store_;
};

TEST_P(Stores, old_rows_leave_in_batches_that_hold_nobody_up) {
  auto account = kept_account();
  write([&](Transaction& t) {
    for (int i = 0; i < 2500; ++i) {
      auto session = session_of(account.id);
      session.expires_at = at(i < 2400 ? 100 : 900);
      session.idle_expires_at = at(900);
      t.insert_session(session);
      auto event = event_of("login");
      event.at = at(i < 1000 ? 50 : 60);
      if (i < 1500) t.append_audit(event);
    }
  });
  CountingStore counting{*store};
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_EQ(sweep(counting, at(100), at(60), stopped.get_token()), 0u);
  EXPECT_EQ(counting.writes, 0);

  counting.failing = 2;
  EXPECT_EQ(sweep(counting, at(100), at(0), {}), 1000u) << "the rest waits for the next time";
  counting.writes = counting.failing = 0;
  EXPECT_EQ(sweep(counting, at(100), at(60), {}), 1400u + 1000u);
  EXPECT_EQ(counting.writes, 4) << "1000 and 400 sessions, 1000 events and none";
  read([&](Transaction& t) {
    EXPECT_EQ(t.sessions_of(account.id).size(), 100u);
    EXPECT_EQ(t.audit_after(0, 1000).size(), 500u);
  });
}

TEST_P(Stores, the_audit_log_is_read_backwards_through_a_filter) {
  write([&](Transaction& t) {
    for (int i = 0; i < 6; ++i) {
      auto event = event_of(i % 2 == 0 ? "even" : "odd");
      event.account = i < 3 ? "ada" : "bob";
      event.at = at(1000 + i);
      t.append_audit(event);
    }
  });
  std::vector<AuditEvent> everything;
  read([&](Transaction& t) { everything = t.audit_after(0, 10); });
  ASSERT_EQ(everything.size(), 6u);
  auto found = [&](const AuditFilter& filter, std::int64_t before, std::size_t at_most) {
    std::vector<std::int64_t> times;
    read([&](Transaction& t) {
      for (const auto& event : t.audit_before(before, filter, at_most)) {
        times.push_back(event.at.time_since_epoch().count() - 1000);
      }
    });
    return times;
  };
  using Times = std::vector<std::int64_t>;
  const auto all = everything.back().seq + 1;
  EXPECT_EQ(found({}, all, 10), (Times{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(found({}, everything[4].seq, 2), (Times{3, 2}));
  EXPECT_EQ(found({.account = "ada"}, all, 10), (Times{2, 1, 0}));
  EXPECT_EQ(found({.kind = "odd"}, all, 10), (Times{5, 3, 1}));
  EXPECT_EQ(found({.account = "bob", .kind = "even"}, all, 10), Times{4});
  EXPECT_EQ(found({.since = at(1004)}, all, 10), (Times{5, 4}));
  EXPECT_EQ(found({.account = "ada", .since = at(1003)}, all, 10), Times{});
}

TEST_P(Stores, signing_keys_are_kept_changed_and_deleted) {
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

TEST_P(Stores, a_sweep_deletes_what_has_expired_and_no_more_than_it_was_told) {
  auto account = kept_account();
  write([&](Transaction& t) {
    for (int i = 0; i < 4; ++i) {
      auto idle_out = session_of(account.id), too_old = session_of(account.id), living = session_of(account.id);
      idle_out.idle_expires_at = at(100);
      idle_out.expires_at = at(900);
      too_old.idle_expires_at = at(900);
      too_old.expires_at = at(100);
      living.idle_expires_at = at(101);
      living.expires_at = at(900);
      for (const auto& session : {idle_out, too_old, living}) t.insert_session(session);
      t.append_revocation({RevocationKind::token, "gone", at(0), at(100)});
      t.append_revocation({RevocationKind::token, "kept", at(0), at(101)});
    }
  });
  write([](Transaction& t) {
    EXPECT_EQ(t.sweep(at(99), 100), 0u);
    EXPECT_EQ(t.sweep(at(100), 5), 5u);
    EXPECT_EQ(t.sweep(at(100), 0), 0u);
    EXPECT_EQ(t.sweep(at(100), 100), 7u);
    EXPECT_EQ(t.sweep(at(100), 100), 0u);
  });
  read([&](Transaction& t) {
    EXPECT_EQ(t.sessions_of(account.id).size(), 4u);
    auto revocations = t.revocations_after(0, 100);
    EXPECT_EQ(revocations.size(), 4u);
    for (const auto& row : revocations) EXPECT_EQ(row.revocation.key, "kept");
  });
}

TEST_P(Stores, old_audit_events_are_swept_the_oldest_first_and_no_more_than_it_was_told) {
  auto kinds = [&] {
    std::vector<std::string> found;
    read([&](Transaction& t) {
      for (const auto& event : t.audit_after(0, 100)) found.push_back(event.kind);
    });
    return found;
  };
  write([](Transaction& t) {
    int n = 0;
    for (auto kind : {"first", "second", "third", "fourth"}) {
      auto event = event_of(kind);
      event.at = at(100 + n++);
      t.append_audit(event);
    }
  });
  write([](Transaction& t) {
    EXPECT_EQ(t.sweep_audit(at(100), 100), 0u);
    EXPECT_EQ(t.sweep_audit(at(103), 0), 0u);
    EXPECT_EQ(t.sweep_audit(at(103), 2), 2u);
  });
  EXPECT_EQ(kinds(), (std::vector<std::string>{"third", "fourth"}));
  write([](Transaction& t) { EXPECT_EQ(t.sweep_audit(at(103), 2), 1u); });
  EXPECT_EQ(kinds(), std::vector<std::string>{"fourth"});
}

TEST_P(Stores, an_abandoned_write_leaves_nothing) {
  auto account = account_named("alice");
  StoreFailed reason{{StoreFailure::conflict, "changed my mind"}};
  auto written = store->write([&](Transaction& t) {
    ASSERT_TRUE(t.insert_account(account));
    t.insert_session(session_of(account.id));
    t.append_audit(event_of("signup"));
    t.append_revocation({RevocationKind::token, "a", at(0), at(10)});
    throw reason;
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().failure, StoreFailure::conflict);
  EXPECT_EQ(written.error().detail, "changed my mind");
  read([&](Transaction& t) {
    EXPECT_FALSE(t.account(account.id));
    EXPECT_TRUE(t.sessions_of(account.id).empty());
    EXPECT_TRUE(t.audit_after(0, 10).empty());
    EXPECT_TRUE(t.revocations_after(0, 10).empty());
  });
  EXPECT_TRUE(store->healthy());
}

TEST_P(Stores, a_works_own_exception_reaches_the_caller_and_leaves_nothing) {
  struct Mine {};
  EXPECT_THROW((void)store->write([](Transaction& t) {
    (void)t.insert_account(account_named("alice"));
    throw Mine{};
  }),
               Mine);
  EXPECT_THROW((void)store->read([](Transaction&) { throw Mine{}; }), Mine);
  read([](Transaction& t) { EXPECT_FALSE(t.account_by_username("alice")); });
  kept_account("alice");
}

TEST_P(Stores, what_a_work_has_written_it_sees) {
  write([](Transaction& t) {
    auto account = account_named("alice");
    ASSERT_TRUE(t.insert_account(account));
    EXPECT_TRUE(t.account(account.id));
    EXPECT_FALSE(t.insert_account(account_named("alice")));
  });
}

TEST_P(Stores, a_read_is_one_moment_whatever_is_written_meanwhile) {
  read([&](Transaction& t) {
    EXPECT_TRUE(t.accounts("", 10).empty());
    kept_account("alice");
    EXPECT_TRUE(t.accounts("", 10).empty());
  });
  read([](Transaction& t) { EXPECT_EQ(t.accounts("", 10).size(), 1u); });
}

TEST_P(Stores, what_was_written_is_there_after_closing_and_opening) {
  auto account = kept_account();
  store.reset();
  store = database->open();
  read([&](Transaction& t) {
    auto found = t.account(account.id);
    ASSERT_TRUE(found);
    EXPECT_TRUE(same(*found, account));
  });
}

}  // namespace
}  // namespace signet::server::testing

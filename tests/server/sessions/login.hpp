#pragma once
// Sessions over every engine, with a clock that stands still and one account, alice.

#include <gtest/gtest.h>

#include "server/sessions/sessions.hpp"
#include "signet/clock.hpp"
#include "signet/revocations.hpp"
#include "tests/server/store/engines.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {

// Who may log in.
inline Account user_named(std::string username) {
  auto account = account_named(std::move(username));
  account.must_change_password = false;
  return account;
}

inline Secret test_master() { return Secret::from_text("thirty-two bytes for tests only!"); }

class SessionTest : public OverEveryEngine {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store->write([&](Transaction& t) { ASSERT_TRUE(t.insert_account(alice)); }));
  }

  Granted opened(std::string_view binding = {}) {
    auto granted = sessions.open(alice, caller, {.binding = binding});
    if (!granted) throw std::runtime_error{"a login was refused"};
    return std::move(*granted);
  }
  std::expected<Granted, SessionProblem> refresh(std::string_view token, std::string_view binding = {}) {
    return sessions.refresh(token, binding, caller);
  }
  std::optional<Session> kept(const SessionId& id) {
    std::optional<Session> session;
    EXPECT_TRUE(store->read([&](Transaction& t) { session = t.session(id); }));
    return session;
  }
  std::vector<std::string> audit_kinds() {
    std::vector<std::string> kinds;
    EXPECT_TRUE(store->read([&](Transaction& t) {
      for (const auto& event : t.audit_after(0, 1000)) kinds.push_back(event.kind);
    }));
    return kinds;
  }
  std::vector<Revocation> logged() {
    std::vector<Revocation> rows;
    EXPECT_TRUE(store->read([&](Transaction& t) {
      for (const auto& row : t.revocations_after(0, 1000)) rows.push_back(row.revocation);
    }));
    return rows;
  }
  std::vector<AuditEvent> events_of(std::string_view kind) {
    std::vector<AuditEvent> events;
    EXPECT_TRUE(store->read([&](Transaction& t) { events = t.audit_after(0, 10'000); }));
    std::erase_if(events, [&](const AuditEvent& event) { return event.kind != kind; });
    return events;
  }
  bool enforced_on(const SessionId& id) {
    auto text = id.text();
    return revocations.covers(token_of_session(text, clock.now()));
  }
  void change_account(const std::function<void(Account&)>& change) {
    ASSERT_TRUE(store->write([&](Transaction& t) {
      auto account = *t.account(alice.id);
      change(account);
      t.update_account(account);
    }));
  }

  ManualClock clock{at(1'700'000'000'500)};
  Revocations revocations;
  Account alice = user_named("alice");
  Caller caller{.address = "192.0.2.7", .user_agent = "Browser/1", .request_id = "r1", .actor = {}};
  Sessions sessions{*store, revocations, clock, RefreshTokenCodec{test_master()}};
};

}  // namespace signet::server::testing

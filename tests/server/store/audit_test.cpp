#include "server/store/store.hpp"

#include <string>
#include <vector>

#include "tests/server/store/store_fixture.hpp"

namespace signet::server::testing {
namespace {

class StoredAuditEvents : public StoreTest {};
SIGNET_OVER_EVERY_ENGINE(StoredAuditEvents);

TEST_P(StoredAuditEvents, audit_events_come_back_as_they_were_written) {
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

TEST_P(StoredAuditEvents, the_audit_log_is_read_backwards_through_a_filter) {
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

TEST_P(StoredAuditEvents, old_audit_events_are_swept_the_oldest_first_and_no_more_than_it_was_told) {
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

}  // namespace
}  // namespace signet::server::testing

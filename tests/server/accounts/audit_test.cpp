#include "server/audit/audit.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace signet::server {
namespace {

using namespace std::chrono_literals;

TEST(Audit, every_kind_has_a_name_of_its_own_that_leads_back_to_it) {
  std::set<std::string_view> names;
  for (const auto kind : audit_kinds) {
    EXPECT_NE(name(kind), "unknown");
    EXPECT_TRUE(names.insert(name(kind)).second) << name(kind);
    EXPECT_EQ(audit_kind_from_name(name(kind)), kind);
  }
  // The list is whole: the value after its last is nobody's.
  EXPECT_EQ(name(static_cast<AuditKind>(audit_kinds.size())), "unknown");
  EXPECT_EQ(audit_kind_from_name("unknown"), std::nullopt);
}

TEST(Audit, an_event_says_who_did_what_to_whom_and_from_where) {
  const auto account = AccountId::random();
  const auto session = SessionId::random();
  const auto event =
      audit_event(AuditKind::session_revoked, Time{5s}, {"cli", "192.0.2.1", "req-1"}, {account, session}, "because");
  EXPECT_EQ(event.kind, "session_revoked");
  EXPECT_EQ(event.at, Time{5s});
  EXPECT_EQ(event.actor, "cli");
  EXPECT_EQ(event.address, "192.0.2.1");
  EXPECT_EQ(event.request_id, "req-1");
  EXPECT_EQ(event.account, account.text());
  EXPECT_EQ(event.session, session.text());
  EXPECT_EQ(event.detail, "because");
}

TEST(Audit, an_event_is_one_line_of_bounded_length) {
  const std::string line = "a\nforged line\x1B[2J\x7F";
  const auto event = audit_event(AuditKind::login_failed, Time{}, {line, line, line}, {}, line);
  for (const auto& field : {event.actor, event.address, event.request_id, event.detail}) {
    EXPECT_EQ(field, "a?forged line?[2J?");
  }
  std::string wide = "x";
  for (int i = 0; i < 200; ++i) wide += "é";
  const auto cut = audit_event(AuditKind::login_failed, Time{}, {}, {}, wide).detail;
  EXPECT_EQ(cut.size(), 255U) << "not in the middle of a character";
}

}  // namespace
}  // namespace signet::server

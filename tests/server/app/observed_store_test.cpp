#include "server/app/observed_store.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "server/store/sqlite/sqlite_store.hpp"

namespace signet::server::app {
namespace {

struct Seen {
  int reads = 0, writes = 0, errors = 0;
  int revoked = 0;
  std::vector<std::string> audited;
};

class ObservedStoreTest : public testing::Test {
 protected:
  ObservedStoreTest() {
    std::string name = (std::filesystem::temp_directory_path() / "signet-observed-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    auto opened = open_sqlite(folder_ / "signet.db");
    if (!opened) throw std::runtime_error{opened.error()};
    sqlite_ = std::move(*opened);
  }
  ~ObservedStoreTest() override {
    sqlite_.reset();
    std::filesystem::remove_all(folder_);
  }

  ObservedStore observed() {
    return {*sqlite_,
            {.on_done =
                 [this](bool writing, std::chrono::nanoseconds took, const StoreError* error) {
                   (writing ? seen_.writes : seen_.reads) += 1;
                   seen_.errors += error != nullptr;
                   EXPECT_GE(took.count(), 0);
                 },
             .on_audit = [this](const AuditEvent& event) { seen_.audited.push_back(event.kind); },
             .on_revoked = [this] { ++seen_.revoked; }}};
  }

  std::filesystem::path folder_;
  std::unique_ptr<Store> sqlite_;
  Seen seen_;
};

TEST_F(ObservedStoreTest, tells_of_audit_events_once_they_are_durable) {
  auto store = observed();
  auto done = store.write([&](Transaction& transaction) {
    AuditEvent event;
    event.kind = "login";
    transaction.append_audit(event);
    EXPECT_TRUE(seen_.audited.empty());
  });
  EXPECT_TRUE(done.has_value());
  EXPECT_EQ(seen_.audited, std::vector<std::string>{"login"});
  EXPECT_EQ(seen_.writes, 1);
}

TEST_F(ObservedStoreTest, tells_of_no_event_that_was_undone) {
  auto store = observed();
  auto done = store.write([&](Transaction& transaction) {
    AuditEvent event;
    event.kind = "login";
    transaction.append_audit(event);
    throw StoreFailed{{StoreFailure::unavailable, "gone"}};
  });
  EXPECT_FALSE(done.has_value());
  EXPECT_TRUE(seen_.audited.empty());
  EXPECT_EQ(seen_.errors, 1);
}

TEST_F(ObservedStoreTest, tells_of_revocations_once_a_transaction_and_once_they_are_durable) {
  auto store = observed();
  const auto append = [&](Transaction& transaction) {
    for (int i = 0; i < 2; ++i) transaction.append_revocation({RevocationKind::token, "a", Time{}, Time{}});
    EXPECT_EQ(seen_.revoked, 0);
  };
  EXPECT_FALSE(store.write([&](Transaction& transaction) {
    append(transaction);
    throw StoreFailed{{StoreFailure::unavailable, "gone"}};
  }));
  EXPECT_TRUE(store.write([](Transaction&) {}));
  EXPECT_EQ(seen_.revoked, 0);
  EXPECT_TRUE(store.write(append));
  EXPECT_EQ(seen_.revoked, 1);
}

TEST_F(ObservedStoreTest, passes_everything_on) {
  auto store = observed();
  Account account;
  account.id = AccountId::random();
  account.username = "ada";
  ASSERT_TRUE(store.write([&](Transaction& t) { EXPECT_TRUE(t.insert_account(account)); }).has_value());
  std::optional<Account> found;
  ASSERT_TRUE(store.read([&](Transaction& t) { found = t.account_by_username("ada"); }).has_value());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, account.id);
  EXPECT_EQ(seen_.reads, 1);
  EXPECT_TRUE(store.healthy());
}

}  // namespace
}  // namespace signet::server::app

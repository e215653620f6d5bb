#pragma once

#include <functional>
#include <string>
#include <utility>

#include "tests/server/store/engines.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {

// What tests of what a store keeps are made of.
class StoreTest : public OverEveryEngine {
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

}  // namespace signet::server::testing

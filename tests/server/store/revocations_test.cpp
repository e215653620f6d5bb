#include "server/store/store.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/server/store/store_fixture.hpp"

namespace signet::server::testing {
namespace {

class StoredRevocations : public StoreTest {};
SIGNET_OVER_EVERY_ENGINE(StoredRevocations);

TEST_P(StoredRevocations, revocations_of_every_kind_come_back_in_the_order_they_were_written) {
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

TEST_P(StoredRevocations, a_revocations_number_is_never_given_again_not_even_after_a_sweep) {
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

TEST_P(StoredRevocations, the_log_has_an_epoch_that_stays_and_that_no_other_database_has) {
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

}  // namespace
}  // namespace signet::server::testing

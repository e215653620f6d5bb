#include "server/revocation/live_log.hpp"

#include <gtest/gtest.h>

namespace signet::server {
namespace {

Time at(std::int64_t milliseconds) { return Time{std::chrono::milliseconds{milliseconds}}; }

LoggedRevocation row(std::int64_t seq, std::int64_t expires_at = 1000) {
  return {seq, {RevocationKind::token, std::to_string(seq), at(0), at(expires_at)}};
}

void append(LiveLog& log, std::initializer_list<LoggedRevocation> rows) {
  log.append(std::vector<LoggedRevocation>{rows});
}

std::vector<std::int64_t> seqs_after(const LiveLog& log, std::int64_t seq) {
  std::vector<std::int64_t> seqs;
  for (const auto& each : log.after(seq)) seqs.push_back(each.seq);
  return seqs;
}

TEST(LiveLog, gives_what_came_after_a_number_in_order_gaps_and_all) {
  LiveLog log;
  EXPECT_EQ(log.seq(), 0);
  EXPECT_TRUE(log.reaches_back_to(0));
  append(log, {row(1), row(2), row(5)});
  append(log, {row(2), row(5), row(6)});
  EXPECT_EQ(seqs_after(log, 0), (std::vector<std::int64_t>{1, 2, 5, 6}));
  EXPECT_EQ(seqs_after(log, 2), (std::vector<std::int64_t>{5, 6}));
  EXPECT_EQ(seqs_after(log, 3), (std::vector<std::int64_t>{5, 6}));
  EXPECT_EQ(seqs_after(log, 6), (std::vector<std::int64_t>{}));
  EXPECT_EQ(log.count_after(1), 3u);
  EXPECT_EQ(log.seq(), 6);
}

TEST(LiveLog, does_not_reach_into_the_future_nor_before_what_was_swept_or_forgotten) {
  LiveLog log;
  append(log, {row(10), row(11, 500), row(12), row(13, 500), row(14)});
  EXPECT_FALSE(log.reaches_back_to(8)) << "nobody knows what 9 was";
  EXPECT_TRUE(log.reaches_back_to(9));
  EXPECT_TRUE(log.reaches_back_to(14));
  EXPECT_FALSE(log.reaches_back_to(15));
  log.forget_expired(at(500));
  EXPECT_EQ(log.size(), 3u);
  EXPECT_FALSE(log.reaches_back_to(12));
  EXPECT_TRUE(log.reaches_back_to(13));
  EXPECT_EQ(seqs_after(log, 0), (std::vector<std::int64_t>{10, 12, 14}));
  log.forget_expired(at(1000));
  EXPECT_EQ(log.size(), 0u);
  EXPECT_EQ(log.seq(), 14);
  EXPECT_TRUE(log.reaches_back_to(14));
}

}  // namespace
}  // namespace signet::server

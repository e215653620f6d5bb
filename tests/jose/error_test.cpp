#include "signet/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "signet/clock.hpp"
#include "signet/version.hpp"

namespace signet {
namespace {

TEST(Error, every_code_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    const auto name = to_string(static_cast<ErrorCode>(code));
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << name;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_EQ(to_string(ErrorCode::token_expired), "token_expired");
  EXPECT_EQ(to_string(ErrorCode::internal), "internal");
}

TEST(Error, of_several_failures_carries_the_first_ones_code_and_tells_all) {
  const Error error{{{ErrorCode::token_expired, "exp"}, {ErrorCode::audience_mismatch, "aud"}}};
  EXPECT_EQ(error.code(), ErrorCode::token_expired);
  EXPECT_TRUE(error.is(ErrorCode::token_expired));
  EXPECT_TRUE(error.is(ErrorCode::audience_mismatch));
  EXPECT_FALSE(error.is(ErrorCode::bad_signature));
  ASSERT_EQ(error.failures().size(), 2U);
  for (const auto word : {"token_expired", "exp", "audience_mismatch", "aud"}) {
    EXPECT_NE(error.detail().find(word), std::string::npos) << word;
  }
}

TEST(Error, has_a_detail_even_when_none_was_given) {
  EXPECT_EQ(Error{ErrorCode::bad_signature}.detail(), "bad_signature");
  EXPECT_EQ((Error{ErrorCode::bad_signature, "more"}.detail()), "more");
  EXPECT_TRUE(Error{ErrorCode::bad_signature}.failures().empty());
}

TEST(SystemClock, agrees_with_the_standard_librarys) {
  const auto before = std::chrono::system_clock::now() - std::chrono::seconds{1};
  const auto now = SystemClock::instance().now();
  EXPECT_GT(now, before);
  EXPECT_LE(now, std::chrono::system_clock::now());
}

TEST(ManualClock, stands_still_until_told_otherwise) {
  ManualClock clock{Time{std::chrono::seconds{100}}};
  EXPECT_EQ(clock.now(), Time{std::chrono::seconds{100}});
  clock.advance(std::chrono::milliseconds{1500});
  EXPECT_EQ(clock.now(), Time{std::chrono::milliseconds{101500}});
  clock.set(Time{});
  EXPECT_EQ(clock.now(), Time{});
}

TEST(Version, is_semantic) { EXPECT_EQ(std::ranges::count(version(), '.'), 2); }

}  // namespace
}  // namespace signet

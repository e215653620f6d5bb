#include "cli/time.hpp"

#include <gtest/gtest.h>

namespace signet::cli {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr Time now{seconds{1'700'000'000}};

std::optional<std::int64_t> instant(std::string_view text) {
  const auto time = parse_time(text, now);
  if (!time) return std::nullopt;
  return std::chrono::floor<seconds>(*time).time_since_epoch().count();
}

TEST(Duration, is_a_number_with_units_or_seconds) {
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("15m"), 15min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("7d"), 168h);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("600"), 600s);
  EXPECT_EQ(parse_duration("0"), 0s);
}

TEST(Duration, is_nothing_else) {
  for (const std::string_view text :
       {"", "s", "-5m", "+5m", "5 m", " 5m", "5m ", "5M", "5w", "1.5h", "1e3", "0x10", "5m30", "99999999999999999999",
        "253402300800", "9999999999d", "253402300799s1s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Instant, counts_from_now_or_from_1970_or_is_a_date) {
  EXPECT_EQ(instant("now"), 1'700'000'000);
  EXPECT_EQ(instant("15m"), 1'700'000'900);
  EXPECT_EQ(instant("+15m"), 1'700'000'900);
  EXPECT_EQ(instant("-5m"), 1'699'999'700);
  EXPECT_EQ(instant("60000d"), 6'884'000'000);
  EXPECT_EQ(instant("@5"), 5);
  EXPECT_EQ(instant("1700000001"), 1'700'000'001);
  EXPECT_EQ(instant("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(instant("2023-11-14T22:13:20Z"), 1'700'000'000);
  EXPECT_EQ(instant("2023-11-14T22:13:20.999Z"), 1'700'000'000);
  EXPECT_EQ(instant("2023-11-14t23:13:20+01:00"), 1'700'000'000);
  EXPECT_EQ(instant("2023-11-14 16:43:20-05:30"), 1'700'000'000);
  EXPECT_EQ(instant("2024-02-29"), 1'709'164'800);
  EXPECT_EQ(instant("9999-12-31T23:59:59Z"), 253'402'300'799);
}

TEST(Instant, is_nothing_else) {
  for (const std::string_view text : {"",
                                      "15",
                                      "900",
                                      "-",
                                      "+",
                                      "@",
                                      "@-1",
                                      "@ 5",
                                      "@5s",
                                      "-5",
                                      "2023-02-29",
                                      "2023-00-10",
                                      "2023-1-1",
                                      "2023-11-14T24:00:00Z",
                                      "2023-11-14T22:60:00Z",
                                      "2023-11-14T22:13:60Z",
                                      "2023-11-14T22:13:20",
                                      "2023-11-14T22:13Z",
                                      "2023-11-14T22:13:20.Z",
                                      "2023-11-14T22:13:20+0100",
                                      "2023-11-14T22:13:20Zz",
                                      "1969-12-31T23:59:59Z",
                                      "10000-01-01",
                                      "@253402300800",

                                      "9999-12-31T23:59:59-00:01",
                                      "tomorrow"}) {
    EXPECT_EQ(instant(text), std::nullopt) << text;
  }
}

TEST(TimeText, is_utc_to_the_second) {
  EXPECT_EQ(utc_text(now), "2023-11-14T22:13:20Z");
  EXPECT_EQ(utc_text(now + 999ms), "2023-11-14T22:13:20Z");
  EXPECT_EQ(utc_text(Time{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(Time{seconds{253'402'300'799}}), "9999-12-31T23:59:59Z");
}

TEST(TimeText, is_relative_in_the_largest_unit) {
  EXPECT_EQ(relative_text(now, now), "now");
  EXPECT_EQ(relative_text(now + 1s, now), "in 1 second");
  EXPECT_EQ(relative_text(now + 15min, now), "in 15 minutes");
  EXPECT_EQ(relative_text(now + 119min, now), "in 1 hour");
  EXPECT_EQ(relative_text(now - 49h, now), "2 days ago");
  EXPECT_EQ(relative_text(Time{}, now), "53 years ago");
}

}  // namespace
}  // namespace signet::cli

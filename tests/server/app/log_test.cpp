#include "server/app/log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "server/app/log_lines.hpp"
#include "signet/json.hpp"

namespace signet::server::app {
namespace {

constexpr Time noon = Time{std::chrono::sys_days{std::chrono::year{2026} / 5 / 1}} + std::chrono::hours{12} +
                      std::chrono::milliseconds{34};

std::string line(LogFormat format, std::string_view message, std::initializer_list<LogField> fields) {
  std::string out;
  append_log_line(out, format, noon, LogLevel::info, message, fields);
  EXPECT_TRUE(out.ends_with('\n'));
  return out.substr(0, out.size() - 1);
}

TEST(Log, is_one_json_object_a_line) {
  EXPECT_EQ(
      line(LogFormat::json, "request",
           {{"request_id", "r1"}, {"status", std::int64_t{200}}, {"took_ms", 0.5}, {"secure", true}}),
      R"({"ts":"2026-05-01T12:00:00.034Z","level":"info","msg":"request","request_id":"r1","status":200,"took_ms":0.5,"secure":true})");
}

TEST(Log, is_logfmt_for_a_person) {
  EXPECT_EQ(line(LogFormat::logfmt, "all is well",
                 {{"route", "/login"}, {"detail", "say \"no\""}, {"status", std::int64_t{200}}}),
            R"(ts=2026-05-01T12:00:00.034Z level=info msg="all is well" route=/login detail="say \"no\"" status=200)");
}

TEST(Log, leaves_out_what_is_empty) {
  EXPECT_EQ(line(LogFormat::json, "m", {{"a", ""}}), R"({"ts":"2026-05-01T12:00:00.034Z","level":"info","msg":"m"})");
}

TEST(Log, cannot_be_made_to_show_a_line_that_was_not_written) {
  const std::string_view forged = "x\n{\"ts\":\"now\",\"msg\":\"forged\"}\r\n\x1b[31m\xff";
  for (const auto format : {LogFormat::json, LogFormat::logfmt}) {
    const auto written = line(format, forged, {{"client", forged}});
    for (const char c : written) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20) << written;
  }
  const auto written = line(LogFormat::json, "m", {{"client", forged}});
  auto parsed = json::parse(written);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_TRUE(parsed->find("client")->string()->starts_with("x\n{"));
}

TEST(Log, is_written_to_standard_error_from_the_level_on) {
  testing::internal::CaptureStderr();
  start_log({.format = LogFormat::json, .level = LogLevel::warning, .access = true});
  log(LogLevel::info, "not this");
  log(LogLevel::warning, "this {}", {{"detail", "{:d} is no format here"}});
  set_log_level(LogLevel::debug);
  log(LogLevel::debug, "and this");
  stop_log();
  log(LogLevel::error, "nothing any more");
  const auto written = testing::internal::GetCapturedStderr();
  EXPECT_EQ(written.find("not this"), std::string::npos);
  EXPECT_NE(written.find(R"("msg":"this {}","detail":"{:d} is no format here"})"), std::string::npos);
  EXPECT_NE(written.find("and this"), std::string::npos);
  EXPECT_EQ(written.find("nothing any more"), std::string::npos);
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 2);
}

// A pipe holds 64 kB; what comes when 1 MB more is waiting is for nobody.
TEST(LogLines, are_dropped_and_counted_while_nobody_reads_and_whole_when_somebody_does) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::string all, line;
  {
    LogLines lines{ends[1]};
    int added = 0;
    while (lines.dropped() == 0) {
      line = std::to_string(added) + std::string(1000, 'x') + "\n";
      lines.add(line);
      if (lines.dropped() == 0) {
        all += line;
        ++added;
      }
    }
    EXPECT_GT(added, 500);
    std::string read(all.size(), 0);
    for (std::size_t at = 0; at < read.size();) {
      const auto bytes = ::read(ends[0], read.data() + at, read.size() - at);
      ASSERT_GT(bytes, 0);
      at += static_cast<std::size_t>(bytes);
    }
    EXPECT_TRUE(read == all);
    lines.add("one more\n");  // is written at the latest when they go
  }
  std::string last(100, 0);
  last.resize(static_cast<std::size_t>(::read(ends[0], last.data(), last.size())));
  EXPECT_EQ(last, "one more\n");
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace signet::server::app

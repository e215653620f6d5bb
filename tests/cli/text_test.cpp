#include "cli/text.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "cli/input.hpp"
#include "signet/json.hpp"

namespace signet::cli {
namespace {

TEST(Printable, leaves_text_of_any_script_alone) {
  for (const std::string_view text : {"", "plain", "Zoë ☃ 漢字 😀", "a\\b\"c", "שלום नमस्ते", "🏴 👍🏽"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, disarms_what_moves_the_cursor_or_turns_the_line) {
  EXPECT_EQ(printable("a\x1b[2Jb\n"), "a\\u001b[2Jb\\u000a");
  EXPECT_EQ(printable(std::string_view{"\0\x7f", 2}), "\\u0000\\u007f");
  EXPECT_EQ(printable("\u0085\u200e\u202e\u2066\ufeff"), "\\u0085\\u200e\\u202e\\u2066\\ufeff");
}

TEST(Printable, shows_what_nobody_sees) {
  EXPECT_EQ(printable("pay\u200bpal\u2060\u00ad\u200d\u2028"), "pay\\u200bpal\\u2060\\u00ad\\u200d\\u2028");
  EXPECT_EQ(printable("\U000e0041\U000e007f\U000e0100"), "\\udb40\\udc41\\udb40\\udc7f\\udb40\\udd00");  // tags
  EXPECT_EQ(printable("\u3164\u115f\u180e\ufff9\U0001d173"), "\\u3164\\u115f\\u180e\\ufff9\\ud834\\udd73");
}

TEST(Printable, leaves_json_the_same_value) {
  const std::string hostile = "{\"a\u202e\":\"\u0085\u200b\x7f\U000e0041 é\",\"b\":[\"\\\\\u00ad\"]}";
  const auto safe = printable(hostile);
  EXPECT_EQ(safe, "{\"a\\u202e\":\"\\u0085\\u200b\\u007f\\udb40\\udc41 é\",\"b\":[\"\\\\\\u00ad\"]}");
  const auto value = json::parse(safe);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->find("a\u202e")->string(), "\u0085\u200b\x7f\U000e0041 é");
}

TEST(Printable, shows_bytes_that_are_not_utf8) {
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xc0\x80"), "\\xc0\\x80");           // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(printable("a\xe2\x82"), "a\\xe2\\x82");         // cut short
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

TEST(OneLine, drops_white_space_outside_strings_only) {
  EXPECT_EQ(one_line("{ \"a\" :\r\n\t[ 1, \"x \\\" y\\\\\" , { } ] }"), "{\"a\":[1,\"x \\\" y\\\\\",{}]}");
}

TEST(KeyMaterial, is_told_from_the_name_of_a_file) {
  for (const std::string_view text : {"k.jwk", "-", "/etc/signet/key.pem", "C:\\keys\\k", ""}) {
    EXPECT_FALSE(looks_like_key_material(text)) << text;
  }
  for (const std::string_view text : {"{\"kty\":\"oct\"}", "-----BEGIN PRIVATE KEY-----", "eyJhbGciOi", "a\nb"}) {
    EXPECT_TRUE(looks_like_key_material(text)) << text;
  }
  EXPECT_TRUE(looks_like_key_material(std::string(256, 'x')));
}

std::vector<std::string> lines_of(const std::string& text, std::size_t limit) {
  std::istringstream in{text};
  LineReader reader{in, limit};
  std::vector<std::string> lines;
  std::string_view line;
  while (reader.next(line)) lines.emplace_back(line);
  return lines;
}

TEST(LineReader, takes_lf_and_crlf_and_a_last_line_without_end) {
  EXPECT_EQ(lines_of("a\nb\r\n\nc", 10), (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_EQ(lines_of("a\r\r\n", 10), (std::vector<std::string>{"a\r"}));
  EXPECT_EQ(lines_of("", 10), (std::vector<std::string>{}));
  EXPECT_EQ(lines_of("\n", 10), (std::vector<std::string>{""}));
}

TEST(LineReader, keeps_one_byte_more_than_the_limit_of_a_line_that_is_too_long) {
  EXPECT_EQ(lines_of(std::string(10, 'x') + "\ny\n", 10), (std::vector<std::string>{std::string(10, 'x'), "y"}));
  EXPECT_EQ(lines_of(std::string(1000, 'x') + "\ny\n", 10), (std::vector<std::string>{std::string(11, 'x'), "y"}));
  EXPECT_EQ(lines_of(std::string(10, 'x') + "\r\n", 10), (std::vector<std::string>{std::string(10, 'x')}));
}

}  // namespace
}  // namespace signet::cli

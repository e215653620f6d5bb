#include "src/jwt/compact.hpp"

#include <gtest/gtest.h>

namespace signet::jwt {
namespace {

ErrorCode refusal(std::string_view text, const Limits& limits = {}) {
  const auto parts = split_compact(text, limits);
  return parts ? ErrorCode::internal : parts.error().code();
}

TEST(Compact, splits_three_parts_where_they_stand) {
  const std::string text = "aGVhZGVy.cGF5bG9hZA.c2ln";
  const auto parts = split_compact(text, {});
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->header, "aGVhZGVy");
  EXPECT_EQ(parts->payload, "cGF5bG9hZA");
  EXPECT_EQ(parts->signature, "c2ln");
  EXPECT_EQ(parts->signing_input, "aGVhZGVy.cGF5bG9hZA");
  EXPECT_EQ(parts->header.data(), text.data());
}

TEST(Compact, signature_may_be_empty_and_the_other_parts_may_not) {
  EXPECT_TRUE(split_compact("a.b.", {}));
  EXPECT_EQ(refusal(".b.c"), ErrorCode::token_malformed);
  EXPECT_EQ(refusal("a..c"), ErrorCode::token_malformed);
  EXPECT_EQ(refusal(".."), ErrorCode::token_malformed);
}

TEST(Compact, asks_for_exactly_two_dots) {
  for (const auto* text : {"", "a", "a.b", "a.b.c.d", "a.b.c.d.e", "a.b.c."}) {
    EXPECT_EQ(refusal(text), ErrorCode::token_malformed) << text;
  }
  EXPECT_EQ(refusal(std::string_view{}), ErrorCode::token_malformed);  // of no address
}

TEST(Compact, allows_64_characters_and_the_dot_at_every_place) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (int c = 0; c < 256; ++c) {
    if (c == '.') continue;
    const bool allowed = alphabet.find(static_cast<char>(c)) != std::string_view::npos;
    for (const std::size_t place : {0UZ, 31UZ, 32UZ, 63UZ, 64UZ, 77UZ}) {  // in and after the blocks of 32
      std::string text(80, 'a');
      text[20] = '.';
      text[40] = '.';
      text[place] = static_cast<char>(c);
      EXPECT_EQ(split_compact(text, {}).has_value(), allowed) << c << " at " << place;
    }
  }
}

TEST(Compact, looks_at_the_length_first) {
  EXPECT_EQ(refusal(std::string(101, '.'), {.token_bytes = 100}), ErrorCode::token_too_large);
  EXPECT_EQ(refusal(std::string(100, '.'), {.token_bytes = 100}), ErrorCode::token_malformed);
  EXPECT_EQ(refusal(std::string(16 * 1024 + 1, 'a')), ErrorCode::token_too_large);
}

TEST(Compact, counts_more_dots_than_a_byte_holds) {
  // 258 dots are 2 in eight bits.
  EXPECT_EQ(refusal(std::string(258, '.')), ErrorCode::token_malformed);
  EXPECT_EQ(refusal("a" + std::string(257, '.') + "b"), ErrorCode::token_malformed);
}

TEST(Compact, text_for_logs_is_short_printable_ascii) {
  EXPECT_EQ(quoted_for_log("abc"), R"("abc")");
  EXPECT_EQ(quoted_for_log("a\nb\"\\\x1b[31mé\x7f"), R"("a\x0ab\x22\x5c\x1b[31m\xc3\xa9\x7f")");
  EXPECT_EQ(quoted_for_log(std::string(41, 'x')), '"' + std::string(40, 'x') + "\"...");
}

}  // namespace
}  // namespace signet::jwt

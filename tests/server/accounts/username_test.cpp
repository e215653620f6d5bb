#include "server/accounts/username.hpp"

#include <gtest/gtest.h>

#include <string>

namespace signet::server {
namespace {

using namespace std::string_view_literals;
using enum UsernameProblem;

TEST(Username, is_folded_to_one_form) {
  struct Row {
    std::string_view typed, prepared;
  };
  const Row rows[] = {
      {"anna", "anna"},
      {"Anna.Berg@Example.COM", "anna.berg@example.com"},
      {"ANNA+tag_1!", "anna+tag_1!"},
      {"Straße", "strasse"},
      {"STRASSE", "strasse"},
      {"Ｆｕｌｌｗｉｄｔｈ", "fullwidth"},
      {"ﬁsh", "fish"},
      {"x²", "x2"},
      {"①", "1"},
      {"K", "k"},                      // KELVIN SIGN
      {"Å", "å"},                      // ANGSTROM SIGN
      {"a\u030Angstrom", "ångstrom"},  // combining ring
      {"Σίσυφος", "σίσυφοσ"},          // final sigma folds
      {"ΣΊΣΥΦΟΣ", "σίσυφοσ"},
      {"ЁЖИК", "ёжик"},
      {"名前", "名前"},
      {"ｶﾞ", "ガ"},
      {"שלום", "שלום"},
      {"אבג1", "אבג1"},
      {"مرحبا", "مرحبا"},
      {"हिन्दी", "हिन्दी"},
  };
  for (const auto& row : rows) {
    const auto prepared = prepare_username(row.typed);
    ASSERT_TRUE(prepared) << row.typed;
    EXPECT_EQ(*prepared, row.prepared) << row.typed;
  }
}

TEST(Username, refuses_what_could_deceive_or_cannot_be_typed) {
  struct Row {
    std::string_view typed;
    UsernameProblem problem;
  };
  const Row rows[] = {
      {"", empty},
      {" ", forbidden_character},
      {"a b", forbidden_character},
      {" anna", forbidden_character},
      {"anna\u00A0", forbidden_character},   // no-break space
      {"anna\u3000b", forbidden_character},  // ideographic space
      {"anna\n", forbidden_character},
      {"an\0na"sv, forbidden_character},
      {"anna\x7F", forbidden_character},
      {"an\u200Bna", forbidden_character},  // zero width space
      {"an\u200Dna", forbidden_character},  // zero width joiner
      {"an\u00ADna", forbidden_character},  // soft hyphen
      {"an\u2060na", forbidden_character},  // word joiner
      {"an\uFEFFna", forbidden_character},
      {"an\u034Fna", forbidden_character},      // combining grapheme joiner
      {"an\uFE0Fna", forbidden_character},      // variation selector
      {"an\u115Fna", forbidden_character},      // Hangul filler
      {"an\u3164na", forbidden_character},      // Hangul filler that folds into another
      {"an\u202Ena", forbidden_character},      // right-to-left override
      {"an\u2066na", forbidden_character},      // isolate
      {"an\u200Fna", forbidden_character},      // right-to-left mark
      {"an\u2028na", forbidden_character},      // line separator
      {"an\uE000na", forbidden_character},      // private use
      {"an\uFFFFna", forbidden_character},      // noncharacter
      {"an\u0378na", forbidden_character},      // unassigned
      {"an\U000E0041na", forbidden_character},  // tag character
      {"\u0301anna", forbidden_character},      // begins with a mark
      {"anna♥", forbidden_character},
      {"anna😀", forbidden_character},
      {"anna·b", forbidden_character},  // middle dot
      {"aـna", forbidden_character},    // tatweel
      {"\uFDFA", forbidden_character},  // folds to words with spaces between
      {"ا١۱", forbidden_character},     // Arabic-Indic and extended digits together
      {"ㄱ", forbidden_character},      // a lone letter of Hangul folds to a conjoining one
      {"annaא", mixed_direction},
      {"١٢٣", mixed_direction},  // digits that have no direction to begin with
      {"אanna", mixed_direction},
      {"אב1ا١", mixed_direction},  // European and Arabic digits
      {"אב-", mixed_direction},    // ends in what has no direction
      {"\xC0\xAF", not_utf8},      // overlong
      {"\xE0\x80\xAF", not_utf8},
      {"\xED\xA0\x80", not_utf8},      // surrogate
      {"\xF4\x90\x80\x80", not_utf8},  // above U+10FFFF
      {"anna\xFF", not_utf8},
      {"anna\xC3", not_utf8},  // cut off
      {"\x80", not_utf8},
  };
  for (const auto& row : rows) {
    const auto prepared = prepare_username(row.typed);
    ASSERT_FALSE(prepared) << testing::PrintToString(row.typed);
    EXPECT_EQ(prepared.error(), row.problem) << testing::PrintToString(row.typed) << ": " << reason(prepared.error());
  }
}

TEST(Username, has_at_most_128_bytes_before_and_after) {
  EXPECT_TRUE(prepare_username(std::string(128, 'a')));
  EXPECT_EQ(prepare_username(std::string(129, 'a')).error(), too_long);
  std::string grows;  // each of these 2 bytes folds to 3
  for (int i = 0; i < 60; ++i) grows += "\u0390";
  ASSERT_LE(grows.size(), 128U);
  EXPECT_TRUE(prepare_username(grows));  // the folded form composes again
  std::string longer;
  for (int i = 0; i < 42; ++i) longer += "㌀";  // 3 bytes that fold to 12
  EXPECT_EQ(prepare_username(longer).error(), too_long);
}

TEST(Username, prepared_twice_is_the_same) {
  for (int point = 0x21; point < 0x20000; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    std::string text = "a";
    if (point < 0x80) {
      text += static_cast<char>(point);
    } else if (point < 0x800) {
      text += static_cast<char>(0xC0 | (point >> 6));
      text += static_cast<char>(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
      text += static_cast<char>(0xE0 | (point >> 12));
      text += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
      text += static_cast<char>(0x80 | (point & 0x3F));
    } else {
      text += static_cast<char>(0xF0 | (point >> 18));
      text += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
      text += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
      text += static_cast<char>(0x80 | (point & 0x3F));
    }
    const auto once = prepare_username(text);
    if (!once) continue;
    const auto twice = prepare_username(*once);
    ASSERT_TRUE(twice) << std::hex << point;
    ASSERT_EQ(*twice, *once) << std::hex << point;
  }
}

TEST(Username, every_problem_has_a_sentence) {
  for (auto problem : {empty, too_long, not_utf8, forbidden_character, mixed_direction}) {
    EXPECT_TRUE(reason(problem).ends_with(".")) << static_cast<int>(problem);
  }
}

}  // namespace
}  // namespace signet::server

#include "server/accounts/password.hpp"

#include <gtest/gtest.h>

#include <string>

namespace signet::server {
namespace {

using namespace std::string_view_literals;

std::expected<void, PasswordProblem> chosen(std::string_view password, std::string_view username = "anna.berg",
                                            const PasswordPolicy& policy = {}) {
  auto prepared = prepare_password(password);
  if (!prepared) return std::unexpected(prepared.error());
  return check_strength(*prepared, username, policy);
}

TEST(Password, is_prepared_as_an_opaque_string) {
  struct Row {
    std::string_view typed, prepared;
  };
  const Row rows[] = {
      {"correct horse", "correct horse"},
      {"Correct Horse", "Correct Horse"},      // case stays
      {"  two  spaces  ", "  two  spaces  "},  // as they are, also at the ends
      {"a\u00A0b\u3000c\u2003d", "a b c d"},   // spaces of other scripts
      {"a\u030Angstrom", "ångstrom"},          // NFC
      {"Å", "Å"},                              // ANGSTROM SIGN is the letter, canonically
      {"ﬁsh", "ﬁsh"},                          // no compatibility folding
      {"x²", "x²"},
      {"Ｆ", "Ｆ"},
      {"пароль 😀", "пароль 😀"},
      {"אanna", "אanna"},  // no rule of direction
  };
  for (const auto& row : rows) {
    const auto prepared = prepare_password(row.typed);
    ASSERT_TRUE(prepared) << row.typed << ": " << prepared.error().reason;
    EXPECT_EQ(prepared->reveal_text(), row.prepared) << row.typed;
  }
}

TEST(Password, refuses_what_no_keyboard_types_the_same_twice) {
  struct Row {
    std::string_view typed;
    PasswordFault fault;
  };
  using enum PasswordFault;
  const Row rows[] = {
      {"", too_short},
      {"correct\0horse battery"sv, forbidden_character},
      {"tab\tbed", forbidden_character},
      {"line\n", forbidden_character},
      {"\x7F", forbidden_character},
      {"c1 \u0085", forbidden_character},
      {"zero\u200Bwidth", forbidden_character},
      {"soft\u00ADhyphen", forbidden_character},
      {"\u202Eoverride", forbidden_character},
      {"\u2028", forbidden_character},
      {"\uE000", forbidden_character},
      {"\u0378", forbidden_character},
      {"\xC0\xAF", not_utf8},
      {"\xED\xA0\x80", not_utf8},
      {"pass\xFF", not_utf8},
      {"\xF4\x90\x80\x80", not_utf8},
  };
  for (const auto& row : rows) {
    const auto prepared = prepare_password(row.typed);
    ASSERT_FALSE(prepared) << testing::PrintToString(row.typed);
    EXPECT_EQ(prepared.error().fault, row.fault) << testing::PrintToString(row.typed);
    EXPECT_GT(prepared.error().reason.size(), 10U);
  }
}

TEST(Password, has_at_most_1024_bytes_before_and_after) {
  EXPECT_TRUE(prepare_password(std::string(1024, 'x')));
  EXPECT_EQ(prepare_password(std::string(1025, 'x')).error().fault, PasswordFault::too_long);
  std::string grows;  // U+0958 decomposes for good, 3 bytes to 6
  for (int i = 0; i < 200; ++i) grows += "\u0958";
  EXPECT_EQ(prepare_password(grows).error().fault, PasswordFault::too_long);
}

TEST(Password, length_is_counted_in_characters_not_bytes) {
  EXPECT_EQ(chosen("ж7Щю№ъэ").error().fault, PasswordFault::too_short);
  EXPECT_TRUE(chosen("ж7Щю№ъэ!"));
  EXPECT_EQ(chosen("xk7#pQ2").error().fault, PasswordFault::too_short);
  EXPECT_TRUE(chosen("xk7#pQ2m"));
  EXPECT_EQ(chosen("xk7#pQ2mW9", "anna", {.minimum_length = 12}).error().fault, PasswordFault::too_short);
}

TEST(Password, that_is_guessed_first_is_refused_with_a_reason) {
  const std::string_view weak[] = {
      "password",          "password123",  "P@ssw0rd!",
      "12345678",          "qwertyuiop",   "iloveyou1",
      "letmein!!",         "aaaaaaaaaaaa", "abcdefgh",
      "1989-12-03",        "anna.berg",    "Anna.Berg1",
      "annaberg2024",      "berg.anna",    "b3rg1234",
      "signet2024",        "Signet!1",     "яяяяяяяяяяяя",
      "ANNA.BERG!!",       "asdfghjkl;'",  "11111111111111111111",
      "password password", "trustno1",     "monkey123456",
  };
  for (const auto password : weak) {
    const auto outcome = chosen(password);
    ASSERT_FALSE(outcome) << password;
    EXPECT_EQ(outcome.error().fault, PasswordFault::guessable) << password;
    EXPECT_GT(outcome.error().reason.size(), 40U) << password;
    if (password != "password") {
      EXPECT_EQ(outcome.error().reason.find(password), std::string::npos) << "the reason must not repeat the password";
    }
  }
}

TEST(Password, the_reason_names_what_makes_it_weak) {
  struct Row {
    std::string_view password, word;
  };
  const Row rows[] = {
      {"anna.berg1", "username"}, {"signet99", "service"}, {"password1", "words"},   {"aaaaaaaaaaaa", "Repeated"},
      {"abcdefgh", "Sequences"},  {"1989-12-03", "Dates"}, {"dfghjkl;", "keyboard"},
  };
  for (const auto& row : rows) {
    const auto outcome = chosen(row.password);
    ASSERT_FALSE(outcome) << row.password;
    EXPECT_NE(outcome.error().reason.find(row.word), std::string::npos)
        << row.password << ": " << outcome.error().reason;
  }
}

TEST(Password, needs_no_mixture_of_character_classes) {
  for (const auto password : {"correct horse battery staple 42", "another good pass phrase 77", "zebra lamp quiet",
                              "kvjwnqzxtbhg", "ёжик прыгает высоко", "我的猫喜欢吃鱼和米饭"}) {
    const auto outcome = chosen(password);
    EXPECT_TRUE(outcome) << password << ": " << outcome.error().reason;
  }
}

TEST(Password, of_the_greatest_length_is_judged_quickly_and_by_its_beginning) {
  EXPECT_FALSE(chosen(std::string(1024, 'a')));
  std::string random;
  unsigned state = 1;
  while (random.size() < 1024) {
    state = state * 1664525U + 1013904223U;
    random += static_cast<char>('a' + (state >> 24) % 26);
  }
  EXPECT_TRUE(chosen(random));
}

TEST(Password, the_operator_decides_how_strong_and_which_words_are_guessed) {
  EXPECT_FALSE(chosen("zanzibar77", "anna", {.minimum_score = 4}));
  EXPECT_TRUE(chosen("password", "anna", {.minimum_score = 0}));
  EXPECT_TRUE(chosen("grommetwidgets"));
  EXPECT_FALSE(chosen("GrommetWidgets", "anna", {.blocked_words = {"grommetwidgets"}}));
}

}  // namespace
}  // namespace signet::server

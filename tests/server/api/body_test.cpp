#include "server/api/body.hpp"

#include <gtest/gtest.h>

namespace signet::server::api {
namespace {

TEST(Form, decodes_percent_and_plus) {
  auto form = parse_pairs("a=1+2&b%20c=%c3%a9&empty=&bare&&d=x=y");
  ASSERT_TRUE(form.has_value());
  EXPECT_EQ(form->find("a"), "1 2");
  EXPECT_EQ(form->find("b c"), "\xc3\xa9");
  EXPECT_EQ(form->find("empty"), "");
  EXPECT_EQ(form->find("bare"), "");
  EXPECT_EQ(form->find("d"), "x=y");
  EXPECT_EQ(form->find("nothing"), std::nullopt);
}

TEST(Form, refuses_half_an_escape_and_a_name_twice) {
  for (const char* bad : {"a=%", "a=%4", "a=%4g", "%zz=1", "a=1&a=1", "a=1&%61=2"})
    EXPECT_FALSE(parse_pairs(bad).has_value()) << bad;
}

TEST(Form, has_a_bound_on_its_pairs) {
  std::string many;
  for (int i = 0; i < 65; ++i) many += "n" + std::to_string(i) + "=1&";
  EXPECT_FALSE(parse_pairs(many).has_value());
  EXPECT_TRUE(parse_pairs(many.substr(0, many.rfind('n'))).has_value());
}

TEST(Form, may_be_empty) { EXPECT_TRUE(parse_pairs("").has_value()); }

}  // namespace
}  // namespace signet::server::api

#include "signet/json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "src/jose/json_check.hpp"

namespace signet::json {
namespace {

using namespace std::string_literals;

struct Text {
  const char* why;
  std::string text;
};

// In the manner of JSONTestSuite: what RFC 8259 allows, and no more.
const Text accepted[] = {
    {"empty object", "{}"},
    {"empty array", "[]"},
    {"null", "null"},
    {"true", "true"},
    {"false", "false"},
    {"a lone number", "42"},
    {"a lone string", "\"text\""},
    {"an empty string", "\"\""},
    {"an empty name", R"({"":0})"},
    {"space around everything", " \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } } \t\r\n"},
    {"no space", R"({"a":[1,2],"b":{}})"},
    {"arrays in arrays", "[[],[[]],[[],[]]]"},
    {"zero", "[0]"},
    {"minus zero", "[-0]"},
    {"minus zero with fraction", "[-0.0]"},
    {"negative", "[-123]"},
    {"fraction", "[123.456789]"},
    {"exponent", "[1e5]"},
    {"capital exponent", "[1E5]"},
    {"positive exponent", "[1e+5]"},
    {"negative exponent", "[1e-5]"},
    {"exponent of zero", "[0e1]"},
    {"exponent with leading zeros", "[1e0005]"},
    {"the largest double", "[1.7976931348623157e308]"},
    {"the smallest normal double", "[2.2250738585072014e-308]"},
    {"a large integer", "[123456789012345678901234567890]"},
    {"300 digits", "[" + std::string(300, '9') + "]"},
    {"a long fraction", "[0." + std::string(400, '3') + "]"},
    {"simple escapes", R"(["\"\\\/\b\f\n\r\t"])"},
    {"a unicode escape", R"(["\u00e9"])"},
    {"hexadecimal in capitals", R"(["\uABCD"])"},
    {"an escaped NUL", R"(["\u0000"])"},
    {"an escaped noncharacter", R"(["\uFFFF"])"},
    {"a surrogate pair", R"(["\uD83D\uDE00"])"},
    {"the first pair", R"(["\uD800\uDC00"])"},
    {"the last pair", R"(["\uDBFF\uDFFF"])"},
    {"two-byte UTF-8", "[\"\xC3\xA9\"]"},
    {"the first two-byte character", "[\"\xC2\x80\"]"},
    {"the first three-byte character", "[\"\xE0\xA0\x80\"]"},
    {"the last before the surrogates", "[\"\xED\x9F\xBF\"]"},
    {"the first after the surrogates", "[\"\xEE\x80\x80\"]"},
    {"the first four-byte character", "[\"\xF0\x90\x80\x80\"]"},
    {"the last character", "[\"\xF4\x8F\xBF\xBF\"]"},
    {"line separators", "[\"\xE2\x80\xA8\xE2\x80\xA9\"]"},
    {"a byte order mark inside a string", "[\"\xEF\xBB\xBF\"]"},
    {"DEL", "[\"\x7F\"]"},
    {"brackets in strings", R"(["]","}","{",",",":"])"},
    {"the same name in different objects", R"({"a":{"a":{"a":1}},"b":{"a":2}})"},
    {"names that differ in case", R"({"iss":1,"ISS":2,"Iss":3})"},
    {"names that look alike", "{\"iss\":1,\"i\xC5\xBFs\":2}"},
    {"names that share their beginning", R"({"abcdefgh":1,"abcdefghi":2,"abcdefg":3,"abcdefghj":4})"},
    {"precomposed and decomposed", "{\"\xC3\xA9\":1,\"e\xCC\x81\":2}"},
    {"sixteen deep", std::string(16, '[') + std::string(16, ']')},
};

const Text refused[] = {
    {"nothing", ""},
    {"only space", " \n\t"},
    {"a NUL", "\0"s},
    {"a NUL after the end", "{}\0"s},
    {"case 47: bytes after the object", "{}x"},
    {"case 47: two values", "{}{}"},
    {"case 47: a comma after the end", "{},"},
    {"case 47: a closing brace too many", "{}}"},
    {"case 47: a comment after the end", "{}//x"},
    {"case 46: a byte order mark", "\xEF\xBB\xBF{}"},
    {"case 46: UTF-16, little endian", "\xFF\xFE{\0}\0"s},
    {"case 46: UTF-16 without a mark", "{\0}\0"s},
    {"case 46: UTF-16, big endian", "\xFE\xFF\0{\0}"s},
    {"case 46: a byte that is never UTF-8", "[\"\xFF\"]"},
    {"case 46: a lone continuation", "[\"\x80\"]"},
    {"case 46: Latin-1", "[\"\xE9\"]"},
    {"case 46: an overlong slash, two bytes", "[\"\xC0\xAF\"]"},
    {"case 46: an overlong NUL", "[\"\xC0\x80\"]"},
    {"case 46: overlong, C1", "[\"\xC1\xBF\"]"},
    {"case 46: an overlong slash, three bytes", "[\"\xE0\x80\xAF\"]"},
    {"case 46: the last overlong in three bytes", "[\"\xE0\x9F\xBF\"]"},
    {"case 46: an overlong slash, four bytes", "[\"\xF0\x80\x80\xAF\"]"},
    {"case 46: the last overlong in four bytes", "[\"\xF0\x8F\xBF\xBF\"]"},
    {"case 46: an encoded high surrogate", "[\"\xED\xA0\x80\"]"},
    {"case 46: an encoded low surrogate", "[\"\xED\xBF\xBF\"]"},
    {"case 46: CESU-8", "[\"\xED\xA0\xBD\xED\xB8\x80\"]"},
    {"case 46: past U+10FFFF", "[\"\xF4\x90\x80\x80\"]"},
    {"case 46: five bytes", "[\"\xF8\x88\x80\x80\x80\"]"},
    {"case 46: two bytes cut short by the quote", "[\"\xC3\"]"},
    {"case 46: three bytes cut short", "[\"\xE2\x82\"]"},
    {"case 46: four bytes cut short", "[\"\xF0\x9F\x98\"]"},
    {"case 46: cut short by the end", "[\"\xF0\x9F"},
    {"case 46: invalid UTF-8 in a name", "{\"\xE9\":1}"},
    {"case 46: invalid UTF-8 outside a string", "[\xE9]"},
    {"case 46: no-break space as space", "[\xC2\xA0]"},
    {"case 30: a name twice", R"({"a":1,"a":2})"},
    {"case 30: a name twice with the same value", R"({"a":1,"a":1})"},
    {"case 30: not next to each other", R"({"a":1,"b":2,"c":3,"a":4})"},
    {"case 30: twice one level down", R"({"x":{"a":1,"a":2}})"},
    {"case 30: twice in an array", R"([{},{"a":1,"a":2}])"},
    {"case 30: twice after a nested object", R"({"a":{"b":1,"c":2},"a":3})"},
    {"case 30: twice around arrays", R"({"a":[{"b":1}],"b":[{"a":1}],"a":0})"},
    {"case 30: an escape for a letter", R"({"iss":1,"\u0069ss":2})"},
    {"case 30: the escape first", R"({"\u0069ss":1,"iss":2})"},
    {"case 30: two different escapes", R"({"\u0069ss":1,"i\u0073s":2})"},
    {"case 30: escapes of either case", R"({"\u004a":1,"\u004A":2})"},
    {"case 30: an escaped slash", R"({"a/b":1,"a\/b":2})"},
    {"case 30: a line end by two escapes", R"({"\n":1,"\u000a":2})"},
    {"case 30: UTF-8 and its escape", "{\"\xC3\xA9\":1,\"\\u00e9\":2}"},
    {"case 30: an emoji and its pair", "{\"\xF0\x9F\x98\x80\":1,\"\\ud83d\\ude00\":2}"},
    {"case 30: the empty name", R"({"":1,"":2})"},
    {"case 30: long names", R"({"a_name_of_many_letters":1,"b":0,"a_name_of_many_letters":2})"},
    {"case 30: long names, one escaped", R"({"a_name_of_many_letters":1,"a_name_of_many_letter\u0073":2})"},
    {"case 55: exp twice", R"({"exp":1,"sub":"x","exp":9999999999})"},
    {"case 55: bytes after the claims", R"({"exp":1}x)"},
    {"case 33: too large for a double", "[1e400]"},
    {"case 33: too large, negative", "[-1e400]"},
    {"case 33: just too large", "[1.8e308]"},
    {"case 33: too many digits", "[" + std::string(400, '9') + "]"},
    {"case 33: a huge exponent", "[1e99999999999999999999]"},
    {"case 33: a small fraction with a huge exponent", "[0.0001e99999999999]"},
    {"case 33: NaN", "[NaN]"},
    {"case 33: nan", "[nan]"},
    {"case 33: Infinity", "[Infinity]"},
    {"case 33: -Infinity", "[-Infinity]"},
    {"case 33: inf", "[inf]"},
    {"a leading zero", "[01]"},
    {"minus and a leading zero", "[-01]"},
    {"two zeros", "[00]"},
    {"a plus", "[+1]"},
    {"a minus alone", "[-]"},
    {"a minus at the end of the text", "-"},
    {"two minus signs", "[--1]"},
    {"no digit before the point", "[.5]"},
    {"no digit before the point, negative", "[-.5]"},
    {"no digit after the point", "[1.]"},
    {"an exponent after a bare point", "[1.e1]"},
    {"no exponent after e", "[1e]"},
    {"no exponent after e+", "[1e+]"},
    {"a fraction in the exponent", "[1e1.5]"},
    {"two points", "[1.2.3]"},
    {"two exponents", "[1e2e3]"},
    {"hexadecimal", "[0x1F]"},
    {"a digit separator", "[1_000]"},
    {"a letter after a number", "[1a]"},
    {"full-width digits", "[\xEF\xBC\x91]"},
    {"a number cut short", "[1e"},
    {"True", "[True]"},
    {"TRUE", "[TRUE]"},
    {"a word cut short", "[tru]"},
    {"a word cut short by the end", "nul"},
    {"a word too long", "[nulll]"},
    {"undefined", "[undefined]"},
    {"a bare word", "[a]"},
    {"single quotes", "['a']"},
    {"a name without quotes", "{a:1}"},
    {"a number as a name", "{1:1}"},
    {"null as a name", "{null:1}"},
    {"no value", R"({"a":})"},
    {"no colon", R"({"a" 1})"},
    {"two colons", R"({"a"::1})"},
    {"a comma for a colon", R"({"a",1})"},
    {"a name alone", R"({"a"})"},
    {"a comma after the last member", R"({"a":1,})"},
    {"two commas between members", R"({"a":1,,"b":2})"},
    {"a comma before the first member", R"({,"a":1})"},
    {"a comma alone in an object", "{,}"},
    {"no comma between members", R"({"a":1 "b":2})"},
    {"a comma after the last element", "[1,]"},
    {"two commas between elements", "[1,,2]"},
    {"a comma before the first element", "[,1]"},
    {"no comma between elements", "[1 2]"},
    {"a colon in an array", "[1:2]"},
    {"an array closed as an object", "[1}"},
    {"an object closed as an array", R"({"a":1])"},
    {"an array that does not end", "[1"},
    {"an array that does not end after a comma", "[1,"},
    {"an object that does not end", R"({"a":1)"},
    {"an object that does not end after its brace", "{"},
    {"an object that does not end after a name", R"({"a")"},
    {"an object that does not end after a colon", R"({"a":)"},
    {"a closing bracket alone", "]"},
    {"a string that does not end", R"(["a)"},
    {"a quote alone", "\""},
    {"a string that ends in a backslash", R"(["a\)"},
    {"an escaped closing quote", R"(["\"])"},
    {"an unknown escape", R"(["\a"])"},
    {"a hexadecimal escape", R"(["\x41"])"},
    {"a capital U", R"(["\U0041"])"},
    {"an octal escape", R"(["\0"])"},
    {"an escaped line end", "[\"\\\n\"]"},
    {"an escaped emoji", "[\"\\\xF0\x9F\x98\x80\"]"},
    {"three hexadecimal digits", R"(["\u123"])"},
    {"no hexadecimal digits", R"(["\u"])"},
    {"a letter among the digits", R"(["\u00G0"])"},
    {"a sign among the digits", R"(["\u+123"])"},
    {"an escape cut short by the end", R"(["\u00)"},
    {"a lone high surrogate", R"(["\uD800"])"},
    {"a lone low surrogate", R"(["\uDC00"])"},
    {"a high surrogate and a letter", R"(["\uD800a"])"},
    {"a high surrogate and another escape", R"(["\uD800\n"])"},
    {"a high surrogate and a plain character", R"(["\uD800\u0041"])"},
    {"two high surrogates", R"(["\uD800\uD800"])"},
    {"a pair the wrong way round", R"(["\uDC00\uD800"])"},
    {"a pair and a lone one", R"(["\uD83D\uDE00\uD83D"])"},
    {"a lone surrogate in a name", R"({"\uD800":1})"},
    {"a high surrogate cut short by the end", R"(["\uD800\uDC0)"},
    {"a line end in a string", "[\"a\nb\"]"},
    {"a tab in a string", "[\"a\tb\"]"},
    {"a NUL in a string", "[\"a\0b\"]"s},
    {"the last control character in a string", "[\"\x1F\"]"},
    {"a control character in a name", "{\"\x01\":1}"},
    {"a form feed as space", "[\f1]"},
    {"a vertical tab as space", "[\v1]"},
    {"a line comment", "[1]//"},
    {"a block comment", "[/**/1]"},
    {"a hash comment", "[1]#x"},
    {"case 29: seventeen arrays", std::string(17, '[') + std::string(17, ']')},
    {"case 29: a hundred thousand arrays, none closed", std::string(100000, '[')},
    {"case 29: seventeen objects",
     [] {
       std::string text = "0";
       for (int i = 0; i < 17; ++i) text = "{\"a\":" + text + "}";
       return text;
     }()},
};

TEST(Json, accepts_what_rfc_8259_allows) {
  for (const auto& [why, text] : accepted) {
    const auto value = parse(text);
    EXPECT_TRUE(value) << why << ": " << value.error().detail();
  }
}

TEST(Json, refuses_everything_else) {
  for (const auto& [why, text] : refused) {
    const auto value = parse(text);
    ASSERT_FALSE(value) << why;
    EXPECT_EQ(value.error().code(), ErrorCode::json_malformed) << why;
    EXPECT_NE(value.error().detail().find("at byte "), std::string::npos) << why;
  }
}

TEST(Json, refuses_every_text_that_is_cut_short) {
  const std::string text = "{\"a\":[1.5e+3,{\"b\\u0041\":\"\xC3\xA9\"},true,null],\"c\":\"\\ud83d\\ude00\"}";
  ASSERT_TRUE(parse(text));
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(parse(text.substr(0, size))) << size;
}

// Odd lengths and places, so that no stretch of a string goes past the check.
TEST(Json, looks_at_every_byte_of_a_string) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      std::string inside(size, 'x');
      for (const char bad : {'\0', '\x1F', '\n', '\xFF', '\x80'}) {
        inside[place] = bad;
        EXPECT_FALSE(parse("\"" + inside + "\"")) << size << ' ' << place << ' ' << static_cast<int>(bad);
      }
      inside[place] = '"';
      EXPECT_FALSE(parse("\"" + inside + "\""));
    }
  }
}

TEST(Json, names_the_byte_where_the_text_goes_wrong) {
  EXPECT_NE(parse("[1, x]").error().detail().find("at byte 4"), std::string::npos);
  EXPECT_NE(parse("{}x").error().detail().find("at byte 2"), std::string::npos);
}

TEST(Json, gives_the_value_without_the_space_around_it) {
  const std::string text = " \n[1] ";
  EXPECT_EQ(parse(text)->text(), "[1]");
  EXPECT_EQ(parse(" 12 ")->text(), "12");
}

TEST(Json, finds_a_name_used_twice_among_many_case_30) {
  // Past what is kept without allocation.
  std::string members;
  for (int i = 0; i < 200; ++i) members += "\"member" + std::to_string(i) + "\":{\"x\":" + std::to_string(i) + "},";
  EXPECT_TRUE(parse("{" + members + "\"last\":0}"));
  for (const int i : {0, 1, 20, 47, 48, 49, 100, 199}) {
    EXPECT_FALSE(parse("{" + members + "\"member" + std::to_string(i) + "\":0}")) << i;
  }
  EXPECT_FALSE(parse("{" + members + "\"\\u006dember7\":0}"));
  EXPECT_FALSE(parse("{" + members + "\"z\":{" + members + "\"member3\":1}}"));
}

TEST(Json, counts_members_and_elements_together) {
  Limits limits;
  limits.json_members = 4;
  EXPECT_TRUE(parse("[1,2,3,4]", limits));
  EXPECT_FALSE(parse("[1,2,3,4,5]", limits));
  EXPECT_TRUE(parse(R"({"a":[1,2],"b":0})", limits));
  EXPECT_FALSE(parse(R"({"a":[1,2],"b":0,"c":0})", limits));
  limits.json_members = 0;
  EXPECT_TRUE(parse("[]", limits));
  EXPECT_FALSE(parse("[1]", limits));
}

TEST(Json, depth_is_what_the_limits_say_case_29) {
  Limits limits;
  limits.json_depth = 1;
  EXPECT_TRUE(parse("[1]", limits));
  EXPECT_FALSE(parse("[[1]]", limits));
  EXPECT_FALSE(parse(R"({"a":{}})", limits));
  limits.json_depth = 0;
  EXPECT_TRUE(parse("1", limits));
  EXPECT_FALSE(parse("[]", limits));
}

TEST(JsonView, gives_each_kind_and_no_other) {
  const auto object = *parse(R"({"n":null,"b":true,"f":false,"i":-7,"d":1.5,"s":"text","a":[1],"o":{}})");
  const auto at = [&](std::string_view name) { return *object.find(name); };
  EXPECT_EQ(object.kind(), Kind::object);
  EXPECT_EQ(at("n").kind(), Kind::null);
  EXPECT_EQ(at("b").boolean(), true);
  EXPECT_EQ(at("f").boolean(), false);
  EXPECT_EQ(at("i").integer(), -7);
  EXPECT_EQ(at("i").number(), -7.0);
  EXPECT_EQ(at("d").number(), 1.5);
  EXPECT_EQ(at("s").string(), "text");
  EXPECT_EQ(at("a").kind(), Kind::array);
  EXPECT_EQ(at("o").kind(), Kind::object);

  for (const auto name : {"n", "i", "d", "s", "a", "o"}) EXPECT_FALSE(at(name).boolean()) << name;
  for (const auto name : {"n", "b", "s", "a", "o"}) EXPECT_FALSE(at(name).number()) << name;
  for (const auto name : {"n", "b", "d", "s", "a", "o"}) EXPECT_FALSE(at(name).integer()) << name;
  for (const auto name : {"n", "b", "i", "a", "o"}) EXPECT_FALSE(at(name).string()) << name;
  for (const auto name : {"n", "b", "i", "a", "o"}) EXPECT_FALSE(at(name).plain_string()) << name;
  for (const auto name : {"n", "b", "i", "s", "a", "o"}) EXPECT_FALSE(at(name).strings()) << name;
  EXPECT_FALSE(at("s").find("text"));
  EXPECT_FALSE(at("a").find("1"));
  EXPECT_EQ(at("a").members().begin(), std::default_sentinel);
  EXPECT_EQ(at("o").elements().begin(), std::default_sentinel);
}

TEST(JsonView, integers_are_whole_and_fit_64_bits) {
  EXPECT_EQ(parse("9223372036854775807")->integer(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse("-9223372036854775808")->integer(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse("-0")->integer(), 0);
  for (const auto text : {"9223372036854775808", "-9223372036854775809", "1.0", "1e3", "1E0", "18446744073709551617"}) {
    EXPECT_FALSE(parse(text)->integer()) << text;
    EXPECT_TRUE(parse(text)->number()) << text;
  }
}

TEST(JsonView, numbers_are_the_nearest_double) {
  EXPECT_EQ(parse("0.1")->number(), 0.1);
  EXPECT_EQ(parse("1.7976931348623157e308")->number(), std::numeric_limits<double>::max());
  EXPECT_EQ(parse("123456789012345678901234567890")->number(), 123456789012345678901234567890.0);
  EXPECT_TRUE(std::signbit(*parse("-0.0")->number()));
}

TEST(JsonView, strings_come_with_their_escapes_resolved) {
  const auto text = R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00\u0000.")";
  EXPECT_EQ(parse(text)->string(), "\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\0."s);
  EXPECT_FALSE(parse(text)->plain_string());
  EXPECT_EQ(parse("\"\xC3\xA9\"")->plain_string(), "\xC3\xA9");
  EXPECT_EQ(parse("\"\"")->plain_string(), "");
}

TEST(JsonView, a_plain_string_stands_in_the_text_itself) {
  const std::string text = R"({"sub":"user-42"})";
  const auto sub = parse(text)->find("sub")->plain_string();
  ASSERT_TRUE(sub);
  EXPECT_EQ(sub->data(), text.data() + 8);
}

TEST(JsonView, finds_names_by_what_they_mean_byte_for_byte_case_31) {
  const auto object = *parse(R"({"\u0069ss":1,"ISS":2,"a\/b":3,"":4,"x":{"y":5}})");
  EXPECT_EQ(object.find("iss")->integer(), 1);
  EXPECT_EQ(object.find("ISS")->integer(), 2);
  EXPECT_EQ(object.find("a/b")->integer(), 3);
  EXPECT_EQ(object.find("")->integer(), 4);
  EXPECT_EQ(object.find("x")->find("y")->integer(), 5);
  for (const auto name : {"Iss", "is", "isss", "\\u0069ss", "y", "a\\/b", "i\xC5\xBFs"})
    EXPECT_FALSE(object.find(name)) << name;
}

TEST(JsonView, walks_members_and_elements_in_the_order_of_the_text) {
  const auto object = *parse(" { \"b\" : [ 1 , [ 2 , \"]\" ] , { \"}\" : \"\\\"\" } ] , \"a\\n\" : { } , \"c\":3 } ");
  std::string walked;
  for (const Member& member : object.members()) walked += member.name + "=" + std::string{member.value.text()} + ";";
  EXPECT_EQ(walked, "b=[ 1 , [ 2 , \"]\" ] , { \"}\" : \"\\\"\" } ];a\n={ };c=3;");

  walked.clear();
  for (const View element : object.find("b")->elements()) walked += std::string{element.text()} + ";";
  EXPECT_EQ(walked, "1;[ 2 , \"]\" ];{ \"}\" : \"\\\"\" };");
}

TEST(JsonView, walks_names_without_copying) {
  const auto object = *parse(R"({"plain":1,"esc\u0061ped":2})");
  auto at = object.members().begin();
  EXPECT_EQ(at.raw_name(), "plain");
  EXPECT_EQ(at.value().integer(), 1);
  ++at;
  EXPECT_EQ(at.raw_name(), R"(esc\u0061ped)");
  EXPECT_EQ((*at).name, "escaped");
  ++at;
  EXPECT_EQ(at, std::default_sentinel);
}

TEST(JsonView, an_array_of_strings_is_all_strings) {
  EXPECT_EQ(parse(R"(["a","b\n"])")->strings(), (std::vector<std::string>{"a", "b\n"}));
  EXPECT_EQ(parse("[]")->strings(), std::vector<std::string>{});
  EXPECT_FALSE(parse(R"(["a",1])")->strings());
  EXPECT_FALSE(parse(R"(["a",null])")->strings());
  EXPECT_FALSE(parse(R"("a")")->strings());
}

TEST(JsonWriting, objects_and_arrays_are_what_was_set) {
  Array numbers;
  numbers.add("a").add_raw("2").add(Object{}.set("x", 1));
  const auto text = Object{}
                        .set("text", "a\"b")
                        .set("yes", true)
                        .set("no", false)
                        .set("small", std::int64_t{-9223372036854775807 - 1})
                        .set("big", std::uint64_t{18446744073709551615U})
                        .set("half", 0.5)
                        .set("list", std::vector<std::string>{"x", "y"})
                        .set("inner", Object{})
                        .set("array", numbers)
                        .set_null("nothing")
                        .set_raw("raw", "[1]")
                        .text();
  EXPECT_EQ(text, R"({"text":"a\"b","yes":true,"no":false,"small":-9223372036854775808,"big":18446744073709551615,)"
                  R"("half":0.5,"list":["x","y"],"inner":{},"array":["a",2,{"x":1}],"nothing":null,"raw":[1]})");
  EXPECT_TRUE(parse(text));
  EXPECT_EQ(Object{}.text(), "{}");
  EXPECT_EQ(Array{}.text(), "[]");
}

TEST(JsonWriting, doubles_come_back_as_they_were) {
  for (const double number :
       {0.0, -0.0, 0.1, 1e300, -1.5e-300, 1700000000.25, 5e22, std::numeric_limits<double>::max()}) {
    const auto text = Object{}.set("n", number).text();
    const auto parsed = parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->find("n")->number(), number) << text;
  }
}

TEST(JsonWriting, strings_come_back_as_they_were) {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  all += "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
  std::string out;
  append_string(out, all);
  ASSERT_TRUE(parse(out)) << out;
  EXPECT_EQ(parse(out)->string(), all);
}

TEST(JsonNames, are_the_same_only_byte_by_byte) {
  const auto same = [](const std::string& a, const std::string& b) {
    return is_same_name(a, name_key(a), b, name_key(b));
  };
  const std::string name = "abcdabcdabcdabcdabcd";
  for (std::size_t size = 0; size <= name.size(); ++size) {
    const auto one = name.substr(0, size);
    EXPECT_TRUE(same(one, name.substr(0, size))) << size;
    for (std::size_t other = 0; other <= name.size(); ++other) {
      EXPECT_EQ(same(one, name.substr(0, other)), size == other) << size << ' ' << other;
    }
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        auto changed = one;
        changed[at] = static_cast<char>(byte);
        EXPECT_EQ(same(one, changed), changed == one) << size << ' ' << at << ' ' << byte;
      }
    }
  }
  EXPECT_FALSE(same("is", "iss"));
  EXPECT_FALSE(same("abcd", "abcdabcd"));
}

TEST(JsonWriting, bytes_that_are_not_utf_8_are_replaced_case_46) {
  std::string out;
  append_string(out,
                "a\xFF"
                "b\xC3");
  EXPECT_EQ(out,
            "\"a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\"");
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      out.clear();
      append_string(out, std::string{static_cast<char>(first), static_cast<char>(second)});
      ASSERT_TRUE(parse(out)) << first << ' ' << second;
    }
  }
}

}  // namespace
}  // namespace signet::json

// What must be refused, and that the connection ends with it: no byte after a request that cannot be framed for sure is
// ever taken for another request.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/http/harness.hpp"

namespace signet::server::http {
namespace {

using namespace std::string_literals;
using test::Harness;

struct Malformed {
  const char* name;
  std::string request;
  int status;
};

const std::string smuggled = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string post = "POST /echo HTTP/1.1\r\nHost: x\r\n";
const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";

const std::vector<Malformed> cases{
    // Two lengths (RFC 9112 section 6.3)
    {"length_and_chunked", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"chunked_and_length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
    {"lengths_differ", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400},
    {"length_repeated", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
    {"length_list", post + "Content-Length: 5, 5\r\n\r\nhello", 400},
    {"length_list_differs", post + "Content-Length: 5, 6\r\n\r\nhello", 400},
    {"length_plus", post + "Content-Length: +5\r\n\r\nhello", 400},
    {"length_minus", post + "Content-Length: -5\r\n\r\nhello", 400},
    {"length_inner_space", post + "Content-Length: 1 1\r\n\r\nhello", 400},
    {"length_hex", post + "Content-Length: 0x5\r\n\r\nhello", 400},
    {"length_empty", post + "Content-Length:\r\n\r\nhello", 400},
    {"length_words", post + "Content-Length: five\r\n\r\nhello", 400},
    {"length_fraction", post + "Content-Length: 5.0\r\n\r\nhello", 400},
    {"length_overflows_64_bits", post + "Content-Length: 18446744073709551621\r\n\r\nhello", 400},
    {"length_too_large", post + "Content-Length: 65537\r\n\r\n", 413},
    // Transfer codings (section 6.1)
    {"coding_identity", post + "Transfer-Encoding: identity\r\n\r\n", 400},
    {"coding_gzip_chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
    {"coding_chunked_gzip", post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400},
    {"coding_chunked_twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400},
    {"coding_repeated", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"coding_repeated_differs", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
     400},
    {"coding_quoted", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400},
    {"coding_misspelt", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400},
    {"coding_parameter", post + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", 400},
    {"coding_vertical_tab",
     post + "Transfer-Encoding: \x0b"
            "chunked\r\n\r\n0\r\n\r\n",
     400},
    {"coding_empty", post + "Transfer-Encoding:\r\n\r\n", 400},
    {"coding_in_http_1_0", "POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    // Lines (sections 2.2, 5.1, 5.2)
    {"space_before_colon", post + "Content-Length : 5\r\n\r\nhello", 400},
    {"tab_before_colon", post + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", 400},
    {"folded_line", post + "X: a\r\n b\r\n\r\n", 400},
    {"folded_coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400},
    {"folded_by_tab", post + "X: a\r\n\tb\r\n\r\n", 400},
    {"space_before_first_field", "GET /hello HTTP/1.1\r\n Host: x\r\n\r\n", 400},
    {"bare_lf_request_line", "GET /hello HTTP/1.1\nHost: x\r\n\r\n", 400},
    {"bare_lf_field", "GET /hello HTTP/1.1\r\nHost: x\nX: y\r\n\r\n", 400},
    {"bare_lf_end", "GET /hello HTTP/1.1\r\nHost: x\r\n\n", 400},
    {"all_bare_lf", "GET /hello HTTP/1.1\nHost: x\n\n", 400},
    {"bare_cr_in_value", "GET /hello HTTP/1.1\r\nHost: x\r\nX: a\rY: b\r\n\r\n", 400},
    {"bare_cr_in_name", "GET /hello HTTP/1.1\r\nHost: x\r\nX\r: a\r\n\r\n", 400},
    {"bare_cr_in_request_line", "GET /hello\rHTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"two_cr_at_line_end", "GET /hello HTTP/1.1\r\nHost: x\r\r\n\r\n", 400},
    {"cr_before_end", "GET /hello HTTP/1.1\r\nHost: x\r\n\r\r\n", 400},
    {"nul_in_value", "GET /hello HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n"s, 400},
    {"nul_in_name", "GET /hello HTTP/1.1\r\nHost: x\r\nX\0Y: b\r\n\r\n"s, 400},
    {"nul_in_target", "GET /hel\0lo HTTP/1.1\r\nHost: x\r\n\r\n"s, 400},
    {"control_in_value",
     "GET /hello HTTP/1.1\r\nHost: x\r\nX: a\x01"
     "b\r\n\r\n",
     400},
    {"delete_in_value",
     "GET /hello HTTP/1.1\r\nHost: x\r\nX: a\x7f"
     "b\r\n\r\n",
     400},
    {"no_colon", "GET /hello HTTP/1.1\r\nHost: x\r\nfield\r\n\r\n", 400},
    {"empty_name", "GET /hello HTTP/1.1\r\nHost: x\r\n: value\r\n\r\n", 400},
    {"space_in_name", "GET /hello HTTP/1.1\r\nHost: x\r\nMy Field: a\r\n\r\n", 400},
    {"bracket_in_name", "GET /hello HTTP/1.1\r\nHost: x\r\nMy(Field): a\r\n\r\n", 400},
    {"non_ascii_name", "GET /hello HTTP/1.1\r\nHost: x\r\nM\xc3\xa9: a\r\n\r\n", 400},
    {"connection_not_a_list", "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: a b\r\n\r\n", 400},
    // Host (section 3.2)
    {"no_host", "GET /hello HTTP/1.1\r\n\r\n", 400},
    {"two_hosts", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400},
    {"two_hosts_http_1_0", "GET /hello HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", 400},
    {"empty_host", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"host_list", "GET /hello HTTP/1.1\r\nHost: x, y\r\n\r\n", 400},
    {"host_with_path", "GET /hello HTTP/1.1\r\nHost: x/y\r\n\r\n", 400},
    {"host_with_user", "GET /hello HTTP/1.1\r\nHost: a@x\r\n\r\n", 400},
    // Request line (section 3)
    {"method_with_bad_character", "GE(T /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"no_method", " /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"two_spaces_before_target", "GET  /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"two_spaces_before_version", "GET /hello  HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"tab_before_target", "GET\t/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"space_after_version", "GET /hello HTTP/1.1 \r\nHost: x\r\n\r\n", 400},
    {"no_version", "GET /hello\r\nHost: x\r\n\r\n", 400},
    {"small_http", "GET /hello http/1.1\r\nHost: x\r\n\r\n", 400},
    {"version_1_11", "GET /hello HTTP/1.11\r\nHost: x\r\n\r\n", 400},
    {"version_without_minor", "GET /hello HTTP/1\r\nHost: x\r\n\r\n", 400},
    {"version_0_9", "GET /hello HTTP/0.9\r\nHost: x\r\n\r\n", 505},
    {"version_1_2", "GET /hello HTTP/1.2\r\nHost: x\r\n\r\n", 505},
    {"version_2", "GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", 505},
    {"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"fragment", "GET /hello#there HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"relative_target", "GET hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"non_ascii_target", "GET /h\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"backslash_target", "GET /a\\b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"absolute_other_host", "GET http://other/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"absolute_other_scheme", "GET gopher://x/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"asterisk_get", "GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"connect", "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", 501},
    {"tls_hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
    {"two_empty_lines_first", "\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"empty_bare_lf_first", "\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"unknown_expectation", post + "Expect: 200-ok\r\nContent-Length: 0\r\n\r\n", 417},
    // Chunks (section 7.1)
    {"chunk_size_empty", chunked + "\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_size_prefix", chunked + "0x5\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_size_plus", chunked + "+5\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_size_minus", chunked + "-5\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_size_space_before", chunked + " 5\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_size_space_after", chunked + "5 \r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_size_not_hex", chunked + "5g\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_size_overflow", chunked + "10000000000000005\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_size_32_bits", chunked + "ffffffff\r\nhello", 413},
    {"chunk_size_bare_lf", chunked + "5\nhello\r\n0\r\n\r\n", 400},
    {"chunk_size_bare_cr", chunked + "5\rhello\r\n0\r\n\r\n", 400},
    {"chunk_extension_bare_lf", chunked + "5;a\nb\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_extension_quoted_lf", chunked + "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_extension_cr", chunked + "5;a\rb\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_extension_nul", chunked + "5;a\0b\r\nhello\r\n0\r\n\r\n"s, 400},
    {"chunk_longer_than_size", chunked + "4\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_shorter_than_size", chunked + "6\r\nhello\r\n0\r\n\r\n", 400},
    {"chunk_data_end_bare_lf", chunked + "5\r\nhello\n0\r\n\r\n", 400},
    {"chunk_last_bare_lf", chunked + "5\r\nhello\r\n0\n\n", 400},
    {"chunk_trailer_no_colon", chunked + "0\r\nGET /hello HTTP/1.1\r\n\r\n", 400},
    {"chunk_trailer_space_before_colon", chunked + "0\r\nA : b\r\n\r\n", 400},
    {"chunk_trailer_folded", chunked + "0\r\nA: b\r\n c\r\n\r\n", 400},
    {"chunk_trailer_bare_lf", chunked + "0\r\nA: b\n\r\n", 400},
};

class Refuses : public testing::TestWithParam<Malformed> {};

TEST_P(Refuses, it_and_closes) {
  static Harness harness;
  auto before = harness.server->counters().malformed_requests;
  auto client = harness.connect();
  client.send(GetParam().request + smuggled);
  auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, GetParam().status) << answer->body;
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_EQ(answer->header("Content-Type"), "application/json");
  EXPECT_THAT(answer->body, testing::StartsWith(R"({"error":")"));
  client.end_sending();
  EXPECT_EQ(client.receive_rest(), "") << "what follows must not be answered";
  EXPECT_EQ(harness.server->counters().malformed_requests, before + (GetParam().status == 501 ? 0 : 1));
}

INSTANTIATE_TEST_SUITE_P(Malformed, Refuses, testing::ValuesIn(cases),
                         [](const auto& test) { return test.param.name; });

// The neighbours of the above that are fine, so that the refusals are for the reason they name.
TEST(Accepts, what_is_only_unusual) {
  Harness harness;
  auto body_of = [&](std::string_view request) {
    auto client = harness.connect();
    auto answer = client.ask(request);
    return answer ? std::to_string(answer->status) + " " + answer->body : "closed";
  };
  EXPECT_EQ(body_of("\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n"), "200 hello");
  EXPECT_EQ(body_of("GET /hello HTTP/1.1\r\nhOST:x\r\n\r\n"), "200 hello");
  EXPECT_EQ(body_of("GET /hello HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), "200 hello");
  EXPECT_EQ(body_of("GET http://x/hello HTTP/1.1\r\nHost: x\r\n\r\n"), "200 hello");
  EXPECT_EQ(body_of("GET /hello HTTP/1.0\r\n\r\n"), "200 hello");
  EXPECT_EQ(body_of("GET /hello HTTP/1.1\r\nHost: x\r\nX: caf\xc3\xa9\r\nY:\r\n\r\n"), "200 hello");
  EXPECT_EQ(body_of("GET /hello HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"), "200 hello");
  EXPECT_EQ(body_of(post + "Content-Length: 005\r\n\r\nhello"), "200 hello");
  EXPECT_EQ(body_of(post + "Content-Length: \t5 \r\n\r\nhello"), "200 hello");
  EXPECT_EQ(body_of(post + "transfer-encoding:CHUNKED\r\n\r\n05;x=\"y;z\"\r\nhello\r\n00\r\nT: u\r\n\r\n"),
            "200 hello");
  EXPECT_EQ(body_of(post + "Content-Length: 0\r\n\r\n"), "200 ");
  EXPECT_EQ(body_of(chunked + "0\r\n\r\n"), "200 ");
  EXPECT_EQ(body_of("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").substr(0, 3), "404");
}

TEST(Answers, errors_with_their_code) {
  Harness harness;
  auto client = harness.connect();
  auto code = [&](std::string_view request) {
    auto answer = client.ask(std::string(request) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    if (!answer) return std::string("closed");
    auto from = answer->body.find(":\"") + 2;
    return std::to_string(answer->status) + " " + answer->body.substr(from, answer->body.find('"', from) - from);
  };
  EXPECT_EQ(code("GET /nowhere"), "404 not_found");
  EXPECT_EQ(code("GET /hello/"), "404 not_found");
  EXPECT_EQ(code("GET //hello"), "404 not_found");
  EXPECT_EQ(code("GET /items/../hello"), "404 not_found");
  EXPECT_EQ(code("GET /items%2f1"), "404 not_found");
  EXPECT_EQ(code("POST /hello"), "405 method_not_allowed");
  EXPECT_EQ(code("OPTIONS /hello"), "405 method_not_allowed");
  EXPECT_EQ(code("TRACE /hello"), "501 not_implemented");
  EXPECT_EQ(code("BREW /hello"), "501 not_implemented");
  EXPECT_EQ(code("get /hello"), "501 not_implemented");
  client.send("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.receive()->header("Allow"), "GET, HEAD");
}

// Wherever it stands, for they are looked at many at a time.
TEST(FieldText, has_no_control_character_but_the_tab) {
  for (int value = 0; value < 256; ++value) {
    const auto c = static_cast<char>(value);
    const bool allowed = value == '\t' || (value >= ' ' && value != 0x7f);
    for (const std::size_t size : {1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 65})
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, '\xe9');
        text[at] = c;
        ASSERT_EQ(is_field_text(text), allowed) << value << " at " << at << " of " << size;
        ASSERT_EQ(is_field_text_portably(text), allowed) << value << " at " << at << " of " << size;
        text.assign(size, '\t')[at] = c;
        ASSERT_EQ(is_field_text(text), allowed) << value << " among tabs";
        ASSERT_EQ(is_field_text_portably(text), allowed) << value << " among tabs";
      }
  }
  EXPECT_TRUE(is_field_text(""));
}

}  // namespace
}  // namespace signet::server::http

#include "server/http/answer.hpp"

#include <gtest/gtest.h>

namespace signet::server::http {
namespace {

const Framing plain{"Server: signet\r\nDate: now\r\n", "id-1", false, false, false};

TEST(AppendDate, writes_it_as_rfc_9110_shows_it) {
  const auto date = [](std::int64_t seconds) {
    std::string out;
    append_date(out, seconds);
    return out;
  };
  EXPECT_EQ(date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(date(1709164800), "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST(AppendHead, writes_the_framing_itself) {
  Response response;
  response.body = "four";
  response.header("ETag", "\"a\"")
      .header("content-length", "999")
      .header("Transfer-Encoding", "chunked")
      .header("Date", "x");
  std::string out;
  EXPECT_TRUE(append_head(out, response, plain));
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\nServer: signet\r\nDate: now\r\nETag: \"a\"\r\nContent-Length: 4\r\nX-Request-Id: "
            "id-1\r\n\r\n");
}

TEST(AppendHead, lets_no_body_follow_where_none_may) {
  std::string out;
  Response response;
  response.body = "four";
  auto head_only = plain;
  head_only.head_only = true;
  EXPECT_FALSE(append_head(out, response, head_only));
  EXPECT_NE(out.find("Content-Length: 4\r\n"), std::string::npos);
  for (int status : {204, 304}) {
    out.clear();
    response.status = status;
    EXPECT_FALSE(append_head(out, response, plain));
    EXPECT_EQ(out.find("Content-Length"), std::string::npos);
  }
}

TEST(AppendHead, writes_a_status_it_has_no_words_for) {
  std::string out;
  Response response;
  response.status = 299;
  append_head(out, response, plain);
  EXPECT_TRUE(out.starts_with("HTTP/1.1 299 \r\n")) << out;
}

TEST(IsSendable, refuses_what_would_end_the_line) {
  using namespace std::string_literals;
  auto sendable = [](std::string name, std::string value, int status = 200) {
    Response response;
    response.status = status;
    response.header(name, value);
    return is_sendable(response);
  };
  EXPECT_TRUE(sendable("X-Name", "caf\xc3\xa9\tand more"));
  EXPECT_FALSE(sendable("X-Name", "a\r\nb"));
  EXPECT_FALSE(sendable("X-Name", "a\nb"));
  EXPECT_FALSE(sendable("X-Name", "a\0b"s));
  EXPECT_FALSE(sendable("X Name", "a"));
  EXPECT_FALSE(sendable("X-Name\r\nY", "a"));
  EXPECT_FALSE(sendable("", "a"));
  EXPECT_FALSE(sendable("X-Name", "a", 100));
  EXPECT_FALSE(sendable("X-Name", "a", 0));
}

TEST(Problem, has_the_code_that_belongs_to_the_status) {
  EXPECT_EQ(problem(404, "not here").body, R"({"error":"not_found","error_description":"not here"})");
  EXPECT_EQ(problem(431, "d").body, R"({"error":"headers_too_large","error_description":"d"})");
  EXPECT_EQ(problem(503, "d").body, R"({"error":"temporarily_unavailable","error_description":"d"})");
}

}  // namespace
}  // namespace signet::server::http

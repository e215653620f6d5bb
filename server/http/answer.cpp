#include "server/http/answer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <ranges>

namespace signet::server::http {

namespace {

struct Status {
  int code;
  std::string_view line;
  std::string_view error;  // of the listener's own answers
};

constexpr std::array statuses{
    Status{200, "HTTP/1.1 200 OK\r\n", ""},
    Status{201, "HTTP/1.1 201 Created\r\n", ""},
    Status{202, "HTTP/1.1 202 Accepted\r\n", ""},
    Status{204, "HTTP/1.1 204 No Content\r\n", ""},
    Status{301, "HTTP/1.1 301 Moved Permanently\r\n", ""},
    Status{302, "HTTP/1.1 302 Found\r\n", ""},
    Status{303, "HTTP/1.1 303 See Other\r\n", ""},
    Status{304, "HTTP/1.1 304 Not Modified\r\n", ""},
    Status{307, "HTTP/1.1 307 Temporary Redirect\r\n", ""},
    Status{308, "HTTP/1.1 308 Permanent Redirect\r\n", ""},
    Status{400, "HTTP/1.1 400 Bad Request\r\n", "invalid_request"},
    Status{401, "HTTP/1.1 401 Unauthorized\r\n", ""},
    Status{403, "HTTP/1.1 403 Forbidden\r\n", ""},
    Status{404, "HTTP/1.1 404 Not Found\r\n", "not_found"},
    Status{405, "HTTP/1.1 405 Method Not Allowed\r\n", "method_not_allowed"},
    Status{406, "HTTP/1.1 406 Not Acceptable\r\n", ""},
    Status{408, "HTTP/1.1 408 Request Timeout\r\n", "request_timeout"},
    Status{409, "HTTP/1.1 409 Conflict\r\n", ""},
    Status{410, "HTTP/1.1 410 Gone\r\n", ""},
    Status{412, "HTTP/1.1 412 Precondition Failed\r\n", ""},
    Status{413, "HTTP/1.1 413 Content Too Large\r\n", "payload_too_large"},
    Status{414, "HTTP/1.1 414 URI Too Long\r\n", "uri_too_long"},
    Status{415, "HTTP/1.1 415 Unsupported Media Type\r\n", ""},
    Status{417, "HTTP/1.1 417 Expectation Failed\r\n", "invalid_request"},
    Status{422, "HTTP/1.1 422 Unprocessable Content\r\n", ""},
    Status{428, "HTTP/1.1 428 Precondition Required\r\n", ""},
    Status{429, "HTTP/1.1 429 Too Many Requests\r\n", ""},
    Status{431, "HTTP/1.1 431 Request Header Fields Too Large\r\n", "headers_too_large"},
    Status{500, "HTTP/1.1 500 Internal Server Error\r\n", "server_error"},
    Status{501, "HTTP/1.1 501 Not Implemented\r\n", "not_implemented"},
    Status{502, "HTTP/1.1 502 Bad Gateway\r\n", ""},
    Status{503, "HTTP/1.1 503 Service Unavailable\r\n", "temporarily_unavailable"},
    Status{504, "HTTP/1.1 504 Gateway Timeout\r\n", ""},
    Status{505, "HTTP/1.1 505 HTTP Version Not Supported\r\n", "http_version_not_supported"},
};

const Status* find_status(int code) noexcept {
  const auto* found = std::ranges::lower_bound(statuses, code, {}, &Status::code);
  return found != statuses.end() && found->code == code ? found : nullptr;
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

Response problem(int status, std::string_view description) {
  const auto* known = find_status(status);
  Response response;
  response.status = status;
  response.header("Content-Type", "application/json").header("Cache-Control", "no-store");
  response.body.append(R"({"error":")")
      .append(known != nullptr ? known->error : "server_error")
      .append(R"(","error_description":")")
      .append(description)
      .append(R"("})");
  return response;
}

bool is_sendable(const Response& response) noexcept {
  return response.status >= 200 && response.status <= 599 && response.headers.sendable();
}

bool append_head(std::string& out, const Response& response, const Framing& framing) {
  if (const auto* status = find_status(response.status)) {
    out += status->line;
  } else {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status));
    out += " \r\n";  // the reason may be empty (RFC 9112 section 4)
  }
  out += framing.server_lines;
  out += response.headers.text();
  // RFC 9110 section 8.6: no length in a 204, and none in a 304 unless it is the one a 200 would have had.
  bool bodiless = response.status == 204 || response.status == 304;
  if (response.stream) {
    // RFC 9112 section 6.3: for HTTP/1.0 the end of the connection is the end of the body.
    if (!framing.http_1_0) out += "Transfer-Encoding: chunked\r\n";
  } else if (!bodiless) {
    out += "Content-Length: ";
    append_number(out, response.content().size());
    out += "\r\n";
  }
  out.append("X-Request-Id: ").append(framing.request_id).append("\r\n");
  if (framing.close)
    out += "Connection: close\r\n";
  else if (framing.http_1_0)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
  return !bodiless && !framing.head_only && (response.stream || !response.content().empty());
}

void append_date(std::string& out, std::int64_t seconds) {
  static constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::time_t time = seconds;
  std::tm utc{};
  gmtime_r(&time, &utc);
  auto two = [&out](int number) {
    out += static_cast<char>('0' + number / 10);
    out += static_cast<char>('0' + number % 10);
  };
  out.append(days[static_cast<std::size_t>(utc.tm_wday)]).append(", ");
  two(utc.tm_mday);
  out.append(" ").append(months[static_cast<std::size_t>(utc.tm_mon)]).append(" ");
  append_number(out, static_cast<std::size_t>(utc.tm_year) + 1900);
  out += ' ';
  two(utc.tm_hour);
  out += ':';
  two(utc.tm_min);
  out += ':';
  two(utc.tm_sec);
  out += " GMT";
}

}  // namespace signet::server::http

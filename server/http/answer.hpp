#pragma once
// Responses as bytes, and the listener's own ones.

#include <cstddef>
#include <string>
#include <string_view>

#include "server/http/message.hpp"

namespace signet::server::http {

// JSON {error, error_description} with the code that belongs to the status. `description` is a constant of ours.
[[nodiscard]] Response problem(int status, std::string_view description);

// A response whose headers can be sent as they are: names are tokens, no line end or other control character in values.
[[nodiscard]] bool is_sendable(const Response& response) noexcept;

struct Framing {
  std::string_view server_lines;  // "Server: …\r\nDate: …\r\n", which changes once a second
  std::string_view request_id;
  bool head_only;  // a HEAD was asked: the length of the body, and no body
  bool close;      // Connection: close
  bool http_1_0;   // has to be told keep-alive, and knows no chunks
};

// Appends the status line and the headers. True when the body is to follow.
bool append_head(std::string& out, const Response& response, const Framing& framing);

// Appends an IMF-fixdate (RFC 9110 section 5.6.7), of seconds since the epoch.
void append_date(std::string& out, std::int64_t seconds);

}  // namespace signet::server::http

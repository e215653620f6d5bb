#pragma once

#include <string>
#include <string_view>

#include "server/http/message.hpp"

namespace signet::server::api {

// A strong tag with its quotes (RFC 9110 section 8.8.3): the same text, the same tag, on every server.
[[nodiscard]] std::string etag_of(std::string_view text);

// If-None-Match names it: "*" or a list of tags, compared weakly (RFC 9110 section 13.1.2). The answer is then 304.
[[nodiscard]] bool has_already(const http::Request& request, std::string_view etag);

}  // namespace signet::server::api

#pragma once

#include <string_view>

#include "server/http/message.hpp"
#include "signet/json.hpp"

namespace signet::server::api {

// A JSON answer that no cache keeps (RFC 6749 section 5.1) and no browser takes for anything else. The body is yet to
// be written.
[[nodiscard]] http::Response json_answer(int status);
[[nodiscard]] http::Response json_answer(int status, const json::Object& value);

[[nodiscard]] http::Response no_content();

}  // namespace signet::server::api

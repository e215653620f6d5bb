#pragma once

#include <string_view>
#include <vector>

namespace signet::server {

// The words of a space-separated list, such as a scope (RFC 6749 section 3.3). Views into `text`.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);

}  // namespace signet::server

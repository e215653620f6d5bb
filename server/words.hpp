#pragma once

#include <span>
#include <string_view>

#include "server/few.hpp"

namespace signet::server {

// The words of a space-separated list, such as a scope (RFC 6749 section 3.3). Views into `text`.
[[nodiscard]] Few<std::string_view, 8> words(std::string_view text);

// Whether each of `needed` is a word of `text`.
[[nodiscard]] bool has_words(std::string_view text, std::span<const std::string_view> needed);

}  // namespace signet::server

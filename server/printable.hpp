#pragma once

#include <string>
#include <string_view>

namespace signet::server {

// `text` fit for a terminal or one line of a log: characters that control, that turn the direction or that nobody sees
// appear as \u00ad, beyond U+FFFF as two surrogates; bytes that are not UTF-8 as \xff. Of a JSON text without line ends
// this makes the same JSON.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace signet::server

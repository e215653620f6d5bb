#pragma once

#include <string>
#include <string_view>

#include "server/printable.hpp"

namespace signet::cli {

using server::printable;  // what strangers write into a token must not move the cursor

// Valid JSON on one line: white space outside strings is dropped.
[[nodiscard]] std::string one_line(std::string_view json);

// Whether an argument that should be a file's name is a key or a token itself, and so must not be quoted in an error.
[[nodiscard]] bool looks_like_key_material(std::string_view argument);

}  // namespace signet::cli

#pragma once

#include <string_view>

namespace signet {

// Semantic version of the library, and what it was built with; `signet --version` prints it.
[[nodiscard]] std::string_view version() noexcept;

}  // namespace signet

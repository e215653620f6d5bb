#pragma once
// The characters of a compact serialization: those of base64url, and the dot between the parts.

#include <string_view>

namespace signet::jose {

[[nodiscard]] bool all_base64url_or_dots(std::string_view text) noexcept;

// The same where no vector instructions but those of every processor help.
[[nodiscard]] bool all_base64url_or_dots_portably(std::string_view text) noexcept;

}  // namespace signet::jose

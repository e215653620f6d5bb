#pragma once
// Letters as the RFCs compare them: those of ASCII, whatever the locale.

#include <algorithm>
#include <string_view>

namespace signet::jose {

[[nodiscard]] constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool equal_without_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace signet::jose

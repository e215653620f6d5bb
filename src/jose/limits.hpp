#pragma once
// Limits within bounds, whoever sets them.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "signet/limits.hpp"

namespace signet::jose {

// No JSON text is deeper, whatever Limits allow: its check goes as deep as the text.
inline constexpr std::size_t deepest_json = 256;
// What finds repeated names keeps a list of them: enough for any token.
inline constexpr std::size_t most_json_members = 65536;

// What is wrong with limits that a caller has set, for a builder's error.
[[nodiscard]] constexpr std::optional<std::string_view> problem_of(const Limits& limits) noexcept {
  if (limits.token_bytes == 0 || limits.header_bytes == 0 || limits.json_depth == 0 || limits.json_members == 0) {
    return "a limit of zero";
  }
  if (limits.json_depth > deepest_json || limits.json_members > most_json_members) {
    return "json_depth over 256 or json_members over 65536";
  }
  return std::nullopt;
}

// For the text of a key set, which is limited by its bytes and its keys.
[[nodiscard]] constexpr Limits limits_of_key_set(Limits limits) noexcept {
  constexpr std::size_t members_of_a_key = 32;
  limits.json_members = std::max(limits.json_members, limits.key_set_keys * members_of_a_key);
  return limits;
}

}  // namespace signet::jose

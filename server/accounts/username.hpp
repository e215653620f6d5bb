#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace signet::server {

enum class UsernameProblem : std::uint8_t {
  empty,
  too_long,
  not_utf8,
  forbidden_character,  // a space, a control, a symbol, something invisible, an unassigned code point
  mixed_direction,      // right-to-left text that would not show in the order it is stored (RFC 5893 section 2)
};

// One sentence for the person who typed it.
[[nodiscard]] std::string_view reason(UsernameProblem problem) noexcept;

inline constexpr std::size_t username_bytes = 128;

// The one form under which a username is stored, compared and limited, so that no two accounts are typed alike:
// compatibility forms and case are folded (Unicode NFKC and full case folding, repeated until it is stable), and
// what is left must be of the PRECIS IdentifierClass (RFC 8264 section 4.2: letters and digits of any script, visible
// ASCII) and satisfy the Bidi rule. This is UsernameCaseMapped (RFC 8265 section 3.3) with NFKC in place of width
// mapping and NFC. At most 128 bytes, before and after. Preparing a prepared name changes nothing.
[[nodiscard]] std::expected<std::string, UsernameProblem> prepare_username(std::string_view text);

}  // namespace signet::server

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "signet/secret.hpp"

namespace signet::server {

enum class PasswordFault : std::uint8_t {
  not_utf8,
  forbidden_character,  // a control, something invisible, an unassigned code point
  too_short,
  too_long,
  guessable,
};

struct PasswordProblem {
  PasswordFault fault;
  std::string reason;  // for the person who chose it; says nothing of the password's text
};

struct PasswordPolicy {
  std::size_t minimum_length = 8;  // in code points (NIST SP 800-63B section 5.1.1.2)
  // zxcvbn's scale: 0 under 10^3 guesses, 1 under 10^6, 2 under 10^8, 3 under 10^10, 4 from there.
  unsigned minimum_score = 3;
  std::vector<std::string> blocked_words{"signet"};  // the service's own names: count as guessed at once, in any case
};

inline constexpr std::size_t password_bytes = 1024;

// The one form under which a password is hashed: OpaqueString (RFC 8265 section 4.2). Spaces of other scripts become
// U+0020 and the text becomes NFC, so that it does not matter which keyboard typed it; nothing else is changed. NFKC,
// which older advice allows, is not used: it makes different passwords equal. At most 1024 bytes, before and after.
// Errors: not_utf8, forbidden_character, too_long, too_short (when empty).
[[nodiscard]] std::expected<Secret, PasswordProblem> prepare_password(std::string_view text);

// Whether a prepared password may be chosen: long enough and not easily guessed, by zxcvbn's estimate with the username
// and the blocked words among the first guesses. There are no rules of composition. Errors: too_short, guessable.
[[nodiscard]] std::expected<void, PasswordProblem> check_strength(const Secret& prepared, std::string_view username,
                                                                  const PasswordPolicy& policy = {});

}  // namespace signet::server

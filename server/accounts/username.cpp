#include "server/accounts/username.hpp"

#include <algorithm>
#include <optional>

#include "server/accounts/unicode.hpp"

namespace signet::server {
namespace {

using unicode::CodePoint;

// Arabic-Indic and extended Arabic-Indic digits look alike: not both in one name (RFC 5892 appendices A.8 and A.9).
bool mixes_arabic_digits(std::span<const CodePoint> points) {
  const auto has = [&](CodePoint first, CodePoint last) {
    return std::ranges::any_of(points, [=](CodePoint point) { return point >= first && point <= last; });
  };
  return has(0x0660, 0x0669) && has(0x06F0, 0x06F9);
}

}  // namespace

std::string_view reason(UsernameProblem problem) noexcept {
  switch (problem) {
    case UsernameProblem::empty:
      return "A username cannot be empty.";
    case UsernameProblem::too_long:
      return "A username can have at most 128 bytes.";
    case UsernameProblem::not_utf8:
      return "A username must be valid UTF-8.";
    case UsernameProblem::forbidden_character:
      return "A username is made of letters and digits of any script and of the visible characters of ASCII, without "
             "spaces.";
    case UsernameProblem::mixed_direction:
      return "A username cannot mix right-to-left and left-to-right letters.";
  }
  return "";
}

std::expected<std::string, UsernameProblem> prepare_username(std::string_view text) {
  if (text.empty()) return std::unexpected(UsernameProblem::empty);
  if (text.size() > username_bytes) return std::unexpected(UsernameProblem::too_long);

  // Folding can yield what folds again; Unicode's own definition of NFKC_Casefold goes round twice. A text that would
  // not settle is no name.
  std::string name{text};
  for (int round = 0;; ++round) {
    auto folded = unicode::normalize(name, unicode::Form::nfkc_casefold);
    if (!folded) return std::unexpected(UsernameProblem::not_utf8);
    const auto& points = folded->points();
    auto next = unicode::encode(points);
    if (next != name && round < 4) {
      name = std::move(next);
      continue;
    }
    if (next != name || unicode::is_mark(points.front()) || mixes_arabic_digits(points) ||
        !std::ranges::all_of(points, unicode::in_identifier_class)) {
      return std::unexpected(UsernameProblem::forbidden_character);
    }
    if (!unicode::satisfies_bidi_rule(points)) return std::unexpected(UsernameProblem::mixed_direction);
    if (name.size() > username_bytes) return std::unexpected(UsernameProblem::too_long);
    return name;
  }
}

}  // namespace signet::server

#include "src/http/credentials.hpp"

#include <algorithm>

#include "src/jose/alphabet.hpp"
#include "src/jose/ascii.hpp"

namespace signet::http {
namespace {

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// RFC 6750 section 2.1: 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
bool is_b64token(std::string_view text) noexcept {
  if (!text.empty() && jose::all_base64url_or_dots(text)) return true;  // every token of ours, and many at a time
  const auto padding = text.find_last_not_of('=');
  if (padding == std::string_view::npos) return false;
  return std::ranges::all_of(text.substr(0, padding + 1), [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view{"-._~+/"}.find(c) != std::string_view::npos;
  });
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

Found token_of(std::string_view scheme, std::span<const std::string_view> authorization) noexcept {
  if (authorization.empty()) return {Found::Kind::none, {}};
  if (authorization.size() > 1) return {Found::Kind::malformed, {}};
  // White space around a field value is not part of it (RFC 9110 section 5.5).
  const auto line = trimmed(authorization.front());
  const auto said = line.substr(0, line.find_first_of(" \t"));
  if (!jose::equal_without_case(said, scheme)) return {Found::Kind::none, {}};
  auto token = line.substr(said.size());
  const auto begin = token.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {Found::Kind::malformed, {}};
  token.remove_prefix(begin);
  // The grammar of RFC 9110 section 11.4 allows several spaces; of RFC 6750, one. One it is.
  if (begin != 1 || !is_b64token(token)) return {Found::Kind::malformed, {}};
  return {Found::Kind::token, token};
}

Found cookie_token(std::span<const std::string_view> cookie, std::string_view name) noexcept {
  Found found{Found::Kind::none, {}};
  for (std::string_view line : cookie) {
    while (!line.empty()) {
      const auto end = std::min(line.find(';'), line.size());
      const auto pair = trimmed(line.substr(0, end));
      line.remove_prefix(std::min(end + 1, line.size()));
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
      if (found.kind != Found::Kind::none) return {Found::Kind::malformed, {}};
      found = {Found::Kind::token, pair.substr(equals + 1)};
    }
  }
  if (found.kind == Found::Kind::token && !is_b64token(found.token)) return {Found::Kind::malformed, {}};
  return found;
}

}  // namespace signet::http

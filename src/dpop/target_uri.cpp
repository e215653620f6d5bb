#include "src/dpop/target_uri.hpp"

#include <algorithm>
#include <charconv>

#include "src/jose/ascii.hpp"

namespace signet::dpop {
namespace {

bool is_alphanumeric(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_unreserved(char c) noexcept {  // RFC 3986 section 2.3
  return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
bool is_any_of(char c, std::string_view set) noexcept { return set.find(c) != std::string_view::npos; }
constexpr std::string_view sub_delims = "!$&'()*+,;=";

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = jose::lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// Sections 6.2.2.1 and 6.2.2.2. Nothing when a character is neither unreserved, of `others`, nor percent-encoded.
std::optional<std::string> with_one_encoding(std::string_view text, std::string_view others) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '%') {
      if (!is_unreserved(c) && !is_any_of(c, sub_delims) && !is_any_of(c, others)) return std::nullopt;
      out += c;
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    i += 2;
    constexpr std::string_view capitals = "0123456789ABCDEF";
    if (const char meant = static_cast<char>(high * 16 + low); is_unreserved(meant)) {
      out += meant;
    } else {
      out.append({'%', capitals[static_cast<std::size_t>(high)], capitals[static_cast<std::size_t>(low)]});
    }
  }
  return out;
}

// Section 5.2.4, for a path that is empty or begins with a slash.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto end = std::min(path.find('/', 1), path.size());
    const auto segment = path.substr(0, end);  // with the slash before it
    path.remove_prefix(end);
    if (segment == "/." || segment == "/..") {
      if (segment == "/..") out.resize(out.empty() ? 0 : out.rfind('/'));
      if (path.empty()) out += '/';
    } else {
      out += segment;
    }
  }
  return out.empty() ? "/" : out;
}

std::optional<std::string> normalised_host(std::string_view host) {
  std::optional<std::string> out;
  if (host.starts_with('[')) {
    if (host.size() < 3 || !host.ends_with(']')) return std::nullopt;
    const auto literal = host.substr(1, host.size() - 2);
    const auto fits = [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; };
    if (!std::ranges::all_of(literal, fits)) return std::nullopt;
    out = host;
  } else {
    out = with_one_encoding(host, "");
  }
  if (!out || out->empty()) return std::nullopt;
  for (std::size_t i = 0; i < out->size(); ++i) {
    if ((*out)[i] == '%')
      i += 2;  // its letters stay large
    else
      (*out)[i] = jose::lower((*out)[i]);
  }
  return out;
}

// ":PORT" unless it is the scheme's; nothing when it is no port.
std::optional<std::string> normalised_port(std::string_view digits, int usual) {
  if (digits.empty()) return "";
  int port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port < 1 || port > 65535) return std::nullopt;
  return port == usual ? "" : ":" + std::to_string(port);
}

}  // namespace

std::optional<std::string> normalised_target(std::string_view url) {
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  std::string scheme{url.substr(0, colon)};
  std::ranges::transform(scheme, scheme.begin(), jose::lower);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  url.remove_prefix(colon + 3);

  const auto rest = std::min(url.find_first_of("/?#"), url.size());
  const auto authority = url.substr(0, rest);
  const auto path = url.substr(rest, url.find_first_of("?#", rest) - rest);
  const auto after = url.substr(rest + path.size());
  if (!with_one_encoding(after, ":@/?#")) return std::nullopt;

  const auto bracket = authority.rfind(']');
  const auto port_at = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const auto host = normalised_host(authority.substr(0, port_at));
  const auto port = normalised_port(port_at == std::string_view::npos ? "" : authority.substr(port_at + 1),
                                    scheme == "https" ? 443 : 80);
  const auto encoded = with_one_encoding(path, ":@/");
  if (!host || !port || !encoded) return std::nullopt;
  return scheme + "://" + *host + *port + without_dot_segments(*encoded);
}

}  // namespace signet::dpop

#include "server/app/setting.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace signet::server::app {
namespace {

constexpr std::string_view listen_form = "an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080";
constexpr std::string_view duration_form = "a duration such as \"250ms\", \"10s\", \"15m\", \"24h\" or \"14d\"";
constexpr std::string_view size_form = "a size such as \"512B\", \"64KiB\" or \"19MiB\"";
constexpr std::string_view issuer_form =
    "an http or https URL without user, query, fragment and trailing slash, such as https://auth.example";
constexpr std::string_view origin_form = "an origin such as https://app.example or http://localhost:3000";

template <class Unit>
struct Scale {
  std::string_view name;
  Unit factor;
};

constexpr std::array duration_units{
    Scale<std::uint64_t>{"ms", 1},       Scale<std::uint64_t>{"s", 1000},      Scale<std::uint64_t>{"m", 60'000},
    Scale<std::uint64_t>{"h", 3600'000}, Scale<std::uint64_t>{"d", 86400'000},
};
constexpr std::array size_units{
    Scale<std::uint64_t>{"B", 1},
    Scale<std::uint64_t>{"KiB", 1U << 10},
    Scale<std::uint64_t>{"MiB", 1U << 20},
    Scale<std::uint64_t>{"GiB", 1U << 30},
};

std::optional<std::uint64_t> number_with_unit(std::string_view text, auto& units) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit{end, text.data() + text.size()};
  auto row = std::ranges::find(units, unit, &Scale<std::uint64_t>::name);
  // Nothing that is configured here is longer than a century or larger than a pebibyte.
  if (row == units.end() || number > (std::uint64_t{1} << 50) / row->factor) return std::nullopt;
  return number * row->factor;
}

std::string number_text(std::uint64_t number, auto& units) {
  auto fits = [&](const auto& unit) { return number != 0 && number % unit.factor == 0; };
  auto row = std::find_if(units.rbegin(), units.rend(), fits);
  if (row == units.rend()) return "0" + std::string{units.front().name};
  return std::to_string(number / row->factor) + std::string{row->name};
}

bool is_ip(int family, const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(family, text.c_str(), bytes.data()) == 1;
}

bool is_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return is_ip(AF_INET6, std::string{host.substr(1, host.size() - 2)});
  }
  auto ok = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, ok);
}

std::optional<unsigned> port_number(std::string_view text) {
  unsigned port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port > 65535) return std::nullopt;
  return port;
}

struct Url {
  std::string_view scheme, authority, rest;
};

// Splits scheme://authority/rest and checks the first two.
std::optional<Url> split_url(std::string_view text) {
  auto colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  Url url{text.substr(0, colon), text.substr(colon + 3), {}};
  if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
  auto slash = url.authority.find_first_of("/?#");
  if (slash != std::string_view::npos) {
    url.rest = url.authority.substr(slash);
    url.authority = url.authority.substr(0, slash);
  }
  auto host = url.authority;
  auto port = host.rfind(':');
  if (port != std::string_view::npos && host.find(']', port) == std::string_view::npos) {
    auto number = port_number(host.substr(port + 1));
    if (!number || *number == 0) return std::nullopt;
    host = host.substr(0, port);
  }
  if (!is_host(host)) return std::nullopt;
  return url;
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::unexpected<std::string> expected(std::string_view form) { return std::unexpected(std::string{form}); }

}  // namespace

Setting<HostPort> parse_listen(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return expected(listen_form);
  auto port = port_number(text.substr(colon + 1));
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  HostPort out{std::string{host}, port.value_or(0), false};
  if (!port || !is_ip(bracketed ? AF_INET6 : AF_INET, out.host)) return expected(listen_form);
  out.loopback = bracketed ? out.host == "::1" : out.host.starts_with("127.");
  return out;
}

Setting<std::chrono::milliseconds> parse_duration(std::string_view text) {
  auto value = number_with_unit(text, duration_units);
  if (!value) return expected(duration_form);
  return std::chrono::milliseconds{static_cast<std::int64_t>(*value)};
}

Setting<std::size_t> parse_size(std::string_view text) {
  auto value = number_with_unit(text, size_units);
  if (!value) return expected(size_form);
  return static_cast<std::size_t>(*value);
}

std::string duration_text(std::chrono::milliseconds duration) {
  return number_text(static_cast<std::uint64_t>(duration.count()), duration_units);
}

std::string size_text(std::size_t bytes) { return number_text(bytes, size_units); }

std::string found(std::string_view written) {
  const auto authority = written.find("//");
  const bool names_user = authority != std::string_view::npos && written.find('@', authority) != std::string_view::npos;
  if (names_user) return ", found a URL with a user";
  return ", found \"" + std::string{written} + "\"";
}

Setting<std::string> parse_issuer(std::string_view text) {
  auto url = split_url(text);
  auto ok = [](char c) { return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '"' && c != '\\'; };
  if (!url || text.back() == '/' || !std::ranges::all_of(url->rest, ok)) return expected(issuer_form);
  return std::string{text};
}

Setting<std::string> parse_origin(std::string_view text) {
  auto url = split_url(text);
  if (!url || !url->rest.empty() || origin_of(text) != text) return expected(origin_form);
  return std::string{text};
}

std::string origin_of(std::string_view url) {
  auto parts = split_url(url);
  if (!parts) return {};
  auto authority = lower(parts->authority);
  std::string_view default_port = parts->scheme == "https" ? ":443" : ":80";
  if (authority.ends_with(default_port)) authority.resize(authority.size() - default_port.size());
  return std::string{parts->scheme} + "://" + authority;
}

Setting<std::string> parse_network(std::string_view text) {
  auto slash = text.find('/');
  const std::string address{text.substr(0, slash)};
  const bool four = is_ip(AF_INET, address);
  const bool six = is_ip(AF_INET6, address);
  bool good = four || six;
  if (good && slash != std::string_view::npos) {
    auto bits = port_number(text.substr(slash + 1));
    good = bits && *bits <= (four ? 32U : 128U);
  }
  if (!good) return expected("an IP address or a network such as 10.0.0.0/8 or fd00::/8");
  return std::string{text};
}

Setting<std::string> parse_scope(std::string_view text) {
  // scope-token = 1*( %x21 / %x23-5B / %x5D-7E ), RFC 6749 section 3.3.
  auto ok = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  const bool spaced = text.starts_with(' ') || text.ends_with(' ') || text.find("  ") != std::string_view::npos;
  if (spaced || text.size() > 1024 || !std::ranges::all_of(text, ok)) {
    return expected("scopes separated by single spaces, such as \"profile orders:read\"");
  }
  return std::string{text};
}

}  // namespace signet::server::app

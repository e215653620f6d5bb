#pragma once
// The forms in which settings are written. Each parse returns the value, or what was expected instead.

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace signet::server::app {

template <class T>
using Setting = std::expected<T, std::string>;

struct HostPort {
  std::string host;  // an IP address, IPv6 without brackets
  unsigned port;     // 0: any free one
  bool loopback;
};

[[nodiscard]] Setting<HostPort> parse_listen(std::string_view text);                     // 127.0.0.1:8080, [::1]:8080
[[nodiscard]] Setting<std::chrono::milliseconds> parse_duration(std::string_view text);  // 250ms 10s 15m 24h 14d
[[nodiscard]] Setting<std::size_t> parse_size(std::string_view text);                    // 512B 64KiB 19MiB 1GiB
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);  // in the largest unit that fits
[[nodiscard]] std::string size_text(std::size_t bytes);

// `, found "…"` for a message; of a URL that names a user, and so may hold a password, only that.
[[nodiscard]] std::string found(std::string_view written);

// An issuer identifier (RFC 8414 section 2): http or https, a host, no query, no fragment; here also no user and no
// trailing slash, so that endpoints are `issuer + "/…"`.
[[nodiscard]] Setting<std::string> parse_issuer(std::string_view text);

// An origin as browsers send it (RFC 6454 section 6.2): scheme, host in lower case, port unless it is the default.
[[nodiscard]] Setting<std::string> parse_origin(std::string_view text);
[[nodiscard]] std::string origin_of(std::string_view url);  // Precondition: what parse_issuer accepted

[[nodiscard]] Setting<std::string> parse_network(std::string_view text);  // an IP address or CIDR
[[nodiscard]] Setting<std::string> parse_scope(std::string_view text);    // space-separated scope tokens (RFC 6749 3.3)

}  // namespace signet::server::app

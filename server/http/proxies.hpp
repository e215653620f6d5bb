#pragma once
// Who the client is, when a proxy that is trusted stands in front.

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.hpp"

namespace signet::server::http {

// An IPv6 address; IPv4 ones are held as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so that both are compared alike.
class Address {
 public:
  // "192.0.2.1", "2001:db8::1", "[2001:db8::1]", and the bracketless forms of either with a port as some proxies send
  // them.
  [[nodiscard]] static std::optional<Address> parse(std::string_view text) noexcept;

  // The canonical text, IPv4 as IPv4.
  [[nodiscard]] std::string text() const;

  [[nodiscard]] bool is_v4() const noexcept;
  [[nodiscard]] bool within(const Address& network, unsigned bits) const noexcept;

  // Whom to count it as: an IPv4 address as it is, of an IPv6 one the /64, for who has one address of it has them all.
  [[nodiscard]] Address subscriber() const noexcept;

  auto operator<=>(const Address&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

class Proxies {
 public:
  // Addresses or CIDR. The error names the entry that is neither.
  [[nodiscard]] static std::expected<Proxies, std::string> parse(std::span<const std::string> entries);

  [[nodiscard]] bool trusts(const Address& address) const noexcept;

  // The client of a request that came from a trusted `peer`: the rightmost address of X-Forwarded-For that is not a
  // trusted proxy itself, since everything to its left could have been made up by the client. The leftmost when all are
  // trusted. An entry that is no address ends the search at the proxy that passed it on.
  [[nodiscard]] Address client(const Address& peer, std::span<const Header> headers) const noexcept;

 private:
  struct Network {
    Address address;
    unsigned bits;
  };
  std::vector<Network> networks_;
};

// X-Request-Id when there is one and it has only [A-Za-z0-9._-], at most 64 of them.
[[nodiscard]] std::optional<std::string_view> forwarded_id(std::span<const Header> headers) noexcept;

}  // namespace signet::server::http

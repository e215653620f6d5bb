#pragma once
// Addresses, and the networks that they are in.

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signet::server {

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

class Networks {
 public:
  // Addresses or CIDR. The error names the entry that is neither.
  [[nodiscard]] static std::expected<Networks, std::string> parse(std::span<const std::string_view> entries);

  [[nodiscard]] bool contain(const Address& address) const noexcept;

 private:
  struct Network {
    Address address;
    unsigned bits;
  };
  std::vector<Network> networks_;
};

}  // namespace signet::server

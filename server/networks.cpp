#include "server/networks.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace signet::server {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_port(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) noexcept {
  if (text.starts_with('[')) {
    auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    auto after = text.substr(close + 1);
    if (!after.empty() && !(after.starts_with(':') && is_port(after.substr(1)))) return std::nullopt;
    text = text.substr(1, close - 1);
    if (!text.contains(':')) return std::nullopt;
  } else if (auto colon = text.find(':'); colon != std::string_view::npos && colon == text.rfind(':')) {
    if (!is_port(text.substr(colon + 1))) return std::nullopt;
    text = text.substr(0, colon);
  }
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (text.empty() || text.size() >= buffer.size()) return std::nullopt;
  text.copy(buffer.data(), text.size());
  Address address;
  if (text.contains(':')) {
    if (inet_pton(AF_INET6, buffer.data(), address.bytes_.data()) != 1) return std::nullopt;
  } else {
    std::ranges::copy(mapped_prefix, address.bytes_.begin());
    if (inet_pton(AF_INET, buffer.data(), address.bytes_.data() + mapped_prefix.size()) != 1) return std::nullopt;
  }
  return address;
}

bool Address::is_v4() const noexcept { return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes_.begin()); }

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (is_v4())
    inet_ntop(AF_INET, bytes_.data() + mapped_prefix.size(), buffer.data(), buffer.size());
  else
    inet_ntop(AF_INET6, bytes_.data(), buffer.data(), buffer.size());
  return buffer.data();
}

bool Address::within(const Address& network, unsigned bits) const noexcept {
  auto whole = bits / 8;
  if (!std::equal(bytes_.begin(), bytes_.begin() + whole, network.bytes_.begin())) return false;
  auto rest = bits % 8;
  return rest == 0 || (bytes_[whole] ^ network.bytes_[whole]) >> (8 - rest) == 0;
}

Address Address::subscriber() const noexcept {
  auto subscriber = *this;
  if (!is_v4()) std::fill(subscriber.bytes_.begin() + 8, subscriber.bytes_.end(), std::uint8_t{0});
  return subscriber;
}

std::expected<Networks, std::string> Networks::parse(std::span<const std::string_view> entries) {
  Networks networks;
  for (const auto entry : entries) {
    auto bad = [&entry] { return std::unexpected("not an address or CIDR block: " + std::string(entry)); };
    auto slash = entry.find('/');
    auto address_text = entry.substr(0, slash);
    auto address = Address::parse(address_text);
    bool has_port = address_text.contains('[') || (address_text.contains(':') && address && address->is_v4() &&
                                                   std::ranges::count(address_text, ':') == 1);
    if (!address || has_port) return bad();
    unsigned width = address_text.contains(':') ? 128 : 32;
    unsigned bits = width;
    if (slash != std::string_view::npos) {
      auto digits = entry.substr(slash + 1);
      auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
      if (error != std::errc{} || end != digits.data() + digits.size() || bits > width) return bad();
    }
    networks.networks_.push_back({*address, bits + 128 - width});
  }
  return networks;
}

bool Networks::contain(const Address& address) const noexcept {
  return std::ranges::any_of(networks_,
                             [&](const Network& network) { return address.within(network.address, network.bits); });
}

}  // namespace signet::server

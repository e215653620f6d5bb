#include "server/http/proxies.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ranges>

namespace signet::server::http {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t request_id_bytes = 64;

std::string_view trim(std::string_view text) noexcept {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_port(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

const Header* last_of(std::span<const Header> headers, std::string_view name) noexcept {
  for (const auto& header : headers | std::views::reverse)
    if (same_name(header.name, name)) return &header;
  return nullptr;
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

std::expected<Proxies, std::string> Proxies::parse(std::span<const std::string> entries) {
  Proxies proxies;
  for (std::string_view entry : entries) {
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
    proxies.networks_.push_back({*address, bits + 128 - width});
  }
  return proxies;
}

bool Proxies::trusts(const Address& address) const noexcept {
  return std::ranges::any_of(networks_,
                             [&](const Network& network) { return address.within(network.address, network.bits); });
}

Address Proxies::client(const Address& peer, std::span<const Header> headers) const noexcept {
  auto client = peer;
  for (const auto& header : headers | std::views::reverse) {
    if (!same_name(header.name, "X-Forwarded-For")) continue;
    auto rest = header.value;
    for (bool more = true; more;) {
      auto comma = rest.rfind(',');
      more = comma != std::string_view::npos;
      auto address = Address::parse(trim(more ? rest.substr(comma + 1) : rest));
      if (!address) return client;
      client = *address;
      if (!trusts(client)) return client;
      if (more) rest = rest.substr(0, comma);
    }
  }
  return client;
}

std::optional<std::string_view> forwarded_id(std::span<const Header> headers) noexcept {
  const auto* header = last_of(headers, "X-Request-Id");
  if (header == nullptr || header->value.empty() || header->value.size() > request_id_bytes) return std::nullopt;
  bool fit = std::ranges::all_of(header->value, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
  return fit ? std::optional(header->value) : std::nullopt;
}

}  // namespace signet::server::http

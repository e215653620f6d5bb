#include "server/http/proxies.hpp"

#include <algorithm>
#include <ranges>
#include <vector>

#include "server/http/head.hpp"

namespace signet::server::http {

namespace {

constexpr std::size_t request_id_bytes = 64;

const Header* last_of(std::span<const Header> headers, std::string_view name) noexcept {
  for (const auto& header : headers | std::views::reverse)
    if (same_name(header.name, name)) return &header;
  return nullptr;
}

}  // namespace

std::expected<Proxies, std::string> Proxies::parse(std::span<const std::string> entries) {
  auto networks = Networks::parse(std::vector<std::string_view>{entries.begin(), entries.end()});
  if (!networks) return std::unexpected(std::move(networks.error()));
  return Proxies{std::move(*networks)};
}

Address Proxies::client(const Address& peer, std::span<const Header> headers) const noexcept {
  auto client = peer;
  for (const auto& header : headers | std::views::reverse) {
    if (!same_name(header.name, "X-Forwarded-For")) continue;
    auto rest = header.value;
    for (bool more = true; more;) {
      auto comma = rest.rfind(',');
      more = comma != std::string_view::npos;
      auto address = Address::parse(trimmed(more ? rest.substr(comma + 1) : rest));
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

#pragma once
// Who the client is, when a proxy that is trusted stands in front.

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/message.hpp"
#include "server/networks.hpp"

namespace signet::server::http {

using server::Address;

class Proxies {
 public:
  // Addresses or CIDR. The error names the entry that is neither.
  [[nodiscard]] static std::expected<Proxies, std::string> parse(std::span<const std::string> entries);

  [[nodiscard]] bool trusts(const Address& address) const noexcept { return networks_.contain(address); }

  // The client of a request that came from a trusted `peer`: the rightmost address of X-Forwarded-For that is not a
  // trusted proxy itself, since everything to its left could have been made up by the client. The leftmost when all are
  // trusted. An entry that is no address ends the search at the proxy that passed it on.
  [[nodiscard]] Address client(const Address& peer, std::span<const Header> headers) const noexcept;

 private:
  explicit Proxies(Networks networks) : networks_{std::move(networks)} {}

  Networks networks_;
};

// X-Request-Id when there is one and it has only [A-Za-z0-9._-], at most 64 of them.
[[nodiscard]] std::optional<std::string_view> forwarded_id(std::span<const Header> headers) noexcept;

}  // namespace signet::server::http

#include "server/app/risks.hpp"

#include <algorithm>
#include <string>

#include "server/app/setting.hpp"

namespace signet::server::app {
namespace {

// Whether the URL's host is this machine alone. `issuer`: what parse_issuer accepted.
bool is_local(std::string_view issuer) {
  const std::string origin = origin_of(issuer);
  auto host = std::string_view{origin};
  host.remove_prefix(host.find("://") + 3);
  if (host.starts_with('[')) return host.starts_with("[::1]");
  host = host.substr(0, host.find(':'));
  if (host == "localhost" || host.ends_with(".localhost")) return true;  // RFC 6761 section 6.3
  return host.starts_with("127.") &&
         std::ranges::all_of(host, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

}  // namespace

std::vector<std::string_view> risks(const Config& config) {
  std::vector<std::string_view> out;
  const auto listen = parse_listen(config.listen);
  if (!listen) return out;
  if (listen->loopback) {
    // Then a proxy on this machine passes on what comes from the outside.
    if (!config.issuer.empty() && !is_local(config.issuer) && config.trusted_proxies.empty())
      out.emplace_back(
          "all users seem to come from one address and share its limits: set http.trusted_proxies to the address of "
          "the "
          "proxy in front");
    return out;
  }
  if (!config.tls && config.trusted_proxies.empty())
    out.emplace_back(
        "passwords and tokens cross the network unencrypted: set [tls], or http.trusted_proxies when a proxy does TLS");
  if (config.issuer.empty())
    out.emplace_back("the issuer is the address listened on: set issuer to the URL that clients use");
  return out;
}

}  // namespace signet::server::app

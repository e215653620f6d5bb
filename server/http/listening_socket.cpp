#include "server/http/listening_socket.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace signet::server::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::optional<tcp::endpoint> parse_endpoint(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code bad;
  auto address = asio::ip::make_address(std::string(host), bad);
  if (bad || address.is_v6() != bracketed) return std::nullopt;
  return tcp::endpoint(address, port);
}

}  // namespace

ListeningSocket::~ListeningSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::expected<ListeningSocket, std::string> ListeningSocket::on(const std::string& where) {
  const auto failed = [&](std::string_view why) {
    return std::unexpected("cannot listen on " + where + ": " + std::string{why});
  };
  const auto endpoint = parse_endpoint(where);
  if (!endpoint) return failed("not ADDRESS:PORT or [IPv6 ADDRESS]:PORT");
  asio::io_context none;
  tcp::acceptor acceptor{none};
  boost::system::error_code error;
  acceptor.open(endpoint->protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(*endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return failed(error.message());
  const int descriptor = acceptor.release(error);
  if (error) return failed(error.message());
  return ListeningSocket{descriptor};
}

}  // namespace signet::server::http

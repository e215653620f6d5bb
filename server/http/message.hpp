#pragma once
// A request and its answer, as values: what handlers take and return.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet::server::http {

// Equal without regard to ASCII case, as header names are (RFC 9110 section 5.1).
[[nodiscard]] bool same_name(std::string_view a, std::string_view b) noexcept;

struct Header {
  std::string_view name;  // as sent; compare without regard to case
  std::string_view value;
};

// Views into the connection's buffer, which stays as it is until the answer has been given.
struct Request {
  std::string_view method;
  std::string_view path;   // without the query; percent-encoding left as sent
  std::string_view query;  // after the '?', or empty
  std::span<const Header> headers;
  std::string_view body;
  std::string_view client;  // the peer's address, or what a trusted proxy said it is
  std::string_view id;      // X-Request-Id when it came from a trusted proxy and is well formed, else made here
  std::string_view route_parameter;  // what stood for {…} in the route's path
  bool secure = false;               // over TLS, here or at a trusted proxy

  // The first header of that name (case-insensitive).
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
};

struct Stream;

struct Response {
  int status = 200;
  // Less Content-Length, Date, Server, Connection and X-Request-Id, which the server writes itself. A name or value
  // that would not be a header (a line end in it) turns the whole answer into a 500.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<const std::string> shared_body{};  // in place of `body`: one that many answers have in common
  std::shared_ptr<Stream> stream{};                  // what follows the body, for as long as the client listens

  [[nodiscard]] const std::string& content() const { return shared_body ? *shared_body : body; }

  Response& header(std::string_view name, std::string_view value) {
    headers.emplace_back(name, value);
    return *this;
  }
};

}  // namespace signet::server::http

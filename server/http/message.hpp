#pragma once
// A request and its answer, as values: what handlers take and return.

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/few.hpp"

namespace signet::server::http {

// Equal without regard to ASCII case. Precondition: of one size.
[[nodiscard]] bool same_letters(std::string_view a, std::string_view b) noexcept;

// Equal without regard to ASCII case, as header names are (RFC 9110 section 5.1). Most come as they are asked for, to
// the letter.
[[nodiscard]] inline bool same_name(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && (a == b || same_letters(a, b));
}

// What may stand in a field's value: no control character but the tab (RFC 9110 section 5.5).
[[nodiscard]] bool is_field_text(std::string_view text) noexcept;
[[nodiscard]] bool is_field_text_portably(std::string_view text) noexcept;

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

  // The first header of that name (case-insensitive).
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;
  [[nodiscard]] Few<std::string_view> all(std::string_view name) const;
};

// The header lines of an answer, as they are sent. Less Content-Length, Date, Server, Connection and X-Request-Id,
// which the server writes itself.
class HeaderLines {
 public:
  HeaderLines() = default;
  HeaderLines(std::initializer_list<Header> lines);

  void add(std::string_view name, std::string_view value);
  void remove(std::string_view name);  // all lines of that name
  void clear() noexcept;               // keeps its memory

  // False when a name or a value was added that would not be one (a line end in it).
  [[nodiscard]] bool sendable() const noexcept { return sendable_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }  // each line with its CR LF
  [[nodiscard]] Few<std::string_view> all(std::string_view name) const;

  bool operator==(const HeaderLines&) const = default;

 private:
  std::string text_;
  bool sendable_ = true;
};

struct Stream;

struct Response {
  int status = 200;
  HeaderLines headers;  // the whole answer is a 500 when they are not sendable
  std::string body;
  std::shared_ptr<const std::string> shared_body{};  // in place of `body`: one that many answers have in common
  std::shared_ptr<Stream> stream{};                  // what follows the body, for as long as the client listens

  [[nodiscard]] const std::string& content() const { return shared_body ? *shared_body : body; }

  Response& header(std::string_view name, std::string_view value) {
    headers.add(name, value);
    return *this;
  }
};

// An empty response with the memory of one that this thread has sent, so that an answer from memory takes none from the
// heap.
[[nodiscard]] Response blank_response() noexcept;
void recycle(Response&& sent) noexcept;

}  // namespace signet::server::http

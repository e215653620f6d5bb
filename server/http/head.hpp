#pragma once
// The head of a request, read strictly from its bytes (RFC 9112).

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "server/http/message.hpp"

namespace signet::server::http {

// A method, a field's name, an option (RFC 9110 section 5.6.2).
[[nodiscard]] bool is_token(std::string_view text) noexcept;

// Without the blanks and tabs around it (RFC 9110 section 5.6.3).
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

// Why the layer itself answers; the connection closes after it.
struct Refusal {
  int status;
  std::string_view description;  // for the client: says what is wrong, repeats nothing of what was sent
};

struct Head {
  enum class Body : std::uint8_t { none, sized, chunked };

  std::string_view method;
  std::string_view target;  // as sent
  std::string_view path;
  std::string_view query;
  std::vector<Header> headers;
  Body body = Body::none;
  std::size_t length = 0;  // of a sized body
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expects_continue = false;

  void clear() noexcept;

  // The same head after its bytes moved from `from` to `to`.
  void move(const char* from, const char* to) noexcept;
};

// Reads `bytes`, which begin at the method and end with the empty line, and hold no line that ends or begins otherwise
// than RFC 9112 allows (Intake sees to that). `head` is filled as far as reading came, also on refusal.
[[nodiscard]] std::expected<void, Refusal> read_head(std::string_view bytes, std::size_t header_count, Head& head);

}  // namespace signet::server::http

#include "server/http/chunks.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace signet::server::http {

namespace {

constexpr std::size_t size_digits = 8;     // RFC 9112 leaves the recipient to guard against more
constexpr std::size_t line_bytes = 1024;   // a size with its extensions, or a trailer
constexpr std::size_t extra_bytes = 4096;  // extensions and trailers of one body

// A field line; what it says is of no interest (RFC 9110 section 6.5.1 lets a recipient drop trailers).
bool is_trailer(std::string_view line) noexcept {
  auto colon = line.find(':');
  return colon != std::string_view::npos && is_token(line.substr(0, colon)) && is_field_text(line.substr(colon + 1));
}

}  // namespace

std::expected<void, Refusal> Chunks::read_size(std::string_view line) {
  auto semicolon = std::min(line.find(';'), line.size());
  auto digits = line.substr(0, semicolon);
  std::size_t size = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  if (digits.empty() || digits.size() > size_digits || error != std::errc{} || end != digits.data() + digits.size())
    return std::unexpected(Refusal{400, "malformed chunk size"});
  if (!is_field_text(line)) return std::unexpected(Refusal{400, "malformed chunk extension"});
  if (extras_ += line.size() - semicolon; extras_ > extra_bytes)
    return std::unexpected(Refusal{400, "too many chunk extensions"});
  if (size > body_bytes_) return std::unexpected(Refusal{413, "the body is too large"});
  body_bytes_ -= size;
  remaining_ = size;
  state_ = size == 0 ? State::trailers : State::data;
  return {};
}

std::expected<Chunks::Progress, Refusal> Chunks::decode(const char* in, std::size_t size, char* out) {
  std::size_t read = 0;
  std::size_t written = 0;
  while (read < size) {
    if (state_ == State::data) {
      auto count = std::min(remaining_, size - read);
      std::memmove(out + written, in + read, count);
      read += count;
      written += count;
      remaining_ -= count;
      if (remaining_ == 0) state_ = State::data_end;
      continue;
    }
    if (state_ == State::data_end) {
      if (in[read] != '\r' || (size - read > 1 && in[read + 1] != '\n'))
        return std::unexpected(Refusal{400, "a chunk is longer than its size"});
      if (size - read == 1) break;
      read += 2;
      state_ = State::size_line;
      continue;
    }
    auto rest = std::string_view(in + read, std::min(size - read, line_bytes));
    auto newline = rest.find('\n');
    if (newline == std::string_view::npos) {
      if (rest.size() == line_bytes) return std::unexpected(Refusal{400, "too long a line in a chunked body"});
      break;
    }
    if (newline == 0 || rest[newline - 1] != '\r') return std::unexpected(Refusal{400, "lines end with CR LF"});
    auto line = rest.substr(0, newline - 1);
    read += newline + 1;
    if (state_ == State::size_line) {
      if (auto sized = read_size(line); !sized) return std::unexpected(sized.error());
      continue;
    }
    if (line.empty()) return Progress{read, written, true};
    if (!is_trailer(line)) return std::unexpected(Refusal{400, "malformed trailer"});
    if (extras_ += line.size(); extras_ > extra_bytes) return std::unexpected(Refusal{431, "too many trailers"});
  }
  return Progress{read, written, false};
}

}  // namespace signet::server::http

#pragma once
// A chunked body, decoded where it lies (RFC 9112 section 7.1).

#include <cstddef>
#include <cstdint>
#include <expected>

#include "server/http/head.hpp"

namespace signet::server::http {

class Chunks {
 public:
  explicit Chunks(std::size_t body_bytes = 0) noexcept : body_bytes_(body_bytes) {}

  struct Progress {
    std::size_t read;     // of `size`: bytes done with; the rest are to be given again, with more
    std::size_t written;  // bytes of body put at `out`
    bool done;            // the last chunk and the trailers have been read
  };

  // Decodes `size` bytes at `in` to `out`, which is `in` or before it.
  [[nodiscard]] std::expected<Progress, Refusal> decode(const char* in, std::size_t size, char* out);

 private:
  enum class State : std::uint8_t { size_line, data, data_end, trailers };

  std::expected<void, Refusal> read_size(std::string_view line);

  State state_ = State::size_line;
  std::size_t remaining_ = 0;  // of the chunk
  std::size_t body_bytes_;     // still allowed
  std::size_t extras_ = 0;     // bytes of extensions and trailers so far
};

}  // namespace signet::server::http

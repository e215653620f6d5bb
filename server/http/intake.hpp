#pragma once
// Bytes in, requests out: the receiving half of a connection, without its socket. Passwords and tokens are among the
// bytes, so they are wiped when their request is done.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "server/http/chunks.hpp"
#include "server/http/head.hpp"
#include "server/http/server.hpp"

namespace signet::server::http {

class Intake {
 public:
  enum class Next : std::uint8_t {
    more,     // read on
    proceed,  // say 100 Continue, and read on
    request,  // head() and body() hold until done()
    refused,  // refusal() says why; nothing more will be read
  };

  explicit Intake(const ServerLimits& limits) : limits_(limits) {}
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;
  ~Intake() { wipe(0, used_); }

  // Where to put the next bytes: never empty, and only to be asked for between a `more` and the next request.
  [[nodiscard]] std::span<char> room();
  void add(std::size_t bytes) noexcept { used_ = std::max(used_, end_ += bytes); }

  [[nodiscard]] Next next();

  [[nodiscard]] const Head& head() const noexcept { return head_; }
  [[nodiscard]] std::string_view body() const noexcept { return {buffer_.get() + begin_ + head_bytes_, body_bytes_}; }
  [[nodiscard]] const Refusal& refusal() const noexcept { return refusal_; }

  // The request has been answered: its bytes go, those of the next stay.
  void done() noexcept;

  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }  // nothing of a next request is there
  [[nodiscard]] bool has_request() const noexcept { return part_ == Part::request; }
  [[nodiscard]] bool in_body() const noexcept { return part_ == Part::body; }

 private:
  enum class Part : std::uint8_t { head, body, request, refused };

  Next refuse(Refusal refusal) noexcept;
  Next next_head();
  Next next_body();
  void grow(std::size_t capacity);
  void wipe(std::size_t from, std::size_t to) noexcept;

  const ServerLimits& limits_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // of the request being read
  std::size_t end_ = 0;    // of what was received
  std::size_t used_ = 0;   // up to here the buffer may hold what was received, also what has been moved since

  Part part_ = Part::head;
  bool skipped_line_ = false;
  std::size_t scanned_ = 0;     // bytes searched for a line's end
  std::size_t head_bytes_ = 0;  // whole lines of the head so far
  std::size_t body_bytes_ = 0;  // in place so far
  std::size_t raw_begin_ = 0;   // where the undecoded rest of a chunked body begins, from begin_
  Chunks chunks_;
  Head head_;
  Refusal refusal_{};
};

}  // namespace signet::server::http

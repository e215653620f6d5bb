#include "server/http/intake.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "src/crypto/secure_memory.hpp"

namespace signet::server::http {

namespace {

constexpr std::size_t first_capacity = 4096;
constexpr std::size_t kept_capacity = 16 * 1024;  // a larger buffer is given back when its request is done
constexpr std::size_t request_line_extra = 32;    // the method and the version beside the target

// What can begin a method. Anything else (a TLS handshake, say) is told so at its first byte.
bool begins_method(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

struct Buffer {
  std::unique_ptr<char[]> bytes;
  std::size_t capacity = 0;
};

// Of this thread, wiped: of the last request that was done, for the next one on whichever connection.
Buffer& spare() noexcept {
  static thread_local Buffer kept;
  return kept;
}

}  // namespace

std::span<char> Intake::room() {
  if (capacity_ == 0) {
    auto& kept = spare();
    buffer_ = std::move(kept.bytes);
    capacity_ = std::exchange(kept.capacity, 0);
  }
  if (end_ == capacity_) {
    if (begin_ > 0 && part_ == Part::head) {
      std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    } else {
      grow(std::max(first_capacity, 2 * (end_ - begin_)));
    }
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

void Intake::grow(std::size_t capacity) {
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (buffer_) {
    std::memcpy(larger.get(), buffer_.get() + begin_, end_ - begin_);
    if (part_ == Part::body) head_.move(buffer_.get() + begin_, larger.get());
  }
  wipe(0, used_);
  end_ -= begin_;
  used_ = end_;
  begin_ = 0;
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

Intake::Next Intake::refuse(Refusal refusal) noexcept {
  refusal_ = refusal;
  part_ = Part::refused;
  return Next::refused;
}

Intake::Next Intake::next() {
  switch (part_) {
    case Part::head:
      return next_head();
    case Part::body:
      return next_body();
    case Part::request:
      return Next::request;
    case Part::refused:
      break;
  }
  return Next::refused;
}

// Line by line, so that a bad one is refused when it comes. What the lines hold is read when the head is whole.
Intake::Next Intake::next_head() {
  // RFC 9112 section 2.2: an empty line before the request line is passed over. One.
  if (head_bytes_ == 0 && !skipped_line_ && end_ - begin_ >= 2 && buffer_[begin_] == '\r' &&
      buffer_[begin_ + 1] == '\n') {
    begin_ += 2;
    scanned_ = 0;
    skipped_line_ = true;
  }
  auto text = std::string_view(buffer_.get() + begin_, end_ - begin_);
  if (text.empty()) return Next::more;
  if (head_bytes_ == 0 && !begins_method(text.front())) {
    if (text == "\r" && !skipped_line_) return Next::more;
    return refuse({400, "malformed request line"});
  }

  for (bool blank = false; !blank;) {
    auto newline = text.find('\n', scanned_);
    auto known = std::min(newline, text.size());
    if (head_bytes_ == 0 && known > limits_.target_bytes + request_line_extra)
      return refuse({414, "the request target is too long"});
    if (known >= limits_.header_bytes) return refuse({431, "the header is too large"});
    if (newline == std::string_view::npos) {
      scanned_ = text.size();
      return Next::more;
    }
    if (newline == 0 || text[newline - 1] != '\r') return refuse({400, "lines end with CR LF"});
    if (text[head_bytes_] == ' ' || text[head_bytes_] == '\t')  // RFC 9112 section 5.2
      return refuse({400, "folded header lines are not read here"});
    blank = newline - 1 == head_bytes_;
    head_bytes_ = scanned_ = newline + 1;
  }

  if (auto read = read_head(text.substr(0, head_bytes_), limits_.header_count, head_); !read)
    return refuse(read.error());
  if (head_.target.size() > limits_.target_bytes) return refuse({414, "the request target is too long"});
  part_ = Part::body;
  body_bytes_ = 0;
  if (head_.body == Head::Body::sized) {
    if (head_.length > limits_.body_bytes) return refuse({413, "the body is too large"});
    if (auto needed = head_bytes_ + head_.length; begin_ + needed > capacity_) grow(needed);
  } else if (head_.body == Head::Body::chunked) {
    chunks_ = Chunks(limits_.body_bytes);
    raw_begin_ = head_bytes_;
  }
  auto next = next_body();
  if (next == Next::more && head_.expects_continue && end_ - begin_ == head_bytes_) return Next::proceed;
  return next;
}

Intake::Next Intake::next_body() {
  if (head_.body != Head::Body::chunked) {
    body_bytes_ = std::min(head_.length, end_ - begin_ - head_bytes_);
    raw_begin_ = head_bytes_ + body_bytes_;
    if (body_bytes_ < head_.length) return Next::more;
    part_ = Part::request;
    return Next::request;
  }
  auto* base = buffer_.get() + begin_;
  auto available = end_ - begin_ - raw_begin_;
  auto progress = chunks_.decode(base + raw_begin_, available, base + head_bytes_ + body_bytes_);
  if (!progress) return refuse(progress.error());
  raw_begin_ += progress->read;
  body_bytes_ += progress->written;
  if (progress->done) {
    part_ = Part::request;
    return Next::request;
  }
  // The undecoded rest, a part of a line at most, moves up to the body, so that framing takes no room.
  auto rest = available - progress->read;
  std::memmove(base + head_bytes_ + body_bytes_, base + raw_begin_, rest);
  raw_begin_ = head_bytes_ + body_bytes_;
  end_ = begin_ + raw_begin_ + rest;
  return Next::more;
}

void Intake::wipe(std::size_t from, std::size_t to) noexcept {
  if (from < to) crypto::cleanse(buffer_.get() + from, to - from);
}

void Intake::done() noexcept {
  wipe(begin_, begin_ + raw_begin_);
  begin_ += raw_begin_;
  if (begin_ == end_) {
    wipe(end_, used_);
    begin_ = end_ = used_ = 0;
    if (capacity_ <= kept_capacity) spare() = {std::move(buffer_), capacity_};
    buffer_.reset();
    capacity_ = 0;
  }
  part_ = Part::head;
  skipped_line_ = false;
  scanned_ = head_bytes_ = body_bytes_ = raw_begin_ = 0;
  head_.clear();
}

}  // namespace signet::server::http

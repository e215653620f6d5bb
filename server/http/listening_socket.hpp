#pragma once

#include <expected>
#include <string>
#include <utility>

namespace signet::server::http {

// A socket that listens, whether or not somebody answers there yet. Closed with this, unless it was released.
class ListeningSocket {
 public:
  explicit ListeningSocket(int descriptor) noexcept : descriptor_{descriptor} {}
  ListeningSocket(ListeningSocket&& other) noexcept : descriptor_{other.release()} {}
  ListeningSocket& operator=(ListeningSocket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~ListeningSocket();

  // On ADDRESS:PORT or [IPv6 ADDRESS]:PORT; port 0 takes a free one. The error says where and why.
  [[nodiscard]] static std::expected<ListeningSocket, std::string> on(const std::string& where);

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;  // negative: none
};

}  // namespace signet::server::http

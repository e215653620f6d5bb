#pragma once
// The text of a refresh token: "sgr_" and 72 characters of base64url over
//   version (1 byte) . session id (16) . counter (4, big-endian) . key id (1) . HMAC-SHA-256 over all before it (32).
// Nothing in it is secret but the MAC, and nothing is stored: the same session and counter always give the same text.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/id.hpp"
#include "signet/secret.hpp"

namespace signet::server {

struct RefreshToken {
  SessionId session;
  std::uint32_t counter = 0;

  bool operator==(const RefreshToken&) const = default;
};

// Immutable, cheap to copy, used from any number of threads.
class RefreshTokenCodec {
 public:
  // The MAC keys come from these masters by HKDF-SHA256 (RFC 5869): new tokens get the current one's, tokens under a
  // retired one are still read. A key's id is derived from the key, so that nobody keeps a list.
  explicit RefreshTokenCodec(const Secret& current, const std::vector<Secret>& retired = {});

  [[nodiscard]] std::string write(const RefreshToken& token) const;

  // Nothing unless it is whole, of this version, and made by us: the MAC is compared in constant time, before anyone
  // looks up the session.
  [[nodiscard]] std::optional<RefreshToken> read(std::string_view text) const noexcept;

  static constexpr std::string_view prefix = "sgr_";
  static constexpr std::size_t text_size = 76;

 private:
  struct MacKey;
  std::shared_ptr<const std::vector<MacKey>> keys_;  // the current one first
};

}  // namespace signet::server

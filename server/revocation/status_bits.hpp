#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "server/sessions/status.hpp"
#include "signet/clock.hpp"

namespace signet::server {

// The status lists' bits, one a place: 0 valid, 1 invalid. Bits only ever go from 0 to 1.
class StatusBits {
 public:
  using Bytes = std::vector<std::uint8_t>;

  void set(const StatusEntry& entry);
  void set_all_below(const StatusEntry& end);
  // Drops the lists whose last token has expired for every verifier.
  void forget_expired(Time now);

  // As far as bits are set: what lies beyond is valid.
  [[nodiscard]] const std::map<std::int64_t, Bytes>& lists() const noexcept { return lists_; }

 private:
  std::map<std::int64_t, Bytes> lists_;
};

// `lst` of a status list (section 4.1): at least `places` bits, compressed in zlib's format, base64url. The lowest bit
// of a byte is the first.
[[nodiscard]] std::string compressed(StatusBits::Bytes bytes, std::size_t places);

}  // namespace signet::server

#pragma once

#include <cstddef>

namespace signet::json {

// The length of the UTF-8 sequence at `at` (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF), or 0.
inline std::size_t utf8_length(const char* at, const char* end) noexcept {
  const auto* in = reinterpret_cast<const unsigned char*>(at);
  const auto left = static_cast<std::size_t>(end - at);
  const auto continues = [&](std::size_t index, unsigned char low = 0x80, unsigned char high = 0xbf) {
    return index < left && in[index] >= low && in[index] <= high;
  };
  const unsigned char lead = in[0];
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
  if (lead == 0xe0) return continues(1, 0xa0) && continues(2) ? 3 : 0;
  if (lead == 0xed) return continues(1, 0x80, 0x9f) && continues(2) ? 3 : 0;
  if (lead >= 0xe1 && lead <= 0xef) return continues(1) && continues(2) ? 3 : 0;
  if (lead == 0xf0) return continues(1, 0x90) && continues(2) && continues(3) ? 4 : 0;
  if (lead >= 0xf1 && lead <= 0xf3) return continues(1) && continues(2) && continues(3) ? 4 : 0;
  if (lead == 0xf4) return continues(1, 0x80, 0x8f) && continues(2) && continues(3) ? 4 : 0;
  return 0;
}

}  // namespace signet::json

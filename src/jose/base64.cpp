#include "src/jose/base64.hpp"

#include <algorithm>
#include <string>

#include "src/jose/base64url.hpp"

namespace signet::jose {

// Both go through base64url, which has the vector instructions.

std::optional<crypto::SecretBytes> base64_decode(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.size() - 1 - text.find_last_not_of('=');
  if (padding > 2 || text.find_first_of("-_") != std::string_view::npos) return std::nullopt;
  crypto::SecretText digits(text.begin(), text.end() - static_cast<std::ptrdiff_t>(padding));
  std::ranges::replace(digits, '+', '-');
  std::ranges::replace(digits, '/', '_');
  crypto::SecretBytes bytes(base64url_decoded_size(digits.size()));
  if (!base64url_decode_into({digits.data(), digits.size()}, bytes.data())) return std::nullopt;
  return bytes;
}

crypto::SecretText base64_encode(std::span<const std::byte> bytes) {
  std::string digits = base64url_encode(bytes);
  crypto::SecretText text(digits.begin(), digits.end());
  crypto::cleanse(digits);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.resize((text.size() + 3) / 4 * 4, '=');
  return text;
}

}  // namespace signet::jose

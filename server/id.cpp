#include "server/id.hpp"

#include <algorithm>

#include "signet/secret.hpp"
#include "src/jose/base64url.hpp"

namespace signet::server {

std::array<std::byte, 16> random_id_bytes() {
  std::array<std::byte, 16> bytes;
  std::ranges::copy(Secret::random(bytes.size()).reveal(), bytes.begin());
  return bytes;
}

std::string id_text(const std::array<std::byte, 16>& bytes) { return jose::base64url_encode(bytes); }

std::optional<std::array<std::byte, 16>> id_bytes(std::string_view text) {
  auto decoded = jose::base64url_decode(text);
  std::array<std::byte, 16> bytes;
  if (!decoded || decoded->size() != bytes.size()) return std::nullopt;
  std::ranges::copy(*decoded, bytes.begin());
  return bytes;
}

}  // namespace signet::server

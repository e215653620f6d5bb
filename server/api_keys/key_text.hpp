#pragma once
// The text of an API key: sgn_<environment>_<id>_<secret>_<checksum>. Id (16 bytes), secret (32) and checksum (4:
// CRC-32 of all before it) are base62, so that a double click selects the whole of it. The checksum lets a scanner of
// source code tell a key from noise, and refuses what was cut or mistyped before anything is looked up.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/id.hpp"

namespace signet::server {

inline constexpr std::string_view api_key_prefix = "sgn_";
inline constexpr std::size_t api_key_secret_bytes = 32;

// 22 letters and digits.
[[nodiscard]] std::string api_key_id_text(const ApiKeyId& id);
[[nodiscard]] std::optional<ApiKeyId> api_key_id(std::string_view text) noexcept;

// The `sid` of the key's tokens, by which they are revoked: "sgn_" and the id, which is never the text of a session's.
[[nodiscard]] std::string api_key_session(const ApiKeyId& id);

// `environment`: letters and digits.
[[nodiscard]] std::string write_api_key(std::string_view environment, const ApiKeyId& id,
                                        std::span<const std::byte, api_key_secret_bytes> secret);

struct ReadApiKey {
  ApiKeyId id;
  std::array<std::byte, 32> secret_sha256{};
};
// Nothing unless it is whole and of that environment. Whether there is such a key, the table knows.
[[nodiscard]] std::optional<ReadApiKey> read_api_key(std::string_view environment, std::string_view text) noexcept;

[[nodiscard]] std::array<std::byte, 32> api_key_hash(std::span<const std::byte, api_key_secret_bytes> secret) noexcept;

}  // namespace signet::server

#pragma once
// The text of a credential that is looked up: <prefix><id>_<secret>_<checksum>. Id (16 bytes), secret (32) and checksum
// (4: CRC-32 of all before it) are base62, so that a double click selects the whole of it. The checksum lets a scanner
// of source code tell a credential from noise, and refuses what was cut or mistyped before anything is looked up. Only
// the SHA-256 of the secret is kept: 256 random bits need no slower hash.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signet::server {

inline constexpr std::size_t credential_secret_bytes = 32;
using SecretHash = std::array<std::byte, 32>;

[[nodiscard]] SecretHash secret_hash(std::span<const std::byte, credential_secret_bytes> secret) noexcept;
// In constant time.
[[nodiscard]] bool same_secret(const SecretHash& a, const SecretHash& b) noexcept;

// 22 letters and digits.
[[nodiscard]] std::string base62_id(const std::array<std::byte, 16>& id);
[[nodiscard]] std::optional<std::array<std::byte, 16>> read_base62_id(std::string_view text) noexcept;

[[nodiscard]] std::string write_credential(std::string_view prefix, const std::array<std::byte, 16>& id,
                                           std::span<const std::byte, credential_secret_bytes> secret);

struct MadeCredential {
  std::string text;  // to be shown once
  SecretHash secret_sha256{};
};
// With a new secret.
[[nodiscard]] MadeCredential make_credential(std::string_view prefix, const std::array<std::byte, 16>& id);

struct ReadCredential {
  std::array<std::byte, 16> id{};
  SecretHash secret_sha256{};
};
// Nothing unless it is whole. The first `prefix_size` characters are the caller's to look at.
[[nodiscard]] std::optional<ReadCredential> read_credential(std::string_view text, std::size_t prefix_size) noexcept;

}  // namespace signet::server

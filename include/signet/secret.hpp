#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"

namespace signet {

// How a passphrase becomes the key under which a private key is written (PBES2, RFC 8018 section 6.2).
enum class PassphraseHash : std::uint8_t {
  scrypt,  // N = 16384, r = 8, p = 5: 16 MiB, and the most that OpenSSL reads in one piece
  pbkdf2,  // HMAC-SHA-256, 600,000 iterations: for readers that do not know scrypt
};

// Bytes that must not be seen: zeroed when they go, compared in constant time, movable, not copyable, not printable.
// Every read of the bytes is spelled `reveal`, so that a search finds them all.
class Secret {
 public:
  // Takes a copy of the bytes; the caller clears his own.
  [[nodiscard]] static Secret from_bytes(std::span<const std::byte> bytes);
  [[nodiscard]] static Secret from_text(std::string_view text);

  // base64url without padding (RFC 4648 section 5), strict. Errors: key_malformed.
  [[nodiscard]] static std::expected<Secret, Error> from_base64url(std::string_view text);

  // The bytes of an environment variable. Errors: input_output when it is unset or empty.
  [[nodiscard]] static std::expected<Secret, Error> from_env(const char* variable);

  // The bytes of a file, less one trailing line end. At most 64 KiB. Errors: input_output, also when nothing
  // is left.
  [[nodiscard]] static std::expected<Secret, Error> from_file(const std::filesystem::path& path);

  // `size` bytes from the system's random generator.
  [[nodiscard]] static Secret random(std::size_t size);

  Secret(Secret&&) noexcept;
  Secret& operator=(Secret&&) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  [[nodiscard]] Secret copy() const;
  [[nodiscard]] std::span<const std::byte> reveal() const noexcept { return bytes_; }
  [[nodiscard]] std::string_view reveal_text() const noexcept {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

  // Constant time for equal lengths; lengths are not secret.
  [[nodiscard]] bool equals(const Secret& other) const noexcept;

  // A secret has no printed form: these do not exist.
  template <class Stream>
  friend Stream& operator<<(Stream&, const Secret&) = delete;

 private:
  explicit Secret(std::vector<std::byte> bytes) noexcept : bytes_{std::move(bytes)} {}
  std::vector<std::byte> bytes_;
};

}  // namespace signet

#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "src/jose/algorithms.hpp"

struct evp_md_st;

namespace signet::crypto {

// OpenSSL's implementation, fetched once a process; null when no provider offers it.
// Precondition: `digest` is not Digest::none.
[[nodiscard]] const evp_md_st* fetched(jose::Digest digest) noexcept;

// OpenSSL's name: "SHA2-256".
[[nodiscard]] const char* name(jose::Digest digest) noexcept;

// The hash of `text`, in `room`; empty for Digest::none. Nothing: OpenSSL failed.
[[nodiscard]] std::optional<std::span<const std::byte>> digest(jose::Digest digest, std::string_view text,
                                                               std::array<std::byte, 64>& room) noexcept;

// As many bytes of SHAKE256 (FIPS 202) as `out` has. False: OpenSSL failed.
[[nodiscard]] bool shake256(std::string_view text, std::span<std::byte> out) noexcept;

// Throw std::runtime_error when OpenSSL offers no such digest. SHA-1 is for `x5t`, which names a certificate and proves
// nothing.
[[nodiscard]] std::array<std::byte, 32> sha256(std::span<const std::byte> bytes);
[[nodiscard]] std::array<std::byte, 20> sha1(std::span<const std::byte> bytes);

}  // namespace signet::crypto

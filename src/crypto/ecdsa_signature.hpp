#pragma once
// ECDSA signatures: JWS has r || s, each as long as the field (RFC 7518 section 3.4); OpenSSL has DER.

#include <array>
#include <cstddef>
#include <span>

namespace signet::crypto {

// SEQUENCE of two INTEGERs of at most 67 bytes each: 3 + 2 * (2 + 67).
using DerSignature = std::array<std::byte, 144>;

// The bytes written; 0 when r or s is not in 1..order-1 (case 6).
// Preconditions: raw.size() is 2 * order.size(), order.size() at most 66.
[[nodiscard]] std::size_t der_from_raw(std::span<const std::byte> raw, std::span<const std::byte> order,
                                       DerSignature& der) noexcept;

// Into `raw`, which has two fields' size. False: `der` is not a signature that fits.
[[nodiscard]] bool raw_from_der(std::span<const std::byte> der, std::span<std::byte> raw) noexcept;

}  // namespace signet::crypto

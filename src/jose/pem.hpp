#pragma once
// PEM (RFC 7468), strict: one block, white space around it and nothing else.

#include <expected>
#include <span>
#include <string_view>

#include "signet/error.hpp"
#include "src/crypto/key_material.hpp"

namespace signet::jose {

struct EncodedKey {
  crypto::Encoding encoding;
  crypto::SecretBytes bytes;  // the DER, or for Encoding::legacy_encrypted the whole text
};

// Errors: key_malformed; key_unsupported for a label that names no key ("OPENSSH PRIVATE KEY", "EC PARAMETERS").
[[nodiscard]] std::expected<EncodedKey, Error> read_pem(std::string_view text);

// DER in its armour, lines of 64 characters. Precondition: not Encoding::legacy_encrypted.
[[nodiscard]] crypto::SecretText write_pem(crypto::Encoding encoding, std::span<const std::byte> der);

}  // namespace signet::jose

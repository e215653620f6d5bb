#pragma once

#include <cstddef>
#include <expected>
#include <span>

#include "signet/error.hpp"
#include "src/jose/pem.hpp"

namespace signet::jose {

// A key in DER (X.690), of which the first elements tell the form: SPKI, PKCS#1, certificate, PKCS#8, encrypted or not,
// SEC1. Only they are looked at here. Errors: key_malformed.
[[nodiscard]] std::expected<EncodedKey, Error> read_der(std::span<const std::byte> bytes);

}  // namespace signet::jose

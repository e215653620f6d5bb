#pragma once

#include <cstddef>
#include <string_view>

#include "signet/secret.hpp"

namespace signet::server {

// A key for one use, the same each time for the same label: HKDF-SHA-256 (RFC 5869) without a salt, for `from` is
// uniformly random already. At most 8160 bytes.
[[nodiscard]] Secret hkdf_sha256(const Secret& from, std::string_view label, std::size_t size);

}  // namespace signet::server

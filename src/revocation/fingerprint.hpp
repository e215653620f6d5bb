#pragma once

#include <cstdint>
#include <string_view>

namespace signet::revocation {

// What stands for a text in memory. Keyed with random numbers that the process draws once: two texts share a
// fingerprint by an accident of 1 to 2^128, and nobody can look for such a pair outside this process.
struct Fingerprint {
  std::uint64_t place;  // says where it stands as well
  std::uint64_t proof;
};

[[nodiscard]] Fingerprint fingerprint(std::string_view text) noexcept;

// Draws the keys, if nobody has. To be called once before the first `fingerprint`. Throws std::system_error.
void draw_fingerprint_keys();

}  // namespace signet::revocation

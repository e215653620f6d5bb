// Stored password hashes (PHC strings), which an import may have brought. What is read is the one text of its costs,
// and libsodium, which checks the password against the very same text, never sees other costs in it.

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "fuzz/property.hpp"
#include "server/accounts/password_hash.hpp"

namespace {

using namespace signet;
using namespace signet::server;

std::uint64_t work(const HashParameters& costs) { return std::uint64_t{costs.memory_kib} * costs.passes; }

// The work that a cheaper hash lacks is made up for, to less than one pass of the smallest memory that Argon2 takes.
void missing(const HashParameters& done, const HashParameters& whole) {
  const auto more = missing_work(done, whole);
  if (!more) {
    fuzz::require(work(done) >= work(whole) || work(whole) - work(done) < 8ULL * whole.passes);
    return;
  }
  const std::uint64_t all = work(done) + work(*more);
  fuzz::require(all <= work(whole) && work(whole) - all < whole.passes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool started = sodium_init() >= 0;
  fuzz::require(started);
  const auto text = fuzz::text_of(data, size);
  const auto costs = hash_costs(text);
  if (costs) {
    const auto written = "$argon2id$v=19$m=" + std::to_string(costs->memory_kib) +
                         ",t=" + std::to_string(costs->passes) + ",p=" + std::to_string(costs->lanes) + "$";
    fuzz::require(text.starts_with(written));
    if (costs->passes != 0) missing({costs->memory_kib, costs->passes}, {});
    missing({}, {costs->memory_kib, costs->passes == 0 ? 1 : costs->passes});
  }

  const std::string copy{text};
  if (copy.size() != std::strlen(copy.c_str())) {
    fuzz::require(!costs);
    return 0;
  }
  const auto sees = [&](std::uint64_t passes, std::uint64_t memory_kib) {
    return crypto_pwhash_argon2id_str_needs_rehash(copy.c_str(), passes, memory_kib * 1024);
  };
  if (sees(1, 8) == -1) return 0;  // not a hash to libsodium
  // libsodium 1.0.18 takes bytes beyond ASCII for base64; here they are refused.
  const bool is_ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  fuzz::require(costs ? sees(costs->passes, costs->memory_kib) == 0 : !is_ascii);
  return 0;
}

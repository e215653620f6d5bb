#include "server/accounts/password_hash.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>

namespace signet::server {
namespace {

constexpr std::uint32_t least_memory_kib = 7 * 1024;
constexpr std::uint64_t least_work_kib = 35 * 1024;  // memory times passes
constexpr std::uint64_t least_argon2_kib = 8;        // RFC 9106 section 3.1: 8 blocks a lane
constexpr std::uint32_t most_memory_kib = 1024 * 1024;
constexpr std::uint32_t most_passes = 16;
constexpr std::uint32_t most_lanes = 16;

void start_sodium() {
  static const bool started = sodium_init() >= 0;
  if (!started) throw std::runtime_error{"libsodium cannot be initialized"};
}

// Takes `prefix` and a decimal number off the front; false when they are not there.
// A PHC string's decimal has no zeros in front, so that one hash has one text.
bool take_number(std::string_view& text, std::string_view prefix, std::uint32_t& value) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  if (text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') return false;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool is_base64(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
}

// libsodium wants a pointer even to nothing.
std::string_view text_of(const Secret& password) noexcept {
  return password.size() == 0 ? std::string_view{""} : password.reveal_text();
}

std::uint64_t work_of(const HashParameters& costs) noexcept { return std::uint64_t{costs.memory_kib} * costs.passes; }

// Takes as long as a hash of such costs. False without the memory for it.
bool spend(const HashParameters& costs, const Secret& password) noexcept {
  std::array<unsigned char, 32> forgotten{};
  std::array<unsigned char, crypto_pwhash_argon2id_SALTBYTES> salt{};
  randombytes_buf(salt.data(), salt.size());
  const auto text = text_of(password);
  const bool done =
      crypto_pwhash(forgotten.data(), forgotten.size(), text.data(), text.size(), salt.data(), costs.passes,
                    std::size_t{costs.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0;
  sodium_memzero(forgotten.data(), forgotten.size());
  return done;
}

std::string out_of_memory() { return "not enough memory to hash a password"; }

}  // namespace

std::optional<HashCosts> hash_costs(std::string_view phc) noexcept {
  HashCosts costs{};
  if (!take_number(phc, "$argon2id$v=19$m=", costs.memory_kib) || !take_number(phc, ",t=", costs.passes) ||
      !take_number(phc, ",p=", costs.lanes) || !phc.starts_with('$')) {
    return std::nullopt;
  }
  phc.remove_prefix(1);
  const auto between = phc.find('$');
  if (between == phc.npos || !is_base64(phc.substr(0, between)) || !is_base64(phc.substr(between + 1))) {
    return std::nullopt;
  }
  return costs;
}

std::optional<HashParameters> missing_work(const HashParameters& done, const HashParameters& whole) noexcept {
  if (work_of(done) >= work_of(whole)) return std::nullopt;
  const auto memory_kib = (work_of(whole) - work_of(done)) / whole.passes;
  if (memory_kib < least_argon2_kib) return std::nullopt;
  return HashParameters{.memory_kib = static_cast<std::uint32_t>(memory_kib), .passes = whole.passes};
}

std::expected<Argon2id, Error> Argon2id::with(HashParameters parameters) {
  start_sodium();
  if (parameters.memory_kib < least_memory_kib || parameters.memory_kib > most_memory_kib || parameters.passes < 1 ||
      parameters.passes > most_passes || std::uint64_t{parameters.memory_kib} * parameters.passes < least_work_kib) {
    return std::unexpected(
        Error{ErrorCode::invalid_configuration,
              "Argon2id needs 7 MiB to 1 GiB of memory, 1 to 16 passes, and memory times passes of at "
              "least 35 MiB"});
  }
  if (!spend(parameters, Secret::random(32))) return std::unexpected(Error{ErrorCode::internal, out_of_memory()});
  return Argon2id{parameters};
}

std::expected<std::string, Error> Argon2id::hash(const Secret& password) const {
  std::array<char, crypto_pwhash_argon2id_STRBYTES> phc{};
  const auto text = text_of(password);
  if (crypto_pwhash_argon2id_str(phc.data(), text.data(), text.size(), parameters_.passes,
                                 std::size_t{parameters_.memory_kib} * 1024) != 0) {
    return std::unexpected(Error{ErrorCode::internal, out_of_memory()});
  }
  return std::string{phc.data()};
}

std::expected<bool, Error> Argon2id::verify(std::string_view phc, const Secret& password) const {
  const auto costs = hash_costs(phc);
  if (!costs) return std::unexpected(Error{ErrorCode::key_malformed, "not an Argon2id hash in PHC form"});
  if (costs->memory_kib > most_memory_kib || costs->passes > most_passes || costs->lanes > most_lanes) {
    return std::unexpected(Error{ErrorCode::key_malformed, "an Argon2id hash of costs that are out of bounds"});
  }
  const HashParameters done{.memory_kib = costs->memory_kib, .passes = costs->passes};
  raise_yardstick(done);
  const auto text = text_of(password);
  errno = 0;
  const bool same = crypto_pwhash_argon2id_str_verify(std::string{phc}.c_str(), text.data(), text.size()) == 0;
  // EINVAL is libsodium's word for "another password".
  if (!same && errno != EINVAL) return std::unexpected(Error{ErrorCode::internal, out_of_memory()});
  // Also when it is the same: the account may be disabled, which nobody is told.
  if (const auto missing = missing_work(done, yardstick())) (void)spend(*missing, password);
  return same;
}

void Argon2id::verify_nothing(const Secret& password) const { (void)spend(yardstick(), password); }

void Argon2id::raise_yardstick(const HashParameters& seen) const noexcept {
  constexpr std::uint64_t most_times = 4;
  if (work_of(seen) > most_times * work_of(parameters_) || seen.memory_kib > most_times * parameters_.memory_kib)
    return;
  auto now = yardstick();
  while (work_of(seen) > work_of(now) && !yardstick_->compare_exchange_weak(now, seen, std::memory_order_relaxed))
    continue;
}

bool Argon2id::needs_rehash(std::string_view phc) const {
  const auto costs = hash_costs(phc);
  return !costs || costs->memory_kib < parameters_.memory_kib || costs->passes < parameters_.passes ||
         costs->lanes != 1;
}

}  // namespace signet::server

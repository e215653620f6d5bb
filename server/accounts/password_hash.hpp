#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "signet/error.hpp"
#include "signet/secret.hpp"

namespace signet::server {

// Argon2id's costs (RFC 9106). The defaults are OWASP's (Password Storage Cheat Sheet: m=19 MiB, t=2, p=1); raising
// them raises each account's hash at its next login.
struct HashParameters {
  std::uint32_t memory_kib = 19 * 1024;
  std::uint32_t passes = 2;

  bool operator==(const HashParameters&) const = default;
};

// The costs that stand in a PHC string ($argon2id$v=19$m=..,t=..,p=..$salt$hash); nullopt when it is not one.
struct HashCosts {
  std::uint32_t memory_kib, passes, lanes;
};
[[nodiscard]] std::optional<HashCosts> hash_costs(std::string_view phc) noexcept;

// The costs of a hash that takes as long as is missing between one of `done` and one of `whole` (Argon2's time is that
// of memory times passes); nullopt when nothing is, or too little to tell.
[[nodiscard]] std::optional<HashParameters> missing_work(const HashParameters& done,
                                                         const HashParameters& whole) noexcept;

// Injected, so that tests can count what is hashed. Thread-safe; slow on purpose: for the password lane only.
class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;

  // A PHC string with a new random salt. Errors: internal (out of memory).
  [[nodiscard]] virtual std::expected<std::string, Error> hash(const Secret& password) const = 0;

  // Whether the password made the hash. Errors: key_malformed (not a hash that may be checked here), internal.
  [[nodiscard]] virtual std::expected<bool, Error> verify(std::string_view phc, const Secret& password) const = 0;

  // The work of one `verify` against a hash that no password makes: for a username that does not exist.
  virtual void verify_nothing(const Secret& password) const = 0;

  // Whether the hash was made with less than the current costs, or in another form.
  [[nodiscard]] virtual bool needs_rehash(std::string_view phc) const = 0;
};

// Argon2id by libsodium. Checks hashes of larger parameters as well, up to 1 GiB and 16 passes, so that lowering the
// costs locks nobody out.
//
// After the costs were changed, accounts have hashes of the old costs until their next login, or for good when the
// costs were lowered (a hash is never renewed by a cheaper one). Were each verified at its own price, the time would
// tell an account from a name that does not exist. So all verifications cost the same, the yardstick's price: a cheaper
// hash is followed by the work that it lacks, a username that does not exist costs all of it. The yardstick is the
// dearest hash seen so far, the current costs at first. What is left: after a start with lowered costs, until the first
// login to an older account; and a hash of more than four times the current costs, such as an imported one, which must
// not slow down everybody.
class Argon2id final : public PasswordHasher {
 public:
  // Errors: invalid_configuration below OWASP's weakest choice (m=7 MiB, t=5 and its equals: memory times passes of at
  // least 35 MiB, memory at least 7 MiB) or above the cap.
  [[nodiscard]] static std::expected<Argon2id, Error> with(HashParameters parameters);

  [[nodiscard]] std::expected<std::string, Error> hash(const Secret& password) const override;
  [[nodiscard]] std::expected<bool, Error> verify(std::string_view phc, const Secret& password) const override;
  void verify_nothing(const Secret& password) const override;
  [[nodiscard]] bool needs_rehash(std::string_view phc) const override;

  [[nodiscard]] const HashParameters& parameters() const noexcept { return parameters_; }
  [[nodiscard]] HashParameters yardstick() const noexcept { return yardstick_->load(std::memory_order_relaxed); }

 private:
  explicit Argon2id(HashParameters parameters)
      : parameters_{parameters}, yardstick_{std::make_unique<std::atomic<HashParameters>>(parameters)} {}
  void raise_yardstick(const HashParameters& seen) const noexcept;

  HashParameters parameters_;
  std::unique_ptr<std::atomic<HashParameters>> yardstick_;  // apart, so that this can be moved
};

}  // namespace signet::server

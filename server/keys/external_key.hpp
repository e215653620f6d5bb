#pragma once
// Signing keys that are elsewhere, in an HSM: how they are reached, and what is done while they are not.

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "signet/algorithm.hpp"
#include "signet/error.hpp"
#include "signet/external_signer.hpp"
#include "signet/key.hpp"

namespace signet::server {

struct ExternalKeys {
  // What signs with the key at `location`; asks it for nothing yet. Unset: none can be reached.
  std::function<std::expected<std::shared_ptr<ExternalSigner>, Error>(Algorithm, std::string_view location)> signer;
  // The key at `location` does not answer, and why; or, without a reason, it does again. From any thread that signs.
  std::function<void(std::string_view location, const Error* why)> told;
};

// A key elsewhere, which may stop answering. Once it has, nobody waits for it: whoever signs gets signer_failed at once
// until `probe` has found it again.
class ExternalKey {
 public:
  // Errors: those of ExternalKeys::signer and of SigningKey::external.
  [[nodiscard]] static std::expected<std::shared_ptr<ExternalKey>, Error> of(const VerifyingKey& public_key,
                                                                             std::string_view location,
                                                                             const ExternalKeys& keys);

  // Keeps what it needs of this alive.
  [[nodiscard]] const SigningKey& signing_key() const noexcept { return key_; }

  // False once it has not answered. Until it was asked for the first time, it is taken to.
  [[nodiscard]] bool answers() const noexcept;

  // Signs something if the last thing was not signed, or nothing yet. May take as long as the key does.
  void probe();

 private:
  class Watched;
  ExternalKey(SigningKey key, SigningKey unwatched, std::shared_ptr<Watched> watched)
      : key_{std::move(key)}, unwatched_{std::move(unwatched)}, watched_{std::move(watched)} {}

  SigningKey key_;
  SigningKey unwatched_;  // the same key; asked when nobody else may
  std::shared_ptr<Watched> watched_;
};

}  // namespace signet::server

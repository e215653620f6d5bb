#pragma once
// Keys in a PKCS#11 token: an HSM, a smart card, SoftHSM. Link signet::pkcs11; the vendor's module is loaded when the
// program runs, so nothing but the program that names one depends on it.
//
//   signet::Pkcs11 hsm{"/usr/lib/softhsm/libsofthsm2.so", std::move(pin)};
//   auto key = hsm.signing_key(signet::Algorithm::ES256, "pkcs11:token=vault;object=login-2026");
//   auto token = signet::Signer{*key}.sign(claims);

#include <chrono>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "signet/algorithm.hpp"
#include "signet/error.hpp"
#include "signet/external_signer.hpp"
#include "signet/key.hpp"
#include "signet/secret.hpp"

namespace signet {

// Where a private key is: the path of a PKCS#11 URI (RFC 7512). The token by its label or its serial number, the key by
// its label or its id, or by both.
struct Pkcs11Uri {
  std::string token;
  std::string serial;
  std::string object;
  std::string id;  // bytes

  // Strict: any other attribute is an error, `pin-value` above all: a PIN does not stand in an address. Errors:
  // invalid_configuration.
  [[nodiscard]] static std::expected<Pkcs11Uri, Error> parse(std::string_view text);
  // The same place has one text.
  [[nodiscard]] std::string text() const;

  bool operator==(const Pkcs11Uri&) const = default;
};

struct Pkcs11Limits {
  // Calls that are in the module at one time. A token that hangs holds up so many threads and no more: who comes after
  // them waits for `wait` and then gets signer_failed.
  std::size_t calls = 8;
  std::chrono::milliseconds wait{2000};
  // From one start of the module to the next, while its token cannot be found.
  std::chrono::milliseconds pause{1000};
};

// A vendor's module, and the PIN of its tokens. Thread-safe. Copies share the module, which is loaded by the first call
// that needs it and unloaded after the last key of it is gone.
//
// A token that was gone is found again: after a failure the next call starts the module anew.
// A PIN that the token refuses is not tried again, for tokens lock after a few.
class Pkcs11 {
 public:
  // Without a PIN it does not log in, which some tokens ask for. Loads nothing yet.
  explicit Pkcs11(std::filesystem::path module, std::optional<Secret> pin = std::nullopt,
                  const Pkcs11Limits& limits = {});

  // The key at that place; its public half is read from the token, where it stands beside the private one, and kept.
  // Its `kid` is the RFC 7638 thumbprint. Errors: invalid_configuration (the URI), key_unsupported (an algorithm that
  // PKCS#11 does not sign with here), key_not_found (there is none, or more than one), key_mismatch (another kind of
  // key), signer_failed (the module, the token or its PIN), those of VerifyingKey::from_jwk.
  [[nodiscard]] std::expected<SigningKey, Error> signing_key(Algorithm algorithm, std::string_view uri) const;

  // What signs with it, for SigningKey::external and whoever has kept the public half: the token is asked for nothing
  // until something is signed. Errors: invalid_configuration, key_unsupported.
  [[nodiscard]] std::expected<std::shared_ptr<ExternalSigner>, Error> signer(Algorithm algorithm,
                                                                             std::string_view uri) const;

 private:
  std::shared_ptr<class Pkcs11Module> module_;
};

}  // namespace signet

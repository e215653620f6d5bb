#pragma once
// Signs with a private key in a PKCS#11 token (an HSM, a smart card, SoftHSM): the library's ExternalSigner over the
// vendor's module, which is loaded when the program runs.

#include <signet/signet.hpp>

#include <memory>
#include <string>

namespace example {

// Where the key is: the module's shared library, the token's label, the key's label.
struct Pkcs11Key {
  std::string module;
  std::string token;
  std::string label;
};

// Logged in with `pin`, the key found. Errors: key_unsupported (PKCS#11 does not sign like that here), key_not_found,
// signer_failed.
std::expected<std::shared_ptr<signet::ExternalSigner>, signet::Error> open_pkcs11(const Pkcs11Key& key,
                                                                                  signet::Algorithm algorithm,
                                                                                  const signet::Secret& pin);

}  // namespace example

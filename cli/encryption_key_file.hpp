#pragma once
// Keys for encryption as they come from the command line: JWK or PEM in a file, or a password in an environment
// variable.

#include <expected>
#include <string>
#include <string_view>

#include "cli/console.hpp"
#include "signet/encryption_key.hpp"

namespace signet::cli {

// Exactly one of the first two.
struct EncryptionKeySource {
  std::string file;          // JWK or PEM; `-` is standard input
  std::string password_env;  // needs a PBES2 algorithm
  std::string algorithm;     // empty: the JWK's own
  std::string passphrase_env;
};

// A key to encrypt for, from whatever holds one: public, private or octet JWK, public or private PEM, certificate.
[[nodiscard]] std::expected<EncryptionKey, Trouble> load_encryption_key(const EncryptionKeySource& source,
                                                                        Console& console);

// A private or octet key.
[[nodiscard]] std::expected<DecryptionKey, Trouble> load_decryption_key(const EncryptionKeySource& source,
                                                                        Console& console);

}  // namespace signet::cli

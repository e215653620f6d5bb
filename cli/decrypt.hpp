#pragma once

#include <string>

#include "cli/console.hpp"
#include "cli/encryption_key_file.hpp"

namespace signet::cli {

struct DecryptRequest {
  std::string file;  // the message; empty or `-` is standard input
  EncryptionKeySource key;
  bool allow_compression = false;
  bool allow_unprotected_algorithm = false;
  bool json = false;
};

// Prints what one message (RFC 7516, compact or JSON) holds. Exit::refused when it cannot be decrypted.
Exit decrypt(const DecryptRequest& request, Console& console);

}  // namespace signet::cli

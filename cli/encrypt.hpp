#pragma once

#include <string>
#include <vector>

#include "cli/console.hpp"
#include "cli/encryption_key_file.hpp"

namespace signet::cli {

struct EncryptRequest {
  std::vector<std::string> keys;  // files; several make the message general
  EncryptionKeySource source;     // the rest of what is said about the keys
  std::string content_encryption;
  std::string type, content_type;
  std::string form;  // compact, flattened or general
  std::string file;  // what is encrypted; empty or `-` is standard input
};

// Prints one message (RFC 7516) on one line.
Exit encrypt(const EncryptRequest& request, Console& console);

}  // namespace signet::cli

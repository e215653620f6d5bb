#pragma once
// What a Decrypter decides with, and what it gives back.

#include <memory>
#include <string>
#include <vector>

#include "signet/jwe.hpp"
#include "src/jwe/key_data.hpp"
#include "src/jwe/key_management.hpp"
#include "src/jwe/message.hpp"

namespace signet::jwe {

struct Policy {
  std::vector<KeyHandle> keys;
  std::vector<ContentEncryption> allowed;
  unsigned most_iterations = 0;   // 0: no passphrases
  std::size_t most_inflated = 0;  // 0: no compression
  bool unprotected_algorithms = false;
  std::vector<std::string> understood;
  Limits limits;
};

struct DecryptedData {
  Message message;
  Limits limits;
  SecretBytes plaintext = {};
  KeyHandle key = {};
  ContentEncryption content_encryption{};
  std::size_t recipient = 0;
  std::string additional_data = {};
};

}  // namespace signet::jwe

#pragma once
// JWK Sets in files: of public keys, or of private keys, or of secrets, never of two of them (SECURITY_CASES 44).

#include <string>
#include <vector>

#include "cli/console.hpp"

namespace signet::cli {

struct KeysetListRequest {
  std::string set;
  bool json = false;
};

struct KeysetAddRequest {
  std::string set;                 // made when there is none
  std::vector<std::string> files;  // keys: JWK, PEM or DER
  std::string algorithm;           // of keys that name none
  bool public_half = false;        // of private keys
  std::string passphrase_file;     // of encrypted keys
};

struct KeysetRemoveRequest {
  std::string set;
  std::vector<std::string> key_ids;
};

struct KeysetRotateRequest {
  std::string set;
  std::string file;  // the key that comes first; empty: a new one like the first of a private set
  std::string algorithm;
  bool public_half = false;
  std::string passphrase_file;
  std::string keep;  // how many keys stay; empty: 2
};

Exit list_keyset(const KeysetListRequest& request, Console& console);
Exit add_to_keyset(const KeysetAddRequest& request, Console& console);
Exit remove_from_keyset(const KeysetRemoveRequest& request, Console& console);
Exit rotate_keyset(const KeysetRotateRequest& request, Console& console);

}  // namespace signet::cli

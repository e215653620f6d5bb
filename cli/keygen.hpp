#pragma once

#include <string>

#include "cli/console.hpp"

namespace signet::cli {

struct KeygenRequest {
  std::string algorithm;
  std::string key_id;  // empty: the RFC 7638 thumbprint
  bool no_key_id = false;
  std::string bits;   // RSA only
  std::string curve;  // ECDH-ES only
  bool pem = false;
  std::string out;         // empty: standard output
  std::string public_out;  // empty: none
};

// Makes a key and writes it: a private JWK, or PKCS#8 PEM.
Exit keygen(const KeygenRequest& request, Console& console);

}  // namespace signet::cli

#pragma once

#include <string>

#include "cli/console.hpp"

namespace signet::cli {

struct ConvertRequest {
  std::string file;  // JWK, PEM or DER; `-` is standard input
  std::string to;    // jwk, pem or der; empty: PEM of a JWK, and a JWK of the others
  std::string algorithm;
  bool public_half = false;
  std::string key_id;  // empty: the JWK's own; of PEM and DER, the RFC 7638 thumbprint
  std::string passphrase_file;
  std::string new_passphrase_file;  // empty: not encrypted
  bool pbkdf2 = false;              // instead of scrypt
  std::string out;                  // empty: standard output
};

// Writes a key in another form.
Exit convert(const ConvertRequest& request, Console& console);

}  // namespace signet::cli

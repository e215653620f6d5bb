#pragma once

#include <string>
#include <vector>

#include "cli/console.hpp"

namespace signet::cli {

struct JwksRequest {
  std::vector<std::string> files;  // JWK, PEM or certificate, private or public; `-` is standard input
  std::string algorithm;           // of RSA keys that name none
};

// Prints the public JWK Set of the keys; a key without `kid` gets its RFC 7638 thumbprint.
Exit jwks(const JwksRequest& request, Console& console);

}  // namespace signet::cli

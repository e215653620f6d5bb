#pragma once

#include <string>

#include "cli/console.hpp"

namespace signet::cli {

// Prints the RFC 7638 thumbprint (SHA-256, base64url) of the key in the file: JWK, PEM or certificate.
Exit thumbprint(const std::string& file, Console& console);

}  // namespace signet::cli

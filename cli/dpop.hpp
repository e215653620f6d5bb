#pragma once

#include <string>

#include "cli/console.hpp"
#include "cli/key_file.hpp"

namespace signet::cli {

struct DpopRequest {
  SigningKeySource key;
  std::string method, url;
  std::string token_file;  // `-` is standard input; empty: no access token is sent with the request
  std::string nonce;
};

// Prints one proof of possession (RFC 9449), for one request.
Exit dpop(const DpopRequest& request, Console& console);

}  // namespace signet::cli

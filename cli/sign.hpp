#pragma once

#include <string>
#include <vector>

#include "cli/console.hpp"
#include "cli/key_file.hpp"

namespace signet::cli {

struct SignRequest {
  SigningKeySource key;
  std::string claims_file;  // a JSON object, `-` is standard input; the flags below override its members
  std::string issuer, subject;
  std::vector<std::string> audiences;
  std::string expires_at, not_before, issued_at;  // as parse_time reads them
  bool no_expiry = false;
  bool no_issued_at = false;
  std::string id;  // empty: random
  bool no_id = false;
  std::vector<std::string> claims;       // name=text
  std::vector<std::string> json_claims;  // name=JSON
  std::string type;                      // empty: JWT
  bool no_type = false;
  std::vector<std::string> headers;  // name=text
};

// Prints one compact token.
Exit sign(const SignRequest& request, Console& console);

}  // namespace signet::cli

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

  std::string payload_file;  // signed as it is, instead of claims; the rest is for that alone
  std::string form;          // compact, flattened or general
  std::string content_type;
  std::vector<std::string> also_keys;
  bool detached = false;
  bool unencoded = false;
};

// Prints one compact token, or a JWS over the payload.
Exit sign(const SignRequest& request, Console& console);

}  // namespace signet::cli

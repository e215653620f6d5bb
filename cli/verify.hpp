#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/console.hpp"
#include "cli/key_file.hpp"

namespace signet::cli {

struct VerifyRequest {
  std::optional<std::string> token;  // none or `-`: one a line from standard input
  VerifyingKeySource keys;
  std::vector<std::string> issuers;  // any of them
  bool any_issuer = false;
  std::vector<std::string> audiences;
  bool all_audiences = false;
  bool any_audience = false;
  std::string subject;
  std::string type;  // empty: JWT, at+jwt or none
  bool any_type = false;
  std::string leeway;
  std::string maximum_age;
  bool allow_missing_expiry = false;
  bool require_not_before = false;
  std::vector<std::string> required;
  std::string at;            // verify as of this instant; empty: now
  bool raw = false;          // the payload is not claims; the rest is for that alone
  std::string payload_file;  // of detached messages
  bool all_signatures = false;
  bool allow_unprotected_algorithm = false;
  bool json = false;
};

// Verifies each token and says so, in the order given. Exit::ok when all are valid, Exit::refused when one is not,
// Exit::misuse when there was none.
Exit verify(const VerifyRequest& request, Console& console);

// The answer for a message that does not hold.
void show_invalid(const Error& error, bool json, Console& console);

}  // namespace signet::cli

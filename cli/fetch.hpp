#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>

#include "cli/console.hpp"

namespace signet::cli {

struct FetchRequest {
  std::string url;      // https, or http to this machine itself
  std::string ca_file;  // PEM authorities instead of the system's; empty: the system's
  std::size_t limit;    // of the body, in bytes
  std::chrono::milliseconds at_most{10'000};
};

// The body of a 200. TLS is always verified, redirects are never followed (SECURITY_CASES 10).
[[nodiscard]] std::expected<std::string, Trouble> fetch(const FetchRequest& request);

}  // namespace signet::cli

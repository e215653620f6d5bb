#pragma once

#include <optional>
#include <string>

#include "cli/console.hpp"

namespace signet::cli {

struct InspectRequest {
  std::optional<std::string> token;  // none or `-`: the first line of standard input
  bool json = false;
};

// Shows what a token says, and says loudly that nothing of it was verified.
Exit inspect(const InspectRequest& request, Console& console);

}  // namespace signet::cli

#pragma once

#include <string>

#include "cli/console.hpp"
#include "cli/data.hpp"

namespace signet::cli {

struct BackupRequest {
  std::string file;
  DataLocation location;
};

// A copy of the server's database, while it runs.
Exit back_up(const BackupRequest& request, Console& console);

}  // namespace signet::cli

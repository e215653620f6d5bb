#pragma once

#include <string>

#include "cli/console.hpp"
#include "cli/data.hpp"

namespace signet::cli {

// Newest first.
struct AuditListRequest {
  std::string user;   // empty: of everybody
  std::string kind;   // empty: any
  std::string since;  // an instant; empty: from the beginning
  std::string limit;  // empty: 100
  DataLocation location;
  bool json = false;
};
Exit list_audit(const AuditListRequest& request, Console& console);

}  // namespace signet::cli

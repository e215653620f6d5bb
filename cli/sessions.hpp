#pragma once

#include <string>

#include "cli/console.hpp"
#include "cli/data.hpp"

namespace signet::cli {

struct SessionsListRequest {
  std::string name;
  DataLocation location;
  bool json = false;
};
Exit list_sessions(const SessionsListRequest& request, Console& console);

// One session by its id, or every session of a user.
struct SessionsRevokeRequest {
  std::string id;
  std::string user;
  bool all = false;
  DataLocation location;
};
Exit revoke_sessions(const SessionsRevokeRequest& request, Console& console);

}  // namespace signet::cli

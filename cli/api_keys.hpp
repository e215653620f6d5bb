#pragma once

#include <string>
#include <vector>

#include "cli/console.hpp"
#include "cli/data.hpp"

namespace signet::cli {

struct ApiKeysListRequest {
  std::string name;
  DataLocation location;
  bool json = false;
};
Exit list_api_keys(const ApiKeysListRequest& request, Console& console);

struct ApiKeysCreateRequest {
  std::string name;
  std::string label;
  std::string scope;
  bool scope_given = false;  // otherwise all of the user's
  std::string expires_in;    // empty: as the configuration says
  std::vector<std::string> networks;
  DataLocation location;
};
Exit create_api_key(const ApiKeysCreateRequest& request, Console& console);

struct ApiKeysRevokeRequest {
  std::string id;
  DataLocation location;
};
Exit revoke_api_key(const ApiKeysRevokeRequest& request, Console& console);

}  // namespace signet::cli

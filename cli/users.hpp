#pragma once

#include <string>

#include "cli/console.hpp"
#include "cli/data.hpp"
#include "cli/password.hpp"

namespace signet::cli {

struct UsersAddRequest {
  std::string name;
  std::string scope;
  bool scope_given = false;  // otherwise what a signup gets
  PasswordSource password;
  DataLocation location;
};
Exit add_user(const UsersAddRequest& request, Console& console);

struct UsersListRequest {
  DataLocation location;
  bool json = false;
};
Exit list_users(const UsersListRequest& request, Console& console);

// Disabling ends every session and revokes every token of the account.
struct UsersSwitchRequest {
  std::string name;
  DataLocation location;
};
Exit set_user_disabled(const UsersSwitchRequest& request, bool disabled, Console& console);

}  // namespace signet::cli

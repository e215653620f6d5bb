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
  bool create = false;  // the data, when there is none: before the server's first start
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

// What is done to one user by its name.
struct UsersNameRequest {
  std::string name;
  DataLocation location;
};
// The user, its sessions and API keys are gone, and what they could do with them.
Exit delete_user(const UsersNameRequest& request, Console& console);
// All that is kept of the user, as one JSON object.
Exit export_user(const UsersNameRequest& request, Console& console);

struct UsersExpirePasswordRequest {
  std::string name;
  bool keep_api_keys = false;
  DataLocation location;
};
// The next session needs a new password.
Exit expire_password(const UsersExpirePasswordRequest& request, Console& console);

struct UsersSearchRequest {
  std::string text;
  DataLocation location;
  bool json = false;
};
Exit search_users(const UsersSearchRequest& request, Console& console);

struct UsersSetPasswordRequest {
  std::string name;
  PasswordSource password;
  bool must_change = false, keep_api_keys = false;
  DataLocation location;
};
Exit set_password(const UsersSetPasswordRequest& request, Console& console);

}  // namespace signet::cli

#pragma once
// The commands that work on the data of the login server.

#include <functional>
#include <string>
#include <vector>

#include "cli/api_keys.hpp"
#include "cli/audit.hpp"
#include "cli/backup.hpp"
#include "cli/console.hpp"
#include "cli/keys.hpp"
#include "cli/sessions.hpp"
#include "cli/users.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace signet::cli {

// A command as CLI11 knows it, and what it does when it is the one that was called.
struct Command {
  CLI::App* app;
  std::function<Exit(Console&)> run;
};

CLI::Option* add_value(CLI::App& app, const char* flag, std::string& value, const char* help, const char* type);
void add_passphrase(CLI::App& app, std::string& variable);
CLI::Option* add_positional(CLI::App& app, const char* name, std::string& value, const char* help);

// Their requests, filled by the parse.
struct ServerRequests {
  UsersAddRequest users_add;
  UsersListRequest users_list;
  UsersSwitchRequest users_disable, users_enable;
  UsersSearchRequest users_search;
  UsersSetPasswordRequest users_set_password;
  UsersExpirePasswordRequest users_expire_password;
  UsersNameRequest users_delete, users_export;
  SessionsListRequest sessions_list;
  SessionsRevokeRequest sessions_revoke;
  KeysListRequest keys_list;
  KeysRotateRequest keys_rotate;
  KeysRevokeRequest keys_revoke;
  KeysImportRequest keys_import;
  KeysRotateMasterRequest keys_rotate_master;
  KeysReplaceLostRequest keys_replace_lost;
  ApiKeysListRequest api_keys_list;
  ApiKeysCreateRequest api_keys_create;
  ApiKeysRevokeRequest api_keys_revoke;
  AuditListRequest audit_list;
  BackupRequest backup;
};

void add_server_commands(CLI::App& root, ServerRequests& requests, std::vector<Command>& commands);

}  // namespace signet::cli

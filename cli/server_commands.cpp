#include "cli/server_commands.hpp"

#include <CLI/CLI.hpp>

namespace signet::cli {
namespace {

void add_location(CLI::App& app, DataLocation& location) {
  add_value(app, "--data", location.data, "The server's data directory (SIGNET_DATA, ./signet-data)", "DIR");
  add_value(app, "--config", location.config, "The server's configuration (SIGNET_CONFIG)", "FILE");
}

void add_create(CLI::App& app, bool& create) {
  app.add_flag("--create", create, "Make the data directory when it is not there, before the server's first start");
}

Command add_users_add(CLI::App& users, UsersAddRequest& request) {
  CLI::App& app = *users.add_subcommand("add", "Add a user; asks for the password");
  add_positional(app, "NAME", request.name, "The username")->required();
  add_value(app, "--scope", request.scope, "Scopes of its tokens, separated by spaces", "SCOPE");
  add_value(app, "--password-file", request.password.file, "Take the password from a file", "FILE");
  app.add_flag("--password-stdin", request.password.standard_input, "Take the password from standard input");
  add_create(app, request.create);
  add_location(app, request.location);
  return {&app, [&request, &app](Console& console) {
            request.scope_given = app.count("--scope") > 0;
            return add_user(request, console);
          }};
}

Command add_users_list(CLI::App& users, UsersListRequest& request) {
  CLI::App& app = *users.add_subcommand("list", "List users");
  app.add_flag("--json", request.json, "One JSON object a line");
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return list_users(request, console); }};
}

Command add_users_switch(CLI::App& users, UsersSwitchRequest& request, bool disabled) {
  CLI::App& app = disabled ? *users.add_subcommand("disable", "Lock a user out and revoke its tokens and sessions")
                           : *users.add_subcommand("enable", "Let a user in again");
  add_positional(app, "NAME", request.name, "The username")->required();
  add_location(app, request.location);
  return {&app, [&request, disabled](Console& console) { return set_user_disabled(request, disabled, console); }};
}

Command add_users_search(CLI::App& users, UsersSearchRequest& request) {
  CLI::App& app = *users.add_subcommand("search", "List users whose name begins with a text");
  add_positional(app, "TEXT", request.text, "The beginning of the username")->required();
  app.add_flag("--json", request.json, "One JSON object a line");
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return search_users(request, console); }};
}

constexpr const char* keep_api_keys_help = "Leave the user's API keys alone";

Command add_users_set_password(CLI::App& users, UsersSetPasswordRequest& request) {
  CLI::App& app = *users.add_subcommand("set-password", "Give a user another password; asks for it");
  add_positional(app, "NAME", request.name, "The username")->required();
  add_value(app, "--password-file", request.password.file, "Take the password from a file", "FILE");
  app.add_flag("--password-stdin", request.password.standard_input, "Take the password from standard input");
  app.add_flag("--must-change", request.must_change, "The user has to choose another one at the next login");
  app.add_flag("--keep-api-keys", request.keep_api_keys, keep_api_keys_help);
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return set_password(request, console); }};
}

Command add_users_expire_password(CLI::App& users, UsersExpirePasswordRequest& request) {
  CLI::App& app = *users.add_subcommand("expire-password",
                                        "End a user's sessions and API keys; the next login needs a new password");
  add_positional(app, "NAME", request.name, "The username")->required();
  app.add_flag("--keep-api-keys", request.keep_api_keys, keep_api_keys_help);
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return expire_password(request, console); }};
}

Command add_users_name(CLI::App& users, UsersNameRequest& request, const char* name, const char* help,
                       Exit (*work)(const UsersNameRequest&, Console&)) {
  CLI::App& app = *users.add_subcommand(name, help);
  add_positional(app, "NAME", request.name, "The username")->required();
  add_location(app, request.location);
  return {&app, [&request, work](Console& console) { return work(request, console); }};
}

Command add_audit_list(CLI::App& audit, AuditListRequest& request) {
  CLI::App& app = *audit.add_subcommand("list", "List security events, newest first");
  add_value(app, "--user", request.user, "Events of this user", "NAME");
  add_value(app, "--kind", request.kind, "Events of this kind", "KIND");
  add_value(app, "--since", request.since, "Not before", "TIME");
  add_value(app, "--limit", request.limit, "At most so many (100)", "N");
  app.add_flag("--json", request.json, "One JSON object a line");
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return list_audit(request, console); }};
}

Command add_sessions_list(CLI::App& sessions, SessionsListRequest& request) {
  CLI::App& app = *sessions.add_subcommand("list", "List a user's sessions");
  add_positional(app, "NAME", request.name, "The username")->required();
  app.add_flag("--json", request.json, "One JSON object a line");
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return list_sessions(request, console); }};
}

Command add_sessions_revoke(CLI::App& sessions, SessionsRevokeRequest& request) {
  CLI::App& app = *sessions.add_subcommand("revoke", "End sessions and revoke their tokens");
  add_positional(app, "SESSION_ID", request.id, "The session");
  add_value(app, "--user", request.user, "Sessions of this user", "NAME");
  app.add_flag("--all", request.all, "All of them");
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return revoke_sessions(request, console); }};
}

Command add_keys_list(CLI::App& keys, KeysListRequest& request) {
  CLI::App& app = *keys.add_subcommand("list", "List the signing keys");
  app.add_flag("--json", request.json, "One JSON object a line");
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return list_keys(request, console); }};
}

Command add_keys_rotate(CLI::App& keys, KeysRotateRequest& request) {
  CLI::App& app = *keys.add_subcommand("rotate", "Announce the next signing key");
  app.add_flag("--now", request.now,
               "Sign with it at once; verifiers with the old key set refuse its tokens meanwhile");
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return rotate_keys(request, console); }};
}

Command add_keys_revoke(CLI::App& keys, KeysRevokeRequest& request) {
  CLI::App& app = *keys.add_subcommand("revoke", "Take a key that others may have out of use, and its tokens with it");
  add_positional(app, "KID", request.key_id, "The key id")->required();
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return revoke_key(request, console); }};
}

Command add_keys_import(CLI::App& keys, KeysImportRequest& request) {
  CLI::App& app = *keys.add_subcommand("import", "Announce a signing key made elsewhere");
  add_value(app, "--key", request.key.file, "Private key, JWK or PEM; - is standard input", "FILE");
  add_value(app, "--pkcs11", request.pkcs11, "Where the key is in the server's HSM, which it does not leave", "URI");
  add_value(app, "--alg", request.key.algorithm, "Algorithm, when the key does not say", "ALG");
  add_passphrase(app, request.key.passphrase_env);
  app.add_flag("--now", request.now,
               "Sign with it at once; verifiers with the old key set refuse its tokens meanwhile");
  add_create(app, request.create);
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return import_key(request, console); }};
}

Command add_keys_rotate_master(CLI::App& keys, KeysRotateMasterRequest& request) {
  CLI::App& app =
      *keys.add_subcommand("rotate-master", "Put a new master key in front of the one in the data directory");
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return rotate_master_key(request, console); }};
}

Command add_keys_replace_lost(CLI::App& keys, KeysReplaceLostRequest& request) {
  CLI::App& app = *keys.add_subcommand("replace-lost", "Go on without the keys that a lost master key has encrypted");
  app.add_flag("--yes", request.yes, "Do it: revoke them and make a new one; without it, only list them");
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return replace_lost_keys(request, console); }};
}

Command add_api_keys_list(CLI::App& keys, ApiKeysListRequest& request) {
  CLI::App& app = *keys.add_subcommand("list", "List a user's API keys");
  add_positional(app, "NAME", request.name, "The username")->required();
  app.add_flag("--json", request.json, "One JSON object a line");
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return list_api_keys(request, console); }};
}

Command add_api_keys_create(CLI::App& keys, ApiKeysCreateRequest& request) {
  CLI::App& app = *keys.add_subcommand("create", "Make an API key for a user and print it, this once");
  add_positional(app, "NAME", request.name, "The username")->required();
  add_value(app, "--label", request.label, "What the key is for", "TEXT")->required();
  add_value(app, "--scope", request.scope, "Scopes of the user's, separated by spaces; otherwise all but admin:...",
            "SCOPE");
  add_value(app, "--expires-in", request.expires_in, "How long it lives: 12h, 90d", "DURATION");
  app.add_option("--network", request.networks, "Where it may be used from; several, any")
      ->type_name("CIDR")
      ->allow_extra_args(false);
  add_location(app, request.location);
  return {&app, [&request, &app](Console& console) {
            request.scope_given = app.count("--scope") > 0;
            return create_api_key(request, console);
          }};
}

Command add_api_keys_revoke(CLI::App& keys, ApiKeysRevokeRequest& request) {
  CLI::App& app = *keys.add_subcommand("revoke", "Take an API key back, and every token it was exchanged for");
  add_positional(app, "KEY_ID", request.id, "The key's id")->required();
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return revoke_api_key(request, console); }};
}

Command add_backup(CLI::App& root, BackupRequest& request) {
  CLI::App& app = *root.add_subcommand("backup", "Copy the server's SQLite database while it runs");
  add_positional(app, "FILE", request.file, "The copy, which must not be there yet")->required();
  add_location(app, request.location);
  return {&app, [&request](Console& console) { return back_up(request, console); }};
}

}  // namespace

CLI::Option* add_value(CLI::App& app, const char* flag, std::string& value, const char* help, const char* type) {
  return app.add_option(flag, value, help)->type_name(type);
}

void add_passphrase(CLI::App& app, std::string& variable) {
  add_value(app, "--passphrase-env", variable, "Environment variable that holds the passphrase of an encrypted PEM",
            "NAME");
}

CLI::Option* add_positional(CLI::App& app, const char* name, std::string& value, const char* help) {
  return app.add_option(name, value, help)->type_name("");
}

void add_server_commands(CLI::App& root, ServerRequests& requests, std::vector<Command>& commands) {
  CLI::App& users = *root.add_subcommand("users", "Manage users of the server");
  commands.push_back(add_users_add(users, requests.users_add));
  commands.push_back(add_users_list(users, requests.users_list));
  commands.push_back(add_users_switch(users, requests.users_disable, true));
  commands.push_back(add_users_switch(users, requests.users_enable, false));
  commands.push_back(add_users_search(users, requests.users_search));
  commands.push_back(add_users_set_password(users, requests.users_set_password));
  commands.push_back(add_users_expire_password(users, requests.users_expire_password));
  commands.push_back(
      add_users_name(users, requests.users_export, "export", "Print all that is kept of a user, as JSON", export_user));
  commands.push_back(add_users_name(users, requests.users_delete, "delete",
                                    "Delete a user, and revoke everything of it", delete_user));
  CLI::App& sessions = *root.add_subcommand("sessions", "List and revoke sessions of the server");
  commands.push_back(add_sessions_list(sessions, requests.sessions_list));
  commands.push_back(add_sessions_revoke(sessions, requests.sessions_revoke));
  CLI::App& keys = *root.add_subcommand("keys", "List, rotate, revoke and import signing keys of the server");
  commands.push_back(add_keys_list(keys, requests.keys_list));
  commands.push_back(add_keys_rotate(keys, requests.keys_rotate));
  commands.push_back(add_keys_revoke(keys, requests.keys_revoke));
  commands.push_back(add_keys_import(keys, requests.keys_import));
  commands.push_back(add_keys_rotate_master(keys, requests.keys_rotate_master));
  commands.push_back(add_keys_replace_lost(keys, requests.keys_replace_lost));
  CLI::App& api_keys = *root.add_subcommand("api-keys", "List, make and revoke API keys of the server's users");
  commands.push_back(add_api_keys_list(api_keys, requests.api_keys_list));
  commands.push_back(add_api_keys_create(api_keys, requests.api_keys_create));
  commands.push_back(add_api_keys_revoke(api_keys, requests.api_keys_revoke));
  CLI::App& audit = *root.add_subcommand("audit", "Look at the server's security events");
  commands.push_back(add_audit_list(audit, requests.audit_list));
  commands.push_back(add_backup(root, requests.backup));
}

}  // namespace signet::cli

#pragma once
// The signing keys of the login server.

#include <string>

#include "cli/console.hpp"
#include "cli/data.hpp"
#include "cli/key_file.hpp"

namespace signet::cli {

struct KeysListRequest {
  DataLocation location;
  bool json = false;
};
Exit list_keys(const KeysListRequest& request, Console& console);

// The next key: announced, or with `now` in use at once.
struct KeysRotateRequest {
  DataLocation location;
  bool now = false;
};
Exit rotate_keys(const KeysRotateRequest& request, Console& console);

struct KeysRevokeRequest {
  std::string key_id;
  DataLocation location;
};
Exit revoke_key(const KeysRevokeRequest& request, Console& console);

// A key made elsewhere; with `pkcs11`, one that stays in the HSM.
struct KeysImportRequest {
  SigningKeySource key;
  std::string pkcs11;  // its URI
  DataLocation location;
  bool now = false;
  bool create = false;  // the data, when there is none: before the server's first start
};
Exit import_key(const KeysImportRequest& request, Console& console);

// Goes on without keys that the master key does not open. Without `yes` it only says which.
struct KeysReplaceLostRequest {
  DataLocation location;
  bool yes = false;
};
Exit replace_lost_keys(const KeysReplaceLostRequest& request, Console& console);

// A new master key, in front of the one that is there.
struct KeysRotateMasterRequest {
  DataLocation location;
};
Exit rotate_master_key(const KeysRotateMasterRequest& request, Console& console);

}  // namespace signet::cli

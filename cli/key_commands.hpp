#pragma once
// The commands that work on keys in files.

#include <vector>

#include "cli/convert.hpp"
#include "cli/keyset.hpp"
#include "cli/server_commands.hpp"

namespace signet::cli {

// Their requests, filled by the parse.
struct KeyRequests {
  ConvertRequest convert;
  KeysetListRequest keyset_list;
  KeysetAddRequest keyset_add;
  KeysetRemoveRequest keyset_remove;
  KeysetRotateRequest keyset_rotate;
};

void add_key_commands(CLI::App& root, KeyRequests& requests, std::vector<Command>& commands);

}  // namespace signet::cli

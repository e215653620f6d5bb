#pragma once
// What the commands on users' sessions and API keys have in common.

#include <optional>
#include <string>

#include "cli/console.hpp"
#include "cli/data.hpp"
#include "server/accounts/account.hpp"
#include "server/store/store.hpp"

namespace signet::cli {

// The account of that username, as typed.
[[nodiscard]] server::Stored<std::optional<server::Account>> find_account(Data& data, const std::string& name);

// Says it and returns Exit::misuse.
Exit store_failed(const server::StoreError& error, Console& console);

// The rules' no: says it and returns Exit::refused.
Exit refuse(const std::string& text, Console& console);

}  // namespace signet::cli

#include "cli/account.hpp"

#include <fmt/format.h>

#include "server/accounts/username.hpp"

namespace signet::cli {

server::Stored<std::optional<server::Account>> find_account(Data& data, const std::string& name) {
  std::optional<server::Account> account;
  const auto prepared = server::prepare_username(name);
  if (!prepared) return account;
  auto read =
      data.store->read([&](server::Transaction& transaction) { account = transaction.account_by_username(*prepared); });
  if (!read) return std::unexpected(read.error());
  return account;
}

Exit store_failed(const server::StoreError& error, Console& console) {
  return complain(console, {fmt::format("the store failed: {}", error.detail)});
}

Exit refuse(const std::string& text, Console& console) {
  complain(console, {text});
  return Exit::refused;
}

}  // namespace signet::cli

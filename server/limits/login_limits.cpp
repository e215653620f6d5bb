#include "server/limits/login_limits.hpp"

#include <string>

#include "server/accounts/username.hpp"

namespace signet::server {
namespace {

// The account as the tables name it. All texts that are no username share one name: no such account exists, and the
// address's own limit is what slows such attempts.
std::string account_key(std::string_view username) { return prepare_username(username).value_or(std::string{}); }

std::string pair_key(std::string_view account, std::string_view address) {
  std::string key{account};
  key.push_back('\0');  // in no username
  key += address;
  return key;
}

}  // namespace

LoginLimits::LoginLimits(LoginLimitOptions options)
    : addresses_{{options.per_address}, options.entries},
      pairs_{{options.per_account_and_address, options.per_account_and_address_slow}, options.entries},
      accounts_{{options.per_account}, options.entries},
      familiar_{{Rate{1, options.familiar_for}}, options.entries} {}

std::expected<void, TooMany> LoginLimits::begin(std::string_view username, std::string_view address, Time now) {
  const auto from = address_key(address);
  if (auto allowed = addresses_.take(from, now); !allowed) return allowed;
  const auto account = account_key(username);
  if (account.empty()) return {};
  const auto pair = pair_key(account, from);
  if (auto allowed = pairs_.take(pair, now); !allowed) return allowed;
  if (familiar_.knows(pair, now)) return {};
  auto allowed = accounts_.take(account, now);
  if (!allowed) pairs_.give_back(pair, now);
  return allowed;
}

std::expected<void, TooMany> LoginLimits::check(std::string_view username, std::string_view address, Time now) const {
  const auto from = address_key(address);
  if (auto allowed = addresses_.check(from, now); !allowed) return allowed;
  const auto account = account_key(username);
  if (account.empty()) return {};
  const auto pair = pair_key(account, from);
  if (auto allowed = pairs_.check(pair, now); !allowed) return allowed;
  if (familiar_.knows(pair, now)) return {};
  return accounts_.check(account, now);
}

void LoginLimits::succeeded(std::string_view username, std::string_view address, Time now) {
  undecided(username, address, now);
  const auto pair = pair_key(account_key(username), address_key(address));
  familiar_.forget(pair);
  (void)familiar_.take(pair, now);
}

void LoginLimits::undecided(std::string_view username, std::string_view address, Time now) {
  const auto account = account_key(username);
  if (account.empty()) return;
  const auto pair = pair_key(account, address_key(address));
  pairs_.give_back(pair, now);
  if (!familiar_.knows(pair, now)) accounts_.give_back(account, now);
}

}  // namespace signet::server

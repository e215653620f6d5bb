#include "cli/users.hpp"

#include <fmt/format.h>

#include <functional>

#include "cli/text.hpp"
#include "cli/time.hpp"
#include "server/accounts/accounts.hpp"
#include "server/api/admin_view.hpp"
#include "server/app/setting.hpp"
#include "signet/json.hpp"

namespace signet::cli {
namespace {

const server::AuditSource command_line{.actor = "cli", .address = {}, .request_id = {}};

std::expected<server::Argon2id, Trouble> hasher_of(const Data& data) {
  auto hasher = server::Argon2id::with(data.config.hashing);
  if (!hasher) return std::unexpected(Trouble{hasher.error().detail()});
  return std::move(*hasher);
}

// What the rules refuse is an answer, not wrong use; only a store that cannot be reached is trouble.
Exit report(const server::AccountError& error, const std::string& name, Console& console) {
  using server::AccountProblem;
  switch (error.problem) {
    case AccountProblem::bad_username:
      complain(console, {fmt::format("not a username: {}", error.reason)});
      break;
    case AccountProblem::taken:
      complain(console, {fmt::format("{}: there is such a user already", name)});
      break;
    case AccountProblem::weak_password:
      complain(console, {fmt::format("password refused: {}", error.reason)});
      break;
    case AccountProblem::invalid_credentials:
    case AccountProblem::not_found:
      complain(console, {fmt::format("{}: there is no such user", name)});
      break;
    case AccountProblem::unavailable:
      return complain(console, {fmt::format("the store failed: {}", error.reason)});
  }
  return Exit::refused;
}

void show(const server::Account& account, bool json, Console& console) {
  const std::string created = utc_text(account.created_at);
  if (json) {
    json::Object object;
    object.set("id", account.id.text()).set("username", account.username).set("scope", account.scope);
    object.set("disabled", account.disabled).set("must_change_password", account.must_change_password);
    object.set("created_at", created);
    console.out << printable(object.text()) << '\n';
    return;
  }
  const std::string state = account.disabled ? "disabled" : "enabled";
  if (!console.terminal) {
    console.out << printable(account.username) << '\t' << state << '\t' << account.id.text() << '\t' << created << '\t'
                << printable(account.scope) << '\n';
    return;
  }
  console.out << fmt::format("{:<24}  ", printable(account.username))
              << styled(console.out_colour, account.disabled ? Style::warning : Style::good,
                        fmt::format("{:<8}", state))
              << fmt::format("  {}  {}  {}\n", account.id.text(), created, printable(account.scope));
}

// Every user whose name begins so, a page at a time.
Exit show_users(const std::string& beginning, const DataLocation& location, bool json, Console& console) {
  auto data = open_data(location, Missing::refuse);
  if (!data) return complain(console, data.error());
  const auto hasher = hasher_of(*data);
  if (!hasher) return complain(console, hasher.error());
  server::Accounts accounts{*data->store, console.clock, *hasher, {.password = data->config.passwords}};
  std::string after;
  while (console.out) {
    const auto page = accounts.search(beginning, after);
    if (!page) return report(page.error(), {}, console);
    if (page->empty()) break;
    for (const server::Account& account : *page) show(account, json, console);
    after = page->back().username;
  }
  return Exit::ok;
}

using Work = std::function<Exit(Data&, server::Accounts&, const server::Account&)>;

Exit with_user(const std::string& name, const DataLocation& location, Console& console, const Work& work) {
  if (name.empty()) return complain(console, {"give the name of the user"});
  auto data = open_data(location, Missing::refuse);
  if (!data) return complain(console, data.error());
  const auto hasher = hasher_of(*data);
  if (!hasher) return complain(console, hasher.error());
  server::Accounts accounts{*data->store, console.clock, *hasher, {.password = data->config.passwords}};
  const auto account = accounts.find(name);
  if (!account) return report(account.error(), name, console);
  return work(*data, accounts, *account);
}

}  // namespace

Exit add_user(const UsersAddRequest& request, Console& console) {
  if (request.name.empty()) return complain(console, {"users add needs a name"});
  if (request.scope_given && !request.scope.empty()) {
    if (const auto scope = server::app::parse_scope(request.scope); !scope) {
      return complain(console, {fmt::format("--scope: expected {}", scope.error())});
    }
  }
  const auto password = read_new_password(request.password, console);
  if (!password) return complain(console, password.error());
  auto data = open_data(request.location, request.create ? Missing::make : Missing::refuse);
  if (!data) return complain(console, data.error());
  const auto hasher = hasher_of(*data);
  if (!hasher) return complain(console, hasher.error());

  server::Accounts accounts{*data->store, console.clock, *hasher, {.password = data->config.passwords}};
  const std::string& scope = request.scope_given ? request.scope : data->config.signup.scope;
  const auto account = accounts.sign_up(request.name, password->reveal_text(), scope, command_line);
  if (!account) return report(account.error(), request.name, console);
  console.out << "added " << printable(account->username) << ' ' << account->id.text() << '\n';
  return Exit::ok;
}

Exit list_users(const UsersListRequest& request, Console& console) {
  return show_users({}, request.location, request.json, console);
}

Exit search_users(const UsersSearchRequest& request, Console& console) {
  if (request.text.empty()) return complain(console, {"users search needs the beginning of a username"});
  return show_users(request.text, request.location, request.json, console);
}

Exit set_user_disabled(const UsersSwitchRequest& request, bool disabled, Console& console) {
  return with_user(request.name, request.location, console,
                   [&](Data&, server::Accounts& accounts, const server::Account& account) {
                     if (auto done = accounts.set_disabled(account.id, disabled, command_line); !done) {
                       return report(done.error(), request.name, console);
                     }
                     console.out << (disabled ? "disabled " : "enabled ") << printable(account.username) << '\n';
                     return Exit::ok;
                   });
}

Exit delete_user(const UsersNameRequest& request, Console& console) {
  return with_user(request.name, request.location, console,
                   [&](Data&, server::Accounts& accounts, const server::Account& account) {
                     if (auto done = accounts.remove(account.id, command_line); !done) {
                       return report(done.error(), request.name, console);
                     }
                     console.out << "deleted " << printable(account.username) << '\n';
                     return Exit::ok;
                   });
}

namespace {

server::ApiKeyFate fate(bool keep) { return keep ? server::ApiKeyFate::keep : server::ApiKeyFate::revoke; }

}  // namespace

Exit expire_password(const UsersExpirePasswordRequest& request, Console& console) {
  return with_user(
      request.name, request.location, console, [&](Data&, server::Accounts& accounts, const server::Account& account) {
        if (auto done = accounts.expire_password(account.id, true, command_line, fate(request.keep_api_keys)); !done) {
          return report(done.error(), request.name, console);
        }
        console.out << "the next login of " << printable(account.username) << " needs a new password\n";
        return Exit::ok;
      });
}

Exit export_user(const UsersNameRequest& request, Console& console) {
  return with_user(
      request.name, request.location, console, [&](Data& data, server::Accounts&, const server::Account& account) {
        const auto exported = server::api::export_account(*data.store, account.id, command_line, console.clock.now());
        if (!exported) return complain(console, {fmt::format("the store failed: {}", exported.error().detail)});
        if (!*exported) return report({server::AccountProblem::not_found, {}}, request.name, console);
        console.out << printable((*exported)->text()) << '\n';
        return Exit::ok;
      });
}

Exit set_password(const UsersSetPasswordRequest& request, Console& console) {
  if (request.name.empty()) return complain(console, {"give the name of the user"});
  const auto password = read_new_password(request.password, console);
  if (!password) return complain(console, password.error());
  return with_user(request.name, request.location, console,
                   [&](Data&, server::Accounts& accounts, const server::Account& account) {
                     auto done = accounts.set_password(account.id, password->reveal_text(), request.must_change,
                                                       command_line, fate(request.keep_api_keys));
                     if (!done) return report(done.error(), request.name, console);
                     console.out << "changed the password of " << printable(account.username) << '\n';
                     return Exit::ok;
                   });
}

}  // namespace signet::cli

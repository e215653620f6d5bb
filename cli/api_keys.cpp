#include "cli/api_keys.hpp"

#include <fmt/format.h>

#include "cli/account.hpp"
#include "cli/text.hpp"
#include "cli/time.hpp"
#include "server/api_keys/api_keys.hpp"
#include "server/api_keys/key_text.hpp"
#include "server/app/setting.hpp"
#include "server/revocation/follower.hpp"
#include "server/words.hpp"
#include "signet/json.hpp"

namespace signet::cli {
namespace {

using server::ApiKeyProblem;

const server::AuditSource command_line{.actor = "cli", .address = {}, .request_id = {}};

// A server that runs on the same data hears of a revocation through the log.
server::ApiKeys api_keys_in(Data& data, Revocations& nowhere, const Clock& clock) {
  return {*data.store, nowhere, clock, data.config.api_keys.policy};
}

Exit report(const server::ApiKeyError& error, const std::string& what, Console& console) {
  switch (error.problem) {
    case ApiKeyProblem::bad_request:
      return complain(console, {error.reason});
    case ApiKeyProblem::scope_too_wide:
      return refuse(fmt::format("{} does not have all of these scopes", what), console);
    case ApiKeyProblem::too_many:
      return refuse(fmt::format("{} has as many API keys as it may: revoke one first", what), console);
    case ApiKeyProblem::not_found:
      return refuse(fmt::format("{}: there is none, or it is disabled", what), console);
    case ApiKeyProblem::unavailable:
      break;
  }
  return complain(console, {fmt::format("the store failed: {}", error.reason)});
}

void show(const server::ApiKey& key, bool json, Console& console) {
  const std::string id = server::api_key_id_text(key.id), expires = utc_text(key.expires_at);
  const std::string used = key.last_used_at == Time{} ? "" : utc_text(key.last_used_at);
  if (json) {
    json::Array networks;
    for (const auto word : server::words(key.networks)) networks.add(word);
    json::Object object;
    object.set("id", id).set("name", key.name).set("scope", key.scope).set("networks", networks);
    object.set("created_at", utc_text(key.created_at)).set("expires_at", expires);
    if (!used.empty()) object.set("last_used_at", used);
    console.out << printable(object.text()) << '\n';
    return;
  }
  const char between = console.terminal ? ' ' : '\t';
  console.out << styled(console.out_colour, Style::strong, id) << between << expires << between
              << (used.empty() ? "-" : used) << between << printable(key.scope) << between << printable(key.name)
              << '\n';
}

std::expected<server::NewApiKey, Trouble> wanted_key(const ApiKeysCreateRequest& request) {
  server::NewApiKey wanted{.name = request.label};
  if (request.scope_given) wanted.scope = request.scope;
  if (!request.expires_in.empty()) {
    const auto lifetime = parse_duration(request.expires_in);
    if (!lifetime) return std::unexpected(Trouble{"--expires-in: say 12h or 90d"});
    wanted.lifetime = *lifetime;
  }
  for (const std::string& network : request.networks) {
    if (const auto parsed = server::app::parse_network(network); !parsed) {
      return std::unexpected(Trouble{fmt::format("--network: expected {}", parsed.error())});
    }
    wanted.networks += (wanted.networks.empty() ? "" : " ") + network;
  }
  return wanted;
}

}  // namespace

Exit list_api_keys(const ApiKeysListRequest& request, Console& console) {
  if (request.name.empty()) return complain(console, {"api-keys list needs the name of a user"});
  auto data = open_data(request.location, Missing::refuse);
  if (!data) return complain(console, data.error());
  const auto account = find_account(*data, request.name);
  if (!account) return store_failed(account.error(), console);
  if (!*account) return refuse(fmt::format("{}: there is no such user", request.name), console);
  // Cut-offs take keys back that are rows still.
  Revocations revoked;
  if (auto read = server::RevocationFollower{*data->store, revoked, console.clock}.catch_up(); !read)
    return store_failed(read.error(), console);
  const auto keys = api_keys_in(*data, revoked, console.clock).list((*account)->id);
  if (!keys) return report(keys.error(), request.name, console);
  for (const server::ApiKey& key : *keys) show(key, request.json, console);
  return Exit::ok;
}

Exit create_api_key(const ApiKeysCreateRequest& request, Console& console) {
  if (request.name.empty()) return complain(console, {"api-keys create needs the name of a user"});
  const auto wanted = wanted_key(request);
  if (!wanted) return complain(console, wanted.error());
  auto data = open_data(request.location, Missing::refuse);
  if (!data) return complain(console, data.error());
  const auto account = find_account(*data, request.name);
  if (!account) return store_failed(account.error(), console);
  if (!*account) return refuse(fmt::format("{}: there is no such user", request.name), console);
  Revocations nowhere;
  const auto made = api_keys_in(*data, nowhere, console.clock).create((*account)->id, *wanted, command_line);
  if (!made) return report(made.error(), request.name, console);
  console.out << made->text << '\n';
  return Exit::ok;
}

Exit revoke_api_key(const ApiKeysRevokeRequest& request, Console& console) {
  const auto id = server::api_key_id(request.id);
  // What was typed may be the whole key: it is not repeated.
  if (!id) return complain(console, {"an API key's id has 22 characters; `signet api-keys list NAME` shows them"});
  auto data = open_data(request.location, Missing::refuse);
  if (!data) return complain(console, data.error());
  Revocations nowhere;
  const auto revoked = api_keys_in(*data, nowhere, console.clock).revoke(*id, {}, command_line);
  if (!revoked && revoked.error().problem == ApiKeyProblem::not_found) {
    return refuse("there is no such API key: it may have expired", console);
  }
  if (!revoked) return report(revoked.error(), {}, console);
  console.out << "revoked " << server::api_key_id_text(*id) << '\n';
  return Exit::ok;
}

}  // namespace signet::cli

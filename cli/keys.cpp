#include "cli/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "cli/text.hpp"
#include "cli/time.hpp"
#include "server/app/hsm.hpp"
#include "server/keys/signing_keys.hpp"
#include "signet/json.hpp"

namespace signet::cli {
namespace {

using server::Begin;
using server::KeyRecord;
using server::KeyState;
using Records = server::SigningKeys::Records;

std::expected<Records, Trouble> read_keys(Data& data) {
  Records records;
  auto read = data.store->read([&](server::Transaction& transaction) { records = transaction.keys(); });
  if (!read) return std::unexpected(Trouble{fmt::format("the store failed: {}", read.error().detail)});
  return records;
}

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

// With the algorithm that the server signs with, which it leaves word of: the command may not know its environment.
std::expected<Data, Trouble> open_key_store(const DataLocation& location, Missing missing) {
  auto data = open_data(location, missing);
  if (!data) return data;
  std::optional<std::string> last;
  auto read = data->store->read([&](server::Transaction& transaction) { last = transaction.last_run("algorithm"); });
  if (!read) return std::unexpected(Trouble{fmt::format("the store failed: {}", read.error().detail)});
  const auto algorithm = last ? algorithm_from_name(*last) : std::nullopt;
  const bool configured = data->config.written.contains("token.algorithm");
  auto& known = data->config.tokens.algorithm;
  if (algorithm && (is_symmetric(*algorithm) || (!configured && !is_symmetric(known.value())))) known = *algorithm;
  return data;
}

bool signs_with_secret(const Data& data) { return is_symmetric(data.config.tokens.algorithm.value()); }

constexpr const char* no_key_signs =
    "the server signs with the shared secret in SIGNET_SECRET; no key of its data does until it is started without one";

// The server's own: a key sealed under another one would be lost to it. Made only with the first key.
std::expected<server::MasterKey, Trouble> load_master_key(Data& data) {
  auto master = server::load_or_make_master_key(*data.store, data.config.data);
  if (!master) return std::unexpected(Trouble{master.error().detail()});
  const auto records = read_keys(data);
  if (!records) return std::unexpected(records.error());
  for (const KeyRecord& record : *records) {
    if (record.state == KeyState::revoked) continue;
    if (auto opened = server::open_key(record, *master); !opened) {
      return std::unexpected(Trouble{opened.error().detail()});
    }
  }
  return std::move(*master);
}

server::SigningKeys signing_keys(Data& data, const server::MasterKey& master, Console& console) {
  return {*data.store,
          master,
          console.clock,
          server::app::rotation_policy(data.config),
          {.actor = "cli", .address = {}, .request_id = {}}};
}

// The store's failure is trouble; every other error is the rules' answer.
Exit report(const Error& error, Console& console) {
  complain(console, {error.detail()});
  return error.code() == ErrorCode::input_output ? Exit::misuse : Exit::refused;
}

// A key of the HSM that the server is configured for. It signs something, so that the server does not find out that it
// cannot.
std::expected<SigningKey, Trouble> key_in_hsm(const std::string& uri, const Data& data) {
  const auto hsm = server::app::hsm_of(data.config);
  if (!hsm) return std::unexpected(Trouble{"--pkcs11 needs keys.pkcs11_module in the server's configuration"});
  auto key = hsm->signing_key(data.config.tokens.algorithm.value(), uri);
  if (!key) return std::unexpected(Trouble{key.error().detail()});
  if (const auto tried = key->sign("does this key sign?"); !tried)
    return std::unexpected(Trouble{tried.error().detail()});
  return std::move(*key);
}

const KeyRecord* in_state(const Records& records, KeyState state) {
  const auto found = std::ranges::find(records, state, &KeyRecord::state);
  return found == records.end() ? nullptr : &*found;
}

// When the state ends by itself: an announced key signs, one that signs gives way, a retired one goes.
std::optional<Time> until(const KeyRecord& key, const server::RotationPolicy& policy) {
  switch (key.state) {
    case KeyState::announced:
      return key.state_since + policy.announce_for;
    case KeyState::signing:
      if (policy.sign_for == std::chrono::milliseconds::zero() || !key.location.empty()) return std::nullopt;
      return key.state_since + policy.sign_for;
    case KeyState::retired:
      return key.state_since + policy.keep_retired;
    case KeyState::revoked:
      break;
  }
  return std::nullopt;
}

void show(const KeyRecord& key, const server::RotationPolicy& policy, bool json, Console& console) {
  const auto ends = until(key, policy);
  const std::string since = utc_text(key.state_since);
  if (json) {
    json::Object object;
    object.set("kid", key.key_id).set("alg", key.algorithm).set("state", name(key.state)).set("since", since);
    if (ends) object.set("until", utc_text(*ends));
    if (!key.location.empty()) object.set("location", key.location);
    console.out << printable(object.set("created_at", utc_text(key.created_at)).text()) << '\n';
    return;
  }
  const char between = console.terminal ? ' ' : '\t';
  console.out << printable(key.key_id) << between << printable(key.algorithm) << between << name(key.state) << between
              << since << between << (ends ? utc_text(*ends) : "-");
  if (!key.location.empty()) console.out << between << printable(key.location);
  console.out << '\n';
}

Exit say_announced(const KeyRecord& key, const server::RotationPolicy& policy, Console& console) {
  console.out << "announced " << key.key_id << ", signs from " << utc_text(key.state_since + policy.announce_for)
              << '\n';
  return Exit::ok;
}

Exit say_signing(const Records& records, Console& console) {
  if (const auto* key = in_state(records, KeyState::signing)) console.out << key->key_id << " signs now\n";
  return Exit::ok;
}

}  // namespace

Exit list_keys(const KeysListRequest& request, Console& console) {
  auto data = open_key_store(request.location, Missing::refuse);
  if (!data) return complain(console, data.error());
  const auto records = read_keys(*data);
  if (!records) return complain(console, records.error());
  const auto policy = server::app::rotation_policy(data->config);
  for (const KeyRecord& key : *records) show(key, policy, request.json, console);
  if (signs_with_secret(*data)) complain(console, {no_key_signs});
  return Exit::ok;
}

Exit rotate_keys(const KeysRotateRequest& request, Console& console) {
  auto data = open_key_store(request.location, Missing::refuse);
  if (!data) return complain(console, data.error());
  if (signs_with_secret(*data)) return complain(console, {no_key_signs});
  const auto master = load_master_key(*data);
  if (!master) return complain(console, master.error());
  const auto before = read_keys(*data);
  if (!before) return complain(console, before.error());
  const auto policy = server::app::rotation_policy(data->config);

  const auto records = signing_keys(*data, *master, console).rotate(request.now ? Begin::at_once : Begin::announced);
  if (!records) return report(records.error(), console);
  const auto* next = in_state(*records, KeyState::announced);
  if (request.now || next == nullptr) return say_signing(*records, console);
  if (std::ranges::find(*before, next->key_id, &KeyRecord::key_id) == before->end()) {
    return say_announced(*next, policy, console);
  }
  complain(console, {fmt::format("{} is announced already and signs from {}; --now lets it sign at once", next->key_id,
                                 utc_text(next->state_since + policy.announce_for))});
  return Exit::refused;
}

Exit revoke_key(const KeysRevokeRequest& request, Console& console) {
  if (request.key_id.empty()) return complain(console, {"keys revoke needs a key id; `signet keys list` shows them"});
  auto data = open_key_store(request.location, Missing::refuse);
  if (!data) return complain(console, data.error());
  const auto master = load_master_key(*data);
  if (!master) return complain(console, master.error());
  Revocations enforced;
  const auto records = signing_keys(*data, *master, console).revoke(request.key_id, enforced);
  if (!records) return report(records.error(), console);
  console.out << "revoked " << printable(request.key_id) << '\n';
  return say_signing(*records, console);
}

Exit import_key(const KeysImportRequest& request, Console& console) {
  if (request.key.file.empty() == request.pkcs11.empty())
    return complain(console, {"keys import needs either --key or --pkcs11"});
  std::optional<SigningKey> key;
  if (request.pkcs11.empty()) {
    auto loaded = load_signing_key(request.key, console);
    if (!loaded) return complain(console, loaded.error());
    key = std::move(*loaded);
  }
  auto data = open_key_store(request.location, request.create ? Missing::make : Missing::refuse);
  if (!data) return complain(console, data.error());
  if (signs_with_secret(*data)) return complain(console, {no_key_signs});
  std::string location;
  if (!key) {
    auto held = key_in_hsm(request.pkcs11, *data);
    if (!held) return complain(console, held.error());
    key = std::move(*held);
    location = Pkcs11Uri::parse(request.pkcs11)->text();
  }
  const auto master = load_master_key(*data);
  if (!master) return complain(console, master.error());
  const auto records =
      signing_keys(*data, *master, console).import(*key, request.now ? Begin::at_once : Begin::announced, location);
  if (!records) return report(records.error(), console);
  if (request.now) return say_signing(*records, console);
  return say_announced(*in_state(*records, KeyState::announced), server::app::rotation_policy(data->config), console);
}

Exit replace_lost_keys(const KeysReplaceLostRequest& request, Console& console) {
  auto data = open_key_store(request.location, Missing::refuse);
  if (!data) return complain(console, data.error());
  const bool had_master = server::MasterKey::is_there(data->config.data);
  const auto records = read_keys(*data);
  if (!records) return complain(console, records.error());
  // Without --yes nothing is made, not even a master key: none opens what any other has sealed.
  const auto master =
      had_master || request.yes ? server::MasterKey::load(data->config.data) : server::MasterKey::random();
  if (!master) return complain(console, {master.error().detail()});
  auto keys = signing_keys(*data, *master, console);
  if (!request.yes) {
    const auto lost = keys.lost_of(*records);
    for (const auto& key_id : lost) console.out << "lost " << printable(key_id) << '\n';
    if (lost.empty()) {
      console.out << "no key is lost\n";
      return Exit::ok;
    }
    complain(console, {"nothing was changed; --yes revokes these keys and makes a new one: every token is refused, and "
                       "every user has to sign in again"});
    return Exit::refused;
  }
  Revocations enforced;
  const auto lost = keys.replace_lost(enforced);
  if (!lost) return report(lost.error(), console);
  if (lost->empty()) console.out << "no key is lost\n";
  const auto now = read_keys(*data);
  if (!now) return complain(console, now.error());
  for (const auto& key_id : *lost) {
    const bool stays = std::ranges::find(*now, key_id, &KeyRecord::key_id) != now->end();
    console.out << (stays ? "revoked " : "removed, for the HSM still has it: ") << printable(key_id) << '\n';
  }
  if (!had_master)
    console.out << "a new master key is in " << printable((data->config.data / "master.key").string()) << '\n';
  return say_signing(*now, console);
}

Exit rotate_master_key(const KeysRotateMasterRequest& request, Console& console) {
  if (is_set("SIGNET_MASTER_KEY") || is_set("SIGNET_MASTER_KEY_FILE")) {
    return complain(console, {"the master key is in SIGNET_MASTER_KEY or its file: put a new one in front of it there, "
                              "on a line of its own (see docs/operations.md)"});
  }
  auto data = open_key_store(request.location, Missing::refuse);
  if (!data) return complain(console, data.error());
  if (const auto master = load_master_key(*data); !master) return complain(console, master.error());
  if (const auto renewed = server::MasterKey::renew(data->config.data); !renewed)
    return report(renewed.error(), console);
  console.out << "a new master key is in front of " << printable((data->config.data / "master.key").string())
              << ": a running server takes it over\n";
  return Exit::ok;
}

}  // namespace signet::cli

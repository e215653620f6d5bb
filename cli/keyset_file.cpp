#include "cli/keyset_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "signet/json.hpp"

namespace signet::cli {
namespace {

constexpr std::size_t key_id_limit = 256;

Trouble trouble(const std::string& path, std::string_view why) { return {fmt::format("{}: {}", path, why)}; }
Trouble system_trouble(const std::string& path, std::string_view what) {
  return trouble(path, fmt::format("{}: {}", what, std::strerror(errno)));
}

std::expected<KeysetEntry, std::string> read_entry(json::View jwk) {
  if (jwk.kind() != json::Kind::object) return std::unexpected("a key that is no JSON object");
  const auto kty = jwk.find("kty");
  if (!kty || !kty->string()) return std::unexpected("a key without kty");
  KeysetEntry entry{.key_id = {}, .holding = Holding::public_keys, .jwk = Secret::from_text(jwk.text())};
  if (const auto kid = jwk.find("kid")) {
    const auto text = kid->string();
    if (!text || text->size() > key_id_limit) return std::unexpected("a kid that is no text, or too long");
    entry.key_id = *text;
  }
  // Whatever else it is: these are the members that nobody may know.
  if (jwk.find("d") || jwk.find("priv")) entry.holding = Holding::private_keys;
  if (kty->string() == "oct" || jwk.find("k")) entry.holding = Holding::secrets;
  return entry;
}

}  // namespace

std::string_view name(Holding holding) {
  switch (holding) {
    case Holding::public_keys:
      return "public";
    case Holding::private_keys:
      return "private";
    case Holding::secrets:
      break;
  }
  return "secret";
}

Holding holding_of(const AnyKey& key) {
  if (is_secret(key)) return Holding::secrets;
  return is_private(key) ? Holding::private_keys : Holding::public_keys;
}

std::expected<KeysetFile, Trouble> KeysetFile::open(const std::string& path, bool is_new_allowed, Console& console) {
  if (auto sound = check_path("--set", path); !sound) return std::unexpected(sound.error());
  std::error_code error;
  const bool exists = std::filesystem::exists(path, error);
  // Behind links, which stay.
  const auto real = exists ? std::filesystem::canonical(path, error) : std::filesystem::absolute(path, error);
  if (error) return std::unexpected(trouble(path, error.message()));
  Descriptor folder{::open(real.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder || ::flock(folder.number(), LOCK_EX) != 0) {
    return std::unexpected(system_trouble(path, "cannot open its folder"));
  }
  KeysetFile file{real.string(), std::move(folder)};
  if (!std::filesystem::exists(real, error)) {
    if (is_new_allowed) return file;
    return std::unexpected(trouble(path, "no such file"));
  }
  const auto text = read_secret("--set", real.string(), console, Limits{}.key_set_bytes);
  if (!text) return std::unexpected(text.error());
  if (auto parsed = file.parse(text->reveal_text()); !parsed) return std::unexpected(parsed.error());
  return file;
}

std::expected<void, Trouble> KeysetFile::parse(std::string_view text) {
  Limits limits;
  limits.json_members = std::max(limits.json_members, limits.key_set_keys * 32);
  const auto document = json::parse(text, limits);
  const auto keys = document ? document->find("keys") : std::nullopt;
  if (!keys || keys->kind() != json::Kind::array) {
    return std::unexpected(trouble(path_, "not a JWK Set: strict JSON with an array \"keys\""));
  }
  std::set<std::string> seen;
  for (const json::View jwk : keys->elements()) {
    auto entry = read_entry(jwk);
    if (!entry) return std::unexpected(trouble(path_, entry.error()));
    if (!entry->key_id.empty() && !seen.insert(entry->key_id).second)
      return std::unexpected(trouble(path_, "a kid twice"));
    if (holding().value_or(entry->holding) != entry->holding) {
      return std::unexpected(
          trouble(path_, fmt::format("{} and {} keys together", cli::name(*holding()), cli::name(entry->holding))));
    }
    entries_.push_back(std::move(*entry));
  }
  for (const json::Member& member : document->members()) {
    if (member.name == "keys") continue;
    members_ += ',';
    json::append_string(members_, member.name);
    members_.append(":").append(member.value.text());
  }
  return {};
}

std::optional<Holding> KeysetFile::holding() const {
  return entries_.empty() ? std::nullopt : std::optional{entries_.front().holding};
}

std::expected<void, Trouble> KeysetFile::insert(std::size_t place, const AnyKey& key) {
  const Holding holds = holding_of(key);
  if (holding().value_or(holds) != holds) {
    return std::unexpected(trouble(
        path_, fmt::format("this set is of {} keys, and the key is {}{}", cli::name(*holding()), cli::name(holds),
                           holds == Holding::private_keys ? ": --public adds its public half" : "")));
  }
  if (std::ranges::find(entries_, key_id(key), &KeysetEntry::key_id) != entries_.end()) {
    return std::unexpected(trouble(path_, "a key of that kid is there: a kid twice would tell none of them"));
  }
  auto jwk = to_any_jwk(key);
  if (!jwk) return std::unexpected(trouble(path_, jwk.error().detail()));
  entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(place),
                  {.key_id = key_id(key), .holding = holds, .jwk = std::move(*jwk)});
  return {};
}

std::expected<void, Trouble> KeysetFile::save() const {
  crypto::SecretText text;
  const auto append = [&](std::string_view part) { text.insert(text.end(), part.begin(), part.end()); };
  append("{\"keys\":[");
  for (const KeysetEntry& entry : entries_) {
    if (&entry != &entries_.front()) append(",");
    append("\n");
    append(entry.jwk.reveal_text());
  }
  append("]");
  append(members_);
  append("}\n");

  struct stat old{};
  const bool is_public = holding().value_or(Holding::public_keys) == Holding::public_keys;
  const mode_t mode = ::stat(path_.c_str(), &old) == 0 ? old.st_mode & 07777 : 0644;
  std::string beside = path_ + ".XXXXXX";
  const Descriptor file{::mkostemp(beside.data(), O_CLOEXEC)};  // of mode 0600
  if (!file) return std::unexpected(system_trouble(path_, "cannot write beside it"));
  const bool replaced = write_all(file, {text.data(), text.size()}) &&
                        ::fchmod(file.number(), is_public ? mode : 0600) == 0 && ::fsync(file.number()) == 0 &&
                        ::rename(beside.c_str(), path_.c_str()) == 0;
  if (!replaced) {
    auto why = system_trouble(path_, "cannot replace it");
    ::unlink(beside.c_str());
    return std::unexpected(std::move(why));
  }
  if (::fsync(folder_.number()) != 0) return std::unexpected(system_trouble(path_, "replaced, but not flushed"));
  return {};
}

}  // namespace signet::cli

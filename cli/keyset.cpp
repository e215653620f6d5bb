#include "cli/keyset.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "cli/any_key.hpp"
#include "cli/keyset_file.hpp"
#include "cli/text.hpp"
#include "signet/json.hpp"

namespace signet::cli {
namespace {

constexpr unsigned default_keep = 2;

// The key of a file, with an id.
std::expected<AnyKey, Trouble> read_key(const std::string& file, const std::string& algorithm, bool wants_public,
                                        const std::string& passphrase_file, Console& console) {
  const auto text = read_secret(file, file, console);
  if (!text) return std::unexpected(text.error());
  auto key = read_any_key(*text, {.flag = file, .algorithm = algorithm, .passphrase_file = passphrase_file}, console);
  if (!key) return key;
  if (wants_public && is_secret(*key)) {
    return std::unexpected(Trouble{fmt::format("{}: --public: a secret has no public half", file)});
  }
  if (wants_public) *key = public_half(*key);
  if (!key_id(*key).empty()) return key;
  const auto id = thumbprint(*key);
  if (!id) return std::unexpected(Trouble{id.error().detail()});
  return with_key_id(*key, *id);
}

// A key of the same algorithm as the first of the set.
std::expected<AnyKey, Trouble> key_like(const KeysetEntry& first) {
  if (first.holding == Holding::public_keys) {
    return std::unexpected(Trouble{"a set of public keys cannot make one: name the file of the new key"});
  }
  const auto jwk = json::parse(first.jwk.reveal_text());
  const auto alg = jwk ? jwk->find("alg") : std::nullopt;
  const auto algorithm = alg ? algorithm_from_name(alg->string().value_or("")) : std::nullopt;
  if (!algorithm) {
    return std::unexpected(
        Trouble{"the first key is not one that signs by an algorithm it names: name the file of the new key"});
  }
  auto key = SigningKey::generate(*algorithm);
  if (!key) return std::unexpected(Trouble{key.error().detail()});
  return AnyKey{key->with_key_id(key->thumbprint())};
}

std::expected<std::size_t, Trouble> parse_keep(const std::string& text) {
  std::size_t keep = default_keep;
  const char* const end = text.data() + text.size();
  if (!text.empty()) {
    const auto [stopped, error] = std::from_chars(text.data(), end, keep);
    if (error != std::errc{} || stopped != end || keep == 0 || keep > Limits{}.key_set_keys) {
      return std::unexpected(Trouble{fmt::format("--keep takes 1 to {}", Limits{}.key_set_keys)});
    }
  }
  return keep;
}

std::string text_of(json::View jwk, std::string_view member) {
  const auto value = jwk.find(member);
  return value ? value->string().value_or("") : std::string{};
}

std::string shown(std::string_view text) { return text.empty() ? "-" : printable(text); }

}  // namespace

Exit list_keyset(const KeysetListRequest& request, Console& console) {
  auto file = KeysetFile::open(request.set, false, console);
  if (!file) return complain(console, file.error());
  for (const KeysetEntry& entry : file->entries()) {
    const auto jwk = json::parse(entry.jwk.reveal_text());
    if (!jwk) continue;  // it was read as part of the set
    const std::string kty = text_of(*jwk, "kty"), alg = text_of(*jwk, "alg"), crv = text_of(*jwk, "crv");
    const std::string use = text_of(*jwk, "use");
    const std::string_view holds = name(entry.holding);
    if (request.json) {
      json::Object line;
      if (!entry.key_id.empty()) line.set("kid", entry.key_id);
      line.set("kty", kty);
      for (const auto& [member, text] : {std::pair{"crv", &crv}, {"alg", &alg}, {"use", &use}}) {
        if (!text->empty()) line.set(member, *text);
      }
      console.out << printable(line.set("holds", holds).text()) << '\n';
    } else {
      console.out << fmt::format("{} {} {} {} {}\n", shown(entry.key_id), shown(kty), shown(alg.empty() ? crv : alg),
                                 shown(use), holds);
    }
  }
  return Exit::ok;
}

Exit add_to_keyset(const KeysetAddRequest& request, Console& console) {
  auto file = KeysetFile::open(request.set, true, console);
  if (!file) return complain(console, file.error());
  std::vector<std::string> added;
  for (const std::string& one : request.files) {
    const auto key = read_key(one, request.algorithm, request.public_half, request.passphrase_file, console);
    if (!key) return complain(console, key.error());
    if (auto done = file->insert(file->entries().size(), *key); !done) return complain(console, done.error());
    added.push_back(key_id(*key));
  }
  if (auto saved = file->save(); !saved) return complain(console, saved.error());
  for (const std::string& id : added) console.out << "added " << printable(id) << '\n';
  return Exit::ok;
}

Exit remove_from_keyset(const KeysetRemoveRequest& request, Console& console) {
  auto file = KeysetFile::open(request.set, false, console);
  if (!file) return complain(console, file.error());
  for (const std::string& id : request.key_ids) {
    if (std::erase_if(file->entries(), [&](const KeysetEntry& entry) { return entry.key_id == id; }) == 0) {
      console.err << "signet: no key " << printable(id) << '\n';
      return Exit::refused;
    }
  }
  const auto saved = file->save();
  if (!saved) return complain(console, saved.error());
  for (const std::string& id : request.key_ids) console.out << "removed " << printable(id) << '\n';
  return Exit::ok;
}

Exit rotate_keyset(const KeysetRotateRequest& request, Console& console) {
  const auto keep = parse_keep(request.keep);
  if (!keep) return complain(console, keep.error());
  auto file = KeysetFile::open(request.set, false, console);
  if (!file) return complain(console, file.error());
  auto& entries = file->entries();
  if (request.file.empty() && entries.empty()) {
    return complain(console, {"an empty set has no key to make another like it: name the file of the new key"});
  }
  const auto key = request.file.empty() ? key_like(entries.front())
                                        : read_key(request.file, request.algorithm, request.public_half,
                                                   request.passphrase_file, console);
  if (!key) return complain(console, key.error());
  if (auto done = file->insert(0, *key); !done) return complain(console, done.error());
  std::vector<std::string> gone;
  for (; entries.size() > *keep; entries.pop_back()) gone.push_back(entries.back().key_id);
  if (auto saved = file->save(); !saved) return complain(console, saved.error());
  console.out << "added " << printable(key_id(*key)) << '\n';
  for (const std::string& id : gone) console.out << "removed " << shown(id) << '\n';
  return Exit::ok;
}

}  // namespace signet::cli

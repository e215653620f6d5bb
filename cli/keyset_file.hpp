#pragma once
// A JWK Set in a file, which is replaced whole or not at all.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/any_key.hpp"
#include "cli/console.hpp"
#include "cli/input.hpp"

namespace signet::cli {

// Which halves a set holds.
enum class Holding : std::uint8_t { public_keys, private_keys, secrets };
[[nodiscard]] std::string_view name(Holding holding);  // "public", "private" or "secret"
[[nodiscard]] Holding holding_of(const AnyKey& key);

// A key of the set as it stands there, also one of a kind that is unknown here.
struct KeysetEntry {
  std::string key_id;  // empty: none
  Holding holding = Holding::public_keys;
  Secret jwk;
};

class KeysetFile {
 public:
  // Locks the folder until the object goes, so that two commands do not lose each other's change. `is_new_allowed`: a
  // file that is not there is an empty set.
  [[nodiscard]] static std::expected<KeysetFile, Trouble> open(const std::string& path, bool is_new_allowed,
                                                               Console& console);

  [[nodiscard]] std::vector<KeysetEntry>& entries() { return entries_; }
  [[nodiscard]] std::optional<Holding> holding() const;  // nothing while it is empty

  // At that place. Errors when the set holds keys of another sort, or a key of that id.
  [[nodiscard]] std::expected<void, Trouble> insert(std::size_t place, const AnyKey& key);

  // Replaces the file: written beside it, flushed, renamed. A set of private keys or secrets gets mode 0600, a new
  // public one 0644; another keeps its own.
  [[nodiscard]] std::expected<void, Trouble> save() const;

 private:
  KeysetFile(std::string path, Descriptor folder) : path_{std::move(path)}, folder_{std::move(folder)} {}
  [[nodiscard]] std::expected<void, Trouble> parse(std::string_view text);

  std::string path_;
  Descriptor folder_;
  std::vector<KeysetEntry> entries_;
  std::string members_;  // of the set beside its keys, a comma in front of each
};

}  // namespace signet::cli

#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"
#include "signet/secret.hpp"

namespace signet::server {

// The one secret everything else at rest hangs from: 32 random bytes, as text base64url. It never encrypts anything
// itself: each use has a key of its own, derived by label (HKDF-SHA-256, RFC 5869).
//
// While it is being replaced there are several, one a line: the first is current, the others are retired. They open
// what they have sealed, and seal nothing. Immutable and cheap to copy.
class MasterKey {
 public:
  // The file that holds it.
  struct Place {
    std::filesystem::path path;
    bool is_ours = true;  // `directory`/master.key; else an operator's, named by SIGNET_MASTER_KEY_FILE
  };
  // Nothing when the key itself is in the environment.
  [[nodiscard]] static std::optional<Place> place(const std::filesystem::path& directory);

  // What stands there now. Errors: input_output (also for a file that others may read or write, that belongs to someone
  // else, or that is a link), key_malformed.
  [[nodiscard]] static std::expected<MasterKey, Error> read(const Place& place);

  // Whether there is one to `load`: in the environment, or in `directory`/master.key.
  [[nodiscard]] static bool is_there(const std::filesystem::path& directory);

  // From SIGNET_MASTER_KEY or the file that SIGNET_MASTER_KEY_FILE names (both set: an error), else from
  // `directory`/master.key, which is made at first start. Errors: as below; invalid_configuration.
  [[nodiscard]] static std::expected<MasterKey, Error> load(const std::filesystem::path& directory);

  // `directory`/master.key. Made, with the directory, when it does not exist: mode 0600, whole or not at all, on the
  // disk before this returns; of two processes that start at once, both get the first one's key. Errors: those of
  // `read`.
  [[nodiscard]] static std::expected<MasterKey, Error> open_or_create(const std::filesystem::path& directory);

  // Errors: key_malformed unless it is 32 bytes.
  [[nodiscard]] static std::expected<MasterKey, Error> from_bytes(Secret bytes);

  [[nodiscard]] static MasterKey random();

  // Puts a new key in front of those in `directory`/master.key, which are retired by that: whole or not at all, on the
  // disk before this returns. Who has read the file before goes on with what it read. Errors: input_output,
  // key_malformed; invalid_configuration when it holds as many keys as it may.
  [[nodiscard]] static std::expected<void, Error> renew(const std::filesystem::path& directory);

  // The file holds at most so many.
  static constexpr std::size_t most_keys = 8;

  // A key for one use, the same each time for the same label ("refresh tokens", "cookies"). At most 8160 bytes.
  [[nodiscard]] Secret sub_key(std::string_view label, std::size_t size = 32) const;

  // The same of the retired keys.
  [[nodiscard]] std::vector<Secret> retired_sub_keys(std::string_view label, std::size_t size = 32) const;

  // Encrypts and authenticates (XChaCha20-Poly1305). What comes out opens only under the current key and with the same
  // `context`, which says where it belongs (say, its row) and is not part of the output.
  [[nodiscard]] std::vector<std::byte> seal(std::span<const std::byte> bytes, std::string_view context) const;

  // Errors: key_malformed; the detail tells another master key from changed bytes.
  [[nodiscard]] std::expected<Secret, Error> open(std::span<const std::byte> sealed, std::string_view context) const;

  // Whether the current key sealed it.
  [[nodiscard]] bool is_current(std::span<const std::byte> sealed) const noexcept;

  // The same keys in the same order.
  [[nodiscard]] bool operator==(const MasterKey& other) const noexcept;

  // Whether the current key of `other` is the current one here.
  [[nodiscard]] bool has_current_of(const MasterKey& other) const noexcept;

  // Whether the current key of `other` is among these.
  [[nodiscard]] bool holds_current_of(const MasterKey& other) const noexcept;

  // The same keys, but that one is current. It has to be among them.
  [[nodiscard]] MasterKey led_by_current_of(const MasterKey& other) const;

  // How many there are, the current one included.
  [[nodiscard]] std::size_t size() const noexcept { return keys_->size(); }

  // What `load` read, one key a line.
  [[nodiscard]] static std::expected<MasterKey, Error> from_text(std::string_view text, const std::string& where);

 private:
  struct One {
    explicit One(Secret key);
    Secret bytes;
    Secret seal_key;
    Secret id;  // names this key in what it has sealed; tells nothing about it
  };
  explicit MasterKey(std::vector<One> keys);
  [[nodiscard]] const One* find(std::span<const std::byte> id) const noexcept;
  [[nodiscard]] const One* sealer_of(std::span<const std::byte> sealed) const noexcept;
  std::shared_ptr<const std::vector<One>> keys_;  // the current one first
};

}  // namespace signet::server

#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <utility>

#include "server/keys/master_key.hpp"
#include "signet/error.hpp"

namespace signet::server {

// The file of a running server's master key, looked at again and again: what is changed in it is taken over without a
// restart.
class MasterKeyFile {
 public:
  explicit MasterKeyFile(MasterKey::Place place) : place_{std::move(place)} {}

  // A key that this server has not known before only reads at first, and becomes current after so many looks: by then
  // every process that has the same file reads what it seals.
  static constexpr unsigned looks_before_it_seals = 10;

  // What is to be held from now on instead of what is held, or why not.
  using Take = std::function<std::expected<void, Error>(const MasterKey& next)>;

  // Calls `take` when the file holds something else than `held`; true when that went well. What fails is tried again at
  // the next look. Errors: of MasterKey::read and of `take`; key_mismatch (the current key is not in the file).
  [[nodiscard]] std::expected<bool, Error> follow(const MasterKey& held, const Take& take);

 private:
  struct Stamp {
    std::uint64_t device = 0, file = 0, size = 0;
    std::int64_t written_ns = 0, changed_ns = 0;  // the second moves with its mode, too
    bool operator==(const Stamp&) const = default;
  };
  [[nodiscard]] Stamp stamp() const noexcept;

  MasterKey::Place place_;
  std::optional<Stamp> seen_;
  unsigned looks_left_ = 0;  // until a key that only reads becomes current
};

}  // namespace signet::server

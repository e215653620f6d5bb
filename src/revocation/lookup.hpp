#pragma once
// A check in two steps: of ten million revocations, the one to look at is seldom in the processor's cache, and while it
// comes from memory the verifier has other things to do.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "signet/revocations.hpp"
#include "src/concurrency/published.hpp"
#include "src/revocation/table.hpp"

namespace signet::revocation {

inline constexpr std::size_t kinds_of_revocation = static_cast<std::size_t>(RevocationKind::everyone) + 1;

class Lookup {
 public:
  // Nothing is asked for yet. `revocations` may be null, and must live as long as this; no callback may run until
  // `covers` has returned. Throws std::bad_alloc, at a thread's first one only.
  explicit Lookup(const Revocations* revocations) {
    if (revocations != nullptr) open(*revocations);
  }

  // False when there are no revocations at all: then nothing need be asked.
  [[nodiscard]] bool is_open() const noexcept { return present_ != 0; }

  // The kinds of which there are some, a bit each: no other need be asked for.
  [[nodiscard]] std::uint32_t kinds() const noexcept { return present_; }
  [[nodiscard]] bool has(RevocationKind kind) const noexcept {
    return (present_ >> static_cast<unsigned>(kind) & 1) != 0;
  }
  static constexpr std::size_t sets_of_kinds = std::size_t{1} << kinds_of_revocation;

  // Once a kind, and not for everyone: what is asked beyond that is not looked at. An empty key is that of no claim;
  // every other must stay where it is until `covers`.
  void ask(RevocationKind kind, std::string_view key) noexcept {
    if (has(kind) && !key.empty()) fetch(kind, key);
  }

  // Whether one of the revocations asked for, or one of everyone, covers a token issued then. To be called once.
  [[nodiscard]] bool covers(Time issued_at) noexcept { return is_open() && look(issued_at); }

 private:
  struct Asked {
    const Table* table;
    std::uint64_t place;
    const char* key;  // not a view: those left over would have to be made as well
    std::size_t key_size;
  };

  void open(const Revocations& revocations);
  void fetch(RevocationKind kind, std::string_view key) noexcept;
  [[nodiscard]] bool look(Time issued_at) noexcept;
  [[nodiscard]] bool look_closely(Milliseconds issued) const noexcept;

  std::uint32_t present_ = 0;
  const Revocations::State* state_ = nullptr;
  std::optional<concurrency::Reading> reading_;
  std::size_t count_ = 0;
  std::array<Asked, 5> asked_;
};

}  // namespace signet::revocation

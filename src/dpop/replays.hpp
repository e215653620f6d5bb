#pragma once
// Which proofs have been seen, for as long as they could come again.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string_view>
#include <unordered_set>

#include "signet/clock.hpp"
#include "signet/key.hpp"

namespace signet::dpop {

// Bounded. Many threads meet in it: what is remembered is spread over shards, each under a lock of its own.
class Replays {
 public:
  // A proof is taken for at most `window` after it was made; at most about `capacity` are remembered.
  Replays(std::chrono::seconds window, std::size_t capacity);

  enum class Answer : std::uint8_t { first, seen, full };
  // Whether this key's `jti` is new at `now`; it is not from then on.
  [[nodiscard]] Answer remember(std::string_view thumbprint, std::string_view jti, Time now);

  [[nodiscard]] std::size_t size() const;

 private:
  // The half of an HMAC under a key of this process's own: nobody finds two that meet, nor many that crowd one bucket.
  using Mark = std::array<std::byte, 16>;
  struct Hash {
    std::size_t operator()(const Mark& mark) const noexcept {
      std::size_t first;
      std::memcpy(&first, mark.data(), sizeof first);
      return first;
    }
  };
  using Marks = std::unordered_set<Mark, Hash>;

  // What was seen in this window and in the one before it: a mark lives one window at least and two at most, and
  // forgetting takes no search.
  struct Shard {
    mutable std::mutex mutex;
    std::int64_t window = 0;
    Marks current, previous;
  };
  static constexpr std::size_t shard_count = 16;

  SigningKey key_;
  std::chrono::milliseconds window_;
  std::size_t most_in_shard_;
  std::array<Shard, shard_count> shards_;
};

}  // namespace signet::dpop

#pragma once
// Tokens that a verifier has verified before (case 40). What is kept is the work of the signature and of the parsing,
// never the verdict: whoever finds a token here checks its claims, its key and its revocation again.

#include <array>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "signet/verifier.hpp"
#include "src/jwt/token_data.hpp"

namespace signet::jwt {

class TokenCache {
 public:
  // At most so many tokens, rounded up to a power of two.
  explicit TokenCache(std::size_t tokens);

  // Longer ones are not kept, so that the memory has a bound.
  static constexpr std::size_t longest_token = 4096;

  // By the whole text; null when it is not there.
  [[nodiscard]] TokenHandle find(std::string_view compact) noexcept;

  // Takes the place of an older one when there is none left. Keeps nothing when memory has run out.
  void put(std::string_view compact, TokenHandle token) noexcept;

  void erase(std::string_view compact) noexcept;

  [[nodiscard]] CacheFigures figures() const;

 private:
  struct Entry {
    std::string text;  // empty: the place is free
    TokenHandle token;
  };
  static constexpr std::size_t ways = 4;  // places where a token may stand
  using Set = std::array<Entry, ways>;
  static constexpr std::size_t shards = 64;
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::size_t hits = 0, misses = 0, size = 0;
    std::size_t next = 0;  // whose turn it is to go
  };

  [[nodiscard]] std::size_t set_of(std::string_view compact) const noexcept;
  [[nodiscard]] static Entry* entry_of(Set& set, std::string_view compact) noexcept;

  std::vector<Set> sets_;
  std::array<Shard, shards> shards_;
};

}  // namespace signet::jwt

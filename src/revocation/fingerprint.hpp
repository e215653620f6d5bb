#pragma once
// What stands for a text in memory is two numbers, each keyed with random numbers that the process draws once: two
// texts share both by an accident of 1 to 2^125, and nobody can look for such a pair outside this process.
//
// Two, because most texts are looked up in vain, and the first tells as much.

#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace signet::revocation {

// Draws the keys, if nobody has. To be called once before all else. Throws std::system_error.
void draw_fingerprint_keys();

namespace detail {

__extension__ using Product = unsigned __int128;

struct Key {
  std::uint64_t start, first, second, size;
};
extern std::array<Key, 2> keys;  // nothing until they are drawn

// Both halves of the product: each bit of it depends on every bit of both factors.
inline std::uint64_t folded(std::uint64_t a, std::uint64_t b) noexcept {
  const auto product = static_cast<Product>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class Word>
std::uint64_t word_at(const char* bytes) noexcept {
  Word word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

inline std::uint64_t hashed(std::string_view text, const Key& key) noexcept {
  assert((key.start | key.first | key.second | key.size) != 0);
  std::uint64_t hash = key.start;
  const auto take = [&](std::uint64_t first, std::uint64_t second) {
    hash = folded(first ^ key.first, second ^ key.second ^ hash);
  };
  // Words that overlap rather than a copy that is filled up. They say the same together with the length, which comes
  // last: in the beginning, another length could be made up for by another word.
  const char* const end = text.data() + text.size();
  if (text.size() >= 16) {
    for (const char* at = text.data(); end - at > 16; at += 16) {
      take(word_at<std::uint64_t>(at), word_at<std::uint64_t>(at + 8));
    }
    take(word_at<std::uint64_t>(end - 16), word_at<std::uint64_t>(end - 8));
  } else if (text.size() >= 8) {
    take(word_at<std::uint64_t>(text.data()), word_at<std::uint64_t>(end - 8));
  } else if (text.size() >= 4) {
    take(word_at<std::uint32_t>(text.data()), word_at<std::uint32_t>(end - 4));
  } else if (!text.empty()) {
    take(word_at<std::uint8_t>(text.data()),
         word_at<std::uint8_t>(text.data() + text.size() / 2) << 8 | word_at<std::uint8_t>(end - 1));
  } else {
    take(0, 0);
  }
  return folded(hash, key.size ^ text.size());
}

}  // namespace detail

// Says where it stands as well.
[[nodiscard]] inline std::uint64_t place_of(std::string_view text) noexcept {
  return detail::hashed(text, detail::keys[0]);
}
[[nodiscard]] inline std::uint64_t proof_of(std::string_view text) noexcept {
  return detail::hashed(text, detail::keys[1]);
}

}  // namespace signet::revocation

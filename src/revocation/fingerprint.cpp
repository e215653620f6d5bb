#include "src/revocation/fingerprint.hpp"

#include <sys/random.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace signet::revocation {
namespace {

__extension__ using Product = unsigned __int128;

constinit std::array<std::uint64_t, 8> key{};  // nothing until they are drawn

// Both halves of the product: each bit of it depends on every bit of both factors.
std::uint64_t folded(std::uint64_t a, std::uint64_t b) noexcept {
  const auto product = static_cast<Product>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class Word>
std::uint64_t word_at(const char* bytes) noexcept {
  Word word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

}  // namespace

void draw_fingerprint_keys() {
  [[maybe_unused]] static const bool drawn = [] {
    if (::getentropy(key.data(), sizeof key) == 0) return true;
    throw std::system_error{errno, std::generic_category(), "getentropy"};
  }();
}

Fingerprint fingerprint(std::string_view text) noexcept {
  assert(key != (std::array<std::uint64_t, 8>{}));
  std::uint64_t place = key[0];
  std::uint64_t proof = key[1];
  const auto take = [&](std::uint64_t first, std::uint64_t second) {
    place = folded(first ^ key[2], second ^ key[3] ^ place);
    proof = folded(first ^ key[4], second ^ key[5] ^ proof);
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
  return {folded(place, key[6] ^ text.size()), folded(proof, key[7] ^ text.size())};
}

}  // namespace signet::revocation

#include "src/revocation/fingerprint.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace signet::revocation {
namespace {

__extension__ using Product = unsigned __int128;

struct Keys {
  std::array<std::uint64_t, 8> words;
  Keys() : words{} {
    if (::getentropy(words.data(), sizeof words) != 0) {
      throw std::system_error{errno, std::generic_category(), "getentropy"};
    }
  }
};

const Keys& keys() {
  static const Keys drawn;
  return drawn;
}

// Both halves of the product: each bit of it depends on every bit of both factors.
std::uint64_t folded(std::uint64_t a, std::uint64_t b) noexcept {
  const auto product = static_cast<Product>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t word_at(const char* bytes) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

}  // namespace

void draw_fingerprint_keys() { static_cast<void>(keys()); }

Fingerprint fingerprint(std::string_view text) noexcept {
  const auto& key = keys().words;
  std::uint64_t place = key[0] ^ text.size();
  std::uint64_t proof = key[1] ^ text.size();
  const auto take = [&](std::uint64_t first, std::uint64_t second) {
    place = folded(first ^ key[2], second ^ key[3] ^ place);
    proof = folded(first ^ key[4], second ^ key[5] ^ proof);
  };
  while (text.size() > 16) {
    take(word_at(text.data()), word_at(text.data() + 8));
    text.remove_prefix(16);
  }
  std::array<char, 16> rest{};
  std::memcpy(rest.data(), text.data(), text.size());
  take(word_at(rest.data()), word_at(rest.data() + 8));
  return {folded(place, key[6]), folded(proof, key[7])};
}

}  // namespace signet::revocation

#include "src/jose/alphabet.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#define SIGNET_AVX2
#include <immintrin.h>
#endif

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace signet::jose {
namespace {

// Sixteen characters at a time, in a vector of the compiler's: a branch for each would cost more than the rest.
using Block [[gnu::vector_size(16)]] = std::uint8_t;

// All bits of a byte set: it is of the alphabet, or a dot.
Block of_alphabet(Block c) noexcept {
  const Block letter = (c | 0x20) - 'a';
  const Block digit = c - '0';
  return reinterpret_cast<Block>((letter < 26) | (digit < 10) | (c == '-') | (c == '_') | (c == '.'));
}

#ifdef SIGNET_AVX2

// As many blocks of 32 as there are; how many characters that were, or more than there are when one is another.
[[gnu::target("avx2")]] std::size_t check_blocks(std::string_view text) noexcept {
  // A bit for each kind of upper half, and which of them a lower half goes with: 2x "-" and "."; 3x digits; 4x and 6x
  // "A" to "O"; 5x "P" to "Z" and "_"; 7x "p" to "z". A byte past 127 goes with none.
  const __m256i uppers = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 0, 1, 2, 4, 8, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i lowers =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(26, 30, 30, 30, 30, 30, 30, 30, 30, 30, 28, 4, 4, 5, 5, 12));
  __m256i wrong = _mm256_setzero_si256();
  std::size_t at = 0;
  for (; text.size() - at >= 32; at += 32) {
    const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(c, 4), _mm256_set1_epi8(15));
    const __m256i goes = _mm256_and_si256(_mm256_shuffle_epi8(uppers, upper), _mm256_shuffle_epi8(lowers, c));
    wrong = _mm256_or_si256(wrong, _mm256_cmpeq_epi8(goes, _mm256_setzero_si256()));
  }
  return _mm256_testz_si256(wrong, wrong) != 0 ? at : text.size() + 1;
}

#endif

}  // namespace

bool all_base64url_or_dots_portably(std::string_view text) noexcept {
  Block clean = Block{} - 1;
  std::size_t at = 0;
  for (; at + sizeof(Block) <= text.size(); at += sizeof(Block)) {
    Block block;
    std::memcpy(&block, text.data() + at, sizeof block);
    clean &= of_alphabet(block);
  }
  Block last = Block{} + 'A';
  if (at != text.size()) std::memcpy(&last, text.data() + at, text.size() - at);  // no text has no address either
  clean &= of_alphabet(last);
  const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(clean);
  return (words[0] & words[1]) == ~std::uint64_t{0};
}

bool all_base64url_or_dots(std::string_view text) noexcept {
#ifdef SIGNET_AVX2
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) {
    const std::size_t done = check_blocks(text);
    if (done > text.size()) return false;
    text.remove_prefix(done);
  }
#endif
  return all_base64url_or_dots_portably(text);
}

}  // namespace signet::jose

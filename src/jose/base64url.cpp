#include "src/jose/base64url.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#define SIGNET_AVX2
#include <immintrin.h>
#endif

#include <array>
#include <cstdint>

namespace signet::jose {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// A character's six bits at each of its four places in a group; any bit of `invalid` for one outside the alphabet. Four
// tables save the shifts, and one test a group finds every bad character.
constexpr std::uint32_t invalid = 0xff000000;

constexpr std::array<std::uint32_t, 256> bits_shifted_by(unsigned shift) {
  std::array<std::uint32_t, 256> table;
  table.fill(invalid);
  for (std::uint32_t value = 0; value < alphabet.size(); ++value) {
    table[static_cast<unsigned char>(alphabet[value])] = value << shift;
  }
  return table;
}

constexpr auto first = bits_shifted_by(18);
constexpr auto second = bits_shifted_by(12);
constexpr auto third = bits_shifted_by(6);
constexpr auto fourth = bits_shifted_by(0);

std::byte byte_at(std::uint32_t bits, unsigned shift) noexcept { return static_cast<std::byte>(bits >> shift); }

#ifdef SIGNET_AVX2

#define SIGNET_WITH_AVX2 [[gnu::target("avx2"), gnu::always_inline]] inline

// Bytes past 127 are negative, and so in no range.
SIGNET_WITH_AVX2 __m256i between(__m256i c, char low, char high) noexcept {
  return _mm256_and_si256(_mm256_cmpgt_epi8(c, _mm256_set1_epi8(static_cast<char>(low - 1))),
                          _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(high + 1)), c));
}
SIGNET_WITH_AVX2 __m256i either(__m256i a, __m256i b) noexcept { return _mm256_or_si256(a, b); }
SIGNET_WITH_AVX2 __m256i when(__m256i mask, int value) noexcept {
  return _mm256_and_si256(mask, _mm256_set1_epi8(static_cast<char>(value)));
}

// Decodes 32 characters into 24 bytes at a time and says how many characters it took, or more than there are when one
// is outside the alphabet. Each store writes 32 bytes, so it stops while what is left still has eight bytes of its own.
[[gnu::target("avx2")]] std::size_t decode_blocks(std::string_view text, std::byte* out) noexcept {
  constexpr std::size_t block = 32;
  constexpr std::size_t rest = 12;  // nine bytes
  std::size_t at = 0;
  __m256i valid = _mm256_set1_epi8(-1);
  for (; text.size() - at >= block + rest; at += block, out += 24) {
    const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    const __m256i upper = between(c, 'A', 'Z');
    const __m256i lower = between(c, 'a', 'z');
    const __m256i digit = between(c, '0', '9');
    const __m256i minus = _mm256_cmpeq_epi8(c, _mm256_set1_epi8('-'));
    const __m256i under = _mm256_cmpeq_epi8(c, _mm256_set1_epi8('_'));
    valid = _mm256_and_si256(valid, either(either(upper, lower), either(digit, either(minus, under))));
    const __m256i offset = either(either(when(upper, -'A'), when(lower, 26 - 'a')),
                                  either(when(digit, 52 - '0'), either(when(minus, 62 - '-'), when(under, 63 - '_'))));
    const __m256i sixes = _mm256_add_epi8(c, offset);
    // Pairs of 6 bits into 12, of 12 into 24, and the three bytes of each group in the order of the text.
    const __m256i twelves = _mm256_maddubs_epi16(sixes, _mm256_set1_epi32(0x01400140));
    const __m256i groups = _mm256_madd_epi16(twelves, _mm256_set1_epi32(0x00011000));
    const __m256i bytes =
        _mm256_shuffle_epi8(groups, _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2, 1, 0, 6,
                                                     5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                        _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7)));
  }
  return _mm256_movemask_epi8(valid) == -1 ? at : text.size() + 1;
}

#endif

}  // namespace

void base64url_append(std::string& text, std::span<const std::byte> bytes) {
  const auto begin = text.size();
  text.resize(begin + (bytes.size() * 4 + 2) / 3);
  char* out = text.data() + begin;
  std::size_t at = 0;
  const auto byte = [&](std::size_t index) { return std::to_integer<std::uint32_t>(bytes[index]); };
  for (; at + 3 <= bytes.size(); at += 3) {
    const std::uint32_t bits = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    *out++ = alphabet[bits >> 18];
    *out++ = alphabet[bits >> 12 & 63];
    *out++ = alphabet[bits >> 6 & 63];
    *out++ = alphabet[bits & 63];
  }
  if (bytes.size() - at == 1) {
    *out++ = alphabet[byte(at) >> 2];
    *out++ = alphabet[byte(at) << 4 & 63];
  } else if (bytes.size() - at == 2) {
    const std::uint32_t bits = byte(at) << 8 | byte(at + 1);
    *out++ = alphabet[bits >> 10];
    *out++ = alphabet[bits >> 4 & 63];
    *out++ = alphabet[bits << 2 & 63];
  }
}

std::string base64url_encode(std::span<const std::byte> bytes) {
  std::string text;
  base64url_append(text, bytes);
  return text;
}

std::string base64url_encode(std::string_view text) { return base64url_encode(std::as_bytes(std::span{text})); }

bool base64url_decode_portably(std::string_view text, std::byte* out) noexcept {
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  std::uint32_t bad = 0;
  for (std::size_t groups = text.size() / 4; groups != 0; --groups, in += 4, out += 3) {
    const std::uint32_t bits = first[in[0]] | second[in[1]] | third[in[2]] | fourth[in[3]];
    bad |= bits & invalid;
    out[0] = byte_at(bits, 16);
    out[1] = byte_at(bits, 8);
    out[2] = byte_at(bits, 0);
  }
  switch (text.size() % 4) {
    case 1:
      return false;  // six bits are no byte
    case 2: {
      const std::uint32_t bits = first[in[0]] | second[in[1]];
      bad |= bits & (invalid | 0xffff);  // the trailing bits are zero: one spelling for each value (case 8)
      out[0] = byte_at(bits, 16);
      break;
    }
    case 3: {
      const std::uint32_t bits = first[in[0]] | second[in[1]] | third[in[2]];
      bad |= bits & (invalid | 0xff);
      out[0] = byte_at(bits, 16);
      out[1] = byte_at(bits, 8);
      break;
    }
    default:
      break;
  }
  return bad == 0;
}

#ifdef SIGNET_AVX2

bool base64url_decode_into(std::string_view text, std::byte* out) noexcept {
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (!has_avx2) return base64url_decode_portably(text, out);
  const std::size_t done = decode_blocks(text, out);
  return done <= text.size() && base64url_decode_portably(text.substr(done), out + done / 4 * 3);
}

#else

bool base64url_decode_into(std::string_view text, std::byte* out) noexcept {
  return base64url_decode_portably(text, out);
}

#endif

std::optional<std::vector<std::byte>> base64url_decode(std::string_view text) {
  std::vector<std::byte> bytes(base64url_decoded_size(text.size()));
  if (!base64url_decode_into(text, bytes.data())) return std::nullopt;
  return bytes;
}

}  // namespace signet::jose

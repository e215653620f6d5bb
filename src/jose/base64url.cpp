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

// Whether all 32 characters of `c` are of the alphabet, as a mask, and the bytes they stand for: 16, then 8.
struct Decoded {
  __m256i valid;
  __m128i bytes;
  __m128i rest;
};
SIGNET_WITH_AVX2 Decoded decode_block(__m256i c) noexcept {
  const __m256i upper = between(c, 'A', 'Z');
  const __m256i lower = between(c, 'a', 'z');
  const __m256i digit = between(c, '0', '9');
  const __m256i minus = _mm256_cmpeq_epi8(c, _mm256_set1_epi8('-'));
  const __m256i under = _mm256_cmpeq_epi8(c, _mm256_set1_epi8('_'));
  const __m256i offset = either(either(when(upper, -'A'), when(lower, 26 - 'a')),
                                either(when(digit, 52 - '0'), either(when(minus, 62 - '-'), when(under, 63 - '_'))));
  const __m256i sixes = _mm256_add_epi8(c, offset);
  // Pairs of 6 bits into 12, of 12 into 24, and the three bytes of each group in the order of the text.
  const __m256i twelves = _mm256_maddubs_epi16(sixes, _mm256_set1_epi32(0x01400140));
  const __m256i groups = _mm256_madd_epi16(twelves, _mm256_set1_epi32(0x00011000));
  const __m256i threes =
      _mm256_shuffle_epi8(groups, _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2, 1, 0, 6,
                                                   5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
  const __m256i bytes = _mm256_permutevar8x32_epi32(threes, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
  return {.valid = either(either(upper, lower), either(digit, either(minus, under))),
          .bytes = _mm256_castsi256_si128(bytes),
          .rest = _mm256_extracti128_si256(bytes, 1)};
}

// Decodes 32 characters into 24 bytes at a time and says how many characters it took, or more than there are when one
// is outside the alphabet.
[[gnu::target("avx2")]] std::size_t decode_blocks(std::string_view text, std::byte* out) noexcept {
  std::size_t at = 0;
  __m256i valid = _mm256_set1_epi8(-1);
  for (; text.size() - at >= 32; at += 32, out += 24) {
    const auto decoded = decode_block(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at)));
    valid = _mm256_and_si256(valid, decoded.valid);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), decoded.bytes);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out + 16), decoded.rest);
  }
  return _mm256_movemask_epi8(valid) == -1 ? at : text.size() + 1;
}

// The step where a number is above the limit.
SIGNET_WITH_AVX2 __m256i above(__m256i sixes, char limit, int step) noexcept {
  return when(_mm256_cmpgt_epi8(sixes, _mm256_set1_epi8(limit)), step);
}

// Encodes 24 bytes as 32 characters at a time and says how many bytes it took. It reads 28 of them.
[[gnu::target("avx2")]] std::size_t encode_blocks(std::span<const std::byte> bytes, char* out) noexcept {
  std::size_t at = 0;
  for (; bytes.size() - at >= 28; at += 24, out += 32) {
    const auto* in = reinterpret_cast<const __m128i*>(bytes.data() + at);
    const auto* half = reinterpret_cast<const __m128i*>(bytes.data() + at + 12);
    // The three bytes of each group as b1 b0 b2 b1, so that each six bits stand in a 16-bit number of their own.
    const __m256i groups = _mm256_shuffle_epi8(_mm256_set_m128i(_mm_loadu_si128(half), _mm_loadu_si128(in)),
                                               _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10, 1, 0,
                                                                2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
    const __m256i odd =
        _mm256_mulhi_epu16(_mm256_and_si256(groups, _mm256_set1_epi32(0x0fc0fc00)), _mm256_set1_epi32(0x04000040));
    const __m256i even =
        _mm256_mullo_epi16(_mm256_and_si256(groups, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
    const __m256i sixes = either(odd, even);
    // From 'A' on, and at the end of each range of the alphabet a step to the next.
    __m256i characters = _mm256_add_epi8(sixes, _mm256_set1_epi8('A'));
    characters = _mm256_add_epi8(characters, above(sixes, 25, 'a' - 'Z' - 1));
    characters = _mm256_add_epi8(characters, above(sixes, 51, '0' - 'z' - 1));
    characters = _mm256_add_epi8(characters, above(sixes, 61, '-' - '9' - 1));
    characters = _mm256_add_epi8(characters, above(sixes, 62, '_' - '-' - 1));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), characters);
  }
  return at;
}

bool has_avx2() noexcept {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}

#endif

}  // namespace

void base64url_append(std::string& text, std::span<const std::byte> bytes) {
  const auto begin = text.size();
  text.resize(begin + base64url_encoded_size(bytes.size()));
  base64url_encode_into(bytes, text.data() + begin);
}

#ifdef SIGNET_AVX2

void base64url_encode_into(std::span<const std::byte> bytes, char* out) noexcept {
  const std::size_t done = has_avx2() ? encode_blocks(bytes, out) : 0;
  base64url_encode_portably(bytes.subspan(done), out + done / 3 * 4);
}

#else

void base64url_encode_into(std::span<const std::byte> bytes, char* out) noexcept {
  base64url_encode_portably(bytes, out);
}

#endif

void base64url_encode_portably(std::span<const std::byte> bytes, char* out) noexcept {
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
  if (!has_avx2()) return base64url_decode_portably(text, out);
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

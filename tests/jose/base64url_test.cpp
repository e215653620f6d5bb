#include "src/jose/base64url.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "src/jose/alphabet.hpp"

namespace signet::jose {
namespace {

using namespace std::string_literals;

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Base64url, encodes_the_vectors_of_rfc_4648_without_padding) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64url_encode(plain), encoded);
    const auto decoded = base64url_decode(encoded);
    ASSERT_TRUE(decoded) << encoded;
    EXPECT_EQ(text_of(*decoded), plain);
  }
}

TEST(Base64url, encodes_the_octets_of_rfc_7515_appendix_c) {
  const std::byte octets[] = {std::byte{3}, std::byte{236}, std::byte{255}, std::byte{224}, std::byte{193}};
  EXPECT_EQ(base64url_encode(octets), "A-z_4ME");
}

TEST(Base64url, gives_every_byte_back_at_every_length) {
  std::string bytes;
  for (int i = 0; i < 600; ++i) {
    const auto encoded = base64url_encode(bytes);
    EXPECT_EQ(encoded.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    const auto decoded = base64url_decode(encoded);
    ASSERT_TRUE(decoded) << i;
    EXPECT_EQ(text_of(*decoded), bytes);
    bytes += static_cast<char>(i * 7);
  }
}

TEST(Base64url, case_8_refuses_every_character_outside_the_alphabet_at_every_place) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const std::size_t size : {2U, 3U, 4U, 6U, 7U, 8U, 12U, 64U}) {
    for (std::size_t place = 0; place < size; ++place) {
      std::string text(size, 'A');
      for (int c = 0; c < 256; ++c) {
        text[place] = static_cast<char>(c);
        if (alphabet.find(static_cast<char>(c)) != std::string_view::npos) continue;
        EXPECT_FALSE(base64url_decode(text)) << "byte " << c << " at " << place << " of " << size;
      }
    }
  }
}

TEST(Base64url, case_8_refuses_padding_white_space_line_ends_and_the_standard_alphabet) {
  for (const auto& text :
       {"Zg=="s, "Zm8="s, "="s, "===="s, "Zm9v="s, "Zm9v Yg"s, " Zm9v"s, "Zm9v "s, "Zm9v\n"s, "Zm9v\r\n"s, "Zm\r\n9v"s,
        "\tZm9v"s, "+/8A"s, "Zm9v\0"s, "\0\0\0\0"s, "Zm9v%3D"s, "Zm.9"s, "\xC3\xA9ZZ"s}) {
    EXPECT_FALSE(base64url_decode(text)) << text;
  }
}

TEST(Base64url, case_8_refuses_lengths_that_no_bytes_have) {
  for (const std::size_t size : {1U, 5U, 9U, 61U, 65U}) EXPECT_FALSE(base64url_decode(std::string(size, 'A'))) << size;
}

TEST(Base64url, case_8_refuses_trailing_bits_that_are_not_zero_so_that_no_two_texts_mean_the_same) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t digit = 0; digit < 64; ++digit) {
    const std::string two{'Z', alphabet[digit]};
    EXPECT_EQ(base64url_decode(two).has_value(), digit % 16 == 0) << two;
    const std::string three{'Z', 'm', alphabet[digit]};
    EXPECT_EQ(base64url_decode(three).has_value(), digit % 4 == 0) << three;
    EXPECT_EQ(base64url_decode("Zm9v" + two).has_value(), digit % 16 == 0) << two;
  }
}

TEST(Base64url, writes_no_byte_past_the_decoded_size) {
  for (std::size_t size = 0; size < 120; ++size) {
    const auto encoded = base64url_encode(std::string(size, 'x'));
    ASSERT_EQ(base64url_decoded_size(encoded.size()), size);
    std::vector<std::byte> room(size + 8, std::byte{0xAA});
    ASSERT_TRUE(base64url_decode_into(encoded, room.data()));
    EXPECT_TRUE(std::all_of(room.begin() + static_cast<std::ptrdiff_t>(size), room.end(),
                            [](std::byte b) { return b == std::byte{0xAA}; }));
  }
}

// Where the processor has vector instructions, both ways decode every text alike.
TEST(Base64url, is_decoded_alike_with_and_without_vector_instructions) {
  constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t size = 0; size <= 200; ++size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += characters[(i * 37 + size * 11) % characters.size()];
    const auto compare = [&] {
      std::vector<std::byte> one(base64url_decoded_size(size)), other(one.size());
      const bool good = base64url_decode_into(text, one.data());
      EXPECT_EQ(good, base64url_decode_portably(text, other.data())) << text;
      if (good) {
        EXPECT_EQ(one, other) << text;
      }
    };
    compare();
    if (size != 100) continue;
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        const char before = std::exchange(text[at], static_cast<char>(c));
        compare();
        text[at] = before;
      }
    }
  }
}

TEST(Base64url, is_encoded_alike_with_and_without_vector_instructions) {
  for (std::size_t size = 0; size <= 200; ++size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 151 + size * 29 + i / 7);
    std::string one(base64url_encoded_size(size) + 1, '#');
    std::string other = one;
    base64url_encode_into(bytes, one.data());
    base64url_encode_portably(bytes, other.data());
    EXPECT_EQ(one, other) << size;
    EXPECT_EQ(one.back(), '#') << "one past the end";
    EXPECT_EQ(base64url_decode(std::string_view{one}.substr(0, one.size() - 1)), bytes);
  }
}

TEST(Base64url, and_dots_are_told_from_everything_else_at_every_place_with_and_without_vector_instructions) {
  constexpr std::string_view known = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  EXPECT_TRUE(all_base64url_or_dots({}) && all_base64url_or_dots_portably({}));
  EXPECT_TRUE(all_base64url_or_dots(known) && all_base64url_or_dots_portably(known));
  for (const std::size_t size : {1U, 15U, 16U, 31U, 32U, 33U, 64U, 75U}) {
    std::string text(size, 'x');
    for (char& place : text) {
      for (int c = 0; c < 256; ++c) {
        place = static_cast<char>(c);
        const bool good = known.find(place) != std::string_view::npos;
        ASSERT_EQ(all_base64url_or_dots(text), good) << c << " of " << size;
        ASSERT_EQ(all_base64url_or_dots_portably(text), good) << c << " of " << size;
      }
      place = 'x';
    }
  }
}

}  // namespace
}  // namespace signet::jose

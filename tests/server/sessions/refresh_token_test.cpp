#include "server/sessions/refresh_token.hpp"

#include <gtest/gtest.h>

#include <set>

#include "src/jose/base64url.hpp"

namespace signet::server {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

Secret master(unsigned char first) {
  std::array<std::byte, 32> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(first + i);
  return Secret::from_bytes(bytes);
}

std::vector<Secret> only(Secret secret) {
  std::vector<Secret> secrets;
  secrets.push_back(std::move(secret));
  return secrets;
}

std::vector<std::byte> bytes_of(std::string_view text) {
  return *jose::base64url_decode(text.substr(RefreshTokenCodec::prefix.size()));
}
std::string text_of(const std::vector<std::byte>& bytes) {
  return std::string{RefreshTokenCodec::prefix} + jose::base64url_encode(bytes);
}

class RefreshTokens : public ::testing::Test {
 protected:
  RefreshTokenCodec codec{master(0)};
  RefreshToken token{SessionId::random(), 0x01020304};
  std::string text = codec.write(token);
};

TEST_F(RefreshTokens, what_is_written_is_read) {
  for (std::uint32_t counter : {0u, 1u, 255u, 256u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
    RefreshToken any{SessionId::random(), counter};
    auto read = codec.read(codec.write(any));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, any);
  }
}

// Made with Python's hmac and hashlib from the description in refresh_token.hpp.
TEST_F(RefreshTokens, the_text_is_what_the_description_says) {
  RefreshToken known{{}, 0x01020304};
  for (unsigned i = 0; i < 16; ++i) known.session.bytes[i] = static_cast<std::byte>(0x10 + i);
  EXPECT_EQ(codec.write(known), "sgr_ARAREhMUFRYXGBkaGxwdHh8BAgMEsQNB_GTkbc8Y4BEkUJLzQs0jhRhUQTj7EsQ8ymqulZfj");
}

TEST_F(RefreshTokens, the_same_session_and_counter_always_give_the_same_text) {
  EXPECT_EQ(text.size(), RefreshTokenCodec::text_size);
  EXPECT_EQ(codec.write(token), text);
  EXPECT_EQ(RefreshTokenCodec{master(0)}.write(token), text);
  EXPECT_NE(codec.write({token.session, token.counter + 1}), text);
  EXPECT_NE(codec.write({SessionId::random(), token.counter}), text);
}

TEST_F(RefreshTokens, a_flipped_bit_anywhere_is_refused) {
  auto bytes = bytes_of(text);
  ASSERT_EQ(bytes.size(), 54u);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto flipped = bytes;
      flipped[at] ^= static_cast<std::byte>(1u << bit);
      EXPECT_FALSE(codec.read(text_of(flipped))) << "byte " << at << " bit " << bit;
    }
  }
}

TEST_F(RefreshTokens, another_character_anywhere_is_refused) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (char other : std::string{alphabet} + "=.+/ \n%" + '\0') {
      if (other == text[at]) continue;
      auto changed = text;
      changed[at] = other;
      EXPECT_FALSE(codec.read(changed)) << at << " " << other;
    }
  }
}

TEST_F(RefreshTokens, every_other_length_is_refused) {
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(codec.read(std::string_view{text}.substr(0, size)));
  for (auto* more : {"A", "=", "==", "\n", " ", ".", "AAAA"}) EXPECT_FALSE(codec.read(text + more));
  for (auto* before : {" ", "s", "sgr_", "Bearer "}) EXPECT_FALSE(codec.read(before + text));
  EXPECT_FALSE(codec.read(std::string(1 << 20, 'A')));
  EXPECT_FALSE(codec.read(text + text));
}

TEST_F(RefreshTokens, garbage_is_refused) {
  EXPECT_FALSE(codec.read(""));
  EXPECT_FALSE(codec.read("sgr_"));
  EXPECT_FALSE(codec.read("SGR_" + text.substr(4)));
  EXPECT_FALSE(codec.read("sgr_" + std::string(72, 'A')));
  EXPECT_FALSE(codec.read("sgr_" + std::string(72, '\xff')));
  EXPECT_FALSE(codec.read(std::string(76, '\0')));
  EXPECT_FALSE(codec.read("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0." + std::string(40, 'A')));
}

TEST_F(RefreshTokens, another_masters_token_is_refused) {
  EXPECT_FALSE(RefreshTokenCodec{master(1)}.read(text));
  // Even with the id of our key written over its own.
  auto foreign = bytes_of(RefreshTokenCodec{master(1)}.write(token));
  foreign[21] = bytes_of(text)[21];
  EXPECT_FALSE(codec.read(text_of(foreign)));
}

TEST_F(RefreshTokens, a_retired_masters_token_is_read_and_new_ones_are_the_current_masters) {
  RefreshTokenCodec rotated{master(1), only(master(0))};
  ASSERT_TRUE(rotated.read(text));
  EXPECT_EQ(*rotated.read(text), token);
  EXPECT_EQ(rotated.write(token), RefreshTokenCodec{master(1)}.write(token));
  EXPECT_FALSE(codec.read(rotated.write(token)));
  // When the old master is forgotten, so are its tokens.
  EXPECT_FALSE(RefreshTokenCodec{master(1)}.read(text));
}

TEST_F(RefreshTokens, two_masters_whose_keys_share_an_id_are_both_read) {
  auto id = [&](unsigned char first) { return bytes_of(RefreshTokenCodec{master(first)}.write(token))[21]; };
  std::array<int, 256> seen;
  seen.fill(-1);
  for (int first = 0; first < 256; ++first) {
    auto& earlier = seen[std::to_integer<std::size_t>(id(static_cast<unsigned char>(first)))];
    if (earlier < 0) {
      earlier = first;
      continue;
    }
    auto old = static_cast<unsigned char>(earlier), current = static_cast<unsigned char>(first);
    RefreshTokenCodec both{master(current), only(master(old))};
    EXPECT_TRUE(both.read(RefreshTokenCodec{master(old)}.write(token)));
    EXPECT_TRUE(both.read(RefreshTokenCodec{master(current)}.write(token)));
    return;
  }
  FAIL() << "256 keys with 256 different ids of one byte";
}

TEST_F(RefreshTokens, a_short_master_is_a_bug_that_is_told) {
  EXPECT_THROW(RefreshTokenCodec{Secret::from_text("too short")}, std::logic_error);
}

}  // namespace
}  // namespace signet::server

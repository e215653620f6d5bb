#include "server/api_keys/key_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace signet::server {
namespace {

std::array<std::byte, 32> counting_secret() {
  std::array<std::byte, 32> secret;
  for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<std::byte>(i);
  return secret;
}

ApiKeyId counting_id() {
  ApiKeyId id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::byte>(0xf0 + i);
  return id;
}

// Computed with Python: int.from_bytes, divmod by 62, zlib.crc32, hashlib.sha256.
constexpr std::string_view written =
    "sgn_live_7KejEB2hoMnyVC3MoOmLWh_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf_2QkYvw";

TEST(ApiKeyText, is_what_another_program_computes) {
  EXPECT_EQ(write_credential(api_key_beginning("live"), counting_id().bytes, counting_secret()), written);
  const auto read = read_api_key("live", written);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, counting_id());
  EXPECT_EQ(read->secret_sha256, secret_hash(counting_secret()));
  EXPECT_EQ(std::to_integer<int>(read->secret_sha256[0]), 0x63);  // 630dcd29...: SHA-256 of the bytes 00..1f
  EXPECT_EQ(std::to_integer<int>(read->secret_sha256[1]), 0x0d);
}

TEST(ApiKeyText, round_trips_at_both_ends_of_the_numbers) {
  for (const auto byte : {std::byte{0}, std::byte{0xff}}) {
    ApiKeyId id;
    id.bytes.fill(byte);
    std::array<std::byte, 32> secret;
    secret.fill(byte);
    const auto read = read_api_key("t", write_credential(api_key_beginning("t"), id.bytes, secret));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id, id);
    EXPECT_EQ(read->secret_sha256, secret_hash(secret));
  }
}

TEST(ApiKeyText, no_single_wrong_character_and_no_cut_is_read) {
  for (std::size_t i = 0; i < written.size(); ++i) {
    for (const char c : {'0', 'z', '_', '-', '\0'}) {
      std::string changed{written};
      if (changed[i] == c) continue;
      changed[i] = c;
      EXPECT_FALSE(read_api_key("live", changed)) << i << ' ' << c;
    }
    EXPECT_FALSE(read_api_key("live", written.substr(0, i))) << i;
  }
  EXPECT_FALSE(read_api_key("live", std::string{written} + "0"));
  EXPECT_FALSE(read_api_key("test", written)) << "a key of another environment";
  EXPECT_FALSE(read_api_key("", written));
}

TEST(ApiKeyText, a_number_that_does_not_fit_is_no_id) {
  EXPECT_TRUE(api_key_id("7n42DGM5Tflk9n8mt7Fhc7")) << "2^128 - 1";
  EXPECT_FALSE(api_key_id("7n42DGM5Tflk9n8mt7Fhc8"));
  EXPECT_FALSE(api_key_id("zzzzzzzzzzzzzzzzzzzzzz"));
  EXPECT_FALSE(api_key_id(""));
}

TEST(ApiKeyText, the_session_of_a_key_is_never_that_of_a_login) {
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(SessionId::from_text(api_key_session(ApiKeyId::random())));
}

}  // namespace
}  // namespace signet::server

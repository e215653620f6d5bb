// ES256 keys with a table, against the same keys without one, which verify by EVP. SIGNET_DIFFERENTIAL=1000000 tries so
// many signatures instead of the few that a test has time for.

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "tests/jose/rfc_keys.hpp"
#include "tests/jose/support.hpp"

namespace signet {
namespace {

constexpr std::size_t field = 32;

std::vector<std::byte> order_plus(int difference) {
  auto number = test::from_base64url("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE");  // FIPS 186-5: n of P-256
  number.back() = static_cast<std::byte>(std::to_integer<int>(number.back()) + difference);
  return number;
}

std::vector<std::byte> small(unsigned char number) {
  std::vector<std::byte> bytes(field);
  bytes.back() = std::byte{number};
  return bytes;
}

// n - s, which is as good as s.
std::vector<std::byte> negated(std::span<const std::byte> s) {
  auto out = order_plus(0);
  int borrow = 0;
  for (std::size_t i = field; i-- != 0;) {
    const int digit = std::to_integer<int>(out[i]) - std::to_integer<int>(s[i]) - borrow;
    borrow = digit < 0 ? 1 : 0;
    out[i] = static_cast<std::byte>(digit & 0xff);
  }
  return out;
}

TEST(P256Table, agrees_with_evp_on_good_changed_and_impossible_signatures) {  // cases 6, 7
  const char* wanted = std::getenv("SIGNET_DIFFERENTIAL");
  const int rounds = wanted == nullptr ? 2000 : std::atoi(wanted);
  std::mt19937_64 random{20260101};
  const std::vector<std::vector<std::byte>> edges{small(0),      small(1),      order_plus(-1),
                                                  order_plus(0), order_plus(1), std::vector(field, std::byte{0xff})};
  int good = 0;
  int bad = 0;
  std::string input;
  for (int round = 0; round < rounds;) {
    const auto key = SigningKey::generate(Algorithm::ES256).value();
    const auto plain = key.verifying_key();
    const auto quick = plain.with_table();
    for (const int end = std::min(rounds, round + 10000); round < end; ++round) {
      input = std::to_string(random());
      auto signature = key.sign(input).value();
      const auto place = static_cast<std::ptrdiff_t>(random() % 2 * field);
      switch (random() % 8) {
        case 0:
          signature[random() % signature.size()] ^= static_cast<std::byte>(1U << random() % 8);
          break;
        case 1:
          std::ranges::copy(edges[random() % edges.size()], signature.begin() + place);
          break;
        case 2:
          std::ranges::copy(negated(std::span{signature}.subspan(field)), signature.begin() + field);
          break;
        case 3:
          input += '.';
          break;
        case 4:
          signature.resize(random() % 2 * 2 * field + 1);
          break;
        case 5:
          std::swap_ranges(signature.begin(), signature.begin() + field, signature.begin() + field);
          break;
        default:
          break;
      }
      const auto outcome = quick.check(input, signature);
      ASSERT_EQ(outcome, plain.check(input, signature)) << round;
      ++(outcome == SignatureCheck::good ? good : bad);
    }
  }
  EXPECT_GT(good, rounds / 4);
  EXPECT_GT(bad, rounds / 4);
}

TEST(P256Table, is_a_key_like_the_one_it_is_made_of) {
  const auto plain = VerifyingKey::from_jwk(test::rfc::es256_public_jwk).value().with_key_id("one");
  const auto quick = plain.with_table();
  EXPECT_FALSE(quick.is_same_object(plain));
  EXPECT_EQ(quick.key_id(), "one");
  EXPECT_EQ(quick.to_jwk().value(), plain.to_jwk().value());
  EXPECT_EQ(quick.to_pem().value(), plain.to_pem().value());
  EXPECT_EQ(quick.thumbprint(), plain.thumbprint());
  EXPECT_TRUE(test::verifies(quick, test::rfc::es256_token));
}

TEST(P256Table, is_made_for_no_other_key) {
  for (const auto algorithm : {Algorithm::HS256, Algorithm::ES384, Algorithm::ES256K, Algorithm::EdDSA}) {
    const auto key = SigningKey::generate(algorithm).value().verifying_key();
    EXPECT_TRUE(key.with_table().is_same_object(key)) << name(algorithm);
  }
}

}  // namespace
}  // namespace signet

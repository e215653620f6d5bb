// ES256 keys with a table, against the same keys without one, which verify by EVP. SIGNET_DIFFERENTIAL=1000000 tries so
// many signatures instead of the few that a test has time for.

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>

#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "src/crypto/openssl.hpp"
#include "src/jose/base64url.hpp"
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

// The numbers of P-256, for keys and signatures that no honest signer makes.
class Numbers {
 public:
  using Number = crypto::Bignum;

  [[nodiscard]] Number of(std::span<const unsigned char> bytes) const {
    return Number{BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)};
  }
  [[nodiscard]] Number random() const {
    Number number{BN_new()};
    do EXPECT_EQ(BN_rand_range(number.get(), order()), 1);
    while (BN_is_zero(number.get()));
    return number;
  }
  [[nodiscard]] Number times(const Number& a, const Number& b) const {
    Number product{BN_new()};
    EXPECT_EQ(BN_mod_mul(product.get(), a.get(), b.get(), order(), context_.get()), 1);
    return product;
  }
  [[nodiscard]] Number inverse(const Number& a) const {
    return Number{BN_mod_inverse(nullptr, a.get(), order(), context_.get())};
  }
  [[nodiscard]] Number minus(const Number& a) const {
    Number difference{BN_new()};
    EXPECT_EQ(BN_mod_sub(difference.get(), order(), a.get(), order(), context_.get()), 1);
    return difference;
  }
  // Both coordinates of that multiple of the generator.
  [[nodiscard]] std::pair<Number, Number> point(const Number& times) const {
    const std::unique_ptr<EC_POINT, crypto::Freed<EC_POINT_free>> point{EC_POINT_new(group_.get())};
    std::pair<Number, Number> at{BN_new(), BN_new()};
    EXPECT_EQ(EC_POINT_mul(group_.get(), point.get(), times.get(), nullptr, nullptr, context_.get()), 1);
    EXPECT_EQ(EC_POINT_get_affine_coordinates(group_.get(), point.get(), at.first.get(), at.second.get(), nullptr), 1);
    return at;
  }
  [[nodiscard]] Number reduced(const Number& a) const {
    Number rest{BN_new()};
    EXPECT_EQ(BN_nnmod(rest.get(), a.get(), order(), context_.get()), 1);
    return rest;
  }
  [[nodiscard]] static std::vector<std::byte> bytes(const Number& number) {
    std::vector<std::byte> out(field);
    EXPECT_EQ(BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(out.data()), field), int{field});
    return out;
  }
  [[nodiscard]] VerifyingKey key(const Number& secret) const {
    const auto [x, y] = point(secret);
    const auto text = [](const Number& number) { return jose::base64url_encode(bytes(number)); };
    return VerifyingKey::from_jwk(R"({"kty":"EC","crv":"P-256","alg":"ES256","x":")" + text(x) + R"(","y":")" +
                                  text(y) + R"("})")
        .value();
  }

  [[nodiscard]] const BIGNUM* order() const { return EC_GROUP_get0_order(group_.get()); }

 private:
  crypto::BignumContext context_{BN_CTX_new()};
  std::unique_ptr<EC_GROUP, crypto::Freed<EC_GROUP_free>> group_{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
};

// Texts whose hash begins with 32 bits of 0, and is beyond the order n.
constexpr std::string_view small_hash = "426479724", large_hash = "3610672442";

// A hash e is not to be chosen, but the key d is: with d = e / r, both points that a verification adds are the same,
// and with d = -e / r their sum is none.
TEST(P256Table, agrees_with_evp_where_hash_and_key_meet) {
  const Numbers numbers;
  for (const std::string_view input : {std::string_view{"text"}, std::string_view{"another"}, small_hash, large_hash}) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> hash;
    SHA256(reinterpret_cast<const unsigned char*>(input.data()), input.size(), hash.data());
    EXPECT_EQ(hash[0] == 0 && hash[1] == 0 && hash[2] == 0 && hash[3] == 0, input == small_hash);
    const auto e = numbers.of(hash);
    EXPECT_EQ(BN_cmp(e.get(), numbers.order()) > 0, input == large_hash);
    const auto k = numbers.random();
    const auto r = numbers.reduced(numbers.point(k).first);
    const auto secret = numbers.times(e, numbers.inverse(r));
    const auto double_e = numbers.times(e, numbers.of(std::array<unsigned char, 1>{2}));
    const auto s = numbers.times(double_e, numbers.inverse(k));
    const auto check = [&](const VerifyingKey& key, const Numbers::Number& last) {
      auto signature = Numbers::bytes(r);
      std::ranges::copy(Numbers::bytes(last), std::back_inserter(signature));
      const auto outcome = key.with_table().check(input, signature);
      EXPECT_EQ(outcome, key.check(input, signature)) << input;
      return outcome;
    };
    EXPECT_EQ(check(numbers.key(secret), s), SignatureCheck::good);
    EXPECT_EQ(check(numbers.key(secret), k), SignatureCheck::bad);
    EXPECT_EQ(check(numbers.key(numbers.minus(secret)), s), SignatureCheck::bad);
    EXPECT_EQ(check(numbers.key(numbers.minus(secret)), k), SignatureCheck::bad);

    const auto ordinary = SigningKey::generate(Algorithm::ES256).value();
    const auto signature = ordinary.sign(input).value();
    EXPECT_EQ(ordinary.verifying_key().with_table().check(input, signature), SignatureCheck::good);
    EXPECT_EQ(ordinary.verifying_key().check(input, signature), SignatureCheck::good);
  }
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

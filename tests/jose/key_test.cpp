#include "signet/key.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <thread>

#include "src/crypto/hmac_key.hpp"
#include "src/crypto/secure_memory.hpp"
#include "src/jose/algorithms.hpp"
#include "src/jose/base64url.hpp"
#include "tests/jose/rfc_keys.hpp"
#include "tests/jose/support.hpp"

namespace signet {
namespace {

using test::bytes_of;
using test::code_of;

constexpr std::string_view text = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyLTQyIn0";

Secret secret_of(std::size_t size) {
  std::string secret;
  while (secret.size() < size) secret += static_cast<char>('!' + secret.size() * 7 % 61);
  return Secret::from_text(secret);
}

// One generated key an algorithm, made once: RSA takes its time.
const SigningKey& key_of(Algorithm algorithm) {
  static std::map<Algorithm, SigningKey> keys;
  const auto found = keys.find(algorithm);
  if (found != keys.end()) return found->second;
  auto made = SigningKey::generate(algorithm, 2048);
  if (!made) throw std::runtime_error{made.error().detail()};
  return keys.emplace(algorithm, *made).first->second;
}

std::vector<std::byte> signature_of(const SigningKey& key) {
  auto signature = key.sign(text);
  if (!signature) throw std::runtime_error{signature.error().detail()};
  return *signature;
}

// --- every algorithm

class EveryAlgorithm : public testing::TestWithParam<Algorithm> {};

TEST_P(EveryAlgorithm, verifies_what_it_signed) {
  const SigningKey& key = key_of(GetParam());
  EXPECT_EQ(key.algorithm(), GetParam());
  EXPECT_EQ(key.verifying_key().algorithm(), GetParam());
  EXPECT_TRUE(key.verifying_key().verifies(text, signature_of(key)));
}

TEST_P(EveryAlgorithm, verifies_again_and_again_with_the_contexts_it_keeps) {
  const SigningKey& key = key_of(GetParam());
  const VerifyingKey verifying = key.verifying_key();
  const auto signature = signature_of(key);
  auto broken = signature;
  broken.back() ^= std::byte{1};
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(verifying.verifies(text, signature));
    EXPECT_FALSE(verifying.verifies(text, broken));
    EXPECT_FALSE(verifying.verifies("another text", signature));
  }
  EXPECT_TRUE(verifying.verifies(text, signature_of(key)));
}

TEST_P(EveryAlgorithm, rejects_a_signature_with_any_byte_changed) {
  const SigningKey& key = key_of(GetParam());
  const VerifyingKey verifying = key.verifying_key();
  auto signature = signature_of(key);
  for (std::byte& b : signature) {
    b ^= std::byte{0x01};
    EXPECT_EQ(verifying.check(text, signature), SignatureCheck::bad);
    b ^= std::byte{0x81};
    EXPECT_EQ(verifying.check(text, signature), SignatureCheck::bad);
    b ^= std::byte{0x80};
  }
  EXPECT_EQ(verifying.check(text, signature), SignatureCheck::good);
}

TEST_P(EveryAlgorithm, rejects_a_signature_of_any_other_length) {  // cases 7 and 54
  const SigningKey& key = key_of(GetParam());
  const VerifyingKey verifying = key.verifying_key();
  const auto signature = signature_of(key);
  for (std::size_t size = 0; size < signature.size(); ++size) {
    EXPECT_FALSE(verifying.verifies(text, std::span{signature}.first(size))) << size;
  }
  auto longer = signature;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(verifying.verifies(text, longer));
  longer.insert(longer.begin(), std::byte{0});
  EXPECT_FALSE(verifying.verifies(text, std::span{longer}.first(signature.size() + 1)));
  auto doubled = signature;
  doubled.insert(doubled.end(), signature.begin(), signature.end());
  EXPECT_FALSE(verifying.verifies(text, doubled));
}

TEST_P(EveryAlgorithm, rejects_text_changed_anywhere) {
  const VerifyingKey verifying = key_of(GetParam()).verifying_key();
  const auto signature = signature_of(key_of(GetParam()));
  std::string changed{text};
  for (char& c : changed) {
    c ^= 1;
    EXPECT_FALSE(verifying.verifies(changed, signature));
    c ^= 1;
  }
  EXPECT_FALSE(verifying.verifies(text.substr(1), signature));
  EXPECT_FALSE(verifying.verifies("", signature));
}

TEST_P(EveryAlgorithm, signs_and_verifies_the_empty_text) {
  const SigningKey& key = key_of(GetParam());
  const auto signature = key.sign("");
  ASSERT_TRUE(signature);
  EXPECT_TRUE(key.verifying_key().verifies("", *signature));
  EXPECT_FALSE(key.verifying_key().verifies(text, *signature));
}

TEST_P(EveryAlgorithm, rejects_another_keys_signature) {
  const auto other = SigningKey::generate(GetParam(), 2048);
  ASSERT_TRUE(other);
  EXPECT_FALSE(key_of(GetParam()).verifying_key().verifies(text, signature_of(*other)));
}

TEST_P(EveryAlgorithm, signs_and_verifies_from_several_threads) {
  const SigningKey& key = key_of(GetParam());
  const VerifyingKey verifying = key.verifying_key();
  const auto signature = signature_of(key);
  auto broken = signature;
  broken.front() ^= std::byte{1};
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 20; ++t) {  // more than a key keeps contexts
      threads.emplace_back([&] {
        for (int i = 0; i < 5; ++i) {
          const auto own = key.sign(text);
          if (!own || !verifying.verifies(text, *own)) ++wrong;
          if (!verifying.verifies(text, signature) || verifying.verifies(text, broken)) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST_P(EveryAlgorithm, works_in_a_forked_process) {
  const SigningKey& key = key_of(GetParam());
  const auto signature = signature_of(key);
  const pid_t child = fork();
  ASSERT_NE(child, -1);
  if (child == 0) {
    const auto own = key.sign(text);
    const bool good = key.verifying_key().verifies(text, signature) && own && key.verifying_key().verifies(text, *own);
    _exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

INSTANTIATE_TEST_SUITE_P(Algorithms, EveryAlgorithm, testing::ValuesIn(test::available_algorithms()),
                         [](const auto& algorithm) { return test::test_name(algorithm.param); });

// --- algorithms

TEST(Algorithms, are_found_by_their_whole_exact_name) {  // case 53
  for (const auto& row : jose::signature_algorithms) {
    EXPECT_EQ(algorithm_from_name(row.name), row.algorithm);
    EXPECT_EQ(name(row.algorithm), row.name);
  }
  for (const std::string_view other : {"hs256", "HS25", "HS2560", "HS256 ", " HS256", "HS", "", "none", "None", "ES521",
                                       "EDDSA", "eddsa", "ed25519", "ES256k", "RS1", "HS256\n"}) {
    EXPECT_EQ(algorithm_from_name(other), std::nullopt) << other;
  }
  EXPECT_EQ(algorithm_from_name(std::string_view{"HS256\0", 6}), std::nullopt);
}

TEST(Algorithms, that_share_their_secret_are_the_hmac_ones) {
  EXPECT_TRUE(is_symmetric(Algorithm::HS256));
  EXPECT_TRUE(is_symmetric(Algorithm::HS512));
  EXPECT_FALSE(is_symmetric(Algorithm::RS256));
  EXPECT_FALSE(is_symmetric(Algorithm::Ed25519));
}

// --- HMAC

TEST(HmacKey, needs_as_many_bytes_as_its_hash) {  // case 35
  for (const auto& [algorithm, size] :
       {std::pair{Algorithm::HS256, 32U}, std::pair{Algorithm::HS384, 48U}, std::pair{Algorithm::HS512, 64U}}) {
    EXPECT_EQ(code_of(SigningKey::hmac(algorithm, secret_of(size - 1))), ErrorCode::key_too_weak);
    EXPECT_EQ(code_of(VerifyingKey::hmac(algorithm, secret_of(size - 1))), ErrorCode::key_too_weak);
    EXPECT_EQ(code_of(VerifyingKey::hmac(algorithm, secret_of(0))), ErrorCode::key_too_weak);
    EXPECT_TRUE(SigningKey::hmac(algorithm, secret_of(size)));
    EXPECT_TRUE(VerifyingKey::hmac(algorithm, secret_of(1000)));
  }
}

TEST(HmacKey, is_for_hmac_algorithms_only) {
  EXPECT_EQ(code_of(SigningKey::hmac(Algorithm::ES256, secret_of(64))), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(VerifyingKey::hmac(Algorithm::RS256, secret_of(64))), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(VerifyingKey::hmac(Algorithm::EdDSA, secret_of(64))), ErrorCode::key_mismatch);
}

TEST(HmacKey, has_no_public_form) {
  const SigningKey& key = key_of(Algorithm::HS256);
  EXPECT_EQ(code_of(key.verifying_key().to_jwk()), ErrorCode::key_unsupported);
  EXPECT_EQ(code_of(key.verifying_key().to_pem()), ErrorCode::key_unsupported);
  EXPECT_EQ(code_of(key.to_private_pem()), ErrorCode::key_unsupported);
}

TEST(HmacKey, does_not_take_a_prefix_of_the_mac) {  // case 54
  const auto signature = signature_of(key_of(Algorithm::HS512));
  EXPECT_FALSE(key_of(Algorithm::HS512).verifying_key().verifies(text, std::span{signature}.first(32)));
}

TEST(MacComparison, looks_at_the_length_and_then_at_every_byte) {  // cases 42 and 54
  const std::string mac(32, 'm');
  EXPECT_TRUE(crypto::equal(bytes_of(mac), bytes_of(mac)));
  EXPECT_TRUE(crypto::equal({}, {}));
  EXPECT_FALSE(crypto::equal(bytes_of(mac), bytes_of(mac).first(31)));
  EXPECT_FALSE(crypto::equal(bytes_of(mac), {}));
  for (std::size_t i = 0; i < mac.size(); ++i) {
    std::string other = mac;
    other[i] ^= 1;
    EXPECT_FALSE(crypto::equal(bytes_of(mac), bytes_of(other))) << i;
  }
}

TEST(HmacKey, of_one_hash_does_not_verify_another) {  // case 53: an HS256 key, an HS512 token
  const auto short_key = SigningKey::hmac(Algorithm::HS256, secret_of(64));
  const auto long_key = SigningKey::hmac(Algorithm::HS512, secret_of(64));
  EXPECT_FALSE(short_key->verifying_key().verifies(text, signature_of(*long_key)));
  EXPECT_FALSE(long_key->verifying_key().verifies(text, signature_of(*short_key)));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The DER inside PEM, and its base64 without the armour.
std::string body_of(std::string pem) {
  pem.erase(0, pem.find('\n') + 1);
  pem.erase(pem.find("-----END"));
  return pem;
}

std::string der_of(std::string pem) {
  std::string body = body_of(std::move(pem));
  std::erase_if(body, [](char c) { return c == '\n' || c == '='; });
  std::ranges::replace(body, '+', '-');
  std::ranges::replace(body, '/', '_');
  return text_of(test::from_base64url(body));
}

TEST(HmacKey, refuses_public_keys_as_secrets) {  // case 2
  for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA}) {
    const VerifyingKey key = key_of(algorithm).verifying_key();
    const std::string pem = *key.to_pem();
    for (const std::string& form : {pem, der_of(pem), body_of(pem), *key.to_jwk()}) {
      for (const std::string_view lead : {"", " ", "\n", "\r\n\t ", "\xEF\xBB\xBF", "\f\v "}) {
        for (const std::string_view tail : {"", "\n"}) {
          if (form == der_of(pem) && !tail.empty()) continue;  // then it is no DER any more
          const auto secret = Secret::from_text(std::string{lead} + form + std::string{tail});
          EXPECT_EQ(code_of(VerifyingKey::hmac(Algorithm::HS256, secret)), ErrorCode::key_mismatch)
              << name(algorithm) << " lead '" << lead << "'";
          EXPECT_EQ(code_of(SigningKey::hmac(Algorithm::HS256, secret)), ErrorCode::key_mismatch);
        }
      }
    }
  }
}

std::string hex_of(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    for (const int shift : {4, 0}) out += "0123456789abcdef"[static_cast<unsigned char>(c) >> shift & 0xf];
  }
  return out;
}

std::string base64url_of(std::string_view bytes) { return jose::base64url_encode(bytes); }

TEST(HmacKey, refuses_public_keys_in_another_encoding) {  // case 2
  for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA}) {
    const VerifyingKey key = key_of(algorithm).verifying_key();
    const std::string pem = *key.to_pem(), der = der_of(pem);
    std::string quoted = '"' + pem + '"', lost_a_dash = pem.substr(1);
    std::string upper = hex_of(der);
    for (char& c : upper) c = static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c);
    for (const std::string& form :
         {base64url_of(der), hex_of(der), upper, base64url_of(pem), hex_of(pem), base64url_of(*key.to_jwk()),
          base64url_of(body_of(pem)), '"' + body_of(pem) + '"', quoted, lost_a_dash, "key: " + lost_a_dash}) {
      EXPECT_EQ(code_of(VerifyingKey::hmac(Algorithm::HS256, Secret::from_text(form))), ErrorCode::key_mismatch)
          << form;
    }
  }
}

TEST(HmacKey, refuses_ssh_keys_without_their_name) {  // case 2
  const std::string blob = std::string{"\0\0\0\x0bssh-ed25519\0\0\0\x20", 19} + "0123456789abcdef0123456789ABCDEF";
  for (const std::string& form : {blob, base64url_of(blob), base64url_of(blob) + " me@here", hex_of(blob),
                                  "AAAAB3NzaC1yc2EAAAADAQABAAABgQC7" + std::string{"vR4Lk0a user@host, a comment"},
                                  "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY" + std::string{"AAAAIbmlzdHAyNTYAAABBB x@y"}}) {
    EXPECT_EQ(code_of(VerifyingKey::hmac(Algorithm::HS256, Secret::from_text(form))), ErrorCode::key_mismatch) << form;
  }
}

TEST(HmacKey, refuses_secrets_of_few_different_bytes) {
  for (const std::string& form :
       {std::string(32, 'a'), std::string(64, '\0'), std::string{"secretsecretsecretsecretsecretse"},
        std::string{"12345671234567123456712345671234567"}}) {
    EXPECT_EQ(code_of(SigningKey::hmac(Algorithm::HS256, Secret::from_text(form))), ErrorCode::key_too_weak) << form;
  }
  EXPECT_TRUE(SigningKey::hmac(Algorithm::HS256, Secret::from_text("12345678123456781234567812345678")));
}

TEST(HmacKey, refuses_other_text_that_is_a_key) {  // case 2
  const std::string filler(64, 'A');
  for (const std::string& form :
       {"-----BEGIN CERTIFICATE-----\n" + filler, "# my key\n-----BEGIN RSA PUBLIC KEY-----\n" + filler,
        "ssh-rsa AAAAB3NzaC1yc2E" + filler, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5" + filler,
        "ecdsa-sha2-nistp256 AAAAE2VjZHNh" + filler, "sk-ssh-ed25519@openssh.com AAAA" + filler,
        "---- BEGIN SSH2 PUBLIC KEY ----\n" + filler, std::string{test::rfc::hs256_jwk},
        std::string{test::rfc::public_key_set},
        std::string{R"( {"k\u0074y":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})"}}) {
    EXPECT_EQ(code_of(VerifyingKey::hmac(Algorithm::HS256, Secret::from_text(form))), ErrorCode::key_mismatch) << form;
  }
}

TEST(HmacKey, takes_any_other_text) {
  for (const std::string_view form :
       {"correct horse battery staple correct horse", "{not a key but a long enough secret}",
        "MIIB this begins like DER in base64 and is none", "0123456789abcdef0123456789abcdef0123456789abcdef"}) {
    EXPECT_TRUE(VerifyingKey::hmac(Algorithm::HS256, Secret::from_text(form))) << form;
  }
}

// --- one key, one algorithm

TEST(RsaKey, of_one_algorithm_does_not_verify_another) {  // case 4
  const std::string pem = *key_of(Algorithm::RS256).verifying_key().to_pem();
  const auto signature = signature_of(key_of(Algorithm::RS256));
  for (const Algorithm other :
       {Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512}) {
    const auto key = VerifyingKey::from_pem(other, pem);
    ASSERT_TRUE(key);
    EXPECT_FALSE(key->verifies(text, signature)) << name(other);
  }
  EXPECT_TRUE(VerifyingKey::from_pem(Algorithm::RS256, pem)->verifies(text, signature));
}

TEST(EcKey, does_not_fit_the_algorithm_of_another_curve) {
  const std::string pem = *key_of(Algorithm::ES256).verifying_key().to_pem();
  for (const Algorithm other :
       {Algorithm::ES384, Algorithm::ES512, Algorithm::RS256, Algorithm::EdDSA, Algorithm::HS256}) {
    EXPECT_EQ(code_of(VerifyingKey::from_pem(other, pem)), ErrorCode::key_mismatch) << name(other);
  }
}

// --- ECDSA values

class EcdsaValues : public testing::TestWithParam<Algorithm> {
 protected:
  // The order of the curve's group (FIPS 186-4, appendix D.1.2).
  static std::vector<std::byte> order() {
    static const std::map<Algorithm, std::string_view> orders{
        {Algorithm::ES256, "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE"},
        {Algorithm::ES384, "________________________________x2NNgfQ3Ld9YGg2ySLCneuzsGWrMxSlz"},
        {Algorithm::ES512, "Af__________________________________________-lGGh4O_L5Zrf8wBSPcJpdA7tcm4iZxHrrtvtx6ROGQJ"},
        {Algorithm::ES256K, "_____________________rqu3OavSKA7v9JejNA2QUE"},  // SEC 2 section 2.4.1
    };
    return test::from_base64url(orders.at(GetParam()));
  }
  static std::vector<std::byte> joined(std::vector<std::byte> r, const std::vector<std::byte>& s) {
    r.insert(r.end(), s.begin(), s.end());
    return r;
  }
};

TEST_P(EcdsaValues, of_zero_or_not_below_the_order_are_rejected) {  // case 6
  const VerifyingKey key = key_of(GetParam()).verifying_key();
  const auto n = order();
  const std::vector<std::byte> zero(n.size());
  auto one = zero;
  one.back() = std::byte{1};
  auto below = n;
  below.back() ^= std::byte{1};  // orders are odd primes
  auto above = n;
  above.back() = static_cast<std::byte>(std::to_integer<int>(above.back()) + 1);
  const std::vector<std::byte> ones(n.size(), std::byte{0xff});
  for (const auto& r : {zero, one, below, n, above, ones}) {
    for (const auto& s : {zero, one, below, n, above, ones}) EXPECT_FALSE(key.verifies(text, joined(r, s)));
  }
}

TEST_P(EcdsaValues, with_the_order_added_are_rejected) {  // case 6: s + n, where it still fits the field
  const VerifyingKey key = key_of(GetParam()).verifying_key();
  const auto n = order();
  int tried = 0;
  for (int i = 0; i < 64; ++i) {
    auto signature = signature_of(key_of(GetParam()));
    for (const std::size_t offset : {std::size_t{0}, n.size()}) {
      auto changed = signature;
      int carry = 0;
      for (std::size_t k = n.size(); k-- > 0;) {
        const int sum = std::to_integer<int>(changed[offset + k]) + std::to_integer<int>(n[k]) + carry;
        changed[offset + k] = static_cast<std::byte>(sum & 0xff);
        carry = sum >> 8;
      }
      if (carry != 0) continue;
      ++tried;
      EXPECT_FALSE(key.verifies(text, changed));
    }
  }
  if (GetParam() == Algorithm::ES512) {
    EXPECT_GT(tried, 0);
  }
}

TEST_P(EcdsaValues, in_der_are_rejected) {  // case 7
  const VerifyingKey key = key_of(GetParam()).verifying_key();
  const auto raw = signature_of(key_of(GetParam()));
  const std::size_t field = raw.size() / 2;
  std::vector<std::byte> integers;
  for (const std::size_t offset : {std::size_t{0}, field}) {
    integers.insert(integers.end(), {std::byte{0x02}, static_cast<std::byte>(field + 1), std::byte{0}});
    integers.insert(integers.end(), raw.begin() + offset, raw.begin() + offset + field);
  }
  std::vector<std::byte> der{std::byte{0x30}};
  if (integers.size() >= 0x80) der.push_back(std::byte{0x81});
  der.push_back(static_cast<std::byte>(integers.size()));
  der.insert(der.end(), integers.begin(), integers.end());
  EXPECT_FALSE(key.verifies(text, der));
  der.resize(raw.size());
  EXPECT_FALSE(key.verifies(text, der));
}

TEST_P(EcdsaValues, with_leading_zeros_keep_their_length) {
  // One signature in 128 has an r or s whose first byte is zero: all must have the field's size and verify.
  const VerifyingKey key = key_of(GetParam()).verifying_key();
  for (int i = 0; i < (GetParam() == Algorithm::ES256 ? 600 : 20); ++i) {
    const auto signature = signature_of(key_of(GetParam()));
    ASSERT_EQ(signature.size(), order().size() * 2);
    ASSERT_TRUE(key.verifies(text, signature));
  }
}

INSTANTIATE_TEST_SUITE_P(Curves, EcdsaValues,
                         testing::Values(Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::ES256K),
                         [](const auto& algorithm) { return std::string{name(algorithm.param)}; });

TEST(Ed25519, rejects_s_not_below_the_group_order) {  // RFC 8032 section 5.1.7
  const VerifyingKey key = key_of(Algorithm::EdDSA).verifying_key();
  auto signature = signature_of(key_of(Algorithm::EdDSA));
  // L, little-endian (RFC 8032 section 5.1).
  constexpr std::array<unsigned char, 32> order{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                                0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                                0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  int carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const int sum = std::to_integer<int>(signature[32 + i]) + order[i] + carry;
    signature[32 + i] = static_cast<std::byte>(sum & 0xff);
    carry = sum >> 8;
  }
  EXPECT_FALSE(key.verifies(text, signature));
}

// --- generation, kid

TEST(GeneratedKey, of_rsa_has_2048_to_8192_bits) {
  EXPECT_EQ(code_of(SigningKey::generate(Algorithm::RS256, 1024)), ErrorCode::key_too_weak);
  EXPECT_EQ(code_of(SigningKey::generate(Algorithm::PS256, 2047)), ErrorCode::key_too_weak);
  EXPECT_EQ(code_of(SigningKey::generate(Algorithm::RS256, 8193)), ErrorCode::key_unsupported);
  EXPECT_EQ(signature_of(key_of(Algorithm::RS256)).size(), 256U);
}

TEST(GeneratedKey, differs_each_time) {
  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::ES256, Algorithm::EdDSA}) {
    EXPECT_NE(SigningKey::generate(algorithm)->thumbprint(), SigningKey::generate(algorithm)->thumbprint());
  }
}

// Around the sizes of the hashes' blocks, for the secret and for the message.
TEST(HmacKey, is_the_same_by_states_and_by_providers) {
  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512}) {
    const auto& row = jose::row(algorithm);
    for (const std::size_t size : {64U, 65U, 127U, 128U, 129U, 300U}) {
      const Secret secret = secret_of(size);
      const auto states = crypto::hmac_key(row, secret.reveal(), crypto::HmacEngine::states).value();
      const auto contexts = crypto::hmac_key(row, secret.reveal(), crypto::HmacEngine::contexts).value();
      for (std::size_t length = 0; length < 300; length += 7) {
        const std::string message(length, 'm');
        const auto signature = states->sign(message).value();
        EXPECT_EQ(signature, contexts->sign(message).value()) << name(algorithm) << ' ' << size << ' ' << length;
        EXPECT_EQ(states->check(message, signature), SignatureCheck::good);
        EXPECT_EQ(contexts->check(message, signature), SignatureCheck::good);
        EXPECT_EQ(states->check(message + 'm', signature), SignatureCheck::bad);
      }
    }
  }
}

TEST(KeyId, is_given_to_a_copy) {
  const SigningKey& key = key_of(Algorithm::ES256);
  const SigningKey named = key.with_key_id("2026-a");
  EXPECT_EQ(key.key_id(), "");
  EXPECT_EQ(named.key_id(), "2026-a");
  EXPECT_EQ(named.verifying_key().key_id(), "2026-a");
  EXPECT_EQ(named.verifying_key().with_key_id("b").key_id(), "b");
  EXPECT_TRUE(key.verifying_key().verifies(text, signature_of(named)));
}

}  // namespace
}  // namespace signet

// The examples the RFCs print, through the library's keys.

#include <gtest/gtest.h>

#include "signet/encryption_key.hpp"
#include "signet/key.hpp"
#include "signet/key_set.hpp"
#include "tests/jose/ml_dsa_vectors.hpp"
#include "tests/jose/rfc_keys.hpp"
#include "tests/jose/support.hpp"

namespace signet {
namespace {

using test::split;
using test::verifies;

struct Example {
  std::string_view section;
  Algorithm algorithm;
  std::string_view jwk;  // private or octet
  std::string_view token;
  bool deterministic;  // the same signature each time
};

class RfcSignatures : public testing::TestWithParam<Example> {};

TEST_P(RfcSignatures, verify) {
  const auto key = SigningKey::from_jwk(GetParam().algorithm, Secret::from_text(GetParam().jwk));
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_TRUE(verifies(key->verifying_key(), GetParam().token));
}

TEST_P(RfcSignatures, are_made_again) {
  const auto key = SigningKey::from_jwk(GetParam().algorithm, Secret::from_text(GetParam().jwk));
  ASSERT_TRUE(key) << key.error().detail();
  const auto parts = split(GetParam().token);
  ASSERT_TRUE(parts);
  const auto signature = key->sign(parts->signing_input);
  ASSERT_TRUE(signature);
  EXPECT_TRUE(key->verifying_key().verifies(parts->signing_input, *signature));
  EXPECT_EQ(*signature == parts->signature, GetParam().deterministic);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc, RfcSignatures,
    testing::Values(Example{"RFC7515_A1", Algorithm::HS256, test::rfc::hs256_jwk, test::rfc::hs256_token, true},
                    Example{"RFC7515_A2", Algorithm::RS256, test::rfc::rs256_jwk, test::rfc::rs256_token, true},
                    Example{"RFC7515_A3", Algorithm::ES256, test::rfc::es256_jwk, test::rfc::es256_token, false},
                    Example{"RFC7515_A4", Algorithm::ES512, test::rfc::es512_jwk, test::rfc::es512_token, false},
                    Example{"RFC8037_A4", Algorithm::EdDSA, test::rfc::ed25519_jwk, test::rfc::ed25519_token, true}),
    [](const auto& example) { return std::string{example.param.section}; });

TEST(Rfc7517, appendix_a1_reads_with_the_encryption_key_left_out) {
  const auto keys = KeySet::parse(test::rfc::public_key_set);
  ASSERT_TRUE(keys) << keys.error().detail();
  ASSERT_EQ(keys->keys().size(), 1U);
  EXPECT_EQ(keys->keys()[0].key_id(), "2011-04-29");
  EXPECT_EQ(keys->keys()[0].algorithm(), Algorithm::RS256);
}

TEST(Rfc7517, appendix_a2_reads_as_a_signing_key) {
  const auto key = SigningKey::from_jwk(Secret::from_text(test::rfc::private_rsa_jwk));
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_EQ(key->key_id(), "2011-04-29");
  EXPECT_EQ(key->algorithm(), Algorithm::RS256);
}

TEST(Rfc7517, appendix_a3_reads_as_secrets_of_either_use) {
  const auto wrapping =
      DecryptionKey::from_jwk(Secret::from_text(R"({"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"})"));
  ASSERT_TRUE(wrapping) << wrapping.error().detail();
  EXPECT_EQ(wrapping->algorithm(), KeyManagement::A128KW);
  const auto mac = SigningKey::from_jwk(
      Algorithm::HS256,
      Secret::from_text(
          R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",)"
          R"("kid":"HMAC key used in JWS spec Appendix A.1 example"})"));
  ASSERT_TRUE(mac) << mac.error().detail();
  EXPECT_EQ(mac->key_id(), "HMAC key used in JWS spec Appendix A.1 example");
}

TEST(Rfc7517, appendix_b_has_a_certificate_of_its_key) {
  const auto jwk = [](std::string_view modulus) {
    return R"({"kty":"RSA","use":"sig","kid":"1b94c","n":")" + std::string{modulus} + R"(","e":"AQAB","x5c":[")" +
           std::string{test::rfc::certificate} + R"("]})";
  };
  const auto key = VerifyingKey::from_jwk(Algorithm::RS256, jwk(test::rfc::certified_modulus));
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_NE(key->to_jwk()->find(test::rfc::certificate), std::string::npos);
  std::string another{test::rfc::certified_modulus};
  another[20] = 'A';
  EXPECT_EQ(test::code_of(VerifyingKey::from_jwk(Algorithm::RS256, jwk(another))), ErrorCode::key_malformed);
}

// The cookbook's keys, read and written again: each number, the kid, and what else it says.
TEST(Rfc7520, section_3_keys_are_read_and_written_again) {
  const auto written = [](const std::string& file, const std::string& jwk) -> std::expected<Secret, Error> {
    const Secret secret = Secret::from_text(jwk);
    const auto text = [](const VerifyingKey& key) { return Secret::from_text(*key.to_jwk()); };
    if (file == "3_1.ec_public_key") return text(VerifyingKey::from_jwk(jwk).value());
    if (file == "3_2.ec_private_key") return SigningKey::from_jwk(secret).value().to_private_jwk();
    if (file == "3_3.rsa_public_key") return text(VerifyingKey::from_jwk(Algorithm::PS384, jwk).value());
    if (file == "3_4.rsa_private_key") return SigningKey::from_jwk(Algorithm::PS384, secret).value().to_private_jwk();
    if (file == "3_5.symmetric_key_mac_computation") return SigningKey::from_jwk(secret).value().to_private_jwk();
    return DecryptionKey::from_jwk(secret).value().to_private_jwk();
  };
  for (const std::string file : {"3_1.ec_public_key", "3_2.ec_private_key", "3_3.rsa_public_key", "3_4.rsa_private_key",
                                 "3_5.symmetric_key_mac_computation", "3_6.symmetric_key_encryption"}) {
    SIGNET_VECTORS_OR_SKIP(text, "rfc7520-cookbook/jwk/" + file + ".json");
    const auto ours = written(file, *text);
    ASSERT_TRUE(ours) << file << ours.error().detail();
    const auto again = json::parse(ours->reveal_text()), theirs = json::parse(*text);
    ASSERT_TRUE(again && theirs);
    for (const json::Member& member : theirs->members()) {
      ASSERT_TRUE(again->find(member.name)) << file << member.name;
      EXPECT_EQ(again->find(member.name)->string(), member.value.string()) << file << member.name;
    }
  }
}

TEST(Rfc7638, section_3_1_thumbprint) {
  const auto key = SigningKey::from_jwk(Secret::from_text(test::rfc::private_rsa_jwk));
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_EQ(key->thumbprint(), test::rfc::rsa_thumbprint);
  EXPECT_EQ(key->verifying_key().thumbprint(), test::rfc::rsa_thumbprint);
}

TEST(Rfc9278, section_4_thumbprint_uri) {  // of the key of RFC 7638
  const auto keys = KeySet::parse(test::rfc::public_key_set);
  ASSERT_TRUE(keys) << keys.error().detail();
  EXPECT_EQ(keys->keys()[0].thumbprint_uri(),
            "urn:ietf:params:oauth:jwk-thumbprint:sha-256:NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(Rfc8037, appendix_a2_reads_as_a_verifying_key) {
  const auto key = VerifyingKey::from_jwk(test::rfc::ed25519_public_jwk);
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_EQ(key->algorithm(), Algorithm::EdDSA);
  EXPECT_TRUE(verifies(*key, test::rfc::ed25519_token));
}

TEST(Rfc8037, appendix_a3_thumbprint) {
  const auto key = VerifyingKey::from_jwk(test::rfc::ed25519_public_jwk);
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_EQ(key->thumbprint(), test::rfc::ed25519_thumbprint);
}

TEST(Rfc8032, section_7_4_signs_with_ed448) {
  const auto key = SigningKey::from_jwk(Secret::from_text(test::rfc::ed448_jwk));
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_EQ(key->algorithm(), Algorithm::Ed448);
  const auto signature = test::from_base64url(test::rfc::ed448_signature);
  EXPECT_EQ(key->sign("").value(), signature);
  EXPECT_TRUE(key->verifying_key().verifies("", signature));
  EXPECT_FALSE(key->verifying_key().verifies("x", signature));
}

TEST(Rfc9964, appendix_a_reads_signs_and_verifies_with_ml_dsa) {
  const std::string members =
      R"({"kty":"AKP","alg":"ML-DSA-44","pub":")" + std::string{test::rfc::ml_dsa_44_public} + '"';
  const std::string private_jwk = members + R"(,"priv":")" + std::string{test::rfc::ml_dsa_44_seed} + "\"}";
  const auto verifying = VerifyingKey::from_jwk(members + '}');
  const auto signing = SigningKey::from_jwk(Secret::from_text(private_jwk));
  if (!is_available(Algorithm::ML_DSA_44)) {
    EXPECT_EQ(test::code_of(verifying), ErrorCode::key_unsupported);
    EXPECT_EQ(test::code_of(signing), ErrorCode::key_unsupported);
    EXPECT_EQ(test::code_of(SigningKey::generate(Algorithm::ML_DSA_44)), ErrorCode::key_unsupported);
    EXPECT_EQ(test::code_of(KeySet::parse(R"({"keys":[)" + members + "}]}")), ErrorCode::key_set_malformed);
    GTEST_SKIP() << "the rest needs the ML-DSA of OpenSSL 3.5 or newer";
  }
  ASSERT_TRUE(verifying) << verifying.error().detail();
  ASSERT_TRUE(signing) << signing.error().detail();
  EXPECT_EQ(verifying->thumbprint(), test::rfc::ml_dsa_44_thumbprint);
  EXPECT_TRUE(verifies(*verifying, test::rfc::ml_dsa_44_token));
  EXPECT_TRUE(verifying->verifies("text", *signing->sign("text")));
  EXPECT_FALSE(verifying->verifies("other text", *signing->sign("text")));
  EXPECT_EQ(signing->to_private_jwk()->reveal_text(), R"({"kty":"AKP","use":"sig","alg":"ML-DSA-44","pub":")" +
                                                          std::string{test::rfc::ml_dsa_44_public} + R"(","priv":")" +
                                                          std::string{test::rfc::ml_dsa_44_seed} + "\"}");

  // Another seed than that of the public half; and a private key where public ones are published.
  std::string mixed = private_jwk;
  mixed.replace(mixed.find(test::rfc::ml_dsa_44_seed), 2, "AQ");
  EXPECT_EQ(test::code_of(SigningKey::from_jwk(Secret::from_text(mixed))), ErrorCode::key_malformed);
  EXPECT_EQ(test::code_of(VerifyingKey::from_jwk(private_jwk)), ErrorCode::key_mismatch);
  EXPECT_EQ(test::code_of(KeySet::parse(R"({"keys":[)" + private_jwk + "]}")), ErrorCode::key_set_malformed);
}

TEST(Rfc9864, ed25519_is_a_name_of_its_own_for_the_same_signatures) {
  const auto key = VerifyingKey::from_jwk(Algorithm::Ed25519, test::rfc::ed25519_public_jwk);
  ASSERT_TRUE(key) << key.error().detail();
  const auto parts = split(test::rfc::ed25519_token);
  EXPECT_TRUE(key->verifies(parts->signing_input, parts->signature));
  EXPECT_FALSE(verifies(*key, test::rfc::ed25519_token));  // its header says EdDSA
}

}  // namespace
}  // namespace signet

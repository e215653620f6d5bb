#include "signet/claim_hash.hpp"

#include <gtest/gtest.h>

#include "signet/signet.hpp"

namespace signet {
namespace {

// Of OpenID Connect Core 1.0, appendices A.3, A.4 and A.6.
constexpr std::string_view access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
constexpr std::string_view code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";

VerifiedToken id_token(const SigningKey& key, const Claims& claims) {
  const auto token = Signer{key}.sign(claims).value();
  return Verifier::builder()
      .key(key.verifying_key())
      .any_issuer()
      .any_audience()
      .allow_missing_expiry()
      .build()
      ->verify(token)
      .value();
}

TEST(ClaimHash, is_that_of_the_standards_examples) {
  EXPECT_EQ(access_token_hash(Algorithm::RS256, access_token), "77QmUPtjPfzWtF2AnpK9RQ");
  EXPECT_EQ(code_hash(Algorithm::RS256, code), "LDktKdoQak3Pk0cnXxCltA");
}

// Each is the left half of `printf '%s' TOKEN | openssl dgst -HASH -binary`, in base64url; -shake256 -xoflen 114 for
// Ed448.
TEST(ClaimHash, goes_with_the_algorithm) {
  const std::pair<Algorithm, std::string_view> hashes[] = {
      {Algorithm::HS256, "77QmUPtjPfzWtF2AnpK9RQ"},
      {Algorithm::RS384, "jtAeDp945y1dDqU3nkIVGNZP1HjH_MFs"},
      {Algorithm::PS512, "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM"},
      {Algorithm::ES256, "77QmUPtjPfzWtF2AnpK9RQ"},
      {Algorithm::ES256K, "77QmUPtjPfzWtF2AnpK9RQ"},
      {Algorithm::ES384, "jtAeDp945y1dDqU3nkIVGNZP1HjH_MFs"},
      {Algorithm::ES512, "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM"},
      {Algorithm::EdDSA, "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM"},
      {Algorithm::Ed25519, "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM"},
      {Algorithm::Ed448, "W6Ie3EoycJT-JESJ2WSAWX7LRP3FuHvmvNycBMeL-NngYGhJXChp7YRUBdOXcrKGZD4qnhCAstjO"},
  };
  for (const auto& [algorithm, hash] : hashes)
    EXPECT_EQ(access_token_hash(algorithm, access_token), hash) << name(algorithm);
}

TEST(ClaimHash, of_an_id_token_names_what_was_issued_beside_it_and_nothing_else) {
  for (const auto algorithm : {Algorithm::HS256, Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA,
                               Algorithm::Ed25519, Algorithm::Ed448}) {
    const auto key = SigningKey::generate(algorithm).value();
    const auto token = id_token(key, Claims{}
                                         .set("at_hash", access_token_hash(algorithm, access_token).value())
                                         .set("c_hash", code_hash(algorithm, code).value()));
    EXPECT_TRUE(check_access_token_hash(token, access_token)) << name(algorithm);
    EXPECT_TRUE(check_code_hash(token, code)) << name(algorithm);
    for (const auto& other : {check_access_token_hash(token, code), check_code_hash(token, access_token)}) {
      ASSERT_FALSE(other) << name(algorithm);
      EXPECT_EQ(other.error().code(), ErrorCode::claim_rejected) << name(algorithm);
    }
    EXPECT_EQ(check_access_token_hash(token, code).error().failures().front().claim, "at_hash");
    EXPECT_EQ(check_code_hash(token, access_token).error().failures().front().claim, "c_hash");
  }
}

TEST(ClaimHash, goes_with_the_key_where_the_header_says_eddsa) {  // of either curve
  for (const auto algorithm : {Algorithm::Ed25519, Algorithm::Ed448}) {
    const auto key = SigningKey::generate(algorithm).value();
    const auto claims = Claims{}.set("at_hash", access_token_hash(algorithm, access_token).value());
    const auto text = Signer{key}.header("alg", "EdDSA").sign(claims).value();
    auto builder = Verifier::builder();
    builder.key(key.verifying_key()).any_issuer().any_audience().allow_missing_expiry();
    const auto token = builder.build()->verify(text).value();
    EXPECT_EQ(token.header().find("alg")->string(), "EdDSA");
    EXPECT_EQ(token.algorithm(), algorithm == Algorithm::Ed448 ? algorithm : Algorithm::EdDSA);
    EXPECT_TRUE(check_access_token_hash(token, access_token)) << name(algorithm);
  }
}

TEST(ClaimHash, that_is_absent_or_no_text_is_an_error) {  // case 39
  const auto key = SigningKey::generate(Algorithm::ES256).value();
  EXPECT_EQ(check_access_token_hash(id_token(key, Claims{}), access_token).error().code(), ErrorCode::claim_missing);
  for (const char* malformed : {"null", "1", "[]"}) {
    const auto token = id_token(key, Claims{}.set_json("at_hash", malformed));
    EXPECT_EQ(check_access_token_hash(token, access_token).error().code(), ErrorCode::claim_malformed) << malformed;
  }
  const auto empty = id_token(key, Claims{}.set("at_hash", ""));
  EXPECT_EQ(check_access_token_hash(empty, access_token).error().code(), ErrorCode::claim_rejected);
  EXPECT_EQ(check_access_token_hash(empty, "").error().code(), ErrorCode::invalid_configuration);
  EXPECT_EQ(access_token_hash(Algorithm::ES256, "").error().code(), ErrorCode::invalid_configuration);
}

}  // namespace
}  // namespace signet

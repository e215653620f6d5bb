// Signed, then encrypted: RFC 7519 section 11.2, RFC 7520 section 6.

#include "signet/nested.hpp"

#include "tests/jwe/support.hpp"
#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

using test::outcome;

const SigningKey& signing_key() {
  static const auto key = SigningKey::generate(Algorithm::ES256).value();
  return key;
}
const DecryptionKey& decryption_key() {
  static const auto key = DecryptionKey::generate(KeyManagement::ECDH_ES_A256KW, AgreementCurve::X25519).value();
  return key;
}
Verifier verifier() { return test::strict(signing_key()).build().value(); }
Decrypter decrypter() { return test::decrypter(decryption_key()); }
Encrypter encrypter() { return Encrypter{decryption_key().encryption_key()}; }

Claims claims() {
  return Claims{}
      .issuer("https://auth.example")
      .audience("api")
      .subject("user-42")
      .expires_at(test::noon + std::chrono::hours{1});
}

std::string nested_outcome(std::string_view compact) {
  return test::outcome(decrypt_and_verify(decrypter(), verifier(), compact));
}

// What an attacker who has the public key can put inside.
std::string around(std::string_view inner, std::string_view content_type = "JWT") {
  return encrypter().content_type(content_type).encrypt(inner).value();
}

TEST(Nested, tokens_come_back_verified) {
  const auto clock = test::clock_at(test::noon);
  const auto signer = Signer{signing_key()}.clock(*clock);
  const auto compact = sign_and_encrypt(signer, encrypter(), claims());
  ASSERT_TRUE(compact) << compact.error().detail();
  EXPECT_EQ(compact->find("user-42"), std::string::npos);
  const auto token = decrypt_and_verify(decrypter(), verifier(), *compact);
  ASSERT_TRUE(token) << token.error().detail();
  EXPECT_EQ(token->subject(), "user-42");
  EXPECT_EQ(decrypter().decrypt(*compact)->content_type(), "JWT");
}

TEST(Nested, tokens_have_no_content_type_but_jwt) {
  const auto made = sign_and_encrypt(Signer{signing_key()}, encrypter().content_type("text/plain"), claims());
  EXPECT_EQ(test::code_of(made), ErrorCode::invalid_configuration);
  EXPECT_TRUE(sign_and_encrypt(Signer{signing_key()}, encrypter().content_type("application/JWT"), claims()));
}

TEST(Nested, an_unsecured_token_inside_is_refused__case_16) {
  const auto header = jose::base64url_encode(R"({"alg":"none"})");
  const auto payload = jose::base64url_encode(R"({"iss":"https://auth.example","aud":"api","exp":1800003600})");
  EXPECT_EQ(nested_outcome(around(header + "." + payload + ".")), "algorithm_not_allowed");
  EXPECT_EQ(nested_outcome(around(R"({"iss":"https://auth.example","aud":"api","exp":1800003600})")),
            "token_malformed");
  const auto by_another_key = test::compact(R"({"alg":"ES256"})", R"({"iss":"https://auth.example"})",
                                            SigningKey::generate(Algorithm::ES256).value());
  EXPECT_EQ(nested_outcome(around(by_another_key)), "bad_signature");
  EXPECT_EQ(nested_outcome(around(around("once more"))), "token_malformed") << "no JWE inside a JWE";
}

TEST(Nested, the_content_type_is_required) {
  const auto inner = test::compact(R"({"alg":"ES256"})",
                                   R"({"iss":"https://auth.example","aud":"api","exp":1800003600})", signing_key());
  EXPECT_EQ(nested_outcome(around(inner)), "ok");
  EXPECT_EQ(nested_outcome(around(inner, "application/jwt")), "ok");
  EXPECT_EQ(nested_outcome(around(inner, "")), "type_mismatch");
  EXPECT_EQ(nested_outcome(around(inner, "text/plain")), "type_mismatch");
}

TEST(Nested, a_verifier_never_decrypts__case_15) {
  const auto compact = around("anything");
  EXPECT_EQ(test::outcome(verifier().verify(compact)), "token_malformed");
  // A bare signed token is none that was encrypted.
  const auto bare = test::compact(R"({"alg":"ES256"})",
                                  R"({"iss":"https://auth.example","aud":"api","exp":1800003600})", signing_key());
  EXPECT_EQ(test::outcome(verifier().verify(bare)), "ok");
  EXPECT_EQ(nested_outcome(bare), "token_malformed");
}

TEST(Nested, json_is_refused__case_17) {
  const auto inner = test::compact(R"({"alg":"ES256"})", R"({"iss":"https://auth.example"})", signing_key());
  EXPECT_EQ(nested_outcome(encrypter().content_type("JWT").encrypt_flattened(inner).value()), "token_malformed");
}

TEST(Nested, claims_that_the_outer_header_repeats_must_agree) {
  const auto inner = test::compact(R"({"alg":"ES256"})",
                                   R"({"iss":"https://auth.example","aud":"api","exp":1800003600})", signing_key());
  const auto with = [&](std::string_view name, std::string_view value) {
    return nested_outcome(encrypter().content_type("JWT").header(name, value).encrypt(inner).value());
  };
  EXPECT_EQ(with("iss", "https://auth.example"), "ok");
  EXPECT_EQ(with("iss", "https://evil.example"), "claim_rejected");
  EXPECT_EQ(with("sub", "somebody"), "claim_rejected");
  EXPECT_EQ(with("other", "anything"), "ok");
}

TEST(Nested, expired_tokens_are_reported_as_the_verifier_does) {
  const auto inner = test::compact(R"({"alg":"ES256"})",
                                   R"({"iss":"https://auth.example","aud":"api","exp":1799999999})", signing_key());
  EXPECT_EQ(nested_outcome(around(inner)), "token_expired");
}

TEST(Rfc7520, section_6_nests_a_signature_in_an_encryption) {
  SIGNET_VECTORS_OR_SKIP(text, "rfc7520-cookbook/6.nesting_signatures_and_encryption.json");
  const auto document = json::parse(*text, test::vector_limits()).value();
  const auto sign = *document.find("sign"), encrypt = *document.find("encrypt");
  const auto signing_jwk = *sign.find("input")->find("key");
  const auto key = SigningKey::from_jwk(Algorithm::PS256, Secret::from_text(signing_jwk.text())).value();
  const auto opening =
      DecryptionKey::from_jwk(KeyManagement::RSA_OAEP, Secret::from_text(encrypt.find("input")->find("key")->text()))
          .value();
  const auto compact = *encrypt.find("output")->find("compact")->string();
  const auto verifier = Verifier::builder()
                            .key(key.verifying_key())
                            .issuer("hobbiton.example")
                            .any_audience()
                            .clock(test::clock_at(Time{std::chrono::seconds{1300819379}}))
                            .build()
                            .value();
  const auto token = decrypt_and_verify(test::decrypter(opening), verifier, compact);
  ASSERT_TRUE(token) << token.error().detail();
  EXPECT_EQ(token->issuer(), "hobbiton.example");
  EXPECT_EQ(token->claim<bool>("http://example.com/is_root"), true);
}

}  // namespace
}  // namespace signet

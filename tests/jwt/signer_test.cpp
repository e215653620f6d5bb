#include "signet/signer.hpp"

#include <gtest/gtest.h>

#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

using test::hmac_key;
using test::noon;
using test::outcome;
using namespace std::chrono_literals;

std::string header_of(const Signer& signer) {
  const auto token = signer.sign(Claims{}.subject("s"));
  if (!token) return std::string{to_string(token.error().code())};
  return std::string{danger::read_unverified(*token)->header().text()};
}

TEST(Signer, writes_alg_and_typ) { EXPECT_EQ(header_of(Signer{hmac_key()}), R"({"alg":"HS256","typ":"JWT"})"); }

TEST(Signer, writes_the_kid_of_its_key) {
  EXPECT_EQ(header_of(Signer{hmac_key().with_key_id("k \"1\"")}), R"({"alg":"HS256","typ":"JWT","kid":"k \"1\""})");
}

TEST(Signer, writes_another_type_or_none) {
  EXPECT_EQ(header_of(Signer{hmac_key()}.type("at+jwt")), R"({"alg":"HS256","typ":"at+jwt"})");
  EXPECT_EQ(header_of(Signer{hmac_key()}.type("")), R"({"alg":"HS256"})");
}

TEST(Signer, writes_header_members_of_the_callers) {
  EXPECT_EQ(header_of(Signer{hmac_key()}.header("tenant", "north").header("x5t", "abc")),
            R"({"alg":"HS256","typ":"JWT","tenant":"north","x5t":"abc"})");
}

TEST(Signer, leaves_registered_header_members_to_the_specifications) {
  for (const auto* name :
       {"alg", "kid", "typ", "cty", "crit", "b64", "jwk", "jku", "x5c", "x5u", "enc", "zip", "epk", ""}) {
    EXPECT_EQ(header_of(Signer{hmac_key()}.header(name, "x")), "invalid_configuration") << name;
  }
}

TEST(Signer, calls_ed25519_and_ed448_by_their_older_name_where_it_is_told_to) {  // RFC 8037 section 3.1, RFC 9864
  for (const auto algorithm : {Algorithm::EdDSA, Algorithm::Ed25519, Algorithm::Ed448}) {
    const auto key = SigningKey::generate(algorithm).value();
    const auto signer = Signer{key}.header("alg", "EdDSA").header("tenant", "north");
    EXPECT_EQ(header_of(signer), R"({"alg":"EdDSA","typ":"JWT","tenant":"north"})");
    const auto verified = test::lenient(key).build()->verify(signer.sign(Claims{}.subject("s")).value());
    EXPECT_EQ(outcome(verified), "ok") << name(algorithm);
  }
  const auto refused = [](Algorithm algorithm, const char* alg) {
    const auto key = SigningKey::generate(algorithm, 2048).value();
    return header_of(Signer{key}.header("alg", alg)) == "invalid_configuration";
  };
  EXPECT_FALSE(refused(Algorithm::EdDSA, "Ed25519"));
  EXPECT_TRUE(refused(Algorithm::Ed448, "Ed25519"));
  EXPECT_TRUE(refused(Algorithm::EdDSA, "Ed448"));
  EXPECT_TRUE(refused(Algorithm::ES256, "EdDSA"));
  EXPECT_TRUE(refused(Algorithm::RS256, "PS256"));
  EXPECT_TRUE(refused(Algorithm::EdDSA, "none"));
  EXPECT_TRUE(refused(Algorithm::EdDSA, ""));
  const auto key = SigningKey::generate(Algorithm::EdDSA).value();
  EXPECT_EQ(header_of(Signer{key}.header("alg", "EdDSA").header("alg", "EdDSA")), "invalid_configuration");
}

TEST(Signer, refuses_a_header_member_twice) {
  EXPECT_EQ(header_of(Signer{hmac_key()}.header("a", "1").header("a", "1")), "invalid_configuration");
}

TEST(Signer, refuses_a_header_that_is_not_utf8) {
  EXPECT_EQ(header_of(Signer{hmac_key()}.header("a", "\xff")), "invalid_configuration");
  EXPECT_EQ(header_of(Signer{hmac_key()}.header("\xff", "a")), "invalid_configuration");
  EXPECT_EQ(header_of(Signer{hmac_key()}.type("\xff")), "invalid_configuration");
  EXPECT_EQ(header_of(Signer{hmac_key().with_key_id("\xff")}), "invalid_configuration");
}

TEST(Signer, writes_nothing_that_a_verifier_would_find_too_large) {
  EXPECT_EQ(header_of(Signer{hmac_key().with_key_id(std::string(257, 'k'))}), "invalid_configuration");
  EXPECT_EQ(header_of(Signer{hmac_key()}.header("a", std::string(5000, 'a'))), "invalid_configuration");
  EXPECT_EQ(outcome(Signer{hmac_key()}.sign(Claims{}.set("a", std::string(13'000, 'a')))), "invalid_configuration");
}

TEST(Signer, refuses_claims_that_cannot_be_written) {
  EXPECT_EQ(outcome(Signer{hmac_key()}.sign(Claims{}.set_json("a", "{"))), "invalid_configuration");
}

TEST(Signer, takes_the_time_from_its_clock) {
  const ManualClock clock{noon};
  const auto token = Signer{hmac_key()}.clock(clock).sign(Claims{}.expires_in(60s)).value();
  EXPECT_EQ(danger::read_unverified(token)->claims().text(), R"({"iat":1800000000,"exp":1800000060})");
}

TEST(Signer, takes_the_time_from_the_system_unless_told_otherwise) {
  const auto before = std::chrono::system_clock::now() - 1s;
  const auto token = Signer{hmac_key()}.sign(Claims{}.expires_in(60s)).value();
  const auto iat = danger::read_unverified(token)->claims().find("iat")->number().value();
  EXPECT_GE(iat, std::chrono::duration<double>(before.time_since_epoch()).count() - 1);
}

TEST(Signer, and_verifier_agree_on_every_algorithm) {
  using enum Algorithm;
  for (const auto algorithm : {HS256, HS384, HS512, RS256, PS256, ES256, ES384, ES512, ES256K, EdDSA, Ed25519, Ed448}) {
    const auto key = is_symmetric(algorithm) ? hmac_key(algorithm) : SigningKey::generate(algorithm, 2048).value();
    const auto token = Signer{key}.sign(Claims{}.subject("user-42")).value();
    const auto verified = test::lenient(key).build()->verify(token);
    ASSERT_EQ(outcome(verified), "ok") << name(algorithm);
    EXPECT_EQ(verified->algorithm(), algorithm);
    EXPECT_EQ(verified->subject(), "user-42");
  }
}

TEST(Signer, makes_the_same_token_from_a_copy) {
  const Signer signer{hmac_key()};
  const Signer copy = signer;
  EXPECT_EQ(signer.sign(Claims{}.subject("s")).value(), copy.sign(Claims{}.subject("s")).value());
}

}  // namespace
}  // namespace signet

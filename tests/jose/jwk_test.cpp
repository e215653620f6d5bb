#include <gtest/gtest.h>

#include <algorithm>

#include "signet/json.hpp"
#include "signet/key.hpp"
#include "src/jose/algorithms.hpp"
#include "tests/jose/rfc_keys.hpp"
#include "tests/jose/support.hpp"

namespace signet {
namespace {

using test::code_of;

constexpr std::string_view n =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-"
    "pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"
    "UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"
    "h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
constexpr std::string_view secret_32 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out{text};
  const auto at = out.find(from);
  if (at == std::string::npos) throw std::invalid_argument{"nothing to replace"};
  return out.replace(at, from.size(), to);
}

// A public JWK with more members in front.
std::string with(std::string_view members, std::string_view jwk = test::rfc::es256_public_jwk) {
  return replaced(jwk, "{", "{" + std::string{members} + ",");
}

std::string rsa_with(std::string_view modulus, std::string_view exponent) {
  return R"({"kty":"RSA","alg":"RS256","n":")" + std::string{modulus} + R"(","e":")" + std::string{exponent} + R"("})";
}

std::string oct_with(std::string_view members) { return R"({"kty":"oct",)" + std::string{members} + "}"; }

// --- what is read

TEST(Jwk, of_an_elliptic_curve_has_the_algorithm_of_its_curve) {
  EXPECT_EQ(VerifyingKey::from_jwk(test::rfc::es256_public_jwk)->algorithm(), Algorithm::ES256);
  EXPECT_EQ(VerifyingKey::from_jwk(test::rfc::ed25519_public_jwk)->algorithm(), Algorithm::EdDSA);
  EXPECT_EQ(SigningKey::from_jwk(Secret::from_text(test::rfc::es512_jwk))->algorithm(), Algorithm::ES512);
}

TEST(Jwk, may_name_ed25519_either_way) {
  EXPECT_EQ(VerifyingKey::from_jwk(with(R"("alg":"EdDSA")", test::rfc::ed25519_public_jwk))->algorithm(),
            Algorithm::EdDSA);
  EXPECT_EQ(VerifyingKey::from_jwk(with(R"("alg":"Ed25519")", test::rfc::ed25519_public_jwk))->algorithm(),
            Algorithm::Ed25519);
}

TEST(Jwk, of_ed448_may_be_named_as_rfc_8037_does) {
  for (const std::string_view alg : {R"("alg":"Ed448")", R"("alg":"EdDSA")"}) {
    const auto key = SigningKey::from_jwk(Secret::from_text(with(alg, test::rfc::ed448_jwk)));
    ASSERT_TRUE(key) << key.error().detail();
    EXPECT_EQ(key->algorithm(), Algorithm::Ed448);
  }
  EXPECT_EQ(code_of(SigningKey::from_jwk(Secret::from_text(with(R"("alg":"Ed25519")", test::rfc::ed448_jwk)))),
            ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(with(R"("alg":"Ed448")", test::rfc::ed25519_public_jwk))),
            ErrorCode::key_mismatch);
}

TEST(Jwk, without_alg_needs_the_callers_when_its_type_allows_several) {  // cases 3 and 51
  const auto rsa = replaced(rsa_with(n, "AQAB"), R"("alg":"RS256",)", "");
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(rsa)), ErrorCode::key_mismatch);
  EXPECT_EQ(VerifyingKey::from_jwk(Algorithm::PS384, rsa)->algorithm(), Algorithm::PS384);
  const auto octets = oct_with(R"("k":")" + std::string{secret_32} + '"');
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(octets)), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(SigningKey::from_jwk(Secret::from_text(octets))), ErrorCode::key_mismatch);
  EXPECT_EQ(SigningKey::from_jwk(Algorithm::HS256, Secret::from_text(octets))->algorithm(), Algorithm::HS256);
}

TEST(Jwk, of_rsa_never_becomes_an_hmac_key) {  // case 51
  const auto rsa = replaced(rsa_with(n, "AQAB"), R"("alg":"RS256",)", "");
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(Algorithm::HS256, rsa)), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(replaced(rsa_with(n, "AQAB"), "RS256", "HS256"))), ErrorCode::key_mismatch);
}

TEST(Jwk, with_alg_refuses_to_be_used_for_another) {  // case 4
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(Algorithm::RS512, rsa_with(n, "AQAB"))), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(Algorithm::PS256, rsa_with(n, "AQAB"))), ErrorCode::key_mismatch);
  EXPECT_EQ(
      code_of(VerifyingKey::from_jwk(Algorithm::Ed25519, with(R"("alg":"EdDSA")", test::rfc::ed25519_public_jwk))),
      ErrorCode::key_mismatch);
  EXPECT_TRUE(VerifyingKey::from_jwk(Algorithm::RS256, rsa_with(n, "AQAB")));
}

TEST(Jwk, keeps_its_kid_and_ignores_members_it_does_not_know) {
  const auto key = VerifyingKey::from_jwk(with(
      R"("kid":"k\u0065y \"1\"","x6c":["MIIB"],"x5u":"https://attacker.example","ext":true,"nested":{"kty":null})"));
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_EQ(key->key_id(), "key \"1\"");
  EXPECT_EQ(json::parse(*key->to_jwk())->find("kid")->string(), "key \"1\"");
}

TEST(Jwk, is_taken_for_verification_and_signing_as_its_use_and_operations_allow) {
  for (const std::string_view members : {R"("use":"sig")", R"("key_ops":["verify"])", R"("key_ops":["sign","verify"])",
                                         R"("use":"sig","key_ops":["verify"])"}) {
    EXPECT_TRUE(VerifyingKey::from_jwk(with(members))) << members;
  }
  for (const std::string_view members : {R"("use":"sig")", R"("key_ops":["sign"])", R"("key_ops":["verify","sign"])"}) {
    EXPECT_TRUE(SigningKey::from_jwk(Secret::from_text(with(members, test::rfc::es256_jwk)))) << members;
  }
  EXPECT_EQ(code_of(SigningKey::from_jwk(Secret::from_text(with(R"("key_ops":["verify"])", test::rfc::es256_jwk)))),
            ErrorCode::key_mismatch);
}

TEST(Jwk, must_be_of_the_half_that_is_wanted) {
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(test::rfc::es256_jwk)), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(test::rfc::private_rsa_jwk)), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(SigningKey::from_jwk(Secret::from_text(test::rfc::es256_public_jwk))), ErrorCode::key_mismatch);
}

TEST(Jwk, of_rsa_may_leave_its_primes_out) {  // RFC 7518 section 6.3.2
  auto text = std::string{test::rfc::rs256_jwk};
  text.erase(text.find(",\n \"p\""));
  text += "}";
  const auto key = SigningKey::from_jwk(Algorithm::RS256, Secret::from_text(text));
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_TRUE(test::verifies(key->verifying_key(), test::rfc::rs256_token));
  const auto jwk = key->to_private_jwk();
  const auto again = json::parse(jwk->reveal_text());
  const auto full = json::parse(test::rfc::rs256_jwk);
  for (const std::string_view member : {"n", "e", "d", "p", "q", "dp", "dq", "qi"}) {
    EXPECT_EQ(again->find(member)->string(), full->find(member)->string()) << member;
  }
}

// --- what is refused

struct Refusal {
  std::string_view why;
  std::string jwk;
  ErrorCode code;
};

void expect_refused(const std::vector<Refusal>& refusals) {
  for (const auto& [why, jwk, code] : refusals) {
    const auto key = VerifyingKey::from_jwk(jwk);
    ASSERT_FALSE(key) << why;
    EXPECT_EQ(key.error().code(), code) << why << ": " << key.error().detail();
  }
}

TEST(Jwk, that_is_no_strict_json_object_is_refused) {
  expect_refused({
      {"empty", "", ErrorCode::key_malformed},
      {"array", "[]", ErrorCode::key_malformed},
      {"string", "\"kty\"", ErrorCode::key_malformed},
      {"no kty", "{}", ErrorCode::key_malformed},
      {"bytes after", std::string{test::rfc::es256_public_jwk} + "x", ErrorCode::key_malformed},
      {"kty twice", with(R"("kty":"EC")"), ErrorCode::key_malformed},
      {"kty of another case", replaced(test::rfc::es256_public_jwk, "\"EC\"", "\"ec\""), ErrorCode::key_unsupported},
      {"a key set", std::string{test::rfc::public_key_set}, ErrorCode::key_malformed},
      {"too long", with("\"pad\":\"" + std::string(70'000, 'x') + '"'), ErrorCode::key_malformed},
  });
}

TEST(Jwk, with_members_of_the_wrong_type_is_refused) {  // case 32
  for (const std::string_view member : {"kid", "alg", "use"}) {
    for (const std::string_view value : {"null", "1", "true", "[\"sig\"]", "{}"}) {
      const auto jwk = with('"' + std::string{member} + "\":" + std::string{value});
      EXPECT_EQ(code_of(VerifyingKey::from_jwk(jwk)), ErrorCode::key_malformed) << jwk;
    }
  }
  for (const std::string_view value : {"null", "\"verify\"", "[1]", "[\"verify\",null]", "{}"}) {
    EXPECT_EQ(code_of(VerifyingKey::from_jwk(with("\"key_ops\":" + std::string{value}))), ErrorCode::key_malformed)
        << value;
  }
  for (const std::string_view from :
       {R"("kty":"EC")", R"("crv":"P-256")", R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")",
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")"}) {
    for (const std::string_view value : {"null", "7", "[]"}) {
      const auto member = from.substr(0, from.find(':') + 1);
      const auto jwk = replaced(test::rfc::es256_public_jwk, from, std::string{member} + std::string{value});
      EXPECT_EQ(code_of(VerifyingKey::from_jwk(jwk)), ErrorCode::key_malformed) << jwk;
    }
  }
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(oct_with(R"("alg":"HS256","k":null)"))), ErrorCode::key_malformed);
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(oct_with(R"("alg":"HS256")"))), ErrorCode::key_malformed);
}

TEST(Jwk, not_meant_for_signatures_is_refused) {
  expect_refused({
      {"use enc", with(R"("use":"enc")"), ErrorCode::key_mismatch},
      {"use SIG", with(R"("use":"SIG")"), ErrorCode::key_mismatch},
      {"use empty", with(R"("use":"")"), ErrorCode::key_mismatch},
      {"no operation", with(R"("key_ops":[])"), ErrorCode::key_mismatch},
      {"other operations", with(R"("key_ops":["encrypt","sign"])"), ErrorCode::key_mismatch},
      {"an operation of several words", with(R"("key_ops":["sign, verify"])"), ErrorCode::key_mismatch},
      {"an operation twice", with(R"("key_ops":["verify","verify"])"), ErrorCode::key_malformed},
      {"use against operations", with(R"("use":"sig","key_ops":["verify","encrypt"])"), ErrorCode::key_mismatch},
      {"alg of a JWE", with(R"("alg":"ECDH-ES")"), ErrorCode::key_mismatch},
      {"alg none", with(R"("alg":"none")"), ErrorCode::key_mismatch},
      {"alg of another case", with(R"("alg":"es256")"), ErrorCode::key_mismatch},
      {"alg of another curve", with(R"("alg":"ES384")"), ErrorCode::key_mismatch},
      {"alg of another type", with(R"("alg":"EdDSA")"), ErrorCode::key_mismatch},
      {"alg that does not exist", with(R"("alg":"ES521")"), ErrorCode::key_mismatch},
      {"AES key", oct_with(R"("alg":"A256GCM","k":")" + std::string{secret_32} + '"'), ErrorCode::key_mismatch},
  });
}

TEST(Jwk, of_an_unknown_type_or_curve_is_refused) {
  expect_refused({
      {"kty", with(R"("a":1)", R"({"kty":"PQC","alg":"ML-DSA-44","pub":"AA"})"), ErrorCode::key_unsupported},
      {"secp256r1", replaced(test::rfc::es256_public_jwk, "P-256", "secp256r1"), ErrorCode::key_unsupported},
      {"X25519", replaced(test::rfc::ed25519_public_jwk, "Ed25519", "X25519"), ErrorCode::key_unsupported},
      {"X448", replaced(test::rfc::ed25519_public_jwk, "Ed25519", "X448"), ErrorCode::key_unsupported},
      {"Ed25519 as EC", replaced(test::rfc::es256_public_jwk, "P-256", "Ed25519"), ErrorCode::key_unsupported},
      {"P-256 as OKP", replaced(test::rfc::ed25519_public_jwk, "Ed25519", "P-256"), ErrorCode::key_unsupported},
  });
}

// RFC 9964. What is wrong is told from what this OpenSSL lacks.
TEST(Jwk, of_ml_dsa_needs_its_alg_and_bytes_of_its_size) {
  const auto akp = [](std::string_view members) { return R"({"kty":"AKP",)" + std::string{members} + "}"; };
  const auto expected = [](Algorithm algorithm, ErrorCode code) {
    return is_available(algorithm) ? code : ErrorCode::key_unsupported;
  };
  expect_refused({
      {"no alg", akp(R"("pub":"AAAA")"), ErrorCode::key_malformed},
      {"alg no text", akp(R"("alg":44,"pub":"AAAA")"), ErrorCode::key_malformed},
      {"alg of another type", akp(R"("alg":"ES256","pub":"AAAA")"), ErrorCode::key_unsupported},
      {"alg of no curve", akp(R"("alg":"P-256","pub":"AAAA")"), ErrorCode::key_unsupported},
      {"alg unknown", akp(R"("alg":"ML-DSA-45","pub":"AAAA")"), ErrorCode::key_unsupported},
      {"pub too short", akp(R"("alg":"ML-DSA-44","pub":"AAAA")"),
       expected(Algorithm::ML_DSA_44, ErrorCode::key_malformed)},
      {"pub of another set", akp(R"("alg":"ML-DSA-65","pub":")" + std::string(1750, 'A') + '"'),
       expected(Algorithm::ML_DSA_65, ErrorCode::key_malformed)},
      {"pub missing", akp(R"("alg":"ML-DSA-87")"), expected(Algorithm::ML_DSA_87, ErrorCode::key_malformed)},
  });
}

TEST(Jwk, with_a_kid_of_more_than_256_bytes_is_refused) {  // case 11
  EXPECT_TRUE(VerifyingKey::from_jwk(with(R"("kid":")" + std::string(256, 'k') + '"')));
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(with(R"("kid":")" + std::string(257, 'k') + '"'))),
            ErrorCode::key_malformed);
}

TEST(Jwk, with_a_point_off_its_curve_or_of_another_size_is_refused) {  // case 20
  constexpr std::string_view x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                             y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
  const std::string zero(43, 'A');
  const std::string_view jwk = test::rfc::es256_public_jwk;
  expect_refused({
      {"off the curve", replaced(jwk, y, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5aw"), ErrorCode::key_malformed},
      {"x for y", replaced(jwk, y, x), ErrorCode::key_malformed},
      {"zeros", replaced(replaced(jwk, x, zero), y, zero), ErrorCode::key_malformed},
      {"x not below p", replaced(jwk, x, "__________________________________________8"), ErrorCode::key_malformed},
      {"x one byte short", replaced(jwk, x, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVA"), ErrorCode::key_malformed},
      {"x one byte long", replaced(jwk, x, "AH_Nzidw9sRdQYPL7m_bS3tYBzM1e-nvE7rPbjx70VRF"), ErrorCode::key_malformed},
      {"y missing", replaced(jwk, ",\"y\":\"" + std::string{y} + '"', ""), ErrorCode::key_malformed},
      {"x padded", replaced(jwk, x, std::string{x} + "="), ErrorCode::key_malformed},
      {"x in base64", replaced(jwk, y, "x/FEzRu9m36HLN/tue659LNpXW6pCyStikYjKIWI5a0"), ErrorCode::key_malformed},
      {"x with trailing bits", replaced(jwk, x, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEV"),
       ErrorCode::key_malformed},
      {"P-256 point as P-384", replaced(jwk, "P-256", "P-384"), ErrorCode::key_malformed},
      {"P-256 point as secp256k1", replaced(jwk, "P-256", "secp256k1"), ErrorCode::key_malformed},
  });
}

TEST(Jwk, of_any_curve_with_a_point_off_it_is_refused) {  // case 20
  for (const auto algorithm : {Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::ES256K}) {
    const auto jwk = SigningKey::generate(algorithm).value().verifying_key().to_jwk().value();
    ASSERT_TRUE(VerifyingKey::from_jwk(jwk)) << jwk;
    const auto y = *json::parse(jwk)->find("y")->string();
    auto other = y;
    other[5] = other[5] == 'A' ? 'B' : 'A';
    EXPECT_EQ(code_of(VerifyingKey::from_jwk(replaced(jwk, y, other))), ErrorCode::key_malformed) << jwk;
  }
}

TEST(Jwk, of_ed25519_with_a_bad_point_is_refused) {
  constexpr std::string_view x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
  const auto key = [&](std::string_view point) { return replaced(test::rfc::ed25519_public_jwk, x, point); };
  expect_refused({
      {"order 1", key("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), ErrorCode::key_too_weak},
      {"order 1, sign set", key("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA"), ErrorCode::key_too_weak},
      {"order 2", key("7P_______________________________________38"), ErrorCode::key_too_weak},
      {"order 4", key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), ErrorCode::key_too_weak},
      {"order 4, sign set", key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA"), ErrorCode::key_too_weak},
      {"order 8", key("JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU"), ErrorCode::key_too_weak},
      {"order 8, sign set", key("JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_IU"), ErrorCode::key_too_weak},
      {"order 8, the other", key("xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o"), ErrorCode::key_too_weak},
      {"order 8, the other, sign set", key("xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA_o"), ErrorCode::key_too_weak},
      {"y not below p: zero", key("7f_______________________________________38"), ErrorCode::key_malformed},
      {"y not below p: one", key("7v_______________________________________38"), ErrorCode::key_malformed},
      {"y of no point", key("AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), ErrorCode::key_malformed},
      {"31 bytes", key("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ"), ErrorCode::key_malformed},
  });
}

TEST(Jwk, of_ed448_with_a_bad_point_is_refused) {
  const auto key = [](std::string_view point) {
    return R"({"kty":"OKP","crv":"Ed448","x":")" + std::string{point} + "\"}";
  };
  const std::string zeros(70, 'A');
  expect_refused({
      {"order 1", key("AQ" + zeros + "AAAA"), ErrorCode::key_too_weak},
      {"order 1, sign set", key("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA"),
       ErrorCode::key_too_weak},
      {"order 2", key("_v____________________________________7___________________________________8A"),
       ErrorCode::key_too_weak},
      {"order 4", key("AAAA" + zeros + "AA"), ErrorCode::key_too_weak},
      {"order 4, sign set", key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA"),
       ErrorCode::key_too_weak},
      {"y not below p: zero", key("______________________________________7___________________________________8A"),
       ErrorCode::key_malformed},
      {"y not below p: one", key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP____________________________________8A"),
       ErrorCode::key_malformed},
      {"y of no point", key("AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
       ErrorCode::key_malformed},
      {"an Ed25519 key", replaced(test::rfc::ed25519_public_jwk, "Ed25519", "Ed448"), ErrorCode::key_malformed},
  });
}

TEST(Jwk, of_rsa_that_is_weak_or_malformed_is_refused) {  // case 43
  const std::string modulus{n};
  const std::string even = modulus.substr(0, modulus.size() - 1) + "g";
  const std::string zero_in_front = "AKH4Fgri48m0Zc6NLWViYzYrkn2-KeHwJHf8FiXMkKE2" + modulus.substr(44);
  const std::string huge = "gAAAA" + std::string(2731, 'A') + "B";  // more than 16384 bits, odd
  expect_refused({
      {"e = 1", rsa_with(modulus, "AQ"), ErrorCode::key_too_weak},
      {"e = 2", rsa_with(modulus, "Ag"), ErrorCode::key_malformed},
      {"e even", rsa_with(modulus, "AQAA"), ErrorCode::key_malformed},
      {"e = 0", rsa_with(modulus, "AA"), ErrorCode::key_malformed},
      {"e of 65 bits", rsa_with(modulus, "AQAAAAAAAAAB"), ErrorCode::key_unsupported},
      {"e with leading zeros", rsa_with(modulus, "AAEAAQ"), ErrorCode::key_malformed},
      {"e empty", rsa_with(modulus, ""), ErrorCode::key_malformed},
      {"n even", rsa_with(even, "AQAB"), ErrorCode::key_malformed},
      {"n empty", rsa_with("", "AQAB"), ErrorCode::key_malformed},
      {"n of 2040 bits", rsa_with(modulus.substr(0, 340), "AQAB"), ErrorCode::key_too_weak},
      {"n with leading zeros", rsa_with(zero_in_front, "AQAB"), ErrorCode::key_malformed},
      {"n of more than 16384 bits", rsa_with(huge.substr(0, 2734), "AQAB"), ErrorCode::key_unsupported},
      {"n missing", R"({"kty":"RSA","alg":"RS256","e":"AQAB"})", ErrorCode::key_malformed},
  });
  EXPECT_TRUE(VerifyingKey::from_jwk(rsa_with(modulus, "Aw")));
}

// Moduli that are 2^2047 and something, and modulo the product of the first 39 primes what their names say.
constexpr std::string_view power_of_65537 =
    "gAAAAAAAAAAAAAAAAAAAAAMDkAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAC2YGJVAOt1OihcG_"
    "Pvsak4gm7O5Oc47CEmRidg6w9hSJqzYfKTXr5Q";
constexpr std::string_view power_modulo_each_prime_but_of_no_one_exponent =
    "gAAAAAAAAAAAAAAAAAAAAAMDkAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAC2YGJVAOt1OihcG_QwwJiGSNdA3uuu2g4XMzxJPc4KmvJ3R-"
    "UYRPlQ";

TEST(Jwk, of_rsa_with_the_roca_fingerprint_is_refused) {  // case 43
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(rsa_with(power_of_65537, "AQAB"))), ErrorCode::key_too_weak);
  EXPECT_TRUE(VerifyingKey::from_jwk(rsa_with(power_modulo_each_prime_but_of_no_one_exponent, "AQAB")));
}

// Two primes, close enough that Fermat's method takes 60 steps; the square, the cube and the 31st power of a prime; and
// 997 times a prime.
constexpr std::string_view close_primes =
    "pXmmthgtfuhMrdpyhevo8Tj0vKMWf7PWf_BRrY4ucMfe0IUtD-OOZsorIgcmA1DeJrTEgc_"
    "2GQslU5yN6mQdX0a5ctaSiLHnlshp7MkS9VbNtoiAQlaeLQ"
    "Te91opI6DlYdrLVOaC8MAYz7Z-1yxqalSStZkPWIBqZ8yLr1m3mFxrXq8B0V-_CkcCgdQh8dfO3aO_Xt48z6fSqw4WIzvLpS_"
    "awKwocQbRMkRuqXoJjLm7"
    "fJohjVAAZEPTBPjbOrrUH2Zj_u-kCHk8RIhqzM0ka4Sd3C_10dBLWvf_236DyCEXfSFoWriPCoTTL3E3E735l43Vi-_x7G2TI2_oh1zfiQ";
constexpr std::string_view square =
    "pXmmthgtfuhMrdpyhevo8Tj0vKMWf7PWf_BRrY4ucMfe0IUtD-OOZsorIgcmA1DeJrTEgc_"
    "2GQslU5yN6mQdT3t6KVF7cjW9zZS8lnYr952uFNA0UlSz2X"
    "IS51C1mF81NluDzukZxlZtzn1hpNnxx3BG-eZ3LUVqN-Ti3QX9_M9Hisac6pSTkWPjzwT7Mkd6dhqxd9YLPNCB9_dPWdD-Mqwe8h5urv_"
    "CqeHqEgHf-ZQY"
    "v74J3Luckh-_sSdZCPCErVplmdTTAwH9ay7MN7XCB148ZvjXUMx1kNxAkFDHpBRPdjp7A4rqwN3m-wkKnm5IOycO9Y6NrJKySIK2Q2zvyQ";
constexpr std::string_view cube =
    "A1Ne5Xg-8eb76DKhQnsq-RXfRwozQmQ-E-uxiSK4N_C_GVSR-zXT2gRSyVTAKwibjoflJLITMzkgozGq1MZPBlyoytzQ_"
    "RljPRXiOqZGEwCx150nciL7EM"
    "-VwsmB_DE14eQvl8DieZHnUr4GCGujoEkIt8LYL_"
    "Qh6GW0P2xt3Jg0E7Hv8OVHDNYIBLxaOikGOZb9V2TylSLvanHRli4uY1raFtLva1jXOhCOQGN2t7Yw"
    "UK9rDscHebJO0ZPfi4rGkPJmX6vOiFntUeycvStt7Z85o_TRKWmg96aMMw5T3giBy414OLMaYm46TIRPdgVbRizEome4hyXBN37fEghZj2U";
constexpr std::string_view power_31 =
    "ny7ZCxazGmYiPuT2VZez_j9pl_oXN2ojnd8wGe-ombQgd7bLR6R5xcI8OOfA-khkVddXhkpBvdJ6ZcT0GXM8OcfUIc6a7NF_"
    "MF2AjS64D6zS9sWB9O_HZg"
    "r_a9t8wLBOamkBu3YQ2oDOGd5UdgHBrRU2ahe-Rjvv860Qq8dQJA4ZmrERqIHolKAqqYxSEXKAbboCZkk_"
    "b6X4HTPPBSPEVWDluX8nhToGtxnRNs6Niavy"
    "nEPIbHlVLWwXbwW5FdQ6P8Y2Gd3ZtTYO1IHr3BvqC2gPMCFlBa1fwXFPfi3ioRSCxi6kemnj8T9jJNg9aePKIsr2Gm_omX_E-Mp4UhHOHn_"
    "pg2usXw";
constexpr std::string_view small_factor =
    "AXaEb0aHBBCqnIhIJ0T2uE_w59RtXebZoWsSdXs0ghl8FhPMiNj4k3-axBdKO9EAwEZbE0Us1gyRSkA5zEKhIgbGlj8RJ_"
    "02U2bRm5itWg61m5dtBVvjN7"
    "RY-bq7c6QoTIX4QrGCvQdPhhVETtyVdYdhgOJdobnJPZ4OgG-m-"
    "5mbFvj5206dIVJyw6BZW63RbOT34egodnDFBexkLiYjCNeWdnKLcuIZlLRJEAX1yp2y"
    "0SEwhcctnlNm3ErYtOaaq8GIdtVaNC9yPNkAfKnCRpNxIq1kHkkl0iLvY56FPEWBvggjk9oJ-2BVouplsdNAtKwqWjnh8AjlOKGxzs6PNq0";

TEST(Jwk, of_rsa_whose_factors_anybody_finds_is_refused) {  // case 43
  expect_refused({
      {"two primes close to each other", rsa_with(close_primes, "AQAB"), ErrorCode::key_too_weak},
      {"a square", rsa_with(square, "AQAB"), ErrorCode::key_too_weak},
      {"a cube", rsa_with(cube, "AQAB"), ErrorCode::key_too_weak},
      {"a 31st power", rsa_with(power_31, "AQAB"), ErrorCode::key_too_weak},
      {"a small factor", rsa_with(small_factor, "AQAB"), ErrorCode::key_too_weak},
  });
}

TEST(Jwk, private_whose_numbers_do_not_belong_together_is_refused) {
  const auto refused = [](std::string_view jwk) {
    const auto key = SigningKey::from_jwk(Algorithm::RS256, Secret::from_text(jwk));
    return key ? std::optional<ErrorCode>{} : key.error().code();
  };
  const std::string_view jwk = test::rfc::rs256_jwk;
  EXPECT_EQ(refused(jwk), std::nullopt);
  // Each number of another key.
  const auto other = json::parse(test::rfc::private_rsa_jwk);
  const auto own = json::parse(jwk);
  for (const std::string_view member : {"n", "d", "p", "q", "dp", "dq", "qi"}) {
    EXPECT_EQ(refused(replaced(jwk, *own->find(member)->string(), *other->find(member)->string())),
              ErrorCode::key_malformed)
        << member;
    const auto text = ",\n \"" + std::string{member} + "\":\"" + *own->find(member)->string() + '"';
    if (member != "n" && member != "d") {
      EXPECT_EQ(refused(replaced(jwk, text, "")), ErrorCode::key_malformed) << member << " missing";
    }
  }
  EXPECT_EQ(refused(replaced(jwk, "\"AQAB\"", "\"Aw\"")), ErrorCode::key_malformed);
  EXPECT_EQ(refused(replaced(jwk, "{", "{\"oth\":[],")), ErrorCode::key_unsupported);

  const auto ec = [](std::string_view d) {
    return code_of(SigningKey::from_jwk(
        Secret::from_text(replaced(test::rfc::es256_jwk, "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI", d))));
  };
  EXPECT_EQ(ec("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"), ErrorCode::key_malformed);  // another key's
  EXPECT_EQ(ec(std::string(43, 'A')), ErrorCode::key_malformed);                           // zero
  EXPECT_EQ(ec("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE"), ErrorCode::key_malformed);  // the order
  EXPECT_EQ(ec("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9A"), ErrorCode::key_malformed);   // 31 bytes
  EXPECT_EQ(ec(""), ErrorCode::key_malformed);

  EXPECT_EQ(code_of(SigningKey::from_jwk(
                Secret::from_text(replaced(test::rfc::ed25519_jwk, "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
                                           "AWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")))),
            ErrorCode::key_malformed);
}

TEST(Jwk, of_octets_is_as_long_as_the_hash_and_no_other_key) {  // cases 2 and 35
  const auto key = [](std::string_view k) { return oct_with(R"("alg":"HS256","k":")" + std::string{k} + '"'); };
  EXPECT_TRUE(VerifyingKey::from_jwk(key(secret_32)));
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(key(""))), ErrorCode::key_too_weak);
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(key(secret_32.substr(0, 42)))), ErrorCode::key_malformed);  // trailing bits
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg"))),
            ErrorCode::key_too_weak);
  const auto pem = SigningKey::generate(Algorithm::ES256)->verifying_key().to_pem();
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(key(jose::base64url_encode(*pem)))), ErrorCode::key_mismatch);
}

TEST(Jwk, refused_does_not_show_its_secret) {
  const std::string secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ";
  for (const std::string& jwk : {oct_with(R"("alg":"HS256","k":")" + secret + '"'), R"({"kty":"oct","k":")" + secret,
                                 oct_with(R"("alg":"HS256","k":")" + secret + "=\"")}) {
    const auto key = SigningKey::from_jwk(Secret::from_text(jwk));
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().detail().find(secret), std::string::npos) << key.error().detail();
  }
}

// --- what is written

class WrittenJwk : public testing::TestWithParam<Algorithm> {};

TEST_P(WrittenJwk, is_read_back_as_the_same_key) {
  const auto key = SigningKey::generate(GetParam(), 2048)->with_key_id("key \"1\"");
  const auto secret = key.to_private_jwk();
  ASSERT_TRUE(secret);
  const auto again = SigningKey::from_jwk(*secret);
  ASSERT_TRUE(again) << again.error().detail();
  EXPECT_EQ(again->algorithm(), key.algorithm());
  EXPECT_EQ(again->key_id(), "key \"1\"");
  EXPECT_EQ(again->thumbprint(), key.thumbprint());
  EXPECT_TRUE(key.verifying_key().verifies("text", *again->sign("text")));

  if (is_symmetric(GetParam())) return;
  const auto jwk = key.verifying_key().to_jwk();
  ASSERT_TRUE(jwk);
  const auto verifying = VerifyingKey::from_jwk(*jwk);
  ASSERT_TRUE(verifying) << verifying.error().detail();
  EXPECT_EQ(verifying->algorithm(), key.algorithm());
  EXPECT_EQ(verifying->key_id(), "key \"1\"");
  EXPECT_EQ(verifying->thumbprint(), key.thumbprint());
  EXPECT_EQ(*verifying->to_jwk(), *jwk);
  EXPECT_TRUE(verifying->verifies("text", *key.sign("text")));
}

TEST_P(WrittenJwk, shows_nothing_private_in_its_public_form) {
  const auto text = SigningKey::generate(GetParam(), 2048)->verifying_key().to_jwk();
  if (is_symmetric(GetParam())) {
    EXPECT_EQ(code_of(text), ErrorCode::key_unsupported);
    return;
  }
  const auto jwk = json::parse(*text);
  ASSERT_TRUE(jwk);
  for (const std::string_view member : {"d", "p", "q", "dp", "dq", "qi", "k", "oth", "priv", "kid"}) {
    EXPECT_FALSE(jwk->find(member)) << member;
  }
  EXPECT_EQ(jwk->find("use")->string(), "sig");
  EXPECT_EQ(jwk->find("alg")->string(), name(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Algorithms, WrittenJwk, testing::ValuesIn(test::available_algorithms()),
                         [](const auto& algorithm) { return test::test_name(algorithm.param); });

}  // namespace
}  // namespace signet

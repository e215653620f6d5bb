// What a token library must survive, by number (SECURITY.md): the attacks that reach the library
// through a Verifier.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using test::compact;
using test::failures;
using test::hmac_key;
using test::lenient;
using test::noon;
using test::outcome;
using test::strict;
using test::token_of;
using test::token_with_header;
using test::verify;

constexpr std::string_view good = R"({"iss":"https://auth.example","aud":"api","exp":1800000060})";

const SigningKey& rsa_key() {
  static const auto key = SigningKey::generate(Algorithm::RS256, 2048).value();
  return key;
}

const SigningKey& ec_key() {
  static const auto key = SigningKey::generate(Algorithm::ES256).value();
  return key;
}

std::string with_signature(std::string_view token, std::string_view signature) {
  return std::string{token.substr(0, token.rfind('.') + 1)}.append(signature);
}

std::string replace_first(std::string text, std::string_view what, std::string_view with) {
  return text.replace(text.find(what), what.size(), with);
}

// case 1
TEST(SecurityCases, case_1_no_verifier_accepts_alg_none_in_any_spelling) {
  for (const auto* alg : {"none", "None", "NONE", "nOnE", "", " none"}) {
    const auto header = json::Object{}.set("alg", alg).text();
    const auto signed_token = token_with_header(header);
    for (const auto& token : {signed_token, with_signature(signed_token, "")}) {
      EXPECT_EQ(verify(strict(), token), "algorithm_not_allowed") << alg;
      EXPECT_EQ(verify(strict(rsa_key()), token), "algorithm_not_allowed") << alg;
    }
  }
}

TEST(SecurityCases, case_1_an_empty_signature_is_a_bad_one) {
  EXPECT_EQ(verify(strict(), with_signature(token_of(good), "")), "bad_signature");
  EXPECT_EQ(verify(strict(rsa_key()), with_signature(token_of(good, rsa_key()), "")), "bad_signature");
  EXPECT_EQ(verify(strict(ec_key()), with_signature(token_of(good, ec_key()), "")), "bad_signature");
}

// case 2
TEST(SecurityCases, case_2_a_public_key_is_never_an_hmac_secret) {
  for (const auto& key : {rsa_key(), ec_key()}) {
    const auto pem = key.verifying_key().to_pem().value();
    const auto jwk = key.verifying_key().to_jwk().value();
    for (const auto& text : {pem, " " + pem, "\n" + pem, jwk, " " + jwk}) {
      EXPECT_FALSE(SigningKey::hmac(Algorithm::HS256, Secret::from_text(text))) << text;
      EXPECT_FALSE(VerifyingKey::hmac(Algorithm::HS256, Secret::from_text(text))) << text;
    }
  }
}

TEST(SecurityCases, case_2_a_token_cannot_turn_a_public_key_into_a_secret) {
  for (const auto& key : {rsa_key(), ec_key()}) {
    for (const auto* alg : {"HS256", "HS384", "HS512"}) {
      const auto token = compact(json::Object{}.set("alg", alg).text(), good, hmac_key());
      EXPECT_EQ(verify(strict(key), token), "algorithm_not_allowed");
    }
  }
}

// case 3
TEST(SecurityCases, case_3_a_jwk_without_alg_gets_its_algorithm_from_the_caller) {
  const auto jwk = replace_first(rsa_key().verifying_key().to_jwk().value(), R"("alg":"RS256",)", "");
  EXPECT_FALSE(VerifyingKey::from_jwk(jwk));
  EXPECT_FALSE(VerifyingKey::from_jwk(Algorithm::HS256, jwk));
  EXPECT_FALSE(VerifyingKey::from_jwk(Algorithm::ES256, jwk));
  auto builder = Verifier::builder();
  builder.key(VerifyingKey::from_jwk(Algorithm::RS256, jwk).value()).any_issuer().any_audience().allow_missing_expiry();
  EXPECT_EQ(verify(builder, token_of("{}", rsa_key())), "ok");
  EXPECT_EQ(verify(builder, compact(R"({"alg":"RS512"})", "{}", rsa_key())), "algorithm_not_allowed");
}

TEST(SecurityCases, case_3_a_key_set_leaves_out_rsa_keys_that_the_token_would_choose_for) {
  const auto jwk = replace_first(rsa_key().verifying_key().to_jwk().value(), R"("alg":"RS256",)", "");
  const auto jwks = R"({"keys":[)" + jwk + "," + ec_key().verifying_key().with_key_id("ec").to_jwk().value() + "]}";
  auto builder = Verifier::builder();
  builder.keys(KeySet::parse(jwks).value()).any_issuer().any_audience().allow_missing_expiry();
  EXPECT_EQ(verify(builder, token_of("{}", rsa_key())), "algorithm_not_allowed");
  EXPECT_EQ(verify(builder, token_of("{}", ec_key())), "ok");
}

// case 4
TEST(SecurityCases, case_4_a_key_verifies_tokens_of_its_own_algorithm_only) {
  for (const auto* alg : {"RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "EdDSA", "HS256"}) {
    EXPECT_EQ(verify(strict(rsa_key()), compact(json::Object{}.set("alg", alg).text(), good, rsa_key())),
              "algorithm_not_allowed")
        << alg;
  }
  const auto key = hmac_key();
  for (const auto* alg : {"HS384", "HS512"}) {
    EXPECT_EQ(verify(strict(key), compact(json::Object{}.set("alg", alg).text(), good, hmac_key(Algorithm::HS512))),
              "algorithm_not_allowed");
  }
  // Even an algorithm that is truly the signature's.
  const auto as_rs512 = SigningKey::from_pem(Algorithm::RS512, rsa_key().to_private_pem().value()).value();
  EXPECT_EQ(verify(strict(rsa_key()), token_of(good, as_rs512)), "algorithm_not_allowed");
  EXPECT_EQ(verify(strict(as_rs512), token_of(good, as_rs512)), "ok");
}

// cases 6 and 7 through a verifier; the arithmetic is tested with the keys.
TEST(SecurityCases, case_6_and_7_ecdsa_signatures_of_zero_or_another_form_are_bad) {
  const auto token = token_of(good, ec_key());
  for (const auto size : {1UZ, 63UZ, 64UZ, 65UZ, 72UZ, 128UZ}) {
    const auto signature = jose::base64url_encode(std::string(size, '\0'));
    EXPECT_EQ(verify(strict(ec_key()), with_signature(token, signature)), "bad_signature") << size;
  }
  EXPECT_EQ(verify(strict(ec_key()), with_signature(token, jose::base64url_encode(std::string(64, '\xff')))),
            "bad_signature");
}

// case 8
TEST(SecurityCases, case_8_base64url_has_one_form_only) {
  const auto token = token_of(good);
  ASSERT_EQ(verify(strict(), token), "ok");
  const auto first_dot = token.find('.');
  const auto second_dot = token.rfind('.');
  using namespace std::string_view_literals;
  for (const auto inserted : {"="sv, "\n"sv, "\r\n"sv, " "sv, "\t"sv, "+"sv, "/"sv, "\0"sv, "%"sv, "\xc3\xa9"sv}) {
    for (const auto place : {0UZ, 5UZ, first_dot, first_dot + 1, second_dot, second_dot + 1, token.size()}) {
      auto changed = token;
      changed.insert(place, inserted);
      EXPECT_EQ(verify(strict(), changed), "token_malformed") << place;
    }
  }
  EXPECT_EQ(verify(strict(), " " + token), "token_malformed");
  EXPECT_EQ(verify(strict(), "Bearer " + token), "token_malformed");
}

TEST(SecurityCases, case_8_trailing_bits_of_a_signature_are_zero) {
  const auto token = token_of(good);  // 32 bytes are 43 characters, of which the last has two spare bits
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const auto last = alphabet.find(token.back());
  ASSERT_EQ(last % 4, 0U);
  for (const auto bits : {1U, 2U, 3U}) {
    auto changed = token;
    changed.back() = alphabet[last + bits];
    EXPECT_EQ(verify(strict(), changed), "token_malformed");
  }
}

TEST(SecurityCases, case_8_nor_do_header_and_payload_have_trailing_bits_though_they_were_signed) {
  const auto key = hmac_key();
  const auto signed_as = [&](std::string_view header, std::string_view payload) {
    const auto input = std::string{header} + "." + std::string{payload};
    return input + "." + jose::base64url_encode(key.sign(input).value());
  };
  const auto header = jose::base64url_encode(R"({"alg":"HS256" })"), payload = jose::base64url_encode("{ }");
  const auto longer = jose::base64url_encode("{  }");
  ASSERT_EQ(header.size() % 4, 2U);  // a last byte whose second character has four spare bits
  ASSERT_EQ(longer.size() % 4, 2U);
  EXPECT_EQ(verify(lenient(), signed_as(header, payload)), "ok");
  EXPECT_EQ(verify(lenient(), signed_as(header, longer)), "ok");
  const auto next = [](std::string text) {
    ++text.back();
    return text;
  };
  EXPECT_EQ(verify(lenient(), signed_as(next(header), payload)), "token_malformed");
  EXPECT_EQ(verify(lenient(), signed_as(header, next(longer))), "token_malformed");
}

// case 9
TEST(SecurityCases, case_9_a_key_in_the_header_is_ignored) {
  const auto attacker = SigningKey::generate(Algorithm::ES256).value();
  const auto header = R"({"alg":"ES256","jwk":)" + attacker.verifying_key().to_jwk().value() + R"(,"x5c":["AAAA"]})";
  EXPECT_EQ(verify(strict(ec_key()), compact(header, good, attacker)), "bad_signature");
  EXPECT_EQ(verify(strict(ec_key()), compact(header, good, ec_key())), "ok");
  const auto symmetric = R"({"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}})";
  EXPECT_EQ(verify(strict(), compact(symmetric, good, hmac_key(Algorithm::HS256, 'x'))), "bad_signature");
}

// case 10
TEST(SecurityCases, case_10_addresses_in_the_header_are_ignored) {
  const auto header = R"({"alg":"HS256","jku":"http://127.0.0.1:1/keys","x5u":"file:///etc/passwd"})";
  EXPECT_EQ(verify(strict(), token_with_header(header)), "ok");
  EXPECT_EQ(verify(strict(), token_with_header(header, hmac_key(Algorithm::HS256, 'x'))), "bad_signature");
}

TEST(SecurityCases, case_10_nobody_is_asked_at_them) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(listener, any, size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, any, &size), 0);
  const auto url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/keys";
  const auto stranger = SigningKey::generate(Algorithm::ES256).value();
  for (const auto* name : {"jku", "x5u"}) {
    const auto header = json::Object{}.set("alg", "ES256").set("kid", "theirs").set(name, url).text();
    EXPECT_EQ(verify(strict(ec_key()), compact(header, good, stranger)), "bad_signature");
    const auto keys = KeySet::of({ec_key().verifying_key().with_key_id("ours")}).value();
    auto builder = Verifier::builder();
    builder.keys(keys).any_issuer().any_audience();
    EXPECT_EQ(verify(builder, compact(header, good, stranger)), "key_not_found");
  }
  pollfd connection{.fd = listener, .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&connection, 1, 0), 0) << "somebody has connected";
  close(listener);
}

// case 11
TEST(SecurityCases, case_11_kid_is_a_map_key_and_no_more) {
  const auto key = hmac_key().with_key_id("k1");
  auto builder = Verifier::builder();
  builder.keys(KeySet::of({key.verifying_key()}).value()).any_issuer().any_audience().allow_missing_expiry();
  for (const auto* kid : {"../../../../dev/null", "k1' OR '1'='1", "k1\\u0000", "k1; touch /tmp/x", "K1", "k", "k11",
                          "", "k1\\n[2026-01-01] admin logged in"}) {
    const auto token = compact(R"({"alg":"HS256","kid":")" + std::string{kid} + "\"}", "{}", key);
    const auto verified = builder.build()->verify(token);
    EXPECT_EQ(outcome(verified), "key_not_found") << kid;
    EXPECT_EQ(verified.error().detail().find_first_of(std::string_view{"\n\0", 2}), std::string::npos);
  }
  const auto forged_line =
      builder.build()->verify(compact(R"({"alg":"HS256","kid":"k\n\"admin\" \u00e9"})", "{}", key));
  EXPECT_EQ(forged_line.error().detail(), R"(alg "HS256", kid "k\x0a\x22admin\x22 \xc3\xa9")");
  EXPECT_EQ(verify(builder, compact(R"({"alg":"HS256","kid":")" + std::string(257, 'k') + "\"}", "{}", key)),
            "token_too_large");
}

// case 13
TEST(SecurityCases, case_13_crit_is_obeyed_in_full) {
  for (const auto* crit : {"[]", "null", "true", "\"ext\"", "{}", "{\"ext\":1}", "[1]", "[null]", "[[\"ext\"]]",
                           "[\"ext\",\"ext\"]", "[\"absent\"]", "[\"alg\"]", "[\"crit\"]", "[\"kid\"]", "[\"typ\"]",
                           "[\"ext\",\"exp\"]", "[\"EXT\"]", "[\"\"]", "[\"unknown\"]"}) {
    const auto header =
        R"({"alg":"HS256","kid":"k","typ":"JWT","ext":1,"unknown":1,"exp":1,"crit":)" + std::string{crit} + "}";
    EXPECT_EQ(verify(strict().understands("ext"), token_with_header(header)), "critical_header") << crit;
  }
  EXPECT_EQ(verify(strict().understands("ext"), token_with_header(R"({"alg":"HS256","ext":1,"crit":["ext"]})")), "ok");
  EXPECT_EQ(verify(strict(), token_with_header(R"({"alg":"HS256","ext":1,"crit":["ext"]})")), "critical_header");
}

// case 14
TEST(SecurityCases, case_14_a_jwt_is_never_unencoded) {
  for (const auto* header :
       {R"({"alg":"HS256","b64":false,"crit":["b64"]})", R"({"alg":"HS256","b64":true,"crit":["b64"]})",
        R"({"alg":"HS256","b64":false})", R"({"alg":"HS256","b64":true})", R"({"alg":"HS256","b64":null})"}) {
    EXPECT_EQ(verify(strict(), token_with_header(header)), "critical_header") << header;
  }
}

// case 15
TEST(SecurityCases, case_15_an_encrypted_token_is_not_read) {
  EXPECT_EQ(verify(strict(rsa_key()), "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhHQ00ifQ.AAAA.AAAA.AAAA.AAAA"),
            "token_malformed");
  EXPECT_EQ(verify(strict(), token_with_header(R"({"alg":"dir","enc":"A128GCM"})")), "token_malformed");
}

// case 17
TEST(SecurityCases, case_17_json_serialization_is_not_a_compact_token) {
  const auto token = token_of(good);
  const auto dot = token.find('.');
  const auto last = token.rfind('.');
  const auto flattened = json::Object{}
                             .set("payload", token.substr(dot + 1, last - dot - 1))
                             .set("protected", token.substr(0, dot))
                             .set("signature", token.substr(last + 1))
                             .text();
  EXPECT_EQ(verify(strict(), flattened), "token_malformed");
  // CVE-2022-39227: a compact token hidden in the JSON form, as much of it as has two dots.
  EXPECT_EQ(verify(strict(), R"({"  )" + token + R"(":"","payload":"e30","signature":"AA"})"), "token_malformed");
}

// case 28
TEST(SecurityCases, case_28_a_flood_of_dots_or_bytes_is_refused_before_anything_else) {
  EXPECT_EQ(verify(strict(), std::string(10'000'000, '.')), "token_too_large");
  EXPECT_EQ(verify(strict(), std::string(16 * 1024, '.')), "token_malformed");
  EXPECT_EQ(verify(strict(), token_of(good) + std::string(20'000, 'A')), "token_too_large");
}

// case 29
TEST(SecurityCases, case_29_deep_json_is_refused) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(verify(lenient(), token_of(R"({"a":)" + nested(15) + "}")), "ok");
  EXPECT_EQ(verify(lenient(), token_of(R"({"a":)" + nested(16) + "}")), "token_malformed");
  EXPECT_EQ(verify(lenient(), token_of(R"({"a":)" + nested(5000) + "}")), "token_malformed");
  EXPECT_EQ(verify(strict(), token_with_header(R"({"alg":"HS256","a":)" + nested(1000) + "}")), "token_malformed");
}

// case 30
TEST(SecurityCases, case_30_duplicate_members_are_refused_at_every_level) {
  for (const auto* claims :
       {R"({"sub":"a","sub":"b"})", R"({"sub":"a","sub":"a"})", R"({"sub":"a","\u0073ub":"b"})",
        R"({"o":{"a":1,"a":2}})", R"({"l":[{"a":1,"a":2}]})", R"({"o":{"p":{"q":1,"r":2,"q":3}}})"}) {
    EXPECT_EQ(verify(lenient(), token_of(claims)), "token_malformed") << claims;
  }
  for (const auto* header : {R"({"alg":"HS256","alg":"HS256"})", R"({"alg":"none","alg":"HS256"})",
                             R"({"alg":"HS256","x":{"a":1,"a":1}})"}) {
    EXPECT_EQ(verify(strict(), token_with_header(header)), "token_malformed") << header;
  }
  EXPECT_EQ(verify(lenient(), token_of(R"({"a":{"x":1},"b":{"x":1}})")), "ok");
}

// case 31
TEST(SecurityCases, case_31_names_are_compared_byte_for_byte) {
  for (const auto* name : {"ISS", "Iss", "i\u017fs", "i\u017f\u017f", " iss", "iss "}) {
    const auto claims =
        json::Object{}.set(name, "https://auth.example").set("aud", "api").set("exp", 1'800'000'060).text();
    EXPECT_EQ(failures(strict(), token_of(claims)), "claim_missing iss") << name;
  }
  EXPECT_EQ(failures(strict(), token_of(R"({"iss":"https://auth.example","aud":"api","EXP":1800000060})")),
            "claim_missing exp");
  EXPECT_EQ(verify(strict(), token_with_header(R"({"ALG":"HS256"})")), "token_malformed");
}

// case 32
TEST(SecurityCases, case_32_a_claim_of_the_wrong_type_or_null_is_never_taken_for_absent) {
  struct Row {
    std::string_view name;
    std::vector<std::string_view> wrong;
  };
  const std::vector<std::string_view> not_text{"null", "1", "true", "[]", "{}", R"(["a"])"};
  const std::vector<std::string_view> not_instant{"null",         "true", "[]", "{}", R"("1800000060")",
                                                  "[1800000060]", R"("")"};
  for (const auto& row : {
           Row{"iss", not_text},
           Row{"sub", not_text},
           Row{"jti", not_text},
           Row{"client_id", not_text},
           Row{"sid", not_text},
           Row{"scope", not_text},
           Row{"exp", not_instant},
           Row{"nbf", not_instant},
           Row{"iat", not_instant},
           Row{"aud", {"null", "1", "true", "[]", "{}", "[1]", "[null]", R"([["a"]])"}},
       }) {
    for (const auto wrong : row.wrong) {
      const auto claims = json::Object{}.set_raw(row.name, wrong).text();
      EXPECT_EQ(failures(lenient(), token_of(claims)), "claim_malformed " + std::string{row.name}) << wrong;
    }
  }
}

// case 33
TEST(SecurityCases, case_33_times_are_finite_and_before_the_year_10000) {
  for (const auto* time :
       {"-1", "-0", "-0.5", "1e400", "1e308", "1e19", "18446744073709551616", "9223372036854775808", "253402300800",
        "253402300799.5", "99999999999999999999999999", "-1e400", "-9223372036854775809"}) {
    for (const auto* name : {"exp", "nbf", "iat"}) {
      const auto token = token_of(json::Object{}.set_raw(name, time).text());
      const auto answer = verify(lenient(), token);
      EXPECT_TRUE(answer == "claim_malformed" || answer == "token_malformed") << name << " " << time << " " << answer;
    }
  }
  for (const auto* no_number : {"NaN", "Infinity", "+1", "0x10", "1.", ".5", "01"}) {
    EXPECT_EQ(verify(lenient(), token_of(json::Object{}.set_raw("exp", no_number).text())), "token_malformed");
  }
  for (const auto* time : {"253402300799", "1800000060.25", "1.80000006e9", "18000000600e-1"}) {
    EXPECT_EQ(verify(lenient(), token_of(json::Object{}.set_raw("exp", time).text())), "ok") << time;
  }
}

// case 34
TEST(SecurityCases, case_34_a_token_is_expired_when_now_equals_exp) {
  const auto token = token_of(R"({"exp":1800000000})");
  EXPECT_EQ(verify(lenient(hmac_key(), noon - 1ms), token), "ok");
  EXPECT_EQ(verify(lenient(hmac_key(), noon), token), "token_expired");
  EXPECT_EQ(verify(lenient(hmac_key(), noon + 1ms), token), "token_expired");
}

// case 35
TEST(SecurityCases, case_35_an_hmac_key_has_at_least_the_length_of_its_hash) {
  struct Row {
    Algorithm algorithm;
    std::size_t bytes;
  };
  const auto secret = [](std::size_t size) {
    return Secret::from_text(("01234567" + std::string(64, 'k')).substr(0, size));
  };
  for (const auto& row : {Row{Algorithm::HS256, 32}, Row{Algorithm::HS384, 48}, Row{Algorithm::HS512, 64}}) {
    for (const auto size : {0UZ, 1UZ, row.bytes - 1}) {
      const auto key = SigningKey::hmac(row.algorithm, secret(size));
      EXPECT_EQ(outcome(key), "key_too_weak") << size;
    }
    EXPECT_TRUE(SigningKey::hmac(row.algorithm, secret(row.bytes)));
  }
}

// case 36
class HeaderOnly final : public KeySource {
 public:
  [[nodiscard]] std::expected<VerifyingKey, Error> find(const KeyQuery& query) const noexcept override {
    // KeyQuery has two members; this stops compiling when a third, which might be a claim, joins them.
    const auto& [algorithm, key_id] = query;
    seen = std::string{algorithm} + " " + std::string{key_id.value_or("-")};
    return std::unexpected(Error{ErrorCode::key_not_found});
  }
  mutable std::string seen;
};

TEST(SecurityCases, case_36_the_key_source_sees_the_header_only) {
  const auto source = std::make_shared<HeaderOnly>();
  auto builder = Verifier::builder();
  builder.key_source(source).any_issuer().any_audience();
  EXPECT_EQ(verify(builder, compact(R"({"alg":"HS256","kid":"k"})", R"({"iss":"https://evil.example"})", hmac_key())),
            "key_not_found");
  EXPECT_EQ(source->seen, "HS256 k");
}

// case 37
TEST(SecurityCases, case_37_the_issuer_is_compared_whole) {
  for (const auto* iss : {"https://auth.example/", "https://auth.example.evil", "https://auth.exampl",
                          "https://AUTH.example", "https://auth.example ", "", "https://auth.example\\u0000"}) {
    const auto claims = R"({"iss":")" + std::string{iss} + R"(","aud":"api","exp":1800000060})";
    EXPECT_EQ(failures(strict(), token_of(claims)), "issuer_mismatch iss") << iss;
  }
}

// case 38: see also VerifierBuilder.refuses_an_empty_expectation
TEST(SecurityCases, case_38_an_empty_expectation_builds_no_verifier) {
  const auto build = [](std::string_view iss, std::string_view aud) {
    return Verifier::builder().key(hmac_key().verifying_key()).issuer(iss).audience(aud).build();
  };
  EXPECT_EQ(outcome(build("", "api")), "invalid_configuration");
  EXPECT_EQ(outcome(build("https://auth.example", "")), "invalid_configuration");
  EXPECT_EQ(outcome(build("https://auth.example", "api")), "ok");
}

// case 39
TEST(SecurityCases, case_39_an_expectation_makes_the_claim_required) {
  EXPECT_EQ(failures(strict(), token_of(R"({"aud":"api","exp":1800000060})")), "claim_missing iss");
  EXPECT_EQ(failures(strict(), token_of(R"({"iss":"https://auth.example","exp":1800000060})")), "claim_missing aud");
  EXPECT_EQ(failures(strict(), token_of("{}")), "claim_missing exp, claim_missing iss, claim_missing aud");
}

// case 41
TEST(SecurityCases, case_41_a_bad_signature_is_reported_alone) {
  const auto forged = token_of(R"({"iss":"x","aud":"y","exp":1,"nbf":9999999999})", hmac_key(Algorithm::HS256, 'x'));
  const auto verified = strict().build()->verify(forged);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code(), ErrorCode::bad_signature);
  EXPECT_TRUE(verified.error().failures().empty());
  EXPECT_EQ(verified.error().detail(), "bad_signature");  // nothing of what the token says
}

// case 45
TEST(SecurityCases, case_45_one_kind_of_token_is_not_taken_for_another) {
  const auto plain = strict();
  const auto access = std::move(strict().type("at+jwt"));
  const auto logout = std::move(strict().type("logout+jwt"));
  const auto of_type = [](const char* typ) {
    return token_with_header(json::Object{}.set("alg", "HS256").set("typ", typ).text());
  };
  EXPECT_EQ(verify(access, of_type("at+jwt")), "ok");
  EXPECT_EQ(verify(access, of_type("JWT")), "type_mismatch");
  EXPECT_EQ(verify(access, of_type("logout+jwt")), "type_mismatch");
  EXPECT_EQ(verify(access, token_of(good)), "type_mismatch");
  EXPECT_EQ(verify(plain, of_type("at+jwt")), "type_mismatch");
  EXPECT_EQ(verify(logout, of_type("at+jwt")), "type_mismatch");
}

// case 46
TEST(SecurityCases, case_46_json_is_utf8_without_a_mark) {
  using namespace std::string_view_literals;
  for (const auto claims :
       {"\xef\xbb\xbf{}"sv, "{\"sub\":\"\xff\"}"sv, "{\"sub\":\"\xc0\xaf\"}"sv, "{\"sub\":\"\xed\xa0\x80\"}"sv,
        "{\"\xfe\":1}"sv, "{\0}\0"sv, "\0{\0}"sv, "\xff\xfe{\0}\0"sv, R"({"sub":"\ud800"})"sv}) {
    EXPECT_EQ(verify(lenient(), token_of(claims)), "token_malformed");
  }
  EXPECT_EQ(verify(strict(), token_with_header("\xef\xbb\xbf{\"alg\":\"HS256\"}")), "token_malformed");
  EXPECT_EQ(verify(strict(), token_with_header("{\"alg\":\"HS256\",\"kid\":\"\xff\"}")), "token_malformed");
}

// case 47
TEST(SecurityCases, case_47_nothing_follows_the_json) {
  using namespace std::string_view_literals;
  for (const auto claims : {"{}{}"sv, "{}x"sv, "{},"sv, "{}]"sv, "{}\0"sv, "{} {}"sv, "{}//"sv}) {
    EXPECT_EQ(verify(lenient(), token_of(claims)), "token_malformed") << claims;
  }
  EXPECT_EQ(verify(lenient(), token_of("{} \n")), "ok");  // white space is part of JSON
}

// case 48
TEST(SecurityCases, case_48_a_payload_is_an_object) {
  for (const auto* claims : {"null", "[]", "\"x\"", "1", "true", "[{}]", " ", "{"}) {
    EXPECT_EQ(verify(lenient(), token_of(claims)), "token_malformed") << claims;
  }
}

// case 50
TEST(SecurityCases, case_50_claims_are_not_parsed_before_the_signature_holds) {
  const auto forger = hmac_key(Algorithm::HS256, 'x');
  for (const auto* claims : {"{", "[]", "null", R"({"a":1,"a":1})", "\xff"}) {
    EXPECT_EQ(verify(lenient(), token_of(claims, forger)), "bad_signature") << claims;
    EXPECT_EQ(verify(lenient(), token_of(claims)), "token_malformed") << claims;
  }
}

// case 51
TEST(SecurityCases, case_51_an_rsa_key_without_alg_verifies_no_hmac) {
  const auto jwk = replace_first(rsa_key().verifying_key().to_jwk().value(), R"("alg":"RS256",)", "");
  const auto token = compact(R"({"alg":"HS256"})", good, hmac_key());
  auto builder = Verifier::builder();
  builder.keys(KeySet::parse(R"({"keys":[)" + jwk + "]}", {.rsa_algorithm = Algorithm::RS256, .limits = {}}).value());
  builder.issuer("https://auth.example").audience("api");
  EXPECT_EQ(verify(builder, token), "algorithm_not_allowed");
  EXPECT_FALSE(KeySet::parse(R"({"keys":[)" + jwk + "]}", {.rsa_algorithm = Algorithm::HS256, .limits = {}}));
}

// case 52
TEST(SecurityCases, case_52_no_verifier_without_keys) {
  EXPECT_EQ(outcome(Verifier::builder().any_issuer().any_audience().build()), "invalid_configuration");
  EXPECT_EQ(outcome(KeySet::of({})), "invalid_configuration");
}

// case 53
TEST(SecurityCases, case_53_algorithm_names_are_compared_whole) {
  for (const auto* alg : {"hs256", "Hs256", "HS256 ", " HS256", "HS25", "HS2566", "HS256\\u0000", "HS512", "H", "HS"}) {
    const auto header = R"({"alg":")" + std::string{alg} + "\"}";
    EXPECT_EQ(verify(strict(), token_with_header(header)), "algorithm_not_allowed") << alg;
  }
}

// case 55
TEST(SecurityCases, case_55_the_second_of_two_expiries_does_not_count) {
  EXPECT_EQ(verify(lenient(), token_of(R"({"exp":1,"exp":1800000060})")), "token_malformed");
  EXPECT_EQ(verify(lenient(), token_of(R"({"exp":1800000060,"exp":1})")), "token_malformed");
  EXPECT_EQ(verify(lenient(), token_of(R"({"exp":-1})")), "claim_malformed");
  EXPECT_EQ(verify(lenient(), token_of("{}x")), "token_malformed");
}

}  // namespace
}  // namespace signet

#include "signet/verifier.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using test::clock_at;
using test::failures;
using test::hmac_key;
using test::lenient;
using test::noon;
using test::strict;
using test::token_of;
using test::token_with_header;
using test::verify;

constexpr std::string_view good = R"({"iss":"https://auth.example","aud":"api","exp":1800000060})";

TEST(Verifier, accepts_the_example_of_rfc_7519) {  // section 3.1, the key of RFC 7515 appendix A.1
  const auto key = VerifyingKey::hmac(Algorithm::HS256,
                                      Secret::from_base64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"
                                                             "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
                                          .value())
                       .value();
  constexpr auto text =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
      ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  auto builder = Verifier::builder();
  builder.key(key).issuer("joe").any_audience().clock(clock_at(Time{1300819379s}));
  const auto token = builder.build()->verify(text);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->claim<bool>("http://example.com/is_root"), true);
  EXPECT_EQ(token->expires_at(), Time{1300819380s});

  builder.clock(clock_at(Time{1300819380s}));
  EXPECT_EQ(verify(builder, text), "token_expired");
}

TEST(Verifier, accepts_what_meets_every_expectation) { EXPECT_EQ(verify(strict(), token_of(good)), "ok"); }

TEST(Verifier, reports_all_claim_failures_together) {
  EXPECT_EQ(
      failures(strict().subject("s").maximum_age(1h).require("role").require_not_before(),
               token_of(R"({"iss":"x","aud":"y","exp":1,"iat":1900000000,"jti":5})")),
      "token_expired exp, claim_missing nbf, token_issued_in_future iat, issuer_mismatch iss, audience_mismatch aud, "
      "claim_missing sub, claim_malformed jti, claim_missing role");
}

TEST(Verifier, an_error_of_claims_knows_each_of_its_reasons) {
  const auto token = strict().build()->verify(token_of(R"({"iss":"x","aud":"api","exp":1})"));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code(), ErrorCode::token_expired);
  EXPECT_TRUE(token.error().is(ErrorCode::issuer_mismatch));
  EXPECT_FALSE(token.error().is(ErrorCode::audience_mismatch));
}

// Time.

TEST(Verifier, expiry_is_required_unless_allowed_to_be_missing) {
  EXPECT_EQ(failures(strict(), token_of(R"({"iss":"https://auth.example","aud":"api"})")), "claim_missing exp");
  EXPECT_EQ(failures(strict().allow_missing_expiry(), token_of(R"({"iss":"https://auth.example","aud":"api"})")), "ok");
  EXPECT_EQ(failures(lenient(), token_of(R"({"exp":1})")), "token_expired exp");
}

TEST(Verifier, leeway_reaches_to_its_last_millisecond) {
  const auto token = token_of(R"({"exp":1800000000})");
  EXPECT_EQ(verify(lenient(hmac_key(), noon + 30s - 1ms).leeway(30s), token), "ok");
  EXPECT_EQ(verify(lenient(hmac_key(), noon + 30s).leeway(30s), token), "token_expired");
}

TEST(Verifier, fractions_of_a_second_count) {
  const auto token = token_of(R"({"exp":1800000000.5})");
  EXPECT_EQ(verify(lenient(hmac_key(), noon + 499ms), token), "ok");
  EXPECT_EQ(verify(lenient(hmac_key(), noon + 500ms), token), "token_expired");
}

TEST(Verifier, not_before_holds_from_its_very_second) {
  const auto token = token_of(R"({"nbf":1800000000})");
  EXPECT_EQ(verify(lenient(hmac_key(), noon), token), "ok");
  EXPECT_EQ(verify(lenient(hmac_key(), noon - 1ms), token), "token_not_yet_valid");
  EXPECT_EQ(verify(lenient(hmac_key(), noon - 30s).leeway(30s), token), "ok");
  EXPECT_EQ(verify(lenient(hmac_key(), noon - 30001ms).leeway(30s), token), "token_not_yet_valid");
}

TEST(Verifier, not_before_can_be_required) {
  EXPECT_EQ(failures(lenient().require_not_before(), token_of("{}")), "claim_missing nbf");
  EXPECT_EQ(failures(lenient().require_not_before(), token_of(R"({"nbf":1})")), "ok");
}

TEST(Verifier, a_token_from_the_future_is_refused_without_being_asked) {
  EXPECT_EQ(verify(lenient(hmac_key(), noon), token_of(R"({"iat":1800000000})")), "ok");
  EXPECT_EQ(verify(lenient(hmac_key(), noon), token_of(R"({"iat":1800000001})")), "token_issued_in_future");
  EXPECT_EQ(verify(lenient(hmac_key(), noon).leeway(1s), token_of(R"({"iat":1800000001})")), "ok");
}

TEST(Verifier, maximum_age_needs_iat_and_ends_at_its_very_second) {
  EXPECT_EQ(failures(lenient().maximum_age(60s), token_of("{}")), "claim_missing iat");
  const auto token = token_of(R"({"iat":1800000000})");
  EXPECT_EQ(verify(lenient(hmac_key(), noon + 60s - 1ms).maximum_age(60s), token), "ok");
  EXPECT_EQ(verify(lenient(hmac_key(), noon + 60s).maximum_age(60s), token), "token_too_old");
  EXPECT_EQ(verify(lenient(hmac_key(), noon + 60s).maximum_age(60s).leeway(1s), token), "ok");
}

TEST(Verifier, takes_the_systems_time_unless_told_otherwise) {
  auto builder = Verifier::builder();
  builder.key(hmac_key().verifying_key()).any_issuer().any_audience();
  EXPECT_EQ(verify(builder, Signer{hmac_key()}.sign(Claims{}.expires_in(1h)).value()), "ok");
  EXPECT_EQ(verify(builder, token_of(R"({"exp":1300819380})")), "token_expired");
}

// Who and for whom.

TEST(Verifier, one_of_several_issuers_is_enough) {
  auto builder = Verifier::builder();
  builder.key(hmac_key().verifying_key()).issuers({"a", "b"}).any_audience().allow_missing_expiry();
  EXPECT_EQ(verify(builder, token_of(R"({"iss":"b"})")), "ok");
  EXPECT_EQ(verify(builder, token_of(R"({"iss":"c"})")), "issuer_mismatch");
}

struct AudienceRow {
  std::string_view claim;
  std::string_view any;  // of x, y
  std::string_view all;
};

TEST(Verifier, audience_is_any_of_or_all_of) {
  const auto with = [](auto decide) {
    auto builder = Verifier::builder();
    builder.key(hmac_key().verifying_key()).any_issuer().allow_missing_expiry();
    decide(builder);
    return builder;
  };
  const auto any = with([](VerifierBuilder& b) { b.any_of_audiences({"x", "y"}); });
  const auto all = with([](VerifierBuilder& b) { b.all_of_audiences({"x", "y"}); });
  for (const auto& row : {
           AudienceRow{R"("x")", "ok", "audience_mismatch"},
           AudienceRow{R"(["y","z"])", "ok", "audience_mismatch"},
           AudienceRow{R"(["z","y","x"])", "ok", "ok"},
           AudienceRow{R"(["\u0078","y"])", "ok", "ok"},
           AudienceRow{R"("xy")", "audience_mismatch", "audience_mismatch"},
           AudienceRow{R"("X")", "audience_mismatch", "audience_mismatch"},
           AudienceRow{R"(["z"])", "audience_mismatch", "audience_mismatch"},
           AudienceRow{R"([])", "claim_malformed", "claim_malformed"},
           AudienceRow{R"(["x",1])", "claim_malformed", "claim_malformed"},
           AudienceRow{R"(["x",null])", "claim_malformed", "claim_malformed"},
           AudienceRow{R"({"x":1})", "claim_malformed", "claim_malformed"},
           AudienceRow{R"(null)", "claim_malformed", "claim_malformed"},
       }) {
    const auto token = token_of(R"({"aud":)" + std::string{row.claim} + "}");
    EXPECT_EQ(verify(any, token), row.any) << row.claim;
    EXPECT_EQ(verify(all, token), row.all) << row.claim;
  }
}

TEST(Verifier, subject_is_compared_whole) {
  EXPECT_EQ(failures(lenient().subject("user-42"), token_of(R"({"sub":"user-42"})")), "ok");
  EXPECT_EQ(failures(lenient().subject("user-42"), token_of(R"({"sub":"user-4"})")), "subject_mismatch sub");
  EXPECT_EQ(failures(lenient().subject("user-42"), token_of("{}")), "claim_missing sub");
}

TEST(Verifier, required_claims_must_be_there_and_not_null) {
  EXPECT_EQ(failures(lenient().require("role").require("team"), token_of(R"({"role":"a","team":0})")), "ok");
  EXPECT_EQ(failures(lenient().require("role").require("team"), token_of(R"({"role":null})")),
            "claim_malformed role, claim_missing team");
  EXPECT_EQ(failures(lenient().require("jti"), token_of(R"({"jti":null})")), "claim_malformed jti");
}

// Own checks.

TEST(Verifier, own_checks_see_the_claims) {
  const auto is_admin = [](json::View claims) {
    const auto role = claims.find("role");
    return role && role->string() == "admin";
  };
  EXPECT_EQ(failures(lenient().check("role", is_admin), token_of(R"({"role":"admin"})")), "ok");
  EXPECT_EQ(failures(lenient().check("role", is_admin), token_of(R"({"role":"user"})")), "claim_rejected role");
}

TEST(Verifier, own_checks_run_beside_the_others) {
  EXPECT_EQ(failures(lenient().check("mine", [](json::View) { return false; }), token_of(R"({"exp":1})")),
            "token_expired exp, claim_rejected mine");
}

TEST(Verifier, own_checks_never_see_an_unverified_token) {
  bool called = false;
  const auto builder = std::move(lenient().check("mine", [&](json::View) { return called = true; }));
  EXPECT_EQ(verify(builder, token_of("{}", hmac_key(Algorithm::HS256, 'x'))), "bad_signature");
  EXPECT_FALSE(called);
}

TEST(Verifier, what_an_own_check_throws_is_a_no) {
  EXPECT_EQ(failures(lenient().check("a", [](json::View) -> bool { throw std::runtime_error{"no"}; }), token_of("{}")),
            "claim_rejected a");
  EXPECT_EQ(failures(lenient().check("b", [](json::View) -> bool { throw 42; }), token_of("{}")), "claim_rejected b");
  EXPECT_EQ(failures(lenient().check("c", [](json::View) -> bool { throw std::bad_alloc{}; }), token_of("{}")),
            "claim_rejected c");
}

static_assert(noexcept(std::declval<const Verifier&>().verify("")));

// Type.

TEST(Verifier, type_is_jwt_or_absent_unless_decided) {
  EXPECT_EQ(verify(strict(), token_with_header(R"({"alg":"HS256"})")), "ok");
  for (const auto* typ : {"JWT", "jwt", "application/jwt", "APPLICATION/JWT"}) {
    EXPECT_EQ(verify(strict(), token_with_header(json::Object{}.set("alg", "HS256").set("typ", typ).text())), "ok")
        << typ;
  }
  for (const auto* typ : {"at+jwt", "", "JWT ", "application/", "x/jwt", "JW", "logout+jwt"}) {
    EXPECT_EQ(verify(strict(), token_with_header(json::Object{}.set("alg", "HS256").set("typ", typ).text())),
              "type_mismatch")
        << typ;
  }
}

TEST(Verifier, an_expected_type_must_be_there) {
  const auto access = [] { return std::move(strict().type("at+jwt")); };
  EXPECT_EQ(verify(access(), token_with_header(R"({"alg":"HS256","typ":"at+jwt"})")), "ok");
  EXPECT_EQ(verify(access(), token_with_header(R"({"alg":"HS256","typ":"application/AT+jwt"})")), "ok");
  EXPECT_EQ(verify(access(), token_with_header(R"({"alg":"HS256"})")), "type_mismatch");
  EXPECT_EQ(verify(access(), token_with_header(R"({"alg":"HS256","typ":"JWT"})")), "type_mismatch");
  EXPECT_EQ(verify(strict().type("JWT"), token_with_header(R"({"alg":"HS256"})")), "type_mismatch");
  EXPECT_EQ(verify(strict().any_type(), token_with_header(R"({"alg":"HS256","typ":"x"})")), "ok");
}

TEST(Verifier, a_wrong_type_is_reported_only_when_the_signature_holds) {
  const auto token = token_with_header(R"({"alg":"HS256","typ":"at+jwt"})", hmac_key(Algorithm::HS256, 'x'));
  EXPECT_EQ(verify(strict(), token), "bad_signature");
}

// Keys.

TEST(Verifier, chooses_from_a_key_set_by_kid) {
  const auto one = hmac_key(Algorithm::HS256, '1').with_key_id("one");
  const auto two = hmac_key(Algorithm::HS256, '2').with_key_id("two");
  auto builder = Verifier::builder();
  builder.keys(KeySet::of({one.verifying_key(), two.verifying_key()}).value()).any_issuer().any_audience();
  builder.allow_missing_expiry();
  EXPECT_EQ(verify(builder, Signer{one}.sign(Claims{}).value()), "ok");
  EXPECT_EQ(verify(builder, Signer{two}.sign(Claims{}).value()), "ok");
  EXPECT_EQ(verify(builder, Signer{two.with_key_id("one")}.sign(Claims{}).value()), "bad_signature");
  EXPECT_EQ(verify(builder, Signer{one.with_key_id("three")}.sign(Claims{}).value()), "key_not_found");
  EXPECT_EQ(verify(builder, token_of("{}", one)), "key_not_found");  // without kid, two would fit
}

TEST(Verifier, a_single_key_answers_to_its_own_kid_only) {
  const auto key = hmac_key().with_key_id("mine");
  EXPECT_EQ(verify(lenient(key), Signer{key}.sign(Claims{}).value()), "ok");
  EXPECT_EQ(verify(lenient(key), token_of("{}", key)), "ok");
  EXPECT_EQ(verify(lenient(key), Signer{key.with_key_id("theirs")}.sign(Claims{}).value()), "key_not_found");
  EXPECT_EQ(verify(lenient(hmac_key()), Signer{key}.sign(Claims{}).value()), "ok");  // it has no kid to compare
}

class OneKey final : public KeySource {
 public:
  explicit OneKey(VerifyingKey key) : key_{std::move(key)} {}
  [[nodiscard]] std::expected<VerifyingKey, Error> find(const KeyQuery& query) const noexcept override {
    asked = std::string{query.algorithm} + "/" + std::string{query.key_id.value_or("-")};
    if (query.key_id == "gone") return std::unexpected(Error{ErrorCode::key_not_found, "gone"});
    return key_;
  }
  mutable std::string asked;

 private:
  VerifyingKey key_;
};

TEST(Verifier, asks_a_key_source_with_the_header) {
  const auto source = std::make_shared<OneKey>(hmac_key().verifying_key());
  auto builder = Verifier::builder();
  builder.key_source(source).any_issuer().any_audience().clock(clock_at(noon));
  EXPECT_EQ(verify(builder, token_with_header(R"({"alg":"HS256","kid":"k"})")), "ok");
  EXPECT_EQ(source->asked, "HS256/k");
  EXPECT_EQ(verify(builder, token_with_header(R"({"alg":"HS256","kid":"gone"})")), "key_not_found");
  EXPECT_EQ(verify(builder, token_with_header(R"({"alg":"HS512","kid":"k"})")), "algorithm_not_allowed");
}

TEST(Verifier, does_not_ask_a_key_source_about_an_unknown_algorithm) {
  const auto source = std::make_shared<OneKey>(hmac_key().verifying_key());
  auto builder = Verifier::builder();
  builder.key_source(source).any_issuer().any_audience();
  EXPECT_EQ(verify(builder, token_with_header(R"({"alg":"none"})")), "algorithm_not_allowed");
  EXPECT_EQ(source->asked, "");
}

TEST(Verifier, takes_eddsa_and_ed25519_for_the_same) {
  const auto old_name = SigningKey::generate(Algorithm::EdDSA).value();
  const auto new_name = SigningKey::from_jwk(Secret::from_text([&] {
                          auto jwk = std::string{old_name.to_private_jwk()->reveal_text()};
                          return jwk.replace(jwk.find("EdDSA"), 5, "Ed25519");
                        }()))
                            .value();
  for (const auto& key : {old_name, new_name}) {
    const auto single = lenient(key);
    auto set = Verifier::builder();
    set.keys(KeySet::of({key.verifying_key()}).value()).any_issuer().any_audience().allow_missing_expiry();
    for (const auto* alg : {"EdDSA", "Ed25519"}) {
      const auto token = test::compact(json::Object{}.set("alg", alg).text(), "{}", key);
      EXPECT_EQ(verify(single, token), "ok") << alg;
      EXPECT_EQ(verify(set, token), "ok") << alg;
      EXPECT_EQ(name(single.build()->verify(token)->algorithm()), alg);
    }
  }
}

// Header.

struct HeaderRow {
  std::string_view header;
  std::string_view answer;
};

TEST(Verifier, reads_the_header_strictly) {
  for (const auto& row : {
           HeaderRow{R"({"alg":"HS256"})", "ok"},
           HeaderRow{R"({"alg":"HS256","unknown":{"a":[1]}})", "ok"},
           HeaderRow{R"({"\u0061lg":"\u0048S256"})", "ok"},
           HeaderRow{R"({"alg":"HS256","cty":"text"})", "ok"},
           HeaderRow{R"({})", "token_malformed"},
           HeaderRow{R"({"alg":null})", "token_malformed"},
           HeaderRow{R"({"alg":["HS256"]})", "token_malformed"},
           HeaderRow{R"({"alg":"HS256","kid":1})", "token_malformed"},
           HeaderRow{R"({"alg":"HS256","kid":null})", "token_malformed"},
           HeaderRow{R"({"alg":"HS256","typ":1})", "token_malformed"},
           HeaderRow{R"({"alg":"HS256","cty":1})", "token_malformed"},
           HeaderRow{R"({"alg":"HS256","cty":"JWT"})", "token_malformed"},
           HeaderRow{R"({"alg":"HS256","cty":"application/jwt"})", "token_malformed"},
           HeaderRow{R"({"alg":"HS256","enc":"A128GCM"})", "token_malformed"},
           HeaderRow{R"({"alg":"HS256","zip":"DEF"})", "token_malformed"},
           HeaderRow{R"(["alg","HS256"])", "token_malformed"},
           HeaderRow{R"("HS256")", "token_malformed"},
           HeaderRow{R"({"alg":"HS256"} )", "ok"},
           HeaderRow{R"({"alg":"HS256"}x)", "token_malformed"},
           HeaderRow{R"({"alg":"HS256",})", "token_malformed"},
       }) {
    EXPECT_EQ(verify(strict(), token_with_header(row.header)), row.answer) << row.header;
  }
}

TEST(Verifier, understands_the_critical_extensions_it_was_told_of) {
  const auto token =
      token_with_header(R"({"alg":"HS256","crit":["http://example.com/ext"],"http://example.com/ext":true})");
  EXPECT_EQ(verify(strict(), token), "critical_header");
  EXPECT_EQ(verify(strict().understands("http://example.com/ext"), token), "ok");
  EXPECT_EQ(verify(strict().understands("other"), token), "critical_header");
}

TEST(Verifier, quotes_the_header_in_details_and_escapes_it) {
  const auto key = hmac_key().with_key_id("mine");
  const auto token = lenient(key).build()->verify(test::compact(R"({"alg":"HS256","kid":"a\nb"})", "{}", key));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().detail(), R"(alg "HS256", kid "a\x0ab")");
}

TEST(Verifier, keeps_to_its_limits) {
  const auto token = token_of(good);
  EXPECT_EQ(verify(strict().limits({.token_bytes = token.size()}), token), "ok");
  EXPECT_EQ(verify(strict().limits({.token_bytes = token.size() - 1}), token), "token_too_large");
  EXPECT_EQ(verify(strict().limits({.header_bytes = 14}), token), "token_too_large");
  EXPECT_EQ(verify(strict().limits({.header_bytes = 15}), token), "ok");
  EXPECT_EQ(verify(strict().limits({.json_members = 2}), token), "token_malformed");
  EXPECT_EQ(verify(strict().limits({.json_members = 3}), token), "ok");
  EXPECT_EQ(verify(strict().limits({.key_id_bytes = 3}), token_with_header(R"({"alg":"HS256","kid":"1234"})")),
            "token_too_large");
}

// Revocation.

struct RevocationRow {
  RevocationKind kind;
  std::string_view key;
  std::string_view answer;
};

TEST(Verifier, refuses_what_was_taken_back) {
  const auto key = hmac_key().with_key_id("k1");
  const auto token =
      test::compact(R"({"alg":"HS256","kid":"k1"})",
                    R"({"sub":"user","jti":"id","sid":"session","client_id":"app","iat":1799999990})", key);
  for (const auto& row : {
           RevocationRow{RevocationKind::token, "id", "token_revoked "},
           RevocationRow{RevocationKind::token, "other", "ok"},
           RevocationRow{RevocationKind::session, "session", "token_revoked "},
           RevocationRow{RevocationKind::session, "id", "ok"},
           RevocationRow{RevocationKind::subject, "user", "token_revoked "},
           RevocationRow{RevocationKind::subject, "someone", "ok"},
           RevocationRow{RevocationKind::client, "app", "token_revoked "},
           RevocationRow{RevocationKind::key, "k1", "token_revoked "},
           RevocationRow{RevocationKind::key, "k2", "ok"},
           RevocationRow{RevocationKind::everyone, "", "token_revoked "},
       }) {
    const auto revocations = std::make_shared<Revocations>();
    const auto builder = std::move(lenient(key).revocations(revocations));
    EXPECT_EQ(failures(builder, token), "ok");
    revocations->add({.kind = row.kind, .key = std::string{row.key}, .cutoff = noon, .expires_at = noon + 1h});
    EXPECT_EQ(failures(builder, token), row.answer) << to_string(row.kind) << " " << row.key;
  }
}

TEST(Verifier, a_cut_off_spares_later_tokens_and_none_without_iat) {
  const auto revocations = std::make_shared<Revocations>();
  revocations->add({.kind = RevocationKind::subject, .key = "user", .cutoff = noon - 10s, .expires_at = noon + 1h});
  const auto builder = std::move(lenient().revocations(revocations));
  EXPECT_EQ(failures(builder, token_of(R"({"sub":"user","iat":1799999990})")), "ok");
  EXPECT_EQ(failures(builder, token_of(R"({"sub":"user","iat":1799999989})")), "token_revoked ");
  EXPECT_EQ(failures(builder, token_of(R"({"sub":"user"})")), "token_revoked ");
}

// However often a token names what is asked for.
TEST(Verifier, a_claim_that_stands_many_times_is_refused_beside_revocations) {
  const auto revocations = std::make_shared<Revocations>();
  revocations->add({.kind = RevocationKind::subject, .key = "user", .cutoff = noon, .expires_at = noon + 1h});
  std::string claims = R"({"sub":"someone")";
  for (int i = 0; i < 40; ++i) claims += R"(,"sub":"someone")";
  EXPECT_EQ(verify(lenient().revocations(revocations), token_of(claims + "}")), "token_malformed");
}

TEST(Verifier, a_revoked_key_covers_tokens_that_do_not_name_it) {
  const auto revocations = std::make_shared<Revocations>();
  revocations->add({.kind = RevocationKind::key, .key = "k1", .cutoff = noon, .expires_at = noon + 1h});
  const auto key = hmac_key().with_key_id("k1");
  EXPECT_EQ(failures(lenient(key).revocations(revocations), token_of("{}", key)), "token_revoked ");
}

TEST(Verifier, a_revoked_key_covers_tokens_that_name_another) {
  const auto revocations = std::make_shared<Revocations>();
  revocations->add({.kind = RevocationKind::key, .key = "k1", .cutoff = noon, .expires_at = noon + 1h});
  const auto answer = [&](const SigningKey& key, const char* kid) {
    auto builder = Verifier::builder();
    builder.key_source(std::make_shared<OneKey>(key.verifying_key())).revocations(revocations);
    builder.any_issuer().any_audience().allow_missing_expiry();
    const auto header = json::Object{}.set("alg", "HS256").set("kid", kid).text();
    return failures(builder, test::compact(header, "{}", key));
  };
  EXPECT_EQ(answer(hmac_key().with_key_id("k1"), "k2"), "token_revoked ");  // by whoever has k1
  EXPECT_EQ(answer(hmac_key().with_key_id("k2"), "k1"), "ok");
  EXPECT_EQ(answer(hmac_key(), "k1"), "token_revoked ");  // a key without a name: the token's counts
}

}  // namespace
}  // namespace signet

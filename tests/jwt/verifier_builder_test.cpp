#include <gtest/gtest.h>

#include "tests/jwt/tokens.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using test::hmac_key;
using test::lenient;

std::string problem(const VerifierBuilder& builder) {
  const auto verifier = builder.build();
  if (verifier) return "built";
  if (verifier.error().code() != ErrorCode::invalid_configuration) return "another error";
  return verifier.error().detail();
}

VerifyingKey key() { return hmac_key().verifying_key(); }
KeySet key_set() { return KeySet::of({key().with_key_id("k")}).value(); }

TEST(VerifierBuilder, names_every_decision_that_is_missing) {  // case 52
  EXPECT_EQ(problem(Verifier::builder()),
            "no decision on the keys; no decision on the issuer; no decision on the audience");
  EXPECT_EQ(problem(Verifier::builder().key(key())), "no decision on the issuer; no decision on the audience");
  EXPECT_EQ(problem(Verifier::builder().key(key()).issuer("i")), "no decision on the audience");
  EXPECT_EQ(problem(Verifier::builder().key(key()).audience("a")), "no decision on the issuer");
  EXPECT_EQ(problem(Verifier::builder().issuer("i").audience("a")), "no decision on the keys");
  EXPECT_EQ(problem(Verifier::builder().key(key()).issuer("i").audience("a")), "built");
  EXPECT_EQ(problem(Verifier::builder().key(key()).any_issuer().any_audience()), "built");
}

TEST(VerifierBuilder, takes_one_source_of_keys) {
  const auto source = std::make_shared<const KeySet>(key_set());
  EXPECT_EQ(problem(lenient().key(key())), "more than one decision on the keys");
  EXPECT_EQ(problem(lenient().keys(key_set())), "more than one decision on the keys");
  EXPECT_EQ(problem(lenient().key_source(source)), "more than one decision on the keys");
  EXPECT_EQ(problem(Verifier::builder().keys(key_set()).any_issuer().any_audience()), "built");
  EXPECT_EQ(problem(Verifier::builder().key_source(source).any_issuer().any_audience()), "built");
  EXPECT_EQ(problem(Verifier::builder().key_source(nullptr).any_issuer().any_audience()), "the key source is null");
}

TEST(VerifierBuilder, refuses_an_empty_expectation) {  // case 38
  const auto with = [] { return std::move(Verifier::builder().key(key())); };
  EXPECT_EQ(problem(with().issuer("").audience("a")), "an empty issuer");
  EXPECT_EQ(problem(with().issuers({}).audience("a")), "an empty issuer");
  EXPECT_EQ(problem(with().issuers({"i", ""}).audience("a")), "an empty issuer");
  EXPECT_EQ(problem(with().issuer("i").audience("")), "an empty audience");
  EXPECT_EQ(problem(with().issuer("i").any_of_audiences({})), "an empty audience");
  EXPECT_EQ(problem(with().issuer("i").all_of_audiences({})), "an empty audience");
  EXPECT_EQ(problem(with().issuer("i").all_of_audiences({"a", ""})), "an empty audience");
  EXPECT_EQ(problem(lenient().subject("")), "an empty subject");
  EXPECT_EQ(problem(lenient().type("")), "an empty type");
  EXPECT_EQ(problem(lenient().type("application/")), "an empty type");
  EXPECT_EQ(problem(lenient().require("")), "an empty name of a required claim");
}

TEST(VerifierBuilder, refuses_contradictions) {
  EXPECT_EQ(problem(lenient().issuer("i")), "more than one decision on the issuer");
  EXPECT_EQ(problem(lenient().issuers({"i"})), "more than one decision on the issuer");
  EXPECT_EQ(problem(lenient().audience("a")), "more than one decision on the audience");
  EXPECT_EQ(problem(lenient().all_of_audiences({"a"})), "more than one decision on the audience");
  EXPECT_EQ(problem(lenient().type("JWT").any_type()), "more than one decision on the type");
  EXPECT_EQ(problem(lenient().subject("a").subject("b")), "more than one decision on the subject");
  EXPECT_EQ(problem(lenient().require("exp")), "exp is both required and allowed to be missing");
}

TEST(VerifierBuilder, keeps_the_leeway_between_nothing_and_ten_minutes) {
  EXPECT_EQ(problem(lenient().leeway(0s)), "built");
  EXPECT_EQ(problem(lenient().leeway(10min)), "built");
  EXPECT_EQ(problem(lenient().leeway(601s)), "a leeway that is negative or longer than ten minutes");
  EXPECT_EQ(problem(lenient().leeway(-1s)), "a leeway that is negative or longer than ten minutes");
  EXPECT_EQ(problem(lenient().leeway(std::chrono::seconds::max())),
            "a leeway that is negative or longer than ten minutes");
}

TEST(VerifierBuilder, wants_a_positive_maximum_age) {
  EXPECT_EQ(problem(lenient().maximum_age(1s)), "built");
  for (const auto age : {0s, -1s, std::chrono::seconds::max(), std::chrono::seconds::min()}) {
    EXPECT_NE(problem(lenient().maximum_age(age)), "built") << age.count();
  }
}

TEST(VerifierBuilder, understands_no_registered_header) {  // case 14
  for (const auto* name : {"b64", "alg", "kid", "typ", "cty", "crit", "jwk", "jku", "x5c", "x5u", "x5t", "x5t#S256",
                           "enc", "zip", "epk", "p2c"}) {
    EXPECT_EQ(problem(lenient().understands(name)), "a registered name as critical header") << name;
  }
  EXPECT_EQ(problem(lenient().understands("")), "an empty name of a critical header");
  EXPECT_EQ(problem(lenient().understands("http://example.com/ext")), "built");
}

TEST(VerifierBuilder, refuses_checks_that_are_none) {
  EXPECT_EQ(problem(lenient().check("", [](json::View) { return true; })), "a check without a name");
  EXPECT_EQ(problem(lenient().check("c", nullptr)), "a check without a function");
  EXPECT_EQ(problem(lenient().revocations(nullptr)), "the revocations are null");
  EXPECT_EQ(problem(lenient().clock(nullptr)), "the clock is null");
}

TEST(Limits, are_within_bounds_whoever_is_built) {
  const auto jws = [](const Limits& limits) {
    const auto built = JwsVerifier::builder().key(key()).limits(limits).build();
    return built ? "built" : built.error().detail();
  };
  const auto jwe = [](const Limits& limits) {
    const auto own = DecryptionKey::generate(KeyManagement::A128KW).value();
    const auto built = Decrypter::builder().key(own).limits(limits).build();
    return built ? "built" : built.error().detail();
  };
  for (const auto& [limits, answer] : {
           std::pair{Limits{}, "built"},
           {Limits{.token_bytes = 0}, "a limit of zero"},
           {Limits{.json_depth = 0}, "a limit of zero"},
           {Limits{.json_depth = 256, .json_members = 65536}, "built"},
           {Limits{.json_depth = 257}, "json_depth over 256 or json_members over 65536"},
           {Limits{.json_members = 65537}, "json_depth over 256 or json_members over 65536"},
       }) {
    EXPECT_EQ(problem(lenient().limits(limits)), answer);
    EXPECT_EQ(jws(limits), answer);
    EXPECT_EQ(jwe(limits), answer);
  }
}

// Where nothing is built, as of a key set, no limits let a text exhaust the stack.
TEST(Limits, that_are_out_of_bounds_let_no_text_go_deeper) {
  const Limits none{.json_depth = 1'000'000, .json_members = 1'000'000'000};
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(json::parse(nested(256), none));
  EXPECT_FALSE(json::parse(nested(257), none));
  EXPECT_FALSE(json::parse(std::string(500'000, '['), none));
  const auto of = [](std::size_t members) {
    std::string text = "{";
    for (std::size_t i = 0; i < members; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
    return text + "}";
  };
  EXPECT_TRUE(json::parse(of(100), none));  // names are kept for as many as the text can have, not as the limit says
}

TEST(VerifierBuilder, builds_as_often_as_it_is_asked) {
  auto builder = lenient();
  EXPECT_EQ(problem(builder), "built");
  EXPECT_EQ(problem(builder), "built");
  const auto before = builder.build().value();
  builder.subject("someone");
  EXPECT_TRUE(before.verify(test::token_of("{}")));  // what is built stays as it is
}

}  // namespace
}  // namespace signet

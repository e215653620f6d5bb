#include "signet/key_set.hpp"

#include <gtest/gtest.h>

#include <array>

#include "signet/json.hpp"
#include "tests/jose/rfc_keys.hpp"
#include "tests/jose/support.hpp"

namespace signet {
namespace {

using test::code_of;

const std::string rsa_n = [] {
  const auto jwk = json::parse(test::rfc::rs256_jwk);
  return *jwk->find("n")->string();
}();

std::string rsa(std::string_view members) {
  return R"({"kty":"RSA","e":"AQAB","n":")" + rsa_n + "\"," + std::string{members} + "}";
}

std::string ec(std::string_view members) {
  std::string jwk{test::rfc::es256_public_jwk};
  return jwk.insert(1, std::string{members} + ",");
}

std::string oct(std::string_view kid, std::string_view alg = "HS256") {
  return R"({"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","alg":")" + std::string{alg} +
         R"(","kid":")" + std::string{kid} + R"("})";
}

template <class... Text>
std::string set_of(const Text&... keys) {
  std::string text;
  ((text += (text.empty() ? "" : ",") + std::string{keys}), ...);
  return "{\"keys\":[" + text + "]}";
}

VerifyingKey key_of(Algorithm algorithm, std::string key_id) {
  return SigningKey::generate(algorithm, 2048)->verifying_key().with_key_id(std::move(key_id));
}

// --- find

TEST(KeySet, finds_the_key_of_a_kid_when_its_algorithm_is_the_tokens) {
  const auto a = key_of(Algorithm::ES256, "a"), b = key_of(Algorithm::EdDSA, "b");
  const auto keys = KeySet::of({a, b});
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->find({"ES256", "a"})->thumbprint(), a.thumbprint());
  EXPECT_EQ(keys->find({"EdDSA", "b"})->thumbprint(), b.thumbprint());
}

TEST(KeySet, finds_nothing_for_another_kid) {  // case 11: a map key and nothing else
  const auto keys = KeySet::of({key_of(Algorithm::ES256, "a"), key_of(Algorithm::EdDSA, "b")});
  for (const std::string_view kid : {"", "A", "a ", "../../etc/passwd", "' OR 1=1 --"}) {
    EXPECT_EQ(code_of(keys->find({"ES256", kid})), ErrorCode::key_not_found) << kid;
  }
  EXPECT_EQ(code_of(keys->find({"ES256", std::string(100'000, 'a')})), ErrorCode::key_not_found);
}

TEST(KeySet, does_not_let_the_token_choose_the_algorithm) {  // cases 1, 4, 53
  const auto keys = KeySet::of({key_of(Algorithm::ES256, "a")});
  for (const std::string_view alg : {"HS256", "ES384", "RS256", "none", "", "es256", "ES256 ", "ES2"}) {
    EXPECT_EQ(code_of(keys->find({alg, "a"})), ErrorCode::algorithm_not_allowed) << alg;
    EXPECT_EQ(code_of(keys->find({alg, std::nullopt})), ErrorCode::algorithm_not_allowed) << alg;
  }
}

TEST(KeySet, without_kid_finds_the_only_key_of_the_algorithm) {
  const auto a = key_of(Algorithm::ES256, "a");
  const auto keys = KeySet::of({a, key_of(Algorithm::EdDSA, "b"), key_of(Algorithm::EdDSA, "c")});
  EXPECT_EQ(keys->find({"ES256", std::nullopt})->thumbprint(), a.thumbprint());
  EXPECT_EQ(code_of(keys->find({"EdDSA", std::nullopt})), ErrorCode::key_not_found);
}

TEST(KeySet, says_why_it_finds_nothing_without_copying) {
  const auto keys = KeySet::of({key_of(Algorithm::ES256, "a")});
  ErrorCode why{};
  EXPECT_NE(keys->find({"ES256", "a"}, why), nullptr);
  EXPECT_EQ(keys->find({"ES256", "b"}, why), nullptr);
  EXPECT_EQ(why, ErrorCode::key_not_found);
  EXPECT_EQ(keys->find({"ES384", "a"}, why), nullptr);
  EXPECT_EQ(why, ErrorCode::algorithm_not_allowed);
}

TEST(KeySet, of_a_single_key_without_kid_serves_tokens_without_kid) {
  const auto keys = KeySet::of({key_of(Algorithm::ES256, "")});
  ASSERT_TRUE(keys);
  EXPECT_TRUE(keys->find({"ES256", std::nullopt}));
  EXPECT_EQ(code_of(keys->find({"ES256", "a"})), ErrorCode::key_not_found);
}

TEST(KeySet, of_a_thousand_keys_finds_each) {
  const auto one = key_of(Algorithm::ES256, "");
  std::vector<VerifyingKey> many;
  for (int i = 0; i < 1000; ++i) many.push_back(one.with_key_id("key-" + std::to_string(i)));
  const auto keys = KeySet::of(many);
  ASSERT_TRUE(keys);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(keys->find({"ES256", "key-" + std::to_string(i)})->key_id(), "key-" + std::to_string(i));
  }
  const auto read = KeySet::parse(keys->to_json());
  ASSERT_TRUE(read) << read.error().detail();
  EXPECT_EQ(read->keys().size(), 1000U);
}

// --- of

TEST(KeySet, has_tables_for_the_first_of_its_es256_keys) {
  using enum Algorithm;
  std::vector<SigningKey> pairs;
  std::vector<VerifyingKey> keys;
  for (const auto algorithm : {EdDSA, ES256, ES384, ES256, ES256}) {
    pairs.push_back(SigningKey::generate(algorithm)->with_key_id("key " + std::to_string(pairs.size())));
    keys.push_back(pairs.back().verifying_key());
  }
  const auto set = KeySet::of(keys).value();
  const auto quick = set.with_tables(2);
  EXPECT_EQ(quick.to_json(), set.to_json());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& key = quick.keys()[i];
    EXPECT_EQ(key.key_id(), keys[i].key_id());
    const bool among_the_first = i == 1 || i == 3;
    EXPECT_EQ(key.is_same_object(keys[i]), !among_the_first || keys[i].with_table().is_same_object(keys[i])) << i;
    const auto signature = pairs[i].sign("input").value();
    EXPECT_TRUE(key.verifies("input", signature));
    EXPECT_FALSE(key.verifies("another", signature));
  }
  EXPECT_TRUE(set.with_tables(0).keys()[1].is_same_object(keys[1]));
}

TEST(KeySet, refuses_to_be_empty_or_ambiguous) {  // cases 44 and 52
  const auto a = key_of(Algorithm::ES256, "a");
  EXPECT_EQ(code_of(KeySet::of({})), ErrorCode::invalid_configuration);
  EXPECT_EQ(code_of(KeySet::of({a, a})), ErrorCode::key_set_malformed);
  EXPECT_EQ(code_of(KeySet::of({a, key_of(Algorithm::EdDSA, "a")})), ErrorCode::key_set_malformed);
  EXPECT_EQ(code_of(KeySet::of({a, key_of(Algorithm::ES256, "")})), ErrorCode::key_set_malformed);
  EXPECT_EQ(code_of(KeySet::of({a, key_of(Algorithm::HS256, "b")})), ErrorCode::key_set_malformed);
  EXPECT_TRUE(KeySet::of({key_of(Algorithm::HS256, "a"), key_of(Algorithm::HS512, "b")}));
}

TEST(KeySet, is_cheap_to_copy_and_outlives_its_first_owner) {
  auto keys = KeySet::of({key_of(Algorithm::ES256, "a")});
  const KeySet copy = *keys;
  keys = KeySet::of({key_of(Algorithm::ES256, "b")});
  EXPECT_TRUE(copy.find({"ES256", "a"}));
}

TEST(KeySet, finds_ed448_by_its_older_name_too) {  // RFC 8037 section 3.1
  const auto keys = KeySet::of({key_of(Algorithm::Ed448, "448"), key_of(Algorithm::Ed25519, "25519")});
  ASSERT_TRUE(keys);
  const auto algorithm_of = [&](std::string_view algorithm, std::optional<std::string_view> key_id) {
    const auto key = keys->find({.algorithm = algorithm, .key_id = key_id});
    return key ? std::string{name(key->algorithm())} : std::string{to_string(key.error().code())};
  };
  EXPECT_EQ(algorithm_of("EdDSA", "448"), "Ed448");
  EXPECT_EQ(algorithm_of("EdDSA", "25519"), "Ed25519");
  EXPECT_EQ(algorithm_of("Ed448", "25519"), "algorithm_not_allowed");
  EXPECT_EQ(algorithm_of("Ed25519", "448"), "algorithm_not_allowed");
  EXPECT_EQ(algorithm_of("Ed448", std::nullopt), "Ed448");
  EXPECT_EQ(algorithm_of("Ed25519", std::nullopt), "Ed25519");
  EXPECT_EQ(algorithm_of("EdDSA", std::nullopt), "key_not_found");  // it may be either
}

// --- parse

TEST(KeySet, reads_what_it_wrote) {
  const auto keys = KeySet::of({key_of(Algorithm::RS256, "r"), key_of(Algorithm::PS256, "p"),
                                key_of(Algorithm::ES384, "e"), key_of(Algorithm::Ed25519, "o")});
  ASSERT_TRUE(keys);
  const auto again = KeySet::parse(keys->to_json());
  ASSERT_TRUE(again) << again.error().detail();
  ASSERT_EQ(again->keys().size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(again->keys()[i].key_id(), keys->keys()[i].key_id());
    EXPECT_EQ(again->keys()[i].algorithm(), keys->keys()[i].algorithm());
    EXPECT_EQ(again->keys()[i].thumbprint(), keys->keys()[i].thumbprint());
  }
}

TEST(KeySet, never_writes_a_secret) {
  const auto keys = KeySet::of({key_of(Algorithm::HS256, "a")});
  EXPECT_EQ(keys->to_json(), R"({"keys":[]})");
}

TEST(KeySet, leaves_out_keys_it_cannot_use) {  // RFC 7517 section 5
  const auto keys = KeySet::parse(
      set_of(ec(R"("kid":"good")"), R"({"kty":"PQC","alg":"ML-DSA-44","pub":"AA","kid":"good"})",
             R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
             R"({"kty":"EC","crv":"P-256K","x":"AA","y":"AA"})", ec(R"("use":"enc","kid":"enc")"),
             ec(R"("key_ops":["deriveKey"],"kid":"derive")"), ec(R"("alg":"ECDH-ES+A256KW","kid":"wrap")"),
             R"({"kty":"RSA","use":"enc","e":"AQAB","n":"AQAB","kid":"weak but not for us"})", rsa(R"("kid":"no alg")"),
             rsa(R"("alg":"RS256","kid":"rsa")")));
  ASSERT_TRUE(keys) << keys.error().detail();
  ASSERT_EQ(keys->keys().size(), 2U);
  EXPECT_EQ(keys->keys()[0].key_id(), "good");
  EXPECT_EQ(keys->keys()[1].key_id(), "rsa");
}

TEST(KeySet, takes_rsa_keys_without_alg_for_the_one_algorithm_it_is_told) {  // case 3
  const auto text = set_of(rsa(R"("kid":"a")"), rsa(R"("alg":"PS512","kid":"b")"));
  EXPECT_EQ(KeySet::parse(text)->keys().size(), 1U);
  const auto keys = KeySet::parse(text, {.rsa_algorithm = Algorithm::RS256, .limits = {}});
  ASSERT_TRUE(keys) << keys.error().detail();
  EXPECT_TRUE(keys->find({"RS256", "a"}));
  EXPECT_EQ(code_of(keys->find({"RS512", "a"})), ErrorCode::algorithm_not_allowed);
  EXPECT_TRUE(keys->find({"PS512", "b"}));
}

TEST(KeySet, is_refused_whole_for_a_broken_or_weak_key) {  // case 43
  const std::string good = ec(R"("kid":"good")");
  const std::array<std::pair<std::string, ErrorCode>, 8> cases{{
      {R"({"kty":"RSA","alg":"RS256","e":"AQ","n":")" + rsa_n + "\"}", ErrorCode::key_too_weak},
      {R"({"kty":"RSA","alg":"RS256","e":"AQAB","n":")" + rsa_n.substr(0, 172) + "\"}", ErrorCode::key_too_weak},
      {R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})", ErrorCode::key_malformed},
      {ec(R"("alg":"ES384")"), ErrorCode::key_mismatch},
      {rsa(R"("alg":"ES256")"), ErrorCode::key_mismatch},
      {ec(R"("kid":7)"), ErrorCode::key_malformed},
      {R"({"kid":"no type"})", ErrorCode::key_malformed},
      {"\"key\"", ErrorCode::key_malformed},
  }};
  for (const auto& [bad, code] : cases) {
    EXPECT_EQ(code_of(KeySet::parse(set_of(good, bad))), code) << bad;
    EXPECT_EQ(code_of(KeySet::parse(set_of(bad))), code) << bad;
  }
}

TEST(KeySet, is_refused_when_secret_and_public_keys_are_mixed) {  // case 44
  EXPECT_EQ(code_of(KeySet::parse(set_of(oct("a"), ec(R"("kid":"b")")))), ErrorCode::key_set_malformed);
  // A secret that is published is known, whatever it is for.
  EXPECT_EQ(code_of(KeySet::parse(set_of(oct("a", "A256GCM"), ec(R"("kid":"b")")))), ErrorCode::key_set_malformed);
  EXPECT_TRUE(KeySet::parse(set_of(oct("a"), oct("b"))));
}

TEST(KeySet, is_refused_with_private_keys) {  // case 44
  EXPECT_EQ(code_of(KeySet::parse(set_of(test::rfc::es256_jwk))), ErrorCode::key_set_malformed);
  EXPECT_EQ(code_of(KeySet::parse(set_of(ec(R"("kid":"b")"), test::rfc::private_rsa_jwk))),
            ErrorCode::key_set_malformed);
  EXPECT_EQ(code_of(KeySet::parse(set_of(ec(R"("kid":"b")"), ec(R"("kid":"a","use":"enc","d":"AA")")))),
            ErrorCode::key_set_malformed);
}

TEST(KeySet, is_refused_with_a_kid_twice) {  // case 44
  EXPECT_EQ(code_of(KeySet::parse(set_of(ec(R"("kid":"a")"), rsa(R"("alg":"RS256","kid":"a")")))),
            ErrorCode::key_set_malformed);
  EXPECT_EQ(code_of(KeySet::parse(set_of(oct("a"), oct("a", "HS256")))), ErrorCode::key_set_malformed);
}

TEST(KeySet, is_refused_with_several_keys_of_which_one_has_no_kid) {
  EXPECT_EQ(code_of(KeySet::parse(set_of(test::rfc::es256_public_jwk, rsa(R"("alg":"RS256","kid":"a")")))),
            ErrorCode::key_set_malformed);
  EXPECT_TRUE(KeySet::parse(set_of(test::rfc::es256_public_jwk)));
}

TEST(KeySet, without_a_key_that_verifies_is_refused) {  // case 52
  for (const std::string& text : {set_of(), set_of(ec(R"("use":"enc")")), set_of(rsa(R"("kid":"no alg")"))}) {
    EXPECT_EQ(code_of(KeySet::parse(text)), ErrorCode::key_set_malformed) << text;
  }
}

TEST(KeySet, that_is_no_key_set_is_refused) {
  for (const std::string_view text : {"", "null", "[]", "{}", R"({"keys":null})", R"({"keys":{}})", R"({"keys":"a"})",
                                      R"({"Keys":[]})", R"({"keys":[],"keys":[]})", R"({"keys":[]}x)"}) {
    EXPECT_EQ(code_of(KeySet::parse(text)), ErrorCode::key_set_malformed) << text;
  }
  EXPECT_EQ(code_of(KeySet::parse(test::rfc::es256_public_jwk)), ErrorCode::key_set_malformed);
}

TEST(KeySet, keeps_its_limits) {
  KeySetOptions options;
  options.limits.key_set_keys = 2;
  const std::string a = ec(R"("kid":"a")"), b = ec(R"("kid":"b")"), c = ec(R"("kid":"c")");
  EXPECT_TRUE(KeySet::parse(set_of(a, b), options));
  EXPECT_EQ(code_of(KeySet::parse(set_of(a, b, c), options)), ErrorCode::key_set_malformed);
  options = {};
  options.limits.key_set_bytes = set_of(a).size();
  EXPECT_TRUE(KeySet::parse(set_of(a), options));
  EXPECT_EQ(code_of(KeySet::parse(set_of(a) + " ", options)), ErrorCode::key_set_malformed);
  options = {};
  options.limits.key_id_bytes = 3;
  EXPECT_EQ(code_of(KeySet::parse(set_of(ec(R"("kid":"abcd")")), options)), ErrorCode::key_malformed);
}

}  // namespace
}  // namespace signet

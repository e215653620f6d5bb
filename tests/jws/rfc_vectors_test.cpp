// RFC 7515 appendix A.6 and A.7, RFC 7797 section 4, and the RFC 7520 cookbook, both ways.

#include <map>

#include "src/jws/plan.hpp"
#include "tests/jose/rfc_keys.hpp"
#include "tests/jws/support.hpp"

namespace signet {
namespace {

using test::outcome;

SigningKey key_from(Algorithm algorithm, std::string_view jwk) {
  return SigningKey::from_jwk(algorithm, Secret::from_text(jwk)).value();
}

// --- RFC 7515 appendix A

std::string_view signature_of(std::string_view token) { return token.substr(token.rfind('.') + 1); }

std::string signature_json(std::string_view protect, std::string_view key_id, std::string_view signature) {
  return json::Object{}
      .set("protected", protect)
      .set_raw("header", json::Object{}.set("kid", key_id).text())
      .set("signature", signature)
      .text();
}

constexpr std::string_view a6_payload =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
constexpr std::string_view a6_rsa_id = "2010-12-29", a6_ec_id = "e9bc097a-ce51-4036-9562-d2ade882db0d";

struct AppendixA6 {
  SigningKey rsa = key_from(Algorithm::RS256, test::rfc::rs256_jwk).with_key_id(std::string{a6_rsa_id});
  SigningKey ec = key_from(Algorithm::ES256, test::rfc::es256_jwk).with_key_id(std::string{a6_ec_id});
  std::string text = R"({"payload":")" + jose::base64url_encode(a6_payload) + R"(","signatures":[)" +
                     signature_json("eyJhbGciOiJSUzI1NiJ9", a6_rsa_id, signature_of(test::rfc::rs256_token)) + ',' +
                     signature_json("eyJhbGciOiJFUzI1NiJ9", a6_ec_id, signature_of(test::rfc::es256_token)) + "]}";
};

TEST(Rfc7515, a6_general_json_with_two_signatures) {
  const AppendixA6 a6;
  const auto verified = test::jws_verifier({a6.rsa, a6.ec}).verify_json(a6.text);
  ASSERT_TRUE(verified) << verified.error().detail();
  EXPECT_EQ(verified->payload(), a6_payload);
  ASSERT_EQ(verified->signatures().size(), 2U);
  EXPECT_EQ(verified->signatures()[1].key().key_id(), a6_ec_id);
  EXPECT_EQ(verified->signatures()[1].unprotected_header()->find("kid")->string(), a6_ec_id);
  const auto by_one = test::jws_builder({a6.ec}).any_signature().build()->verify_json(a6.text);
  EXPECT_EQ(by_one.value().signature().index(), 1U);
}

TEST(Rfc7515, a7_flattened_json) {
  const AppendixA6 a6;
  const auto general = jws::read_json(a6.text, {}).value();
  const auto flattened = jws::write_flattened({.payload = general.payload, .signatures = {general.signatures[1]}});
  EXPECT_EQ(outcome(test::jws_verifier({a6.ec}).verify_json(flattened)), a6_payload);
}

TEST(Rfc7515, a5_unsecured_is_refused) {  // case 1
  const std::string message =
      "eyJhbGciOiJub25lIn0."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
  EXPECT_EQ(outcome(test::jws_verifier({AppendixA6{}.ec}).verify(message)), "algorithm_not_allowed");
}

// --- RFC 7797

TEST(Rfc7797, section_4_1_encoded_for_comparison) {
  const auto key = key_from(Algorithm::HS256, test::rfc::hs256_jwk);
  const std::string compact = "eyJhbGciOiJIUzI1NiJ9.JC4wMg.5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ";
  EXPECT_EQ(outcome(test::jws_verifier({key}).verify(compact)), "$.02");
  EXPECT_EQ(JwsSigner{key}.sign("$.02").value(), compact);
}

TEST(Rfc7797, section_4_2_detached_and_unencoded) {
  const auto key = key_from(Algorithm::HS256, test::rfc::hs256_jwk);
  const std::string compact =
      "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY";
  EXPECT_EQ(outcome(test::jws_verifier({key}).verify_detached(compact, "$.02")), "$.02");
  EXPECT_EQ(JwsSigner{key}.unencoded().detached().sign("$.02").value(), compact);
  const auto json = JwsSigner{key}.unencoded().sign_flattened("$.02").value();
  EXPECT_EQ(json, R"({"payload":"$.02","protected":"eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19",)"
                  R"("signature":"A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY"})");
  EXPECT_EQ(outcome(test::jws_verifier({key}).verify_json(json)), "$.02");
}

TEST(Rfc7797, section_4_1_encoded) {
  const auto key = key_from(Algorithm::HS256, test::rfc::hs256_jwk);
  const std::string compact = "eyJhbGciOiJIUzI1NiJ9.JC4wMg.5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ";
  EXPECT_EQ(outcome(test::jws_verifier({key}).verify(compact)), "$.02");
  EXPECT_EQ(JwsSigner{key}.sign("$.02").value(), compact);
}

TEST(Rfc7797, the_cookbook_s_files) {
  for (const std::string name : {"4.2.hmac-sha2_b64_false", "hmac-sha2_b64_false"}) {
    SIGNET_VECTORS_OR_SKIP(text, "rfc7520-cookbook/rfc7797/" + name + ".json");
    const auto document = json::parse(*text, test::vector_limits()).value();
    const auto input = *document.find("input"), output = *document.find("output");
    const auto key = key_from(Algorithm::HS256, input.find("key")->text());
    const auto verifier = test::jws_verifier({key});
    const auto payload = *input.find("payload")->string();
    if (!output.find("compact")) {
      // This file's protected header lacks the `crit` that its own "signing" shows and RFC 7797 section 6 demands.
      EXPECT_EQ(outcome(verifier.verify_json(output.find("json_flat")->text())), "critical_header");
      EXPECT_EQ(outcome(verifier.verify_json(output.find("json")->text())), "critical_header");
      continue;
    }
    EXPECT_EQ(outcome(verifier.verify(*output.find("compact")->string())), payload);
    EXPECT_EQ(outcome(verifier.verify_json(output.find("json_flat")->text())), payload);
    EXPECT_EQ(outcome(verifier.verify_json(output.find("json")->text())), payload);
    EXPECT_EQ(JwsSigner{key}.unencoded().sign(payload).value(), *output.find("compact")->string());
  }
}

// --- RFC 7520 section 4, and the cookbook's Ed25519 message

struct Cookbook {
  std::string_view file;
  bool reproducible;  // the signature is not random
};

constexpr Cookbook cookbook[]{
    {"jws/4_1.rsa_v15_signature", true},
    {"jws/4_2.rsa-pss_signature", false},
    {"jws/4_3.ecdsa_signature", false},
    {"jws/4_4.hmac-sha2_integrity_protection", true},
    {"jws/4_5.signature_with_detached_content", true},
    {"jws/4_6.protecting_specific_header_fields", true},
    {"jws/4_7.protecting_content_only", true},
    {"curve25519/jws", true},
};

class Rfc7520Jws : public testing::TestWithParam<Cookbook> {
 protected:
  void read(const std::string& text) {
    document = json::parse(text, test::vector_limits()).value();
    const auto input = *document->find("input");
    key = key_from(*algorithm_from_name(*input.find("alg")->string()), input.find("key")->text());
    payload = *input.find("payload")->string();
    is_detached = GetParam().file.find("detached") != std::string_view::npos;
  }

  std::string verify_json(const JwsVerifier& verifier, json::View message) const {
    return outcome(is_detached ? verifier.verify_json_detached(message.text(), payload)
                               : verifier.verify_json(message.text()));
  }

  std::optional<json::View> document;
  std::optional<SigningKey> key;
  std::string payload;
  bool is_detached = false;
};

TEST_P(Rfc7520Jws, messages_verify) {
  SIGNET_VECTORS_OR_SKIP(text, "rfc7520-cookbook/" + std::string{GetParam().file} + ".json");
  read(*text);
  auto builder = test::jws_builder({*key});
  const auto output = *document->find("output");
  if (!document->find("signing")->find("protected")) {
    EXPECT_EQ(verify_json(builder.build().value(), *output.find("json_flat")), "algorithm_not_allowed");  // case 5
    builder.allow_unprotected_algorithms();
  }
  const auto verifier = builder.build().value();
  if (const auto compact = output.find("compact")) {
    EXPECT_EQ(outcome(is_detached ? verifier.verify_detached(*compact->string(), payload)
                                  : verifier.verify(*compact->string())),
              payload);
  }
  EXPECT_EQ(verify_json(verifier, *output.find("json_flat")), payload);
  EXPECT_EQ(verify_json(verifier, *output.find("json")), payload);
}

// The members of both, whatever their order.
void expect_same(std::string_view made, json::View expected) {
  const auto object = json::parse(made).value();
  std::map<std::string, std::string> ours, theirs;
  for (const json::Member& member : object.members()) ours[member.name] = member.value.text();
  for (const json::Member& member : expected.members()) theirs[member.name] = member.value.text();
  // Objects are written with the spaces of their writer.
  for (auto* members : {&ours, &theirs}) {
    for (auto& [name, text] : *members) std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  }
  EXPECT_EQ(ours, theirs);
}

TEST_P(Rfc7520Jws, messages_are_made_again) {
  if (!GetParam().reproducible) GTEST_SKIP() << "the signature is random by itself";
  SIGNET_VECTORS_OR_SKIP(text, "rfc7520-cookbook/" + std::string{GetParam().file} + ".json");
  read(*text);
  const auto signing = *document->find("signing"), output = *document->find("output");
  const auto protect = signing.find("protected_b64u");
  const auto header = protect ? jose::base64url_decode(*protect->string()).value() : std::vector<std::byte>{};
  const auto own = signing.find("unprotected");
  const auto encoded = jose::base64url_encode(payload);
  auto signature = jws::sign_under(*key, {reinterpret_cast<const char*>(header.data()), header.size()},
                                   own ? std::string{own->text()} : "", encoded);
  jws::Message message{.payload = encoded, .signatures = {signature.value()}};
  if (is_detached) message.payload.reset();
  expect_same(write_flattened(message), *output.find("json_flat"));
  expect_same(write_general(message), *output.find("json"));
  const auto compact = output.find("compact");
  if (!compact) return;
  EXPECT_EQ(write_compact(message), *compact->string());
  // And by the public way: its headers are those of a JwsSigner.
  auto signer = JwsSigner{*key};
  if (is_detached) signer.detached();
  EXPECT_EQ(signer.sign(payload).value(), *compact->string());
}

INSTANTIATE_TEST_SUITE_P(Section4, Rfc7520Jws, testing::ValuesIn(cookbook), [](const auto& one) {
  const auto name = one.param.file.substr(one.param.file.find('/') + 1);
  return std::string{name.substr(0, name.find('.'))};
});

TEST(Rfc7520Section4, several_signatures) {  // 4.8
  SIGNET_VECTORS_OR_SKIP(text, "rfc7520-cookbook/jws/4_8.multiple_signatures.json");
  const auto document = json::parse(*text, test::vector_limits()).value();
  const auto input = *document.find("input");
  const auto payload = *input.find("payload")->string();
  const auto message = document.find("output")->find("json")->text();
  std::vector<SigningKey> keys;
  const auto names = *input.find("alg")->strings();
  for (const json::View jwk : input.find("key")->elements()) {
    keys.push_back(key_from(*algorithm_from_name(names[keys.size()]), jwk.text()));
  }
  // Two keys of the cookbook have one kid.
  keys[1] = keys[1].with_key_id("");
  auto all = test::jws_builder({keys[0], keys[1], keys[2]});
  EXPECT_EQ(outcome(all.build()->verify_json(message)), "algorithm_not_allowed");  // the second's alg is unprotected
  const auto verified = all.allow_unprotected_algorithms().build()->verify_json(message);
  ASSERT_TRUE(verified) << verified.error().detail();
  EXPECT_EQ(verified->payload(), payload);
  EXPECT_EQ(verified->signatures().size(), 3U);
  EXPECT_FALSE(verified->signatures()[1].header());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto one = test::jws_builder({keys[i]});
    const auto by_one = one.any_signature().allow_unprotected_algorithms().build()->verify_json(message);
    ASSERT_TRUE(by_one) << by_one.error().detail();
    EXPECT_EQ(by_one->signature().index(), i);
  }
  // Made again: the first and the last byte for byte, the second is random.
  jws::Message made{.payload = jose::base64url_encode(payload), .signatures = {}};
  for (const json::View one : document.find("signing")->elements()) {
    const auto protect = one.find("protected_b64u");
    const auto header = protect ? jose::base64url_decode(*protect->string()).value() : std::vector<std::byte>{};
    const auto own = one.find("unprotected");
    made.signatures.push_back(jws::sign_under(keys[made.signatures.size()],
                                              {reinterpret_cast<const char*>(header.data()), header.size()},
                                              own ? std::string{own->text()} : "", *made.payload)
                                  .value());
  }
  const auto given = jws::read_json(message, {}).value();
  EXPECT_EQ(made.signatures[0].signature, given.signatures[0].signature);
  EXPECT_EQ(made.signatures[2].signature, given.signatures[2].signature);
  EXPECT_EQ(outcome(all.build()->verify_json(write_general(made))), payload);
}

}  // namespace
}  // namespace signet

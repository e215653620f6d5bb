// The rules of RFC 7515 and RFC 7797 for messages, in all three serializations.

#include <set>

#include "src/jws/plan.hpp"
#include "tests/jws/support.hpp"

namespace signet {
namespace {

using test::hmac_key;
using test::jws_builder;
using test::jws_verifier;
using test::outcome;

constexpr std::string_view payload = "attack at dawn";

// A message signed under headers that a JwsSigner would not write.
jws::Message message_under(const SigningKey& key, std::string protected_header, std::string header = {},
                           std::string_view text = payload, bool is_encoded = true) {
  const std::string signed_text = is_encoded ? jose::base64url_encode(text) : std::string{text};
  auto signature = jws::sign_under(key, std::move(protected_header), std::move(header), signed_text).value();
  return {.payload = signed_text, .signatures = {std::move(signature)}};
}

std::string verify_compact(std::string protected_header) {
  const auto key = hmac_key();
  return outcome(jws_verifier({key}).verify(write_compact(message_under(key, std::move(protected_header)))));
}

std::string verify_flattened(std::string protected_header, std::string header) {
  const auto key = hmac_key();
  const auto message = message_under(key, std::move(protected_header), std::move(header));
  return outcome(jws_verifier({key}).verify_json(write_flattened(message)));
}

TEST(Jws, is_verified_in_every_serialization) {
  const auto key = hmac_key().with_key_id("k");
  const auto signer = JwsSigner{key}.type("note").content_type("text/plain").header("x", "1");
  const auto verifier = jws_verifier({key});
  for (const auto& verified :
       {verifier.verify(signer.sign(payload).value()), verifier.verify_json(signer.sign_flattened(payload).value()),
        verifier.verify_json(signer.sign_general(payload).value())}) {
    ASSERT_TRUE(verified) << verified.error().detail();
    EXPECT_EQ(verified->payload(), payload);
    const auto signature = verified->signature();
    EXPECT_EQ(signature.header()->text(), R"({"alg":"HS256","typ":"note","kid":"k","cty":"text/plain","x":"1"})");
    EXPECT_EQ(signature.type(), "note");
    EXPECT_EQ(signature.content_type(), "text/plain");
    EXPECT_EQ(signature.algorithm(), Algorithm::HS256);
    EXPECT_EQ(signature.key().key_id(), "k");
    EXPECT_FALSE(signature.unprotected_header());
  }
}

TEST(Jws, payload_may_be_any_bytes_and_none) {
  const auto key = hmac_key();
  const std::string bytes{"\0\xff.\n", 4};
  for (const std::string& text : {std::string{}, bytes}) {
    const auto signer = JwsSigner{key};
    EXPECT_EQ(outcome(jws_verifier({key}).verify(signer.sign(text).value())), text);
    EXPECT_EQ(outcome(jws_verifier({key}).verify_json(signer.sign_flattened(text).value())), text);
  }
}

TEST(Jws, every_changed_character_is_noticed) {
  const auto key = hmac_key();
  const auto verifier = jws_verifier({key});
  const auto compact = JwsSigner{key}.sign(payload).value();
  for (std::size_t i = 0; i < compact.size(); ++i) {
    auto changed = compact;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verifier.verify(changed)) << i;
  }
  for (const auto& wrong : {compact + ".", "." + compact, compact + "=", compact + "\n", std::string{},
                            std::string{".."}, compact.substr(0, compact.rfind('.') + 1)}) {
    EXPECT_FALSE(verifier.verify(wrong)) << wrong;
  }
}

TEST(Jws, message_of_another_serialization_is_malformed) {  // case 17
  const auto key = hmac_key();
  const auto verifier = jws_verifier({key});
  EXPECT_EQ(outcome(verifier.verify(JwsSigner{key}.sign_flattened(payload).value())), "token_malformed");
  EXPECT_EQ(outcome(verifier.verify_json(JwsSigner{key}.sign(payload).value())), "token_malformed");
}

TEST(Jws, too_large_a_message_is_not_looked_at) {  // case 28
  const auto verifier = jws_verifier({hmac_key()});
  EXPECT_EQ(outcome(verifier.verify(std::string(20'000, '.'))), "token_too_large");
  EXPECT_EQ(outcome(verifier.verify_json(std::string(20'000, '{'))), "token_too_large");
  EXPECT_EQ(outcome(verifier.verify_detached("e30..AA", std::string(20'000, 'x'))), "token_too_large");
  EXPECT_EQ(outcome(verifier.verify(std::string(6'000, 'A') + ".." + "AA")), "token_too_large");  // the header
}

TEST(Jws, json_members_are_those_of_section_7_2) {
  const auto key = hmac_key();
  const auto verifier = jws_verifier({key});
  const auto flattened = JwsSigner{key}.sign_flattened(payload).value();
  const auto document = json::parse(flattened).value();
  const auto protect = document.find("protected")->text(), text = document.find("payload")->text(),
             signature = document.find("signature")->text();
  const auto object = [](std::initializer_list<std::pair<std::string_view, std::string>> members) {
    json::Object out;
    for (const auto& [name, value] : members) out.set_raw(name, value);
    return outcome(test::jws_verifier({hmac_key()}).verify_json(out.text()));
  };
  const std::string p{protect}, t{text}, s{signature};
  const auto entry = R"({"protected":)" + p + R"(,"signature":)" + s + "}";
  EXPECT_EQ(object({{"payload", t}, {"protected", p}, {"signature", s}, {"other", "1"}}), payload);
  EXPECT_EQ(object({{"payload", t}, {"signatures", "[" + entry + "]"}}), payload);

  EXPECT_EQ(object({{"payload", t}, {"protected", p}}), "token_malformed");
  EXPECT_EQ(object({{"protected", p}, {"signature", s}}), "token_malformed");
  EXPECT_EQ(object({{"payload", "null"}, {"protected", p}, {"signature", s}}), "token_malformed");
  EXPECT_EQ(object({{"payload", t}, {"protected", "\"\""}, {"signature", s}}), "token_malformed");
  EXPECT_EQ(object({{"payload", t}, {"protected", p}, {"signature", "\"\""}}), "token_malformed");  // case 1
  EXPECT_EQ(object({{"payload", t}, {"protected", p}, {"header", "[]"}, {"signature", s}}), "token_malformed");
  EXPECT_EQ(object({{"payload", t}, {"signatures", "[]"}}), "token_malformed");
  EXPECT_EQ(object({{"payload", t}, {"signatures", "{}"}}), "token_malformed");
  EXPECT_EQ(object({{"payload", t}, {"signatures", "[1]"}}), "token_malformed");
  EXPECT_EQ(object({{"payload", t}, {"signatures", "[" + entry + "]"}, {"signature", s}}), "token_malformed");
  EXPECT_EQ(object({{"payload", t}, {"payload", t}, {"protected", p}, {"signature", s}}),
            "token_malformed");                                                  // case 30
  EXPECT_EQ(outcome(verifier.verify_json(flattened + "x")), "token_malformed");  // case 47
  EXPECT_EQ(outcome(verifier.verify_json("[]")), "token_malformed");
  std::string many = "[" + entry;
  for (int i = 0; i < 32; ++i) many += "," + entry;
  Limits roomy;
  roomy.token_bytes = 1'000'000;
  const auto large = R"({"payload":)" + t + R"(,"signatures":)" + many + "]}";
  EXPECT_EQ(outcome(jws_builder({key}).limits(roomy).build()->verify_json(large)), "token_too_large");
}

TEST(Jws, base64url_has_one_form_in_every_member) {  // case 8
  const auto key = hmac_key();
  const auto flattened = JwsSigner{key}.sign_flattened("four").value();
  const auto document = json::parse(flattened).value();
  for (const std::string_view wrong : {"payload", "protected", "signature"}) {
    for (const std::string_view tail : {"=", "==", "\n", "\r\n", " ", "+", "/", "."}) {
      json::Object changed;
      for (const std::string_view name : {"payload", "protected", "signature"}) {
        changed.set(name, *document.find(name)->string() + std::string{name == wrong ? tail : ""});
      }
      EXPECT_EQ(outcome(jws_verifier({key}).verify_json(changed.text())), "token_malformed") << wrong << tail;
    }
  }
  auto message = message_under(key, R"({"alg":"HS256"})", {}, "Zm91cg", false);  // which is signed as it stands
  EXPECT_EQ(outcome(jws_verifier({key}).verify(write_compact(message))), "four");
  message = message_under(key, R"({"alg":"HS256"})", {}, "Zm91ch", false);
  EXPECT_EQ(outcome(jws_verifier({key}).verify(write_compact(message))), "token_malformed");
}

TEST(Jws, member_stands_protected_or_unprotected_and_not_in_both) {  // case 19
  EXPECT_EQ(verify_flattened(R"({"alg":"HS256"})", R"({"kid":"k"})"), payload);
  EXPECT_EQ(verify_flattened(R"({"alg":"HS256"})", R"({"alg":"HS256"})"), "token_malformed");
  EXPECT_EQ(verify_flattened(R"({"alg":"HS256","x":1})", R"({"x":1})"), "token_malformed");
}

TEST(Jws, alg_crit_and_b64_are_read_from_the_protected_header) {  // cases 5, 14
  EXPECT_EQ(verify_flattened(R"({"kid":"k"})", R"({"alg":"HS256"})"), "algorithm_not_allowed");
  EXPECT_EQ(verify_flattened(R"({"alg":"HS256"})", R"({"crit":["x"],"x":1})"), "critical_header");
  EXPECT_EQ(verify_flattened(R"({"alg":"HS256"})", R"({"b64":true})"), "critical_header");
  EXPECT_EQ(verify_flattened(R"({"alg":"HS256","crit":["b64"]})", R"({"b64":false})"), "critical_header");
  EXPECT_EQ(verify_flattened(R"({"kid":"k"})", R"({"typ":"x"})"), "token_malformed");  // no alg at all
  EXPECT_EQ(verify_flattened(R"({"alg":"HS256"})", R"({"enc":"A128GCM"})"), "token_malformed");
  EXPECT_EQ(verify_flattened(R"({"alg":"HS256"})", R"({"zip":"DEF"})"), "token_malformed");
}

TEST(Jws, unprotected_algorithm_is_a_named_relaxation_and_still_the_key_s) {
  const auto key = hmac_key();
  const auto accept = [&](std::string protect, std::string header) {
    const auto message = message_under(key, std::move(protect), std::move(header));
    return outcome(jws_builder({key}).allow_unprotected_algorithms().build()->verify_json(write_flattened(message)));
  };
  EXPECT_EQ(accept("", R"({"alg":"HS256"})"), payload);
  EXPECT_EQ(accept(R"({"kid":"k"})", R"({"alg":"HS256"})"), payload);
  EXPECT_EQ(accept("", R"({"alg":"HS384"})"), "algorithm_not_allowed");
  EXPECT_EQ(accept("", R"({"alg":"none"})"), "algorithm_not_allowed");
  EXPECT_EQ(accept("", R"({"alg":"HS256","crit":["x"],"x":1})"), "critical_header");
}

TEST(Jws, header_is_read_strictly) {
  EXPECT_EQ(verify_compact(R"({"alg":"HS256"})"), payload);
  EXPECT_EQ(verify_compact(R"({"alg":"none"})"), "algorithm_not_allowed");   // case 1
  EXPECT_EQ(verify_compact(R"({"alg":"hs256"})"), "algorithm_not_allowed");  // case 53
  EXPECT_EQ(verify_compact(R"({"alg":"HS512"})"), "algorithm_not_allowed");  // case 4
  EXPECT_EQ(verify_compact(R"({"alg":null})"), "token_malformed");           // case 32
  EXPECT_EQ(verify_compact(R"({"kid":"k"})"), "token_malformed");
  EXPECT_EQ(verify_compact(R"({"alg":"HS256","alg":"HS256"})"), "token_malformed");  // case 30
  EXPECT_EQ(verify_compact(R"({"alg":"HS256","kid":1})"), "token_malformed");
  EXPECT_EQ(verify_compact(R"({"alg":"HS256","enc":"A128GCM"})"), "token_malformed");
  EXPECT_EQ(verify_compact(R"({"alg":"HS256","zip":"DEF"})"), "token_malformed");
  EXPECT_EQ(verify_compact(R"([])"), "token_malformed");
  EXPECT_EQ(verify_compact(R"({"alg":"HS256"} )"), payload);
  EXPECT_EQ(verify_compact(R"({"alg":"HS256"}x)"), "token_malformed");
}

TEST(Jws, crit_is_checked_in_full) {  // case 13
  for (const auto header :
       {R"({"alg":"HS256","crit":[]})", R"({"alg":"HS256","crit":"x","x":1})", R"({"alg":"HS256","crit":["x"],"x":1})",
        R"({"alg":"HS256","crit":["alg"]})", R"({"alg":"HS256","crit":[1]})", R"({"alg":"HS256","crit":["b64"]})",
        R"({"alg":"HS256","crit":["b64","b64"],"b64":true})", R"({"alg":"HS256","crit":null})"}) {
    EXPECT_EQ(verify_compact(header), "critical_header") << header;
  }
  const auto key = hmac_key();
  const auto text = write_compact(message_under(key, R"({"alg":"HS256","crit":["x"],"x":1})"));
  EXPECT_EQ(outcome(jws_builder({key}).understands("x").build()->verify(text)), payload);
}

TEST(Jws, embedded_keys_are_ignored) {  // cases 9, 10
  const auto mallory = SigningKey::generate(Algorithm::ES256).value();
  const auto header = R"({"alg":"ES256","jwk":)" + mallory.verifying_key().to_jwk().value() + "}";
  const auto alice = SigningKey::generate(Algorithm::ES256).value();
  const auto text = write_compact(message_under(mallory, header));
  EXPECT_EQ(outcome(jws_verifier({alice}).verify(text)), "bad_signature");
  EXPECT_EQ(outcome(jws_verifier({mallory}).verify(text)), payload);
}

// --- several signatures

struct Three {
  SigningKey alice = SigningKey::generate(Algorithm::ES256).value().with_key_id("alice");
  SigningKey bob = SigningKey::generate(Algorithm::EdDSA).value().with_key_id("bob");
  SigningKey carol = hmac_key().with_key_id("carol");
  std::string message =
      JwsSigner{alice}.also_by(bob).unprotected_header("note", "second").also_by(carol).sign_general(payload).value();
};

TEST(JwsOfSeveral, every_signature_must_hold) {
  const Three three;
  const auto verified = jws_verifier({three.alice, three.bob, three.carol}).verify_json(three.message);
  ASSERT_TRUE(verified) << verified.error().detail();
  const auto all = verified->signatures();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].key().key_id(), "bob");
  EXPECT_EQ(all[1].unprotected_header()->text(), R"({"note":"second"})");
  EXPECT_EQ(outcome(jws_verifier({three.alice, three.bob}).verify_json(three.message)), "algorithm_not_allowed");
}

TEST(JwsOfSeveral, any_names_those_that_held_and_shows_no_other) {  // case 18
  const Three three;
  const auto verified = jws_builder({three.bob}).any_signature().build()->verify_json(three.message);
  ASSERT_TRUE(verified) << verified.error().detail();
  ASSERT_EQ(verified->signatures().size(), 1U);
  EXPECT_EQ(verified->signature().index(), 1U);
  EXPECT_EQ(verified->signature().key().key_id(), "bob");
  EXPECT_EQ(verified->signature().header()->find("kid")->string(), "bob");
}

TEST(JwsOfSeveral, one_bad_signature_spoils_all_but_not_any) {
  const Three three;
  auto message = jws::read_json(three.message, {}).value();
  message.signatures[2].signature[0] ^= std::byte{1};
  const auto spoiled = write_general(message);
  EXPECT_EQ(outcome(jws_verifier({three.alice, three.bob, three.carol}).verify_json(spoiled)), "bad_signature");
  auto any = jws_builder({three.alice, three.bob, three.carol});
  EXPECT_EQ(any.any_signature().build()->verify_json(spoiled)->signatures().size(), 2U);
  EXPECT_EQ(outcome(jws_builder({three.carol}).any_signature().build()->verify_json(spoiled)), "bad_signature");
}

TEST(JwsOfSeveral, a_malformed_header_spoils_the_message_for_all) {
  const auto key = hmac_key();
  auto message = message_under(key, R"({"alg":"HS256"})");
  message.signatures.push_back(message_under(key, R"({"alg":"HS256","crit":["x"]})").signatures.front());
  EXPECT_EQ(outcome(jws_builder({key}).any_signature().build()->verify_json(write_general(message))),
            "critical_header");
}

TEST(JwsOfSeveral, encoding_is_one_for_all) {  // RFC 7797 section 3
  const auto key = hmac_key();
  auto message = message_under(key, R"({"alg":"HS256"})");
  message.signatures.push_back(message_under(key, R"({"alg":"HS256","b64":false,"crit":["b64"]})").signatures.front());
  EXPECT_EQ(outcome(jws_builder({key}).any_signature().build()->verify_json(write_general(message))),
            "token_malformed");
}

// --- detached and unencoded payloads

TEST(DetachedJws, is_verified_with_its_payload_alone) {
  const auto key = hmac_key();
  const auto verifier = jws_verifier({key});
  const auto signer = JwsSigner{key}.detached();
  const auto compact = signer.sign(payload).value(), json = signer.sign_flattened(payload).value();
  EXPECT_NE(compact.find(".."), std::string::npos);
  EXPECT_EQ(json.find("payload"), std::string::npos);
  EXPECT_EQ(outcome(verifier.verify_detached(compact, payload)), payload);
  EXPECT_EQ(outcome(verifier.verify_json_detached(json, payload)), payload);
  EXPECT_EQ(outcome(verifier.verify_detached(compact, "attack at noon")), "bad_signature");
  EXPECT_EQ(outcome(verifier.verify_json(json)), "token_malformed");
  EXPECT_EQ(outcome(verifier.verify(compact)), "bad_signature");  // an empty payload is a payload
  EXPECT_EQ(outcome(verifier.verify_detached(JwsSigner{key}.sign(payload).value(), payload)), "token_malformed");
  EXPECT_EQ(outcome(verifier.verify_json_detached(JwsSigner{key}.sign_general(payload).value(), payload)),
            "token_malformed");
}

TEST(UnencodedJws, payload_is_signed_as_it_is) {
  const auto key = hmac_key();
  const auto verifier = jws_verifier({key});
  const auto signer = JwsSigner{key}.unencoded();
  EXPECT_EQ(outcome(verifier.verify(signer.sign(payload).value())), payload);
  EXPECT_NE(signer.sign(payload)->find(".attack at dawn."), std::string::npos);
  constexpr std::string_view text = "Grüße.\n\"\\";
  EXPECT_EQ(outcome(verifier.verify_json(signer.sign_flattened(text).value())), text);
  const std::string bytes{"\xff\0.", 3};
  EXPECT_EQ(outcome(verifier.verify_detached(JwsSigner{signer}.detached().sign(bytes).value(), bytes)), bytes);
  // What the serialization cannot hold is not written, and not read.
  EXPECT_EQ(test::code_of(signer.sign("a.b")), ErrorCode::invalid_configuration);
  EXPECT_EQ(test::code_of(signer.sign("a\n")), ErrorCode::invalid_configuration);
  EXPECT_EQ(test::code_of(signer.sign_flattened(bytes)), ErrorCode::invalid_configuration);
  const auto lined = message_under(key, R"({"alg":"HS256","b64":false,"crit":["b64"]})", {}, "a\n", false);
  EXPECT_EQ(outcome(verifier.verify(write_compact(lined))), "token_malformed");
}

TEST(UnencodedJws, b64_is_critical_and_a_boolean) {  // case 14
  const auto key = hmac_key();
  const auto check = [&](std::string header) {
    const auto message = message_under(key, std::move(header), {}, "QUJD", false);
    return outcome(jws_verifier({key}).verify(write_compact(message)));
  };
  EXPECT_EQ(check(R"({"alg":"HS256","b64":false,"crit":["b64"]})"), "QUJD");
  EXPECT_EQ(check(R"({"alg":"HS256","b64":true,"crit":["b64"]})"), "ABC");
  EXPECT_EQ(check(R"({"alg":"HS256","b64":true})"), "ABC");
  EXPECT_EQ(check(R"({"alg":"HS256","b64":false})"), "critical_header");
  EXPECT_EQ(check(R"({"alg":"HS256","b64":"false","crit":["b64"]})"), "token_malformed");
  EXPECT_EQ(check(R"({"alg":"HS256","b64":null,"crit":["b64"]})"), "token_malformed");
}

// --- keys and configuration

TEST(JwsVerifier, key_is_the_one_of_algorithm_and_kid) {
  const auto alice = hmac_key("the secret of alice, who keeps it well hidden").with_key_id("alice");
  const auto bob = hmac_key("the secret of bob, who does not as it happens").with_key_id("bob");
  const auto verifier = jws_verifier({alice, bob});
  EXPECT_EQ(outcome(verifier.verify(JwsSigner{bob}.sign(payload).value())), payload);
  EXPECT_EQ(outcome(verifier.verify(JwsSigner{bob.with_key_id("")}.sign(payload).value())), "key_not_found");
  EXPECT_EQ(outcome(verifier.verify(JwsSigner{bob.with_key_id("carol")}.sign(payload).value())), "key_not_found");
  EXPECT_EQ(outcome(verifier.verify(JwsSigner{bob.with_key_id("alice")}.sign(payload).value())), "bad_signature");
}

TEST(JwsVerifier, takes_its_keys_from_a_set) {
  const auto key = SigningKey::generate(Algorithm::ES256).value().with_key_id("k");
  const auto verifier = JwsVerifier::builder().keys(KeySet::of({key.verifying_key()}).value()).build();
  ASSERT_TRUE(verifier);
  EXPECT_EQ(outcome(verifier->verify(JwsSigner{key}.sign(payload).value())), payload);
  EXPECT_EQ(outcome(verifier->verify(JwsSigner{key.with_key_id("other")}.sign(payload).value())), "key_not_found");
}

TEST(JwsVerifier, is_not_built_without_decisions) {  // cases 38, 52
  const auto key = hmac_key().with_key_id("k");
  const auto refused = [](const JwsVerifierBuilder& builder) {
    const auto built = builder.build();
    return !built && built.error().code() == ErrorCode::invalid_configuration;
  };
  EXPECT_TRUE(refused(JwsVerifier::builder()));
  EXPECT_TRUE(refused(jws_builder({key, key})));
  EXPECT_TRUE(refused(std::move(jws_builder({key}).keys(KeySet::of({key.verifying_key()}).value()))));
  EXPECT_TRUE(refused(std::move(JwsVerifier::builder().key_source(nullptr))));
  for (const auto name : {"", "b64", "alg"}) EXPECT_TRUE(refused(std::move(jws_builder({key}).understands(name))));
}

TEST(JwsSigner, refuses_what_cannot_be_written) {
  const auto key = hmac_key();
  const auto code = [](const std::expected<std::string, Error>& made) {
    return made ? "made" : std::string{to_string(made.error().code())};
  };
  constexpr auto refused = "invalid_configuration";
  EXPECT_EQ(code(JwsSigner{key}.also_by(key).sign(payload)), refused);
  EXPECT_EQ(code(JwsSigner{key}.also_by(key).sign_flattened(payload)), refused);
  EXPECT_EQ(code(JwsSigner{key}.unprotected_header("x", "1").sign(payload)), refused);
  EXPECT_EQ(code(JwsSigner{key}.header("x", "1").unprotected_header("x", "1").sign_flattened(payload)), refused);
  for (const auto name : {"alg", "kid", "crit", "b64", "jwk", "enc", ""}) {
    EXPECT_EQ(code(JwsSigner{key}.header(name, "1").sign(payload)), refused) << name;
  }
  EXPECT_EQ(code(JwsSigner{key}.unprotected_header("alg", "HS256").sign_flattened(payload)), refused);
  const auto ed448 = test::signing_key(Algorithm::Ed448);
  EXPECT_EQ(code(JwsSigner{ed448}.header("alg", "EdDSA").sign(payload)), "made");
  EXPECT_EQ(code(JwsSigner{ed448}.header("alg", "EdDSA").header("alg", "EdDSA").sign(payload)), refused);
  EXPECT_EQ(code(JwsSigner{ed448}.header("alg", "EdDSA").also_by(key).sign_general(payload)), refused);
  EXPECT_EQ(code(JwsSigner{key}.header("x", "\xff").sign(payload)), refused);
  EXPECT_EQ(code(JwsSigner{key}.type("\xff").sign(payload)), refused);
  EXPECT_EQ(code(JwsSigner{key.with_key_id(std::string(300, 'k'))}.sign(payload)), refused);
  EXPECT_EQ(code(JwsSigner{key}.header("x", std::string(5000, 'x')).sign(payload)), refused);
}

}  // namespace
}  // namespace signet

// RFC 7517 appendix C, RFC 7516 appendix A, RFC 7518 appendix C, and the RFC 7520 cookbook, both ways. The random parts of a message come
// from the vectors; that seam is no part of the public headers.

#include <algorithm>
#include <map>

#include "src/crypto/content_cipher.hpp"
#include "src/jwe/plan.hpp"
#include "tests/jwe/support.hpp"

namespace signet {
namespace {

using jwe::Randomness;
using test::decrypter;
using test::from_base64url;
using test::outcome;

class FixedRandomness final : public Randomness {
 public:
  FixedRandomness& with(Use use, std::string_view base64url) {
    bytes_[use] = from_base64url(base64url);
    return *this;
  }
  FixedRandomness& with_ephemeral(std::string_view jwk) {
    const auto key = DecryptionKey::from_jwk(KeyManagement::ECDH_ES, Secret::from_text(jwk)).value();
    ephemeral_ = jwe::KeyAccess::data(key)->exchange;
    return *this;
  }

  void fill(Use use, std::span<std::byte> out) override {
    const auto known = bytes_.find(use);
    if (known == bytes_.end()) return;  // not part of this vector
    if (known->second.size() != out.size()) throw std::logic_error{"a vector's value has another size"};
    std::ranges::copy(known->second, out.begin());
  }
  crypto::MadeExchangeKey ephemeral_key(jose::KeyType, jose::Curve) override { return ephemeral_; }

 private:
  std::map<Use, std::vector<std::byte>> bytes_;
  crypto::ExchangeHandle ephemeral_;
};

jwe::Plan plan_for(const DecryptionKey& key, ContentEncryption content) {
  return {.recipients = {{jwe::KeyAccess::data(key)}}, .content_encryption = content};
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts) out.append(out.empty() ? "" : ".").append(part);
  return out;
}

// --- RFC 7517 appendix C: a private key as a message. Its tag, which is the RFC's, covers all of it.

constexpr std::string_view private_key_of_juliet =
    R"({"kty":"RSA","kid":"juliet@capulet.lit","use":"enc","n":"t6Q8PWSi1dkJj9hTP8hNYFlvadM7DflW9mWepOJhJ66w7nyoK1g)"
    R"(PNqFMSQRyO125Gp-TEkodhWr0iujjHVx7BcV0llS4w5ACGgPrcAd6ZcSR0-Iqom-QFcNP8Sjg086MwoqQU_LYywlAGZ21WSdS_PERyGFiNnj)"
    R"(3QQlO8Yns5jCtLCRwLHL0Pb1fEv45AuRIuUfVcPySBWYnDyGxvjYGDSM-AqWS9zIQ2ZilgT-GqUmipg0XOC0Cc20rgLe2ymLHjpHciCKVAbY)"
    R"(5-L32-lSeZO-Os6U15_aXrk9Gw8cPUaX1_I8sLGuSiVdt3C_Fn2PZ3Z8i744FPFGGcG1qs2Wz-Q","e":"AQAB","d":"GRtbIQmhOZtyszf)"
    R"(gKdg4u_N-R_mZGU_9k7JQ_jn1DnfTuMdSNprTeaSTyWfSNkuaAwnOEbIQVy1IQbWVV25NY3ybc_IhUJtfri7bAXYEReWaCl3hdlPKXy9UvqP)"
    R"(YGR0kIXTQRqns-dVJ7jahlI7LyckrpTmrM8dWBo4_PMaenNnPiQgO0xnuToxutRZJfJvG4Ox4ka3GORQd9CsCZ2vsUDmsXOfUENOyMqADC6p)"
    R"(1M3h33tsurY15k9qMSpG9OX_IJAXmxzAh_tWiZOwk2K4yxH9tS3Lq1yX8C1EWmeRDkK2ahecG85-oLKQt5VEpWHKmjOi_gJSdSgqcN96X52e)"
    R"(sAQ","p":"2rnSOV4hKSN8sS4CgcQHFbs08XboFDqKum3sc4h3GRxrTmQdl1ZK9uw-PIHfQP0FkxXVrx-WE-ZEbrqivH_2iCLUS7wAl6XvAR)"
    R"(t1KkIaUxPPSYB9yk31s0Q8UK96E3_OrADAYtAJs-M3JxCLfNgqh56HDnETTQhH3rCT5T3yJws","q":"1u_RiFDP7LBYh3N4GXLT9OpSKYP0)"
    R"(uQZyiaZwBtOCBNJgQxaj10RWjsZu0c6Iedis4S7B_coSKB0Kj9PaPaBzg-IySRvvcQuPamQu66riMhjVtG6TlV8CLCYKrYl52ziqK0E_ym2Q)"
    R"(nkwsUX7eYTB7LbAHRK9GqocDE5B0f808I4s","dp":"KkMTWqBUefVwZ2_Dbj1pPQqyHSHjj90L5x_MOzqYAJMcLMZtbUtwKqvVDq3tbEo3Z)"
    R"(IcohbDtt6SbfmWzggabpQxNxuBpoOOf_a_HgMXK_lhqigI4y_kqS1wY52IwjUn5rgRrJ-yYo1h41KR-vz2pYhEAeYrhttWtxVqLCRViD6c",)"
    R"("dq":"AvfS0-gRxvn0bwJoMSnFxYcK1WnuEjQFluMGfwGitQBWtfZ1Er7t1xDkbN9GQTB9yqpDoYaN06H7CFtrkxhJIBQaj6nkF5KKS3TQtQ)"
    R"(5qCzkOkmxIe3KRbBymXxkb5qwUpX5ELD5xFc6FeiafWYY63TmmEAu_lRFCOJ3xDea-ots","qi":"lSQi-w9CpyUReMErP1RsBLk7wNtOvs5)"
    R"(EQpPqmuMvqW57NBUczScEoPwmUqqabu9V0-Py4dQ57_bapoKRu1R90bvuFnU63SHWEFglZQvJDMeAvmj4sm-Fp0oYu_neotgQ0hzbI5gry7a)"
    R"(jdYy9-2lNx_76aBZoOUu9HCJ-UsfSOI8"})";

TEST(Rfc7517, appendix_c_encrypts_a_private_key_under_a_passphrase) {
  const auto key = DecryptionKey::from_passphrase(KeyManagement::PBES2_HS256_A128KW,
                                                  Secret::from_text("Thus from my lips, by yours, my sin is purged."))
                       .value();
  FixedRandomness randomness;
  randomness.with(Randomness::Use::content_key, "bxsZNEIdFE5csDjwQdBScKGDJDfK7LmsgReZwsMw_bY")
      .with(Randomness::Use::content_iv, "Ye9j1qs22DmRSAddIh-VnA")
      .with(Randomness::Use::salt, "2WCTcJZ1Rvd_CJuJripQ1w");
  auto plan = plan_for(key, ContentEncryption::A128CBC_HS256);
  plan.options.iterations = 4096;
  plan.content_type = "jwk+json";
  const auto made = jwe::encrypt(plan, private_key_of_juliet, randomness);
  ASSERT_TRUE(made) << made.error().detail();
  // The RFC's header has cty behind enc, RFC 7520's examples before it, as it is written here. What is made of the rest
  // is the RFC's, and under its header so is the tag, which covers all of it.
  const auto compact = jwe::write_compact(*made);
  const std::string_view rest = std::string_view{compact}.substr(compact.find('.'));
  EXPECT_TRUE(
      rest.starts_with(".TrqXOwuNUfDV9VPTNbyGvEJ9JMjefAVn-TR1uIxR9p6hsRQh9Tk7BA.Ye9j1qs22DmRSAddIh-VnA."
                       "AwhB8lxrlKjFn02LGWEqg27H4Tg9fyZAbFv3p5Zi"))
      << compact;
  const auto of_rfc =
      "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJwMnMiOiIyV0NUY0paMVJ2ZF9DSnVKcmlwUTF3IiwicDJjIjo0MDk2LCJlbmMiOiJBMTI4Q0JD"
      "LUhTMjU2IiwiY3R5IjoiandrK2pzb24ifQ" +
      std::string{rest.substr(0, rest.rfind('.'))} + ".0HFmhOzsQ98nNWJjIHkR7A";

  const auto opened = decrypter(key).decrypt(of_rfc);
  ASSERT_EQ(outcome(opened), private_key_of_juliet);
  EXPECT_TRUE(DecryptionKey::from_jwk(KeyManagement::RSA_OAEP, Secret::from_text(opened->plaintext())));
}

// --- RFC 7516 appendix A

constexpr std::string_view a1_jwk =
    R"({"kty":"RSA","n":"oahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E-BVvxkeDNjbC4he8rUWcJoZ)"
    R"(mds2h7M70imEVhRU5djINXtqllXI4DFqcI1DgjT9LewND8MW2Krf3Spsk_ZkoFnilakGygTwpZ3uesH-PFABNIUYpOiN15dsQRkgr0vEhxN92i2a)"
    R"(sbOenSZeyaxziK72UwxrrKoExv6kc5twXTq4h-QChLOln0_mtUZwfsRaMStPs6mS6XrgxnxbWhojf663tuEQueGC-FCMfra36C9knDFGzKsNa7LZ)"
    R"(K2djYgyD3JR_MB_4NUJW_TqOQtwHYbxevoJArm-L5StowjzGy-_bq6Gw","e":"AQAB","d":"kLdtIj6GbDks_ApCSTYQtelcNttlKiOyPzMrXH)"
    R"(eI-yk1F7-kpDxY4-WY5NWV5KntaEeXS1j82E375xxhWMHXyvjYecPT9fpwR_M9gV8n9Hrh2anTpTD93Dt62ypW3yDsJzBnTnrYu1iwWRgBKrEYY4)"
    R"(6qAZIrA2xAwnm2X7uGR1hghkqDp0Vqj3kbSCz1XyfCs6_LehBwtxHIyh8Ripy40p24moOAbgxVw3rxT_vlt3UVe4WO3JkJOzlpUf-KTVI2Ptgm-d)"
    R"(ARxTEtE-id-4OJr0h-K-VFs3VSndVTIznSxfyrj8ILL6MG_Uv8YAu7VILSB3lOW085-4qE3DzgrTjgyQ"})";

TEST(Rfc7516, a1_rsa_oaep_with_gcm) {
  const auto key = DecryptionKey::from_jwk(KeyManagement::RSA_OAEP, Secret::from_text(a1_jwk)).value();
  const auto compact = joined({"eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ",
                               "OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGeipsEdY3mx_"
                               "etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nf"
                               "a6c9d-StnImGyFDbSv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_"
                               "lDp5XnZAYpQdb76FdIKLaVmqgfwX7XWRxv2322i-vDxRfqNzo_tETK"
                               "zpVLzfiwQyeyPGLBIO56YJ7eObdv0je81860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_"
                               "ZT2LawVCWTIy3brGPi6UklfCpIMfIjf7iG"
                               "dXKHzg",
                               "48V1_ALb6US04U3b",
                               "5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A",
                               "XFBoMYUZodetZdvTiFvSkQ"});
  EXPECT_EQ(outcome(decrypter(key).decrypt(compact)),
            "The true sign of intelligence is not knowledge but imagination.");
}

const DecryptionKey& a3_key() {
  static const auto key =
      DecryptionKey::from_jwk(KeyManagement::A128KW, Secret::from_text(R"({"kty":"oct","k":"GawgguFyGrWKav7AX4VKUg"})"))
          .value();
  return key;
}
constexpr std::string_view a3_encrypted_key = "6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ";
constexpr std::string_view a3_ciphertext = "KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY";

TEST(Rfc7516, a3_aes_key_wrap_with_cbc_both_ways) {
  const auto compact = joined({"eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0", a3_encrypted_key,
                               "AxY8DCtDaGlsbGljb3RoZQ", a3_ciphertext, "U0m_YmjN04DJvceFICbCVQ"});
  EXPECT_EQ(outcome(decrypter(a3_key()).decrypt(compact)), "Live long and prosper.");
  FixedRandomness randomness;
  randomness.with(Randomness::Use::content_key, "BNMfxVSd_P4LZJ36P6pqzmt81C1vawnbyLEA8I-cLM8")
      .with(Randomness::Use::content_iv, "AxY8DCtDaGlsbGljb3RoZQ");
  const auto made =
      jwe::encrypt(plan_for(a3_key(), ContentEncryption::A128CBC_HS256), "Live long and prosper.", randomness);
  EXPECT_EQ(jwe::write_compact(made.value()), compact);
}

TEST(Rfc7516, a4_general_json_with_two_recipients) {
  const std::string json =
      R"({"protected":"eyJlbmMiOiJBMTI4Q0JDLUhTMjU2In0","unprotected":{"jku":"https://server.example.com/keys.jwks"},)"
      R"("recipients":[{"header":{"alg":"RSA1_5","kid":"2011-04-29"},"encrypted_key":"UGhIOguC7IuEvf_NPVaXsGMoLOmwvc1Gy)"
      R"(qlIKOK1nN94nHPoltGRhWhw7Zx0-kFm1NJn8LE9XShH59_i8J0PH5ZZyNfGy2xGdULU7sHNF6Gp2vPLgNZ__deLKxGHZ7PcHALUzoOegEI-8E6)"
      R"(6jX2E4zyJKx-YxzZIItRzC5hlRirb6Y5Cl_p-ko3YvkkysZIFNPccxRU7qve1WYPxqbb2Yw8kZqa2rMWI5ng8OtvzlV7elprCbuPhcCdZ6XDP0)"
      R"(_F8rkXds2vE4X-ncOIM8hAYHHi29NX0mcKiRaD0-D-ljQTP-cFPgwCp6X-nZZd9OHBv-B3oWh2TbqmScqXMR4gp_A"},{"header":{"alg":"A)"
      R"(128KW","kid":"7"},"encrypted_key":")" +
      std::string{a3_encrypted_key} + R"("}],"iv":"AxY8DCtDaGlsbGljb3RoZQ","ciphertext":")" +
      std::string{a3_ciphertext} + R"(","tag":"Mz-VPPyU4RlcuYv1IwIvzw"})";
  const auto decrypted = decrypter(a3_key()).decrypt_json(json);
  ASSERT_TRUE(decrypted) << decrypted.error().detail();
  EXPECT_EQ(decrypted->plaintext(), "Live long and prosper.");
  EXPECT_EQ(decrypted->recipient(), 1U);
  EXPECT_EQ(decrypted->shared_header()->find("jku")->string(), "https://server.example.com/keys.jwks");
}

TEST(Rfc7516, a5_flattened_json_has_its_algorithm_unprotected) {
  const std::string json =
      R"({"protected":"eyJlbmMiOiJBMTI4Q0JDLUhTMjU2In0","unprotected":{"jku":"https://server.example.com/keys.jwks"},)"
      R"("header":{"alg":"A128KW","kid":"7"},"encrypted_key":")" +
      std::string{a3_encrypted_key} + R"(","iv":"AxY8DCtDaGlsbGljb3RoZQ","ciphertext":")" + std::string{a3_ciphertext} +
      R"(","tag":"Mz-VPPyU4RlcuYv1IwIvzw"})";
  EXPECT_EQ(outcome(decrypter(a3_key()).decrypt_json(json)), "algorithm_not_allowed");  // case 5
  EXPECT_EQ(test::decrypt_json(std::move(test::lenient(a3_key()).allow_unprotected_algorithms()), json),
            "Live long and prosper.");
}

// --- RFC 7518 appendix C

TEST(Rfc7518, appendix_c_derives_the_agreed_key) {
  const auto key_of = [](std::string_view jwk) {
    return jwe::KeyAccess::data(DecryptionKey::from_jwk(KeyManagement::ECDH_ES, Secret::from_text(jwk)).value())
        ->exchange;
  };
  const auto alice =
      key_of(R"({"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",)"
             R"("y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps","d":"0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCum)"
             R"(d-MToTmIo"})");
  const auto bob =
      key_of(R"({"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",)"
             R"("y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6)"
             R"(BfUqdw"})");
  const auto z = alice->agree(*bob);
  ASSERT_TRUE(z);
  EXPECT_EQ(*z, *bob->agree(*alice));
  const auto derived = crypto::concat_kdf(*z, "A128GCM", test::bytes_of("Alice"), test::bytes_of("Bob"), 16);
  EXPECT_EQ(jose::base64url_encode(derived.value()), "VqqN6vgjbSBcIijNcacQGg");
}

// --- RFC 7520 section 5

struct Cookbook {
  std::string_view file;
  KeyManagement algorithm;
  ContentEncryption content;
  bool reproducible;  // what the file says, and ECDH-ES whose ephemeral key it gives
};

constexpr Cookbook cookbook[]{
    {"5_2.key_encryption_using_rsa-oaep_with_aes-gcm", KeyManagement::RSA_OAEP, ContentEncryption::A256GCM, false},
    {"5_3.key_wrap_using_pbes2-aes-keywrap_with-aes-cbc-hmac-sha2", KeyManagement::PBES2_HS512_A256KW,
     ContentEncryption::A128CBC_HS256, true},
    {"5_4.key_agreement_with_key_wrapping_using_ecdh-es_and_aes-keywrap_with_aes-gcm", KeyManagement::ECDH_ES_A128KW,
     ContentEncryption::A128GCM, true},
    {"5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2", KeyManagement::ECDH_ES, ContentEncryption::A128CBC_HS256,
     true},
    {"5_6.direct_encryption_using_aes-gcm", KeyManagement::dir, ContentEncryption::A128GCM, true},
    {"5_7.key_wrap_using_aes-gcm_keywrap_with_aes-cbc-hmac-sha2", KeyManagement::A256GCMKW,
     ContentEncryption::A128CBC_HS256, true},
    {"5_8.key_wrap_using_aes-keywrap_with_aes-gcm", KeyManagement::A128KW, ContentEncryption::A128GCM, true},
    {"5_9.compressed_content", KeyManagement::A128KW, ContentEncryption::A128GCM, true},
    {"5_10.including_additional_authentication_data", KeyManagement::A128KW, ContentEncryption::A128GCM, true},
    {"5_11.protecting_specific_header_fields", KeyManagement::A128KW, ContentEncryption::A128GCM, true},
    {"5_12.protecting_content_only", KeyManagement::A128KW, ContentEncryption::A128GCM, true},
};

std::string file_of(std::string_view name) { return "rfc7520-cookbook/jwe/" + std::string{name} + ".json"; }

std::optional<std::string> text_at(json::View document, std::string_view part, std::string_view name) {
  const auto object = document.find(part);
  const auto value = object ? object->find(name) : std::nullopt;
  return value ? value->string() : std::nullopt;
}

DecryptionKey key_of(const Cookbook& row, json::View document) {
  const auto input = *document.find("input");
  if (const auto passphrase = input.find("pwd")) {
    return DecryptionKey::from_passphrase(row.algorithm, Secret::from_text(*passphrase->string())).value();
  }
  const auto jwk = Secret::from_text(input.find("key")->text());
  return row.algorithm == KeyManagement::dir ? DecryptionKey::from_jwk(jwk).value()
                                             : DecryptionKey::from_jwk(row.algorithm, jwk).value();
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

class Rfc7520 : public testing::TestWithParam<Cookbook> {};

TEST_P(Rfc7520, messages_open) {
  SIGNET_VECTORS_OR_SKIP(text, file_of(GetParam().file));
  const auto document = json::parse(*text, test::vector_limits()).value();
  const auto plaintext = *text_at(document, "input", "plaintext");
  const auto key = key_of(GetParam(), document);
  auto builder = test::lenient(key);
  const bool is_unprotected = GetParam().file.starts_with("5_11") || GetParam().file.starts_with("5_12");
  const auto output = *document.find("output");
  if (is_unprotected) {
    EXPECT_EQ(test::decrypt_json(builder, output.find("json_flat")->text()), "algorithm_not_allowed");  // case 5
    builder.allow_unprotected_algorithms();
  }
  if (const auto compact = output.find("compact")) {
    EXPECT_EQ(test::decrypt(builder, *compact->string()), plaintext);
  }
  EXPECT_EQ(test::decrypt_json(builder, output.find("json_flat")->text()), plaintext);
  EXPECT_EQ(test::decrypt_json(builder, output.find("json")->text()), plaintext);
}

TEST_P(Rfc7520, messages_are_made_again) {
  const Cookbook& row = GetParam();
  if (!row.reproducible) GTEST_SKIP() << "RSA-OAEP is random by itself";
  SIGNET_VECTORS_OR_SKIP(text, file_of(row.file));
  const auto document = json::parse(*text, test::vector_limits()).value();
  FixedRandomness randomness;
  const auto give = [&](Randomness::Use use, std::string_view part, std::string_view name) {
    if (const auto value = text_at(document, part, name)) randomness.with(use, *value);
  };
  give(Randomness::Use::content_key, "generated", "cek");
  give(Randomness::Use::content_iv, "generated", "iv");
  const auto encrypting_key = document.find("encrypting_key");
  if (encrypting_key) {
    give(Randomness::Use::wrapping_iv, "encrypting_key", "iv");
    give(Randomness::Use::salt, "encrypting_key", "salt");
    if (const auto epk = encrypting_key->find("epk")) randomness.with_ephemeral(epk->text());
  }

  const auto key = key_of(row, document);
  auto plan = plan_for(key, row.content);
  if (const auto count = encrypting_key ? encrypting_key->find("iteration_count") : std::nullopt) {
    plan.options.iterations = static_cast<unsigned>(*count->integer());
  }
  if (const auto protect = document.find("encrypting_content")->find("protected")) {
    if (const auto cty = protect->find("cty")) plan.content_type = *cty->string();
    plan.compress = protect->find("zip").has_value();
  }
  plan.additional_data = text_at(document, "input", "aad").value_or("");
  auto message = jwe::encrypt(plan, *text_at(document, "input", "plaintext"), randomness);
  ASSERT_TRUE(message) << message.error().detail();

  const auto output = *document.find("output");
  if (row.file.starts_with("5_11") || row.file.starts_with("5_12")) {
    // An encrypter never leaves algorithms unprotected: their place is changed here, and the content sealed again.
    const auto content = *document.find("encrypting_content");
    const auto protect = content.find("protected");
    message->protected_text =
        output.find("json_flat")->find("protected") ? jose::base64url_encode(protect->text()) : "";
    if (protect) message->protected_text = jose::base64url_encode(R"({"enc":"A128GCM"})");
    message->shared_header = content.find("unprotected")->text();
    const auto cek = from_base64url(*text_at(document, "generated", "cek"));
    auto sealed = crypto::seal(jwe::row(row.content), cek, message->iv, test::bytes_of(message->additional_data()),
                               test::bytes_of(*text_at(document, "input", "plaintext")));
    message->ciphertext = sealed->ciphertext;
    message->tag = sealed->tag;
  }
  if (const auto compact = output.find("compact")) {
    EXPECT_EQ(jwe::write_compact(*message), *compact->string());
  }
  expect_same(jwe::write_flattened(*message), *output.find("json_flat"));
  // Of one recipient without an encrypted key, the cookbook's general form is the flattened one.
  if (output.find("json")->find("recipients")) expect_same(jwe::write_general(*message), *output.find("json"));
}

INSTANTIATE_TEST_SUITE_P(Section5, Rfc7520, testing::ValuesIn(cookbook), [](const auto& one) {
  return std::string{one.param.file.substr(0, one.param.file.find('.'))};
});

TEST(Rfc7520Section5, rsa1_5_is_not_offered) {  // case 21
  SIGNET_VECTORS_OR_SKIP(text, file_of("5_1.key_encryption_using_rsa_v15_and_aes-hmac-sha2"));
  const auto document = json::parse(*text, test::vector_limits()).value();
  const auto jwk = Secret::from_text(document.find("input")->find("key")->text());
  const auto key = DecryptionKey::from_jwk(KeyManagement::RSA_OAEP, jwk).value();
  EXPECT_FALSE(key_management_from_name("RSA1_5"));
  EXPECT_EQ(outcome(decrypter(key).decrypt(*document.find("output")->find("compact")->string())),
            "algorithm_not_allowed");
}

TEST(Rfc7520Section5, several_recipients_open_the_same_message) {  // 5.13
  SIGNET_VECTORS_OR_SKIP(text, file_of("5_13.encrypting_to_multiple_recipients"));
  const auto document = json::parse(*text, test::vector_limits()).value();
  std::vector<Secret> jwks;
  for (const json::View jwk : document.find("input")->find("key")->elements()) {
    jwks.push_back(Secret::from_text(jwk.text()));
  }
  const auto plaintext = *text_at(document, "input", "plaintext");
  const auto message = document.find("output")->find("json")->text();
  const auto agreed = DecryptionKey::from_jwk(KeyManagement::ECDH_ES_A256KW, jwks[1]).value();
  const auto gcm = DecryptionKey::from_jwk(jwks[2]).value();
  for (const auto& [key, place] : {std::pair{agreed, 1U}, std::pair{gcm, 2U}}) {
    const auto decrypted = decrypter(key).decrypt_json(message);
    ASSERT_TRUE(decrypted) << decrypted.error().detail();
    EXPECT_EQ(decrypted->plaintext(), plaintext);
    EXPECT_EQ(decrypted->recipient(), place);
  }
  EXPECT_EQ(outcome(decrypter(DecryptionKey::from_jwk(KeyManagement::RSA_OAEP, jwks[0]).value()).decrypt_json(message)),
            "algorithm_not_allowed");
}

// --- RFC 8037

TEST(Rfc8037, appendix_a6_agrees_over_x25519) {
  // The ephemeral key is A.6's; Bob's private half is RFC 7748's (section 6.1).
  const auto key_of = [](std::string_view x, std::string_view d) {
    const auto jwk = R"({"kty":"OKP","crv":"X25519","x":")" + std::string{x} + R"(","d":")" + std::string{d} + R"("})";
    return jwe::KeyAccess::data(DecryptionKey::from_jwk(KeyManagement::ECDH_ES, Secret::from_text(jwk)).value())
        ->exchange;
  };
  const auto alice =
      key_of("hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo", "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo");
  const auto bob = key_of("3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08", "XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os");
  const auto z = alice->agree(*bob);
  ASSERT_TRUE(z);
  EXPECT_EQ(jose::base64url_encode(*z), "Sl2dW6TOLeFyjjv0gDUPJeB-IclH0Z4zdvCbPB4WF0I");
}

TEST(Rfc8037, appendix_a7_agrees_over_x448) {  // with the keys of RFC 7748 section 6.2
  const auto key_of = [](std::string_view x, std::string_view d) {
    const auto jwk = R"({"kty":"OKP","crv":"X448","x":")" + std::string{x} + R"(","d":")" + std::string{d} + R"("})";
    return jwe::KeyAccess::data(DecryptionKey::from_jwk(KeyManagement::ECDH_ES, Secret::from_text(jwk)).value())
        ->exchange;
  };
  const auto alice = key_of("mwj3zDG34-Z9ItWuoSEHSic70rg94Jxj-qc9LCLF2bvINmRyQdlT1AxbEtqIEg1TF3-A5TLEH6A",
                            "mo9JJdFRn1d1z0awS1gA1O6e6LrovFVl1JjCjdnJuvV0qUGXRIlzkQBjgqbxJ6sdmsLYwKWYcms");
  const auto bob = key_of("PreoKbDNIPW8_AtZm2_sz22kYnEHvbDU80W0MCfYuXL8PjT7QjKhPKcG3LV67D2uB73BxnvzNgk",
                          "HDBqesKg4uCZCylEcMujOeZFN3KwdYEdj60NHWknwSC7XuiXKw0-ITdMnJIbCdGwNm8QtlFzmS0");
  const auto z = alice->agree(*bob);
  ASSERT_TRUE(z);
  EXPECT_EQ(jose::base64url_encode(*z), "B__0GBrGzJXsHBapSg900S2iMs5Ap3VSKB0oK7YMC1b9JGTDNVQ5NlIcJEAwhdWaRJpQN1FKh50");
}

TEST(Rfc8037, the_cookbooks_curve25519_message_opens) {
  SIGNET_VECTORS_OR_SKIP(text, "rfc7520-cookbook/curve25519/ecdh-es.json");
  const auto document = json::parse(*text, test::vector_limits()).value();
  const auto key =
      DecryptionKey::from_jwk(KeyManagement::ECDH_ES, Secret::from_text(document.find("input")->find("key")->text()))
          .value();
  const auto plaintext = *text_at(document, "input", "plaintext");
  const auto output = *document.find("output");
  EXPECT_EQ(outcome(decrypter(key).decrypt(*output.find("compact")->string())), plaintext);
  EXPECT_EQ(outcome(decrypter(key).decrypt_json(output.find("json_flat")->text())), plaintext);
}

}  // namespace
}  // namespace signet

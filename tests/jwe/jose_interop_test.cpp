// Both ways with npm's jose, for every algorithm and serialization: tests/e2e/node/jwe.mjs does its half.

#include "tests/jose/node.hpp"
#include "tests/jwe/support.hpp"

namespace signet {
namespace {

using test::member;
using JoseInterop = test::JoseInterop;

constexpr std::string_view plaintext = "Grüße, und alles Gute";
constexpr std::string_view forms[]{"compact", "flattened", "general"};

struct Case {
  KeyManagement algorithm;
  ContentEncryption content;
  std::string_view form;
  DecryptionKey key;
  std::string jwk;  // or {"passphrase"}

  std::string what() const {
    return std::string{name(algorithm)} + ' ' + std::string{name(content)} + ' ' + std::string{form};
  }
  json::Object request(std::string_view task) const {
    return json::Object{}
        .set("do", task)
        .set("form", form)
        .set("alg", name(algorithm))
        .set("enc", name(content))
        .set_raw("key", jwk);
  }
};

std::vector<Case> cases() {
  std::vector<Case> all;
  const auto add = [&](const DecryptionKey& key, ContentEncryption content) {
    const auto private_jwk = key.to_private_jwk();
    const std::string jwk = private_jwk ? std::string{private_jwk->reveal_text()}
                                        : json::Object{}.set("passphrase", "correct horse battery").text();
    for (const auto form : forms) {
      if (form == "general" && jwe::determines_key(jwe::row(key.algorithm()).mode)) continue;
      all.push_back({key.algorithm(), content, form, key, jwk});
    }
  };
  for (const auto& row : jwe::key_management_algorithms) {
    for (const auto& content : jwe::content_encryption_algorithms) {
      add(test::decryption_key(row.algorithm, content.algorithm), content.algorithm);
    }
    if (!jwe::agrees(row.mode)) continue;
    for (const auto curve :
         {AgreementCurve::P384, AgreementCurve::P521, AgreementCurve::X25519, AgreementCurve::X448}) {
      add(DecryptionKey::generate(row.algorithm, curve).value(), ContentEncryption::A256GCM);
    }
  }
  return all;
}

TEST_F(JoseInterop, what_signet_encrypts_jose_decrypts) {
  const auto all = cases();
  std::vector<std::string> requests;
  for (const Case& one : all) {
    auto encrypter = Encrypter{one.key.encryption_key()}.content_encryption(one.content).iterations(1000);
    if (one.form != "compact") encrypter.additional_data("additional data").shared_header("trace", "1");
    if (one.form == "general") encrypter.also_for(one.key.encryption_key());
    const auto message = one.form == "compact"     ? encrypter.encrypt(plaintext)
                         : one.form == "flattened" ? encrypter.encrypt_flattened(plaintext)
                                                   : encrypter.encrypt_general(plaintext);
    ASSERT_TRUE(message) << one.what() << ": " << message.error().detail();
    requests.push_back(one.request("decrypt").set("message", *message).text());
  }
  const auto answers = test::ask("jwe.mjs", requests);
  ASSERT_EQ(answers.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(member(answers[i], "plaintext"), plaintext) << all[i].what() << ": " << answers[i];
  }
}

TEST_F(JoseInterop, what_jose_encrypts_signet_decrypts) {
  const auto all = cases();
  std::vector<std::string> requests;
  for (const Case& one : all) requests.push_back(one.request("encrypt").set("plaintext", plaintext).text());
  const auto answers = test::ask("jwe.mjs", requests);
  ASSERT_EQ(answers.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto message = member(answers[i], "message");
    ASSERT_TRUE(message) << all[i].what() << ": " << answers[i];
    const auto decrypter = test::decrypter(all[i].key);
    const auto opened = all[i].form == "compact" ? decrypter.decrypt(*message) : decrypter.decrypt_json(*message);
    EXPECT_EQ(test::outcome(opened), plaintext) << all[i].what();
    if (opened) {
      EXPECT_EQ(opened->additional_data(), all[i].form == "compact" ? "" : "additional data");
    }
  }
}

}  // namespace
}  // namespace signet

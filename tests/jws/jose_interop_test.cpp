// Both ways with npm's jose, for every algorithm and serialization: tests/e2e/node/jws.mjs does its half.

#include "src/jose/algorithms.hpp"
#include "tests/jose/node.hpp"
#include "tests/jws/support.hpp"

namespace signet {
namespace {

using test::member;
using JoseInterop = test::JoseInterop;

constexpr std::string_view payload = "Grüße, und alles Gute";

struct Case {
  SigningKey key;
  std::string_view form;

  std::string what() const { return std::string{name(key.algorithm())} + ' ' + std::string{form}; }
  json::Object request(std::string_view task) const {
    return json::Object{}
        .set("do", task)
        .set("form", form)
        .set("alg", key.algorithm() == Algorithm::Ed448 ? "EdDSA" : name(key.algorithm()))
        .set_raw("key", key.to_private_jwk()->reveal_text());
  }
};

// Of what jose 5 knows.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto& row : jose::signature_algorithms) {
    if (row.key_type == jose::KeyType::akp) continue;
    const auto key = test::signing_key(row.algorithm);
    for (const auto form : {"compact", "flattened", "general", "unencoded"}) all.push_back({key, form});
  }
  return all;
}

TEST_F(JoseInterop, what_signet_signs_jose_verifies) {
  const auto all = cases();
  std::vector<std::string> requests;
  for (const Case& one : all) {
    auto signer = JwsSigner{one.key}.type("note");
    if (one.key.algorithm() == Algorithm::Ed448) signer.header("alg", "EdDSA");  // which jose 5 knows it by
    if (one.form != "compact") signer.unprotected_header("note", "x");
    if (one.form == "unencoded") signer.unencoded();
    if (one.form == "general") signer.also_by(one.key);
    const auto message = one.form == "compact"   ? signer.sign(payload)
                         : one.form == "general" ? signer.sign_general(payload)
                                                 : signer.sign_flattened(payload);
    ASSERT_TRUE(message) << one.what() << ": " << message.error().detail();
    requests.push_back(one.request("verify").set("message", *message).text());
  }
  const auto answers = test::ask("jws.mjs", requests);
  ASSERT_EQ(answers.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(member(answers[i], "payload"), payload) << all[i].what() << ": " << answers[i];
  }
}

TEST_F(JoseInterop, what_jose_signs_signet_verifies) {
  const auto all = cases();
  std::vector<std::string> requests;
  for (const Case& one : all) requests.push_back(one.request("sign").set("payload", payload).text());
  const auto answers = test::ask("jws.mjs", requests);
  ASSERT_EQ(answers.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto message = member(answers[i], "message");
    ASSERT_TRUE(message) << all[i].what() << ": " << answers[i];
    const auto verifier = test::jws_verifier({all[i].key});
    const auto verified = all[i].form == "compact" ? verifier.verify(*message) : verifier.verify_json(*message);
    EXPECT_EQ(test::outcome(verified), payload) << all[i].what();
  }
}

}  // namespace
}  // namespace signet

// Every key management algorithm with every content encryption, in every serialization.

#include <algorithm>
#include <tuple>

#include "tests/jwe/support.hpp"

namespace signet {
namespace {

using test::decrypter;
using test::decryption_key;
using test::outcome;

using Pair = std::tuple<jwe::KeyManagementAlgorithm, jwe::ContentEncryptionAlgorithm>;

class RoundTrip : public testing::TestWithParam<Pair> {
 protected:
  KeyManagement algorithm_ = std::get<0>(GetParam()).algorithm;
  ContentEncryption content_ = std::get<1>(GetParam()).algorithm;
  DecryptionKey key_ = decryption_key(algorithm_, content_).with_key_id("k1");
  Decrypter decrypter_ = decrypter(key_);

  Encrypter encrypter() const {
    Encrypter encrypter{key_.encryption_key()};
    encrypter.content_encryption(content_).iterations(1000);
    return encrypter;
  }
};

TEST_P(RoundTrip, gives_back_texts_of_every_length_around_a_block) {
  for (const std::size_t size : {0, 1, 15, 16, 17, 31, 32, 33, 1000}) {
    const std::string text(size, 'x');
    const auto compact = encrypter().encrypt(text);
    ASSERT_TRUE(compact) << compact.error().detail();
    EXPECT_EQ(std::ranges::count(*compact, '.'), 4);
    const auto decrypted = decrypter_.decrypt(*compact);
    ASSERT_TRUE(decrypted) << decrypted.error().detail();
    EXPECT_EQ(decrypted->plaintext(), text);
    EXPECT_EQ(decrypted->algorithm(), algorithm_);
    EXPECT_EQ(decrypted->content_encryption(), content_);
    EXPECT_EQ(decrypted->key_id(), "k1");
    EXPECT_EQ(decrypted->header()->find("kid")->string(), "k1");
  }
}

TEST_P(RoundTrip, never_makes_the_same_message_twice) {
  EXPECT_NE(encrypter().encrypt("text").value(), encrypter().encrypt("text").value());
}

TEST_P(RoundTrip, holds_for_json_with_additional_data_and_headers) {
  auto encrypter = this->encrypter();
  encrypter.additional_data("seen by all").shared_header("trace", "7").recipient_header("note", "yours");
  encrypter.header("purpose", "test").content_type("text/plain").type("note");
  for (const auto& json : {encrypter.encrypt_flattened("secret"), encrypter.encrypt_general("secret")}) {
    ASSERT_TRUE(json) << json.error().detail();
    const auto decrypted = decrypter_.decrypt_json(*json);
    ASSERT_TRUE(decrypted) << decrypted.error().detail();
    EXPECT_EQ(decrypted->plaintext(), "secret");
    EXPECT_EQ(decrypted->additional_data(), "seen by all");
    EXPECT_EQ(decrypted->shared_header()->find("trace")->string(), "7");
    EXPECT_EQ(decrypted->recipient_header()->find("note")->string(), "yours");
    EXPECT_EQ(decrypted->header()->find("purpose")->string(), "test");
    EXPECT_EQ(decrypted->content_type(), "text/plain");
    EXPECT_EQ(decrypted->type(), "note");
  }
}

TEST_P(RoundTrip, compresses_when_both_sides_say_so) {
  const std::string text(5000, 'a');
  const auto compact = encrypter().compress().encrypt(text).value();
  EXPECT_LT(compact.size(), 2000U);
  EXPECT_EQ(outcome(decrypter_.decrypt(compact)), text);
}

TEST_P(RoundTrip, fails_with_another_key_of_the_same_algorithm) {
  const auto compact = encrypter().encrypt("text").value();
  const auto& row = jwe::row(algorithm_);
  const auto other = [&]() -> std::expected<DecryptionKey, Error> {
    switch (row.mode) {
      case jwe::KeyMode::direct:
        return DecryptionKey::generate_direct(content_);
      case jwe::KeyMode::passphrase:
        return DecryptionKey::from_passphrase(algorithm_, Secret::from_text("another passphrase"));
      case jwe::KeyMode::rsa: {
        static const Secret pem =
            DecryptionKey::generate(KeyManagement::RSA_OAEP, 2048).value().to_private_pem().value();
        return DecryptionKey::from_pem(algorithm_, pem);
      }
      default:
        return DecryptionKey::generate(algorithm_);
    }
  }();
  EXPECT_EQ(outcome(decrypter(other.value()).decrypt(compact)), "decryption_failed");
}

TEST_P(RoundTrip, holds_after_the_key_went_through_its_text) {
  const auto compact = encrypter().encrypt("text").value();
  const auto jwk = key_.to_private_jwk();
  if (jwe::row(algorithm_).mode == jwe::KeyMode::passphrase) {
    EXPECT_EQ(test::code_of(jwk), ErrorCode::key_unsupported);
    return;
  }
  const auto again = DecryptionKey::from_jwk(jwk.value());
  ASSERT_TRUE(again) << again.error().detail();
  EXPECT_EQ(outcome(decrypter(*again).decrypt(compact)), "text");
  EXPECT_EQ(again->thumbprint().value(), key_.thumbprint().value());
  if (jwe::is_shared(jwe::row(algorithm_).mode)) return;

  const auto pem = DecryptionKey::from_pem(algorithm_, key_.to_private_pem().value());
  ASSERT_TRUE(pem) << pem.error().detail();
  EXPECT_EQ(outcome(decrypter(*pem).decrypt(compact)), "text");
  const auto public_key = EncryptionKey::from_jwk(key_.encryption_key().to_jwk().value());
  ASSERT_TRUE(public_key) << public_key.error().detail();
  const auto public_pem = EncryptionKey::from_pem(algorithm_, key_.encryption_key().to_pem().value());
  ASSERT_TRUE(public_pem) << public_pem.error().detail();
  for (const auto& key : {*public_key, *public_pem}) {
    const auto made = Encrypter{key}.content_encryption(content_).encrypt("for you").value();
    EXPECT_EQ(outcome(decrypter_.decrypt(made)), "for you");
  }
}

INSTANTIATE_TEST_SUITE_P(All, RoundTrip,
                         testing::Combine(testing::ValuesIn(jwe::key_management_algorithms),
                                          testing::ValuesIn(jwe::content_encryption_algorithms)),
                         [](const auto& pair) {
                           return test::test_name(std::get<0>(pair.param).name) + "_with_" +
                                  test::test_name(std::get<1>(pair.param).name);
                         });

class Agreement : public testing::TestWithParam<AgreementCurve> {};

TEST_P(Agreement, reaches_every_curve_by_jwk_and_pem) {
  for (const auto& row : jwe::key_management_algorithms) {
    if (!jwe::agrees(row.mode)) continue;
    const auto key = DecryptionKey::generate(row.algorithm, GetParam()).value();
    const auto jwk = key.encryption_key().to_jwk().value();
    const auto pem = key.encryption_key().to_pem().value();
    for (const auto& to : {EncryptionKey::from_jwk(jwk).value(), EncryptionKey::from_pem(row.algorithm, pem).value()}) {
      const auto compact = Encrypter{to}.parties("Alice", "Bob").encrypt("text").value();
      EXPECT_EQ(outcome(decrypter(key).decrypt(compact)), "text");
      const auto restored = DecryptionKey::from_pem(row.algorithm, key.to_private_pem().value()).value();
      EXPECT_EQ(outcome(decrypter(restored).decrypt(compact)), "text");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Curves, Agreement,
                         testing::Values(AgreementCurve::P256, AgreementCurve::P384, AgreementCurve::P521,
                                         AgreementCurve::X25519, AgreementCurve::X448));

TEST(SeveralRecipients, each_open_the_message_with_their_own_key) {
  const auto rsa = decryption_key(KeyManagement::RSA_OAEP_256).with_key_id("rsa");
  const auto wrap = decryption_key(KeyManagement::A128KW).with_key_id("wrap");
  const auto agreed = DecryptionKey::generate(KeyManagement::ECDH_ES_A256KW, AgreementCurve::X448)->with_key_id("dh");
  const auto gcm = decryption_key(KeyManagement::A192GCMKW).with_key_id("gcm");
  const auto json = Encrypter{rsa.encryption_key()}
                        .also_for(wrap.encryption_key())
                        .also_for(agreed.encryption_key())
                        .also_for(gcm.encryption_key())
                        .recipient_header("note", "the last one")
                        .additional_data("all of you")
                        .encrypt_general("text");
  ASSERT_TRUE(json) << json.error().detail();
  std::size_t place = 0;
  for (const auto& key : {rsa, wrap, agreed, gcm}) {
    const auto decrypted = decrypter(key).decrypt_json(*json);
    ASSERT_TRUE(decrypted) << decrypted.error().detail();
    EXPECT_EQ(decrypted->plaintext(), "text");
    EXPECT_EQ(decrypted->recipient(), place++);
    EXPECT_EQ(decrypted->key_id(), key.key_id());
    EXPECT_EQ(decrypted->algorithm(), key.algorithm());
  }
  EXPECT_EQ(outcome(decrypter(decryption_key(KeyManagement::A128KW).with_key_id("stranger")).decrypt_json(*json)),
            "key_not_found");
  EXPECT_EQ(outcome(decrypter(decryption_key(KeyManagement::A256KW)).decrypt_json(*json)), "algorithm_not_allowed");
}

TEST(SeveralKeys, are_told_apart_by_algorithm_kid_and_curve) {
  const auto one = decryption_key(KeyManagement::A128KW).with_key_id("1");
  const auto two = decryption_key(KeyManagement::A128KW).with_key_id("2");
  const auto p256 = DecryptionKey::generate(KeyManagement::ECDH_ES, AgreementCurve::P256).value();
  const auto x448 = DecryptionKey::generate(KeyManagement::ECDH_ES, AgreementCurve::X448).value();
  auto builder = Decrypter::builder();
  builder.key(one).key(two).key(p256).key(x448);
  const auto decrypter = builder.build().value();
  for (const auto& key : {one, two, p256, x448}) {
    EXPECT_EQ(outcome(decrypter.decrypt(Encrypter{key.encryption_key()}.encrypt("text").value())), "text");
  }
  const auto nameless = Encrypter{one.encryption_key().with_key_id("")}.encrypt("text").value();
  EXPECT_EQ(outcome(decrypter.decrypt(nameless)), "key_not_found") << "two keys fit";
}

}  // namespace
}  // namespace signet

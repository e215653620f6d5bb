#include "signet/external_signer.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <thread>

#include "signet/signet.hpp"
#include "src/crypto/ecdsa_signature.hpp"
#include "src/jose/algorithms.hpp"
#include "tests/jose/support.hpp"

namespace signet {
namespace {

using test::code_of;
using Signature = std::expected<std::vector<std::byte>, Error>;

constexpr std::string_view text = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyLTQyIn0";

// A key service in the same process: what it answers is the test's.
class Service final : public ExternalSigner {
 public:
  explicit Service(std::function<Signature(const SigningRequest&)> answer) : answer_{std::move(answer)} {}

  Signature sign(const SigningRequest& request) override {
    ++asked;
    return answer_(request);
  }

  std::atomic<int> asked{0};

 private:
  std::function<Signature(const SigningRequest&)> answer_;
};

std::shared_ptr<Service> service_of(const SigningKey& key) {
  return std::make_shared<Service>([key](const SigningRequest& request) { return key.sign(request.input); });
}

SigningKey made(Algorithm algorithm) { return SigningKey::generate(algorithm, 2048).value().with_key_id("hsm-1"); }

class ExternalKey : public testing::TestWithParam<Algorithm> {};

TEST_P(ExternalKey, signs_tokens_and_messages_as_a_key_of_this_process_does) {
  const auto inner = made(GetParam());
  const auto key = SigningKey::external(inner.verifying_key(), service_of(inner)).value();
  EXPECT_EQ(key.algorithm(), GetParam());
  EXPECT_EQ(key.key_id(), "hsm-1");
  EXPECT_EQ(key.thumbprint(), inner.thumbprint());

  const auto token = Signer{key}.sign(Claims{}.subject("user-42").expires_in(std::chrono::minutes{5})).value();
  const auto keys = KeySet::of({key.verifying_key()}).value();
  EXPECT_EQ(keys.to_json(), KeySet::of({inner.verifying_key()}).value().to_json());
  const auto verifier =
      Verifier::builder().keys(KeySet::parse(keys.to_json()).value()).any_issuer().any_audience().build().value();
  EXPECT_EQ(verifier.verify(token).value().subject(), "user-42");

  const auto message = JwsSigner{key}.sign_general("attack at dawn").value();
  const auto checks = JwsVerifier::builder().key(inner.verifying_key()).build().value();
  EXPECT_EQ(checks.verify_json(message).value().payload(), "attack at dawn");
}

TEST_P(ExternalKey, gives_the_service_the_text_and_its_digest) {
  const auto inner = made(GetParam());
  const auto key = SigningKey::external(inner.verifying_key(), std::make_shared<Service>([&](const auto& request) {
                                          EXPECT_EQ(request.algorithm, GetParam());
                                          EXPECT_EQ(request.input, text);
                                          EXPECT_EQ(request.digest.size(), jose::size_of(jose::row(GetParam()).digest));
                                          return inner.sign(request.input);
                                        }))
                       .value();
  EXPECT_TRUE(inner.verifying_key().verifies(text, key.sign(text).value()));
}

TEST_P(ExternalKey, hands_out_no_signature_that_its_public_key_does_not_verify) {
  const auto inner = made(GetParam());
  const auto other = made(GetParam());
  const auto code_with = [&](const std::function<Signature(const SigningRequest&)>& answer) {
    return code_of(SigningKey::external(inner.verifying_key(), std::make_shared<Service>(answer)).value().sign(text));
  };
  EXPECT_EQ(code_with([&](const auto& request) { return other.sign(request.input); }), ErrorCode::signer_failed);
  EXPECT_EQ(code_with([&](const auto&) { return inner.sign("another text"); }), ErrorCode::signer_failed);
  EXPECT_EQ(code_with([](const auto&) { return std::vector<std::byte>{}; }), ErrorCode::signer_failed);
  EXPECT_EQ(code_with([&](const auto& request) {  // a fault in the computation
              auto signature = inner.sign(request.input).value();
              signature[signature.size() / 2] ^= std::byte{1};
              return signature;
            }),
            ErrorCode::signer_failed);
  EXPECT_EQ(code_with([&](const auto& request) {
              auto signature = inner.sign(request.input).value();
              signature.push_back(std::byte{0});
              return signature;
            }),
            ErrorCode::signer_failed);
}

INSTANTIATE_TEST_SUITE_P(All, ExternalKey,
                         testing::Values(Algorithm::RS256, Algorithm::PS384, Algorithm::ES256, Algorithm::ES512,
                                         Algorithm::Ed25519, Algorithm::Ed448),
                         [](const auto& test) { return std::string{name(test.param)}; });

TEST(ExternalSigner, is_given_the_digest_of_the_text) {
  const auto inner = made(Algorithm::ES256);
  const auto key = SigningKey::external(inner.verifying_key(), std::make_shared<Service>([&](const auto& request) {
                                          // SHA-256 of "abc" (FIPS 180-2, appendix B.1)
                                          EXPECT_EQ(jose::base64url_encode(request.digest),
                                                    "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
                                          return inner.sign(request.input);
                                        }))
                       .value();
  EXPECT_TRUE(key.sign("abc"));
}

TEST(ExternalSigner, is_not_asked_before_something_is_signed) {
  const auto inner = made(Algorithm::ES256);
  const auto service = service_of(inner);
  const auto key = SigningKey::external(inner.verifying_key(), service).value();
  (void)key.with_key_id("other").thumbprint();
  (void)key.verifying_key().to_jwk();
  EXPECT_EQ(service->asked, 0);
  EXPECT_TRUE(key.sign(text));
  EXPECT_EQ(service->asked, 1);
}

TEST(ExternalSigner, lives_until_the_last_copy_of_its_key_is_gone) {
  const auto inner = made(Algorithm::ES256);
  auto service = service_of(inner);
  const std::weak_ptr<Service> watched = service;
  {
    const auto key = SigningKey::external(inner.verifying_key(), std::move(service)).value();
    const auto verifying = key.with_key_id("copy").verifying_key();
    EXPECT_FALSE(watched.expired());
    EXPECT_TRUE(verifying.verifies(text, key.sign(text).value()));
  }
  EXPECT_TRUE(watched.expired());
}

TEST(ExternalSigner, is_asked_by_many_threads_at_once) {
  const auto inner = made(Algorithm::ES256);
  const auto service = service_of(inner);
  const auto key = SigningKey::external(inner.verifying_key(), service).value();
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 10; ++i) good += key.sign(text).has_value();
      });
    }
  }
  EXPECT_EQ(good, 40);
  EXPECT_EQ(service->asked, 40);
}

TEST(ExternalSigner, that_fails_is_told_apart_and_quoted) {
  const auto inner = made(Algorithm::ES256);
  const auto key = SigningKey::external(inner.verifying_key(), std::make_shared<Service>([](const auto&) {
                                          return Signature{std::unexpect, ErrorCode::internal, "throttled"};
                                        }))
                       .value();
  const auto token = Signer{key}.sign(Claims{}.subject("user-42").expires_in(std::chrono::minutes{5}));
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code(), ErrorCode::signer_failed);
  EXPECT_EQ(token.error().detail(), "throttled");
  EXPECT_EQ(code_of(JwsSigner{key}.sign("payload")), ErrorCode::signer_failed);
}

TEST(ExternalSigner, that_throws_is_not_caught) {
  const auto inner = made(Algorithm::ES256);
  const auto key = SigningKey::external(inner.verifying_key(), std::make_shared<Service>([](const auto&) -> Signature {
                                          throw std::runtime_error{"a bug"};
                                        }))
                       .value();
  EXPECT_THROW((void)key.sign(text), std::runtime_error);
}

TEST(ExternalSigner, has_a_public_half_and_is_there) {
  const auto secret = SigningKey::generate(Algorithm::HS256).value();
  const auto inner = made(Algorithm::ES256);
  EXPECT_EQ(code_of(SigningKey::external(secret.verifying_key(), service_of(secret))), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(SigningKey::external(inner.verifying_key(), nullptr)), ErrorCode::invalid_configuration);
}

TEST(ExternalSigner, has_no_private_key_to_give_away) {
  const auto inner = made(Algorithm::ES256);
  const auto key = SigningKey::external(inner.verifying_key(), service_of(inner)).value();
  EXPECT_EQ(code_of(key.to_private_jwk()), ErrorCode::key_unsupported);
  EXPECT_EQ(code_of(key.to_private_pem()), ErrorCode::key_unsupported);
  EXPECT_EQ(key.verifying_key().to_pem().value(), inner.verifying_key().to_pem().value());
}

// --- DER

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> made;
  for (const int value : values) made.push_back(static_cast<std::byte>(value));
  return made;
}

TEST(EcdsaSignatureFromDer, is_what_a_key_service_answers_made_into_jws) {
  for (const auto algorithm : {Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::ES256K}) {
    const auto inner = made(algorithm);
    const auto service = std::make_shared<Service>([&](const auto& request) -> Signature {
      const auto raw = inner.sign(request.input).value();
      const std::vector<std::byte> order(raw.size() / 2, std::byte{0xff});
      crypto::DerSignature der;
      const auto size = crypto::der_from_raw(raw, order, der);
      return ecdsa_signature_from_der(request.algorithm, std::span{der}.first(size));
    });
    const auto key = SigningKey::external(inner.verifying_key(), service).value();
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(key.sign(text)) << name(algorithm);  // short numbers among them
  }
}

TEST(EcdsaSignatureFromDer, pads_numbers_to_the_curves_size) {
  const auto raw = ecdsa_signature_from_der(Algorithm::ES256, bytes({0x30, 7, 2, 1, 5, 2, 2, 0, 0x80})).value();
  ASSERT_EQ(raw.size(), 64U);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    EXPECT_EQ(std::to_integer<int>(raw[i]), i == 31 ? 5 : i == 63 ? 0x80 : 0) << i;
  }
}

TEST(EcdsaSignatureFromDer, takes_nothing_but_der) {
  for (const auto& bad : {
           bytes({}), bytes({0x30, 0}), bytes({0x30, 6, 2, 1, 5, 2, 1}),  // cut
           bytes({0x30, 6, 2, 1, 5, 2, 1, 7, 0}),                         // a byte after the end
           bytes({0x30, 7, 2, 1, 5, 2, 1, 7, 0}),                         // the same, inside
           bytes({0x30, 3, 2, 1, 5}),                                     // one number
           bytes({0x30, 9, 2, 1, 5, 2, 1, 7, 2, 1, 1}),                   // three
           bytes({0x31, 6, 2, 1, 5, 2, 1, 7}),                            // a set
           bytes({0x30, 6, 3, 1, 5, 2, 1, 7}),                            // a bit string
           bytes({0x30, 0x81, 6, 2, 1, 5, 2, 1, 7}),                      // a length longer than it must be
           bytes({0x30, 0x80, 2, 1, 5, 2, 1, 7, 0, 0}),                   // of unsaid length
           bytes({0x30, 7, 2, 2, 0, 5, 2, 1, 7}),                         // a zero byte too many
           bytes({0x30, 6, 2, 1, 0x85, 2, 1, 7}),                         // below zero
           bytes({0x30, 5, 2, 0, 2, 1, 7}),                               // a number of no bytes
       }) {
    EXPECT_EQ(code_of(ecdsa_signature_from_der(Algorithm::ES256, bad)), ErrorCode::signer_failed)
        << jose::base64url_encode(bad);
  }
  std::vector<std::byte> long_r = bytes({0x30, 38, 2, 33, 1});  // 33 bytes in a field of 32
  long_r.resize(long_r.size() + 32);
  for (const int value : {2, 1, 7}) long_r.push_back(static_cast<std::byte>(value));
  EXPECT_EQ(code_of(ecdsa_signature_from_der(Algorithm::ES256, long_r)), ErrorCode::signer_failed);
  EXPECT_TRUE(ecdsa_signature_from_der(Algorithm::ES384, long_r));
  EXPECT_EQ(code_of(ecdsa_signature_from_der(Algorithm::RS256, bytes({0x30, 6, 2, 1, 5, 2, 1, 7}))),
            ErrorCode::key_mismatch);
}

}  // namespace
}  // namespace signet

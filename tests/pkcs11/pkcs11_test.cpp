#include <dlfcn.h>
#include <gtest/gtest.h>
#include <signet/pkcs11.hpp>
#include <signet/signet.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/pkcs11/fake_module.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;

constexpr auto place = "pkcs11:token=vault;object=login";

class Pkcs11Test : public ::testing::Test {
 protected:
  Pkcs11Test() {
    token.present = true;
    token.starts = token.logins = 0;
  }
  static testing::FakeToken& the_token() {
    static void* const library = ::dlopen(FAKE_PKCS11, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error{::dlerror()};
    return *reinterpret_cast<testing::FakeTokenOf>(::dlsym(library, "fake_token"))();
  }
  static Pkcs11 open(std::string_view pin = "1234", Pkcs11Limits limits = {.wait = 60s, .pause = 0ms}) {
    return Pkcs11{FAKE_PKCS11, Secret::from_text(pin), limits};
  }
  static bool signs(const SigningKey& key) {
    const auto signature = key.sign("header.claims");
    return signature && key.verifying_key().verifies("header.claims", *signature);
  }

  testing::FakeToken& token = the_token();
};

TEST_F(Pkcs11Test, a_key_is_found_by_label_by_id_and_by_the_serial_number_of_its_token) {
  for (const auto* uri : {place, "pkcs11:serial=42;id=%01", "pkcs11:token=vault;serial=42;object=login;id=%01"}) {
    const auto key = open().signing_key(Algorithm::RS256, uri);
    ASSERT_TRUE(key) << key.error().detail();
    EXPECT_EQ(key->key_id(), key->thumbprint());
    EXPECT_TRUE(signs(*key)) << uri;
    EXPECT_FALSE(key->to_private_jwk());
  }
}

TEST_F(Pkcs11Test, what_is_not_there_or_does_not_fit_is_said) {
  const auto code = [&](Algorithm algorithm, const char* uri) {
    return open().signing_key(algorithm, uri).error().code();
  };
  EXPECT_EQ(code(Algorithm::RS256, "pkcs11:token=vault;object=other"), ErrorCode::key_not_found);
  EXPECT_EQ(code(Algorithm::RS256, "pkcs11:token=other;object=login"), ErrorCode::key_not_found);
  EXPECT_EQ(code(Algorithm::RS256, "pkcs11:token=vault;serial=43;object=login"), ErrorCode::key_not_found);
  EXPECT_EQ(code(Algorithm::ES256, place), ErrorCode::key_mismatch);
  EXPECT_EQ(code(Algorithm::HS256, place), ErrorCode::key_unsupported);
  EXPECT_EQ(code(Algorithm::RS256, "pkcs11:token=vault"), ErrorCode::invalid_configuration);
  EXPECT_EQ(Pkcs11{"/no/such/module.so"}.signing_key(Algorithm::RS256, place).error().code(), ErrorCode::signer_failed);
}

TEST_F(Pkcs11Test, a_token_that_was_gone_is_found_again) {
  const auto hsm = open();
  const auto key = hsm.signing_key(Algorithm::RS256, place);
  ASSERT_TRUE(key && signs(*key));
  token.present = false;
  const auto refused = key->sign("header.claims");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::signer_failed);
  EXPECT_FALSE(signs(*key));
  token.present = true;
  EXPECT_TRUE(signs(*key));
}

TEST_F(Pkcs11Test, a_token_that_is_gone_is_not_looked_for_all_the_time) {
  const auto key = open("1234", {.pause = 24h}).signing_key(Algorithm::RS256, place);
  ASSERT_TRUE(key && signs(*key));
  token.present = false;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(signs(*key));
  EXPECT_EQ(token.starts, 1);
}

TEST_F(Pkcs11Test, sessions_that_the_token_has_closed_are_opened_anew_and_nobody_notices) {
  const auto key = open().signing_key(Algorithm::RS256, place);
  ASSERT_TRUE(key && signs(*key));
  token.forgets = true;
  EXPECT_TRUE(signs(*key));
  EXPECT_EQ(token.starts, 1);
}

TEST_F(Pkcs11Test, a_wrong_pin_is_tried_once_however_many_sign) {
  std::optional<VerifyingKey> public_key;
  {
    // Gone before the other one comes: a login lets every session of the process in.
    const auto good = open().signing_key(Algorithm::RS256, place);
    ASSERT_TRUE(good);
    public_key = VerifyingKey::from_jwk(good->verifying_key().to_jwk().value()).value();
  }
  token.logins = 0;
  const auto key = SigningKey::external(*public_key, open("0000").signer(Algorithm::RS256, place).value());
  ASSERT_TRUE(key);
  std::atomic<int> signed_anyway = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 5; ++n) signed_anyway += key->sign("header.claims").has_value();
      });
    }
  }
  EXPECT_EQ(signed_anyway, 0);
  EXPECT_EQ(token.logins, 1);
  EXPECT_NE(key->sign("x").error().detail().find("CKR_PIN_INCORRECT"), std::string::npos);
}

TEST_F(Pkcs11Test, a_token_that_hangs_holds_up_no_more_than_it_may) {
  const auto key = open("1234", {.calls = 1, .wait = 0ms}).signing_key(Algorithm::RS256, place);
  ASSERT_TRUE(key && signs(*key));
  token.hangs = true;
  bool in_the_end = false;
  std::jthread hung{[&] { in_the_end = signs(*key); }};
  while (token.hanging == 0) std::this_thread::yield();
  const auto refused = key->sign("header.claims");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail().find("busy"), std::string::npos) << refused.error().detail();
  token.hangs = false;
  hung.join();
  EXPECT_TRUE(in_the_end);
}

TEST_F(Pkcs11Test, many_threads_sign_while_the_token_comes_and_goes) {
  const auto hsm = open();
  const auto key = hsm.signing_key(Algorithm::RS256, place);
  ASSERT_TRUE(key);
  std::atomic<int> wrong = 0, rounds = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          const auto signature = key->sign("header.claims");
          if (!signature && signature.error().code() != ErrorCode::signer_failed) ++wrong;
          ++rounds;
        }
      });
    }
    for (int i = 0; i < 20; ++i) {
      token.present = i % 2 == 1;
      for (const int seen = rounds; rounds < seen + 8;) std::this_thread::yield();
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(signs(*key));
}

}  // namespace
}  // namespace signet

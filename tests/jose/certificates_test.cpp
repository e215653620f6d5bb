// Certificates in a JWK (RFC 7517 sections 4.6 to 4.9), of the openssl command line.

#include <gtest/gtest.h>

#include <algorithm>

#include "signet/encryption_key.hpp"
#include "signet/json.hpp"
#include "signet/key_set.hpp"
#include "tests/jose/openssl_folder.hpp"
#include "tests/jose/support.hpp"

namespace signet {
namespace {

using test::code_of;

class Certificates : public test::OpensslFolder {
 protected:
  void SetUp() override {
    OpensslFolder::SetUp();
    make("EC -pkeyopt ec_paramgen_curve:P-256", "own.pem");
    make("EC -pkeyopt ec_paramgen_curve:P-256", "other.pem");
    own_ = certificate_of("own");
    other_ = certificate_of("other");
  }

  // Base64 of a certificate for that key, which leaves its digests beside it.
  [[nodiscard]] std::string certificate_of(const std::string& name) const {
    EXPECT_TRUE(openssl("req -x509 -new -key " + name + ".pem -subj /CN=signet -days 1 -out " + name + ".crt"));
    EXPECT_TRUE(openssl("x509 -in " + name + ".crt -outform DER -out " + name + ".der"));
    EXPECT_TRUE(openssl("dgst -sha1 -binary -out " + name + ".sha1 " + name + ".der"));
    EXPECT_TRUE(openssl("dgst -sha256 -binary -out " + name + ".sha256 " + name + ".der"));
    EXPECT_TRUE(openssl("base64 -A -in " + name + ".der -out " + name + ".b64"));
    std::string text = read(name + ".b64");
    std::erase(text, '\n');
    return text;
  }
  [[nodiscard]] std::string digest(const std::string& file) const { return jose::base64url_encode(read(file)); }

  // The JWK of the own key with more members.
  [[nodiscard]] std::string jwk_with(const std::string& members) const {
    const auto key = SigningKey::from_pem(Algorithm::ES256, Secret::from_text(read("own.pem"))).value();
    std::string text = key.verifying_key().to_jwk().value();
    text.pop_back();
    return text + ',' + members + '}';
  }
  [[nodiscard]] ErrorCode refused(const std::string& members) const {
    return code_of(VerifyingKey::from_jwk(jwk_with(members)));
  }

  std::string own_, other_;
};

std::string chain(std::initializer_list<std::string_view> certificates) {
  std::string text = "\"x5c\":[";
  for (const std::string_view one : certificates)
    text.append(text.ends_with('[') ? "\"" : ",\"").append(one).append("\"");
  return text + ']';
}

TEST_F(Certificates, of_the_key_are_kept_and_written_again) {
  const std::string members =
      chain({own_, other_}) + R"(,"x5t":")" + digest("own.sha1") + R"(","x5t#S256":")" + digest("own.sha256") + '"';
  const auto key = VerifyingKey::from_jwk(jwk_with(members));
  ASSERT_TRUE(key) << key.error().detail();
  const auto written = key->with_key_id("k").to_jwk();
  EXPECT_NE(written->find(members), std::string::npos) << *written;
  EXPECT_EQ(*VerifyingKey::from_jwk(*written)->to_jwk(), *written);
  const auto set = KeySet::parse(R"({"keys":[)" + *written + "]}");
  ASSERT_TRUE(set) << set.error().detail();
  EXPECT_NE(set->to_json().find(members), std::string::npos);

  // With the private key too, and on to its public half.
  auto text = std::string{
      SigningKey::from_pem(Algorithm::ES256, Secret::from_text(read("own.pem")))->to_private_jwk()->reveal_text()};
  text.insert(text.size() - 1, ',' + members);
  const auto signing = SigningKey::from_jwk(Secret::from_text(text));
  ASSERT_TRUE(signing) << signing.error().detail();
  EXPECT_NE(signing->to_private_jwk()->reveal_text().find(members), std::string::npos);
  EXPECT_NE(signing->verifying_key().to_jwk()->find(members), std::string::npos);
}

TEST_F(Certificates, may_have_escaped_slashes_and_hexadecimal_thumbprints) {
  std::string escaped;
  for (const char c : own_) escaped += c == '/' ? std::string{"\\/"} : std::string{c};
  const auto key = VerifyingKey::from_jwk(jwk_with(chain({escaped})));
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_NE(key->to_jwk()->find(own_), std::string::npos);

  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string hexadecimal;
  for (const char c : read("own.sha1")) {
    hexadecimal += digits[static_cast<unsigned char>(c) >> 4];
    hexadecimal += digits[static_cast<unsigned char>(c) & 15];
  }
  EXPECT_TRUE(
      VerifyingKey::from_jwk(jwk_with(chain({own_}) + R"(,"x5t":")" + jose::base64url_encode(hexadecimal) + '"')));
  hexadecimal.front() = hexadecimal.front() == '0' ? '1' : '0';
  EXPECT_EQ(refused(chain({own_}) + R"(,"x5t":")" + jose::base64url_encode(hexadecimal) + '"'),
            ErrorCode::key_malformed);
}

TEST_F(Certificates, of_another_key_or_malformed_are_refused) {
  EXPECT_EQ(refused(chain({other_})), ErrorCode::key_malformed);
  EXPECT_EQ(refused(chain({other_, own_})), ErrorCode::key_malformed);  // the first is the key's
  EXPECT_EQ(refused(chain({own_, "AAAA"})), ErrorCode::key_malformed);
  EXPECT_EQ(refused(chain({})), ErrorCode::key_malformed);
  EXPECT_EQ(refused(R"("x5c":")" + own_ + '"'), ErrorCode::key_malformed);
  EXPECT_EQ(refused(R"("x5c":null)"), ErrorCode::key_malformed);
  EXPECT_EQ(refused(R"("x5c":[1])"), ErrorCode::key_malformed);
  EXPECT_EQ(refused(chain({own_.substr(0, own_.size() - 4)})), ErrorCode::key_malformed);
  EXPECT_EQ(refused(chain({own_ + "AAAA"})), ErrorCode::key_malformed);      // bytes behind it
  EXPECT_EQ(refused(chain({own_ + " "})), ErrorCode::key_malformed);         // not base64
  EXPECT_EQ(refused(chain({digest("own.der")})), ErrorCode::key_malformed);  // base64url, or without padding
  EXPECT_EQ(refused(chain({"MIIB" + own_})), ErrorCode::key_malformed);
}

TEST_F(Certificates, have_their_own_thumbprints) {
  EXPECT_EQ(refused(chain({own_}) + R"(,"x5t":")" + digest("other.sha1") + '"'), ErrorCode::key_malformed);
  EXPECT_EQ(refused(chain({own_}) + R"(,"x5t#S256":")" + digest("other.sha256") + '"'), ErrorCode::key_malformed);
  EXPECT_EQ(refused(R"("x5t":")" + digest("own.sha256") + '"'), ErrorCode::key_malformed);  // of another size
  EXPECT_EQ(refused(R"("x5t#S256":")" + digest("own.sha1") + '"'), ErrorCode::key_malformed);
  EXPECT_EQ(refused(R"("x5t":"+/==")"), ErrorCode::key_malformed);
  EXPECT_EQ(refused(R"("x5t":7)"), ErrorCode::key_malformed);
  // Alone, there is nothing to compare it with.
  const auto key = VerifyingKey::from_jwk(jwk_with(R"("x5t":")" + digest("other.sha1") + '"'));
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_NE(key->to_jwk()->find("x5t"), std::string::npos);
}

TEST_F(Certificates, are_not_fetched) {  // case 10
  const auto key = VerifyingKey::from_jwk(jwk_with(R"("x5u":"http://127.0.0.1:1/certificate.pem")"));
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_EQ(key->to_jwk()->find("x5u"), std::string::npos);
}

TEST_F(Certificates, spoil_the_whole_set_when_they_are_of_another_key) {
  EXPECT_EQ(code_of(KeySet::parse(R"({"keys":[)" + jwk_with(chain({other_})) + "]}")), ErrorCode::key_malformed);
}

TEST_F(Certificates, of_encryption_keys_are_read_the_same) {
  const auto jwk = [&](const std::string& certificate) {
    std::string text = EncryptionKey::from_pem(KeyManagement::ECDH_ES, read("own.crt")).value().to_jwk().value();
    text.insert(text.size() - 1, ',' + chain({certificate}));
    return text;
  };
  const auto key = EncryptionKey::from_jwk(jwk(own_));
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_EQ(*key->to_jwk(), jwk(own_));
  EXPECT_EQ(code_of(EncryptionKey::from_jwk(jwk(other_))), ErrorCode::key_malformed);
}

}  // namespace
}  // namespace signet

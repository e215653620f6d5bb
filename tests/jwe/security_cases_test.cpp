// SECURITY_CASES about encryption, by number. Nested tokens (15, 16) are in
// nested_test.cpp.

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "src/crypto/content_cipher.hpp"
#include "tests/jwe/support.hpp"

namespace signet {
namespace {

using test::code_of;
using test::decryption_key;
using test::outcome;

const DecryptionKey& wrapping_key() {
  static const auto key = decryption_key(KeyManagement::A128KW);
  return key;
}

std::string opened(std::string_view compact, const DecryptionKey& key = wrapping_key()) {
  return test::decrypt(test::lenient(key), compact);
}
std::string opened_json(std::string_view json, const DecryptionKey& key = wrapping_key()) {
  return test::decrypt_json(test::lenient(key), json);
}

std::vector<std::string> split(std::string_view compact) {
  std::vector<std::string> parts{""};
  for (const char c : compact) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string join(const std::vector<std::string>& parts) {
  std::string out = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) out += '.' + parts[i];
  return out;
}

// A message whose header says what an attacker who knows the shared key would
// write; the rest is right for it.
std::string with_header(std::string_view header, std::string_view plaintext = "text",
                        std::string_view encrypted_key = "", char fill = 'k') {
  const auto& content = jwe::row(ContentEncryption::A256GCM);
  const auto text = jose::base64url_encode(header);
  const std::vector<std::byte> key(32, static_cast<std::byte>(fill)), iv(12);
  const auto sealed = crypto::seal(content, key, iv, test::bytes_of(text), test::bytes_of(plaintext)).value();
  return join({text, std::string{encrypted_key}, jose::base64url_encode(iv), jose::base64url_encode(sealed.ciphertext),
               jose::base64url_encode(sealed.tag)});
}
const DecryptionKey& direct_key() {
  static const auto key = decryption_key(KeyManagement::dir);
  return key;
}

TEST(SecurityCases, case_3_a_key_has_one_algorithm) {
  EXPECT_EQ(code_of(DecryptionKey::from_jwk(Secret::from_text(R"({"kty":"oct","k":"GawgguFyGrWKav7AX4VKUg"})"))),
            ErrorCode::key_mismatch);
  const auto jwk = Secret::from_text(R"({"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"})");
  EXPECT_TRUE(DecryptionKey::from_jwk(jwk));
  EXPECT_EQ(code_of(DecryptionKey::from_jwk(KeyManagement::A128GCMKW, jwk)), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(DecryptionKey::from_jwk(ContentEncryption::A128GCM, jwk)), ErrorCode::key_mismatch);
}

TEST(SecurityCases, case_4_one_key_one_algorithm) {
  const auto other = decryption_key(KeyManagement::A128GCMKW);
  EXPECT_EQ(opened(Encrypter{other.encryption_key()}.encrypt("text").value()), "algorithm_not_allowed");
}

TEST(SecurityCases, case_5_alg_enc_zip_and_crit_are_read_from_the_protected_header_only) {
  const auto json = Encrypter{wrapping_key().encryption_key()}.encrypt_flattened("text").value();
  ASSERT_EQ(opened_json(json), "text");
  const auto with = [&](std::string_view member) {
    return opened_json(json.substr(0, json.size() - 1) + ",\"unprotected\":{" + std::string{member} + "}}");
  };
  EXPECT_EQ(with(R"("zip":"DEF")"), "token_malformed");
  EXPECT_EQ(with(R"("crit":["x"],"x":1)"), "critical_header");
  EXPECT_EQ(with(R"("alg":"A128KW")"), "token_malformed") << "case 19: twice";
  EXPECT_EQ(with(R"("enc":"A256GCM")"), "token_malformed");
  EXPECT_EQ(with(R"("other":"anything")"), "text");

  // Moved out of the protected header: refused even where the rest is good.
  const auto& content = jwe::row(ContentEncryption::A256GCM);
  const std::vector<std::byte> key(32, std::byte{'k'}), iv(12);
  const auto sealed = crypto::seal(content, key, iv, {}, test::bytes_of("text")).value();
  const auto bare = json::Object{}
                        .set_raw("unprotected", R"({"alg":"dir","enc":"A256GCM"})")
                        .set("iv", jose::base64url_encode(iv))
                        .set("ciphertext", jose::base64url_encode(sealed.ciphertext))
                        .set("tag", jose::base64url_encode(sealed.tag))
                        .text();
  EXPECT_EQ(opened_json(bare, direct_key()), "algorithm_not_allowed");
  EXPECT_EQ(test::decrypt_json(std::move(test::lenient(direct_key()).allow_unprotected_algorithms()), bare), "text");
}

TEST(SecurityCases, case_8_base64url_is_strict_in_every_part) {
  const auto parts = split(Encrypter{wrapping_key().encryption_key()}.encrypt("text").value());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (const std::string_view bad : {"=", "\n", " ", "+", "/", "\xff"}) {
      auto changed = parts;
      changed[i] += bad;
      EXPECT_EQ(opened(join(changed)), "token_malformed") << i << bad;
    }
  }
}

TEST(SecurityCases, case_13_critical_extensions_must_be_understood) {
  EXPECT_EQ(opened(with_header(R"({"alg":"dir","enc":"A256GCM","crit":["exp"],"exp":1})"), direct_key()),
            "critical_header");
  EXPECT_EQ(opened(with_header(R"({"alg":"dir","enc":"A256GCM","crit":[]})"), direct_key()), "critical_header");
  EXPECT_EQ(opened(with_header(R"({"alg":"dir","enc":"A256GCM","crit":["enc"]})"), direct_key()), "critical_header");
  EXPECT_EQ(test::decrypt(std::move(test::lenient(direct_key()).understands("exp")),
                          with_header(R"({"alg":"dir","enc":"A256GCM","crit":["exp"],"exp":1})")),
            "text");
}

TEST(SecurityCases, case_15_signing_and_encryption_keys_are_different_types) {
  static_assert(!std::is_convertible_v<VerifyingKey, EncryptionKey>);
  static_assert(!std::is_constructible_v<EncryptionKey, VerifyingKey>);
  static_assert(!std::is_constructible_v<VerifyingKey, EncryptionKey>);
  static_assert(!std::is_constructible_v<DecryptionKey, SigningKey>);
  static_assert(!std::is_constructible_v<Encrypter, VerifyingKey>);
  const auto signing = SigningKey::generate(Algorithm::ES256).value();
  EXPECT_EQ(code_of(EncryptionKey::from_jwk(signing.verifying_key().to_jwk().value())), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(DecryptionKey::from_jwk(KeyManagement::ECDH_ES, signing.to_private_jwk().value())),
            ErrorCode::key_mismatch);
  const auto encryption = DecryptionKey::generate(KeyManagement::ECDH_ES).value();
  EXPECT_EQ(code_of(VerifyingKey::from_jwk(encryption.encryption_key().to_jwk().value())), ErrorCode::key_mismatch);
}

TEST(SecurityCases, case_19_header_names_are_disjoint) {
  const auto json = Encrypter{wrapping_key().encryption_key()}.header("purpose", "a").encrypt_flattened("text").value();
  const auto with = [&](std::string_view member) {
    return opened_json(json.substr(0, json.size() - 1) + "," + std::string{member} + "}");
  };
  EXPECT_EQ(with(R"("header":{"other":"b"})"), "text");
  EXPECT_EQ(with(R"("header":{"purpose":"a"})"), "token_malformed");
  EXPECT_EQ(with(R"("unprotected":{"p\u0075rpose":"a"})"), "token_malformed");
  EXPECT_EQ(with(R"("unprotected":{"x":1},"header":{"x":1})"), "token_malformed");
  EXPECT_EQ(
      code_of(Encrypter{wrapping_key().encryption_key()}.header("x", "1").shared_header("x", "2").encrypt_flattened(
          "text")),
      ErrorCode::invalid_configuration);
}

TEST(SecurityCases, case_20_points_off_the_curve_and_zero_agreements_are_refused) {
  const auto p256 = DecryptionKey::generate(KeyManagement::ECDH_ES, AgreementCurve::P256).value();
  const auto message = [](std::string_view epk) {
    return with_header(R"({"alg":"ECDH-ES","enc":"A256GCM","epk":)" + std::string{epk} + "}");
  };
  EXPECT_EQ(opened(message(R"({"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",)"
                           R"("y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFppt"})"),
                   p256),
            "decryption_failed");
  EXPECT_EQ(opened(message(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})"), p256), "decryption_failed");
  EXPECT_EQ(opened(message(R"({"kty":"EC"})"), p256), "token_malformed");
  EXPECT_EQ(opened(message(p256.to_private_jwk()->reveal_text()), p256), "token_malformed") << "a private epk";

  // RFC 7748 section 6.1: u = 0, 1 and the other points of small order.
  const std::string_view small_order[]{
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "7P_______________________________________38", "7f_______________________________________38",
      "7v_______________________________________38"};
  const auto x25519 = DecryptionKey::generate(KeyManagement::ECDH_ES, AgreementCurve::X25519).value();
  for (const auto x : small_order) {
    const auto jwk = R"({"kty":"OKP","crv":"X25519","x":")" + std::string{x} + R"("})";
    EXPECT_EQ(opened(message(jwk), x25519), "decryption_failed") << x;
    EXPECT_EQ(code_of(EncryptionKey::from_jwk(KeyManagement::ECDH_ES, jwk)), ErrorCode::key_too_weak) << x;
  }
  EXPECT_EQ(
      code_of(EncryptionKey::from_jwk(KeyManagement::ECDH_ES,
                                      R"({"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",)"
                                      R"("y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFppt"})")),
      ErrorCode::key_malformed);
}

TEST(SecurityCases, case_20_on_every_curve) {
  for (const auto curve : {AgreementCurve::P256, AgreementCurve::P384, AgreementCurve::P521, AgreementCurve::X25519,
                           AgreementCurve::X448}) {
    const auto key = DecryptionKey::generate(KeyManagement::ECDH_ES, curve).value();
    const auto other = DecryptionKey::generate(KeyManagement::ECDH_ES, curve).value().encryption_key().to_jwk().value();
    const auto jwk = json::parse(other).value();
    json::Object good, bad;
    for (const std::string_view name : {"kty", "crv", "x", "y"}) {
      const auto member = jwk.find(name);
      if (!member) continue;
      const std::string value = *member->string();
      good.set(name, value);
      if (name == (jwk.find("y") ? "y" : "x")) {
        bad.set(name, std::string(value.size(), 'A'));  // no point has y = 0 here; u = 0 gives zeros to everybody
      } else {
        bad.set(name, value);
      }
    }
    const auto with_epk = [&](const json::Object& epk) {
      return opened(with_header(R"({"alg":"ECDH-ES","enc":"A256GCM","epk":)" + epk.text() + "}"), key);
    };
    EXPECT_EQ(with_epk(bad), "decryption_failed") << bad.text();
    EXPECT_FALSE(EncryptionKey::from_jwk(KeyManagement::ECDH_ES, bad.text())) << bad.text();
    EXPECT_TRUE(EncryptionKey::from_jwk(KeyManagement::ECDH_ES, good.text())) << good.text();
  }
}

TEST(SecurityCases, case_21_rsa1_5_is_not_offered_and_a_wrong_key_is_not_told_from_wrong_content) {
  const auto rsa = decryption_key(KeyManagement::RSA_OAEP);
  EXPECT_EQ(opened(with_header(R"({"alg":"RSA1_5","enc":"A256GCM"})", "text", "AAAA"), rsa), "algorithm_not_allowed");
  const auto good = split(Encrypter{rsa.encryption_key()}.encrypt("text").value());
  auto wrong_key = good, wrong_content = good;
  wrong_key[1] = jose::base64url_encode(std::string(256, 'x'));
  wrong_content[3].front() = wrong_content[3].front() == 'A' ? 'B' : 'A';
  const auto decrypter = test::decrypter(rsa);
  const auto one = decrypter.decrypt(join(wrong_key)), other = decrypter.decrypt(join(wrong_content));
  EXPECT_EQ(code_of(one), ErrorCode::decryption_failed);
  EXPECT_EQ(code_of(other), ErrorCode::decryption_failed);
  EXPECT_EQ(one.error().detail(), other.error().detail());
}

TEST(SecurityCases, case_22_gcm_takes_16_bytes_of_tag_and_12_of_iv) {
  const auto parts = split(Encrypter{wrapping_key().encryption_key()}.encrypt("text").value());
  for (const std::size_t part : {std::size_t{2}, std::size_t{4}}) {
    const auto bytes = test::from_base64url(parts[part]);
    for (std::size_t size = 0; size <= 20; ++size) {
      auto changed = parts;
      auto resized = bytes;
      resized.resize(size);
      changed[part] = jose::base64url_encode(resized);
      EXPECT_EQ(opened(join(changed)), size == bytes.size() ? "text" : "decryption_failed") << part << ' ' << size;
    }
  }
  const auto gcm = decryption_key(KeyManagement::A256GCMKW);
  const auto header = [](std::string_view iv, std::string_view tag) {
    return R"({"alg":"A256GCMKW","enc":"A256GCM","iv":")" + std::string{iv} + R"(","tag":")" + std::string{tag} + "\"}";
  };
  const std::string key(43, 'A');
  EXPECT_EQ(opened(with_header(header("AAAA", "AAAAAAAAAAAAAAAAAAAAAA"), "text", key), gcm), "decryption_failed");
  EXPECT_EQ(opened(with_header(header("AAAAAAAAAAAAAAAA", "AAAA"), "text", key), gcm), "decryption_failed");
}

TEST(SecurityCases, case_23_cbc_checks_its_tag_first_and_has_one_error) {
  for (const auto content :
       {ContentEncryption::A128CBC_HS256, ContentEncryption::A192CBC_HS384, ContentEncryption::A256CBC_HS512}) {
    const auto parts = split(
        Encrypter{wrapping_key().encryption_key()}.content_encryption(content).encrypt("sixteen byte txt").value());
    for (std::size_t part = 1; part < 5; ++part) {
      auto bytes = test::from_base64url(parts[part]);
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] ^= std::byte{1};
        auto changed = parts;
        changed[part] = jose::base64url_encode(bytes);
        bytes[i] ^= std::byte{1};
        const auto result = test::decrypter(wrapping_key()).decrypt(join(changed));
        ASSERT_EQ(code_of(result), ErrorCode::decryption_failed) << part << ' ' << i;
        ASSERT_EQ(result.error().detail(), "decryption_failed");
      }
    }
  }
}

// Whoever has the MAC key can make any padding: only then is it looked at, and a wrong one is told like a wrong tag.
TEST(SecurityCases, case_23_padding_is_looked_at_behind_a_good_tag_only_and_not_told_from_a_bad_one) {
  const auto& content = jwe::row(ContentEncryption::A128CBC_HS256);
  const std::vector<std::byte> key(32, std::byte{'k'});
  const std::vector<std::byte> aad = {std::byte{'a'}};
  std::vector<std::byte> iv(16);
  const auto sealed = crypto::seal(content, key, iv, aad, test::bytes_of("fifteen letters")).value();
  ASSERT_EQ(sealed.ciphertext.size(), 16U);
  const auto tag = [&] {  // RFC 7518 section 5.2.2.1
    auto text = aad;
    text.insert(text.end(), iv.begin(), iv.end());
    text.insert(text.end(), sealed.ciphertext.begin(), sealed.ciphertext.end());
    text.resize(text.size() + 7);
    text.push_back(std::byte{8});  // bits of additional data
    std::vector<std::byte> whole(32);
    HMAC(EVP_sha256(), key.data(), 16, reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(whole.data()), nullptr);
    whole.resize(16);
    return whole;
  };
  ASSERT_EQ(tag(), sealed.tag);
  // The last byte of the plaintext is the padding's; this bit of the IV turns it over: 01 alone is one here.
  for (int bits = 0; bits < 256; ++bits) {
    iv.back() = static_cast<std::byte>(bits);
    const auto good_tag = tag();
    EXPECT_EQ(crypto::open(content, key, iv, aad, sealed.ciphertext, good_tag).has_value(), bits == 0) << bits;
    EXPECT_EQ(crypto::open(content, key, iv, aad, sealed.ciphertext, sealed.tag).has_value(), bits == 0) << bits;
  }
}

TEST(SecurityCases, case_24_the_encrypted_keys_length_is_checked) {
  for (const auto& row : jwe::key_management_algorithms) {
    if (jwe::determines_key(row.mode)) continue;
    const auto key = decryption_key(row.algorithm);
    const auto parts = split(Encrypter{key.encryption_key()}.iterations(1000).encrypt("text").value());
    auto bytes = test::from_base64url(parts[1]);
    const std::size_t right = bytes.size();
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{8}, std::size_t{16}, right - 8, right - 1, right + 1, right + 8}) {
      auto changed = parts;
      auto resized = bytes;
      resized.resize(size);
      changed[1] = jose::base64url_encode(resized);
      EXPECT_EQ(opened(join(changed), key), "decryption_failed") << row.name << ' ' << size;
    }
  }
}

TEST(SecurityCases, case_25_dir_and_ecdh_es_have_one_recipient_and_no_encrypted_key) {
  const auto agreed = DecryptionKey::generate(KeyManagement::ECDH_ES).value();
  for (const auto& key : {direct_key(), agreed}) {
    auto parts = split(Encrypter{key.encryption_key()}.encrypt("text").value());
    ASSERT_EQ(opened(join(parts), key), "text");
    parts[1] = "AAAA";
    EXPECT_EQ(opened(join(parts), key), "token_malformed");
    EXPECT_EQ(
        code_of(Encrypter{key.encryption_key()}.also_for(wrapping_key().encryption_key()).encrypt_general("text")),
        ErrorCode::invalid_configuration);

    const auto general = Encrypter{key.encryption_key()}.encrypt_general("text").value();
    auto two = general;
    ASSERT_EQ(opened_json(two, key), "text");
    two.replace(two.find(R"("recipients":[{}])"), 17, R"("recipients":[{},{}])");
    EXPECT_EQ(opened_json(two, key), "token_malformed");
  }
}

TEST(SecurityCases, case_26_passphrases_are_off_and_capped) {
  const auto key = decryption_key(KeyManagement::PBES2_HS256_A128KW);
  EXPECT_EQ(code_of(Decrypter::builder().key(key).build()), ErrorCode::invalid_configuration);
  EXPECT_EQ(code_of(Decrypter::builder().key(key).allow_passphrases(1'200'001).build()),
            ErrorCode::invalid_configuration);
  EXPECT_EQ(code_of(Decrypter::builder().key(key).allow_passphrases(999).build()), ErrorCode::invalid_configuration);
  const auto with = [&](std::string_view salt, std::string_view count) {
    return opened(with_header(R"({"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2s":")" + std::string{salt} +
                                  R"(","p2c":)" + std::string{count} + "}",
                              "text", "AAAA"),
                  key);
  };
  EXPECT_EQ(with("AAAAAAAAAAA", "1000"), "decryption_failed");
  for (const auto count : {"999", "1200001", "4294967296", "-1", "0", "1e5", "1000.5", "\"1000\"", "null", "1e400"}) {
    EXPECT_EQ(with("AAAAAAAAAAA", count), "token_malformed") << count;
  }
  EXPECT_EQ(with("AAAAAAAAAA", "1000"), "token_malformed") << "7 bytes of salt";
  const auto message = Encrypter{key.encryption_key()}.iterations(2000).encrypt("text").value();
  EXPECT_EQ(test::decrypt(std::move(Decrypter::builder().key(key).allow_passphrases(2000)), message), "text");
  EXPECT_EQ(test::decrypt(std::move(Decrypter::builder().key(key).allow_passphrases(1999)), message),
            "token_malformed");
  EXPECT_EQ(code_of(Encrypter{key.encryption_key()}.iterations(999).encrypt("text")), ErrorCode::invalid_configuration);
  EXPECT_EQ(code_of(DecryptionKey::from_passphrase(KeyManagement::PBES2_HS256_A128KW, Secret::from_text("7 bytes"))),
            ErrorCode::key_too_weak);
}

TEST(SecurityCases, case_26_several_recipients_share_one_limit_of_iterations) {
  const auto key = decryption_key(KeyManagement::PBES2_HS256_A128KW);
  const auto two = Encrypter{key.encryption_key()}.also_for(key.encryption_key()).iterations(2000);
  const auto json = two.encrypt_general("text").value();
  EXPECT_EQ(test::decrypt_json(std::move(Decrypter::builder().key(key).allow_passphrases(4000)), json), "text");
  EXPECT_EQ(test::decrypt_json(std::move(Decrypter::builder().key(key).allow_passphrases(3999)), json),
            "token_malformed");
}

TEST(SecurityCases, case_27_decompression_is_off_and_capped) {
  const auto encrypter = Encrypter{wrapping_key().encryption_key()}.compress();
  const auto message = encrypter.encrypt(std::string(250'000, 'a')).value();
  ASSERT_LT(message.size(), 2000U);
  EXPECT_EQ(test::decrypt(std::move(Decrypter::builder().key(wrapping_key())), message), "algorithm_not_allowed");
  EXPECT_EQ(opened(message).size(), 250'000U);
  EXPECT_EQ(opened(encrypter.encrypt(std::string(250'001, 'a')).value()), "decryption_failed");
  EXPECT_EQ(test::decrypt(std::move(Decrypter::builder().key(wrapping_key()).allow_compression(249'999)), message),
            "decryption_failed");
  EXPECT_EQ(code_of(Decrypter::builder().key(wrapping_key()).allow_compression(250'001).build()),
            ErrorCode::invalid_configuration);
  const auto zipped = [](std::string_view zip, std::string_view content) {
    return opened(with_header(R"({"alg":"dir","enc":"A256GCM","zip":)" + std::string{zip} + "}", content),
                  direct_key());
  };
  EXPECT_EQ(zipped("\"DEF\"", "not deflate"), "decryption_failed");
  EXPECT_EQ(zipped("\"DEF\"", std::string_view{"\x03\x00", 2}), "");
  EXPECT_EQ(zipped("\"DEF\"", std::string_view{"\x03\x00more", 6}), "decryption_failed") << "bytes after the end";
  EXPECT_EQ(zipped("\"GZ\"", "text"), "token_malformed");
  EXPECT_EQ(zipped("null", "text"), "token_malformed");
}

TEST(SecurityCases, case_28_no_more_recipients_are_written_than_are_read) {
  auto many = Encrypter{wrapping_key().encryption_key()};
  for (int i = 1; i < 32; ++i) many.also_for(wrapping_key().encryption_key());
  EXPECT_EQ(opened_json(many.encrypt_general("text").value()), "text");
  EXPECT_EQ(code_of(many.also_for(wrapping_key().encryption_key()).encrypt_general("text")),
            ErrorCode::invalid_configuration);
}

TEST(SecurityCases, case_28_length_and_dots_come_first) {
  EXPECT_EQ(opened(std::string(16 * 1024 + 1, '.')), "token_too_large");
  EXPECT_EQ(opened(std::string(16 * 1024, '.')), "token_malformed");
  for (const auto text : {"", ".", "....", "a.b.c", "a.b.c.d.e.f"}) EXPECT_EQ(opened(text), "token_malformed") << text;
  EXPECT_EQ(opened_json(std::string(16 * 1024 + 1, '{')), "token_too_large");
  std::string many = R"({"protected":"e30","recipients":[{})";
  for (int i = 0; i < 32; ++i) many += ",{}";
  EXPECT_EQ(opened_json(many + R"(],"iv":"AA","ciphertext":"AA","tag":"AA"})"), "token_too_large");
}

TEST(SecurityCases, case_30_duplicate_members_are_refused) {
  EXPECT_EQ(opened(with_header(R"({"alg":"dir","enc":"A256GCM","enc":"A256GCM"})"), direct_key()), "token_malformed");
  EXPECT_EQ(opened_json(R"({"ciphertext":"AA","ciphertext":"AA"})"), "token_malformed");
}

TEST(SecurityCases, case_53_names_are_compared_whole) {
  for (const auto alg : {"a128kw", "A128K", "A128KW ", "A128KWX", "none", "dir2", "RSA-OAEP-1"}) {
    EXPECT_FALSE(key_management_from_name(alg)) << alg;
  }
  EXPECT_EQ(opened(with_header(R"({"alg":"dir","enc":"a256gcm"})"), direct_key()), "algorithm_not_allowed");
  EXPECT_EQ(opened(with_header(R"({"alg":"dir","enc":"A256GCM"})"), direct_key()), "text");
}

TEST(SecurityCases, case_1_none_is_no_key_management_and_no_content_encryption) {
  for (const auto* header :
       {R"({"alg":"none","enc":"A256GCM"})", R"({"alg":"dir","enc":"none"})", R"({"alg":"none"})"}) {
    EXPECT_NE(opened(with_header(header), direct_key()), "text") << header;
  }
}

TEST(SecurityCases, case_9_a_key_in_the_header_is_ignored) {
  const auto theirs = std::string_view{R"("jwk":{"kty":"oct","k":"eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg"})"};
  const auto header = R"({"alg":"dir","enc":"A256GCM",)" + std::string{theirs} + R"(,"x5c":["AAAA"]})";
  EXPECT_EQ(opened(with_header(header, "text", "", 'x'), direct_key()), "decryption_failed");
  EXPECT_EQ(opened(with_header(header), direct_key()), "text");
}

TEST(SecurityCases, case_43_rsa_keys_that_are_weak_encrypt_nothing) {
  const auto jwk = decryption_key(KeyManagement::RSA_OAEP).encryption_key().to_jwk().value();
  const auto n = *json::parse(jwk)->find("n")->string();
  const auto code = [](const std::string& modulus, std::string_view exponent) {
    const auto text = json::Object{}.set("kty", "RSA").set("n", modulus).set("e", exponent).text();
    const auto key = EncryptionKey::from_jwk(KeyManagement::RSA_OAEP, text);
    return key ? std::string{"ok"} : std::string{to_string(key.error().code())};
  };
  EXPECT_EQ(code(n, "AQAB"), "ok");
  EXPECT_EQ(code(n, "AQ"), "key_too_weak");
  EXPECT_EQ(code(n.substr(0, 171) + "Q", "AQAB"), "key_too_weak");
}

TEST(SecurityCases, case_52_no_decrypter_without_keys_or_with_nothing_allowed) {
  EXPECT_EQ(code_of(Decrypter::builder().build()), ErrorCode::invalid_configuration);
  EXPECT_EQ(code_of(Decrypter::builder().key(direct_key()).content_encryptions({}).build()),
            ErrorCode::invalid_configuration);
}

TEST(Mutations, no_changed_byte_is_accepted) {
  for (const auto& row : jwe::key_management_algorithms) {
    const auto key = decryption_key(row.algorithm).with_key_id("k");
    const auto decrypter = test::decrypter(key);
    auto encrypter = Encrypter{key.encryption_key()}.iterations(1000);
    const auto compact = encrypter.encrypt("a short text").value();
    const auto json = encrypter.additional_data("seen").encrypt_flattened("a short text").value();
    ASSERT_EQ(outcome(decrypter.decrypt(compact)), "a short text");
    ASSERT_EQ(outcome(decrypter.decrypt_json(json)), "a short text");
    const std::size_t step = row.mode == jwe::KeyMode::passphrase || row.mode == jwe::KeyMode::rsa ? 7 : 1;
    for (std::size_t i = 0; i < compact.size(); i += step) {
      for (const char c : {'A', 'z', '.', '='}) {
        auto changed = compact;
        if (changed[i] == c) continue;
        changed[i] = c;
        const auto result = decrypter.decrypt(changed);
        ASSERT_FALSE(result) << row.name << " at " << i << ": " << changed;
        ASSERT_NE(result.error().code(), ErrorCode::internal);
      }
      ASSERT_FALSE(decrypter.decrypt(compact.substr(0, i)));
    }
    for (std::size_t i = 0; i < json.size(); i += 3 * step) {
      auto changed = json;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      const auto result = decrypter.decrypt_json(changed);
      ASSERT_FALSE(result) << row.name << " at " << i << ": " << changed;
      ASSERT_NE(result.error().code(), ErrorCode::internal);
    }
  }
}

}  // namespace
}  // namespace signet

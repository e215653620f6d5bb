// PEM, against the openssl command line.

#include <gtest/gtest.h>

#include "signet/encryption_key.hpp"
#include "signet/key.hpp"
#include "tests/jose/openssl_folder.hpp"
#include "tests/jose/support.hpp"

namespace signet {
namespace {

using test::bytes_of;
using test::code_of;

class Pem : public test::OpensslFolder {
 protected:
  [[nodiscard]] auto signing(Algorithm algorithm, const std::string& file) const {
    return SigningKey::from_pem(algorithm, Secret::from_text(read(file)));
  }
  [[nodiscard]] auto signing(Algorithm algorithm, const std::string& file, std::string_view passphrase) const {
    return SigningKey::from_pem(algorithm, Secret::from_text(read(file)), Secret::from_text(passphrase));
  }
};

struct Kind {
  Algorithm algorithm;
  std::string openssl;
};
const std::vector<Kind> kinds{{Algorithm::RS256, "RSA -pkeyopt rsa_keygen_bits:2048"},
                              {Algorithm::ES256, "EC -pkeyopt ec_paramgen_curve:P-256"},
                              {Algorithm::ES384, "EC -pkeyopt ec_paramgen_curve:P-384"},
                              {Algorithm::ES512, "EC -pkeyopt ec_paramgen_curve:P-521"},
                              {Algorithm::ES256K, "EC -pkeyopt ec_paramgen_curve:secp256k1"},
                              {Algorithm::EdDSA, "ED25519"},
                              {Algorithm::Ed448, "ED448"}};

TEST_F(Pem, of_openssl_is_read_in_pkcs8_and_spki) {
  for (const auto& [algorithm, kind] : kinds) {
    make(kind);
    ASSERT_TRUE(openssl("pkey -in key.pem -pubout -out public.pem"));
    const auto key = signing(algorithm, "key.pem");
    ASSERT_TRUE(key) << name(algorithm) << key.error().detail();
    const auto verifying = VerifyingKey::from_pem(algorithm, read("public.pem"));
    ASSERT_TRUE(verifying) << name(algorithm) << verifying.error().detail();
    EXPECT_TRUE(verifying->verifies("text", *key->sign("text")));
    EXPECT_EQ(verifying->thumbprint(), key->thumbprint());
    EXPECT_EQ(*verifying->to_pem(), read("public.pem"));
    EXPECT_EQ(key->to_private_pem()->reveal_text(), read("key.pem"));
  }
}

TEST_F(Pem, of_ours_is_read_by_openssl) {
  for (const auto& [algorithm, kind] : kinds) {
    const auto key = SigningKey::generate(algorithm, 2048);
    write("ours.pem", key->to_private_pem()->reveal_text());
    ASSERT_TRUE(openssl("pkey -in ours.pem -check -noout")) << name(algorithm);
    ASSERT_TRUE(openssl("pkey -in ours.pem -pubout -out public.pem")) << name(algorithm);
    EXPECT_EQ(*key->verifying_key().to_pem(), read("public.pem"));
  }
}

TEST_F(Pem, of_ml_dsa_holds_the_seed) {  // RFC 9964 section 4
  if (!is_available(Algorithm::ML_DSA_65)) GTEST_SKIP() << "needs the ML-DSA of OpenSSL 3.5 or newer";
  const auto key = SigningKey::generate(Algorithm::ML_DSA_65).value();
  const auto again = SigningKey::from_pem(Algorithm::ML_DSA_65, *key.to_private_pem());
  ASSERT_TRUE(again) << again.error().detail();
  EXPECT_EQ(again->to_private_jwk()->reveal_text(), key.to_private_jwk()->reveal_text());
  const auto verifying = VerifyingKey::from_pem(Algorithm::ML_DSA_65, *key.verifying_key().to_pem());
  ASSERT_TRUE(verifying) << verifying.error().detail();
  EXPECT_TRUE(verifying->verifies("text", *again->sign("text")));
  EXPECT_EQ(code_of(VerifyingKey::from_pem(Algorithm::ML_DSA_87, *key.verifying_key().to_pem())),
            ErrorCode::key_mismatch);
}

TEST_F(Pem, of_openssl_is_read_in_the_older_forms) {
  make(kinds[0].openssl);
  ASSERT_TRUE(openssl("rsa -in key.pem -traditional -out pkcs1.pem"));
  ASSERT_TRUE(openssl("rsa -in key.pem -RSAPublicKey_out -out pkcs1-public.pem"));
  const auto rsa = signing(Algorithm::RS256, "pkcs1.pem");
  ASSERT_TRUE(rsa) << rsa.error().detail();
  EXPECT_NE(read("pkcs1.pem").find("BEGIN RSA PRIVATE KEY"), std::string::npos);
  const auto rsa_public = VerifyingKey::from_pem(Algorithm::RS256, read("pkcs1-public.pem"));
  ASSERT_TRUE(rsa_public) << rsa_public.error().detail();
  EXPECT_EQ(rsa_public->thumbprint(), rsa->thumbprint());

  ASSERT_TRUE(openssl("ecparam -genkey -noout -name secp384r1 -out sec1.pem"));
  EXPECT_NE(read("sec1.pem").find("BEGIN EC PRIVATE KEY"), std::string::npos);
  const auto ec = signing(Algorithm::ES384, "sec1.pem");
  ASSERT_TRUE(ec) << ec.error().detail();
  EXPECT_TRUE(ec->verifying_key().verifies("text", *ec->sign("text")));
}

TEST_F(Pem, of_a_certificate_gives_its_key) {
  make(kinds[1].openssl);
  ASSERT_TRUE(openssl("req -x509 -new -key key.pem -subj /CN=signet -days 1 -out certificate.pem"));
  const auto key = VerifyingKey::from_pem(Algorithm::ES256, read("certificate.pem"));
  ASSERT_TRUE(key) << key.error().detail();
  EXPECT_EQ(key->thumbprint(), signing(Algorithm::ES256, "key.pem")->thumbprint());
}

TEST_F(Pem, encrypted_is_read_with_its_passphrase) {
  make(kinds[0].openssl, "rsa.pem");
  make(kinds[1].openssl, "ec.pem");
  ASSERT_TRUE(openssl("pkcs8 -topk8 -in rsa.pem -v2 aes-256-cbc -iter 2048 -passout pass:open-sesame -out a.pem"));
  ASSERT_TRUE(openssl("pkcs8 -topk8 -in rsa.pem -scrypt -passout pass:open-sesame -out b.pem"));
  ASSERT_TRUE(openssl("rsa -in rsa.pem -traditional -aes128 -passout pass:open-sesame -out c.pem"));
  ASSERT_TRUE(openssl("ec -in ec.pem -aes256 -passout pass:open-sesame -out d.pem"));
  for (const auto& [file, algorithm] : {std::pair{"a.pem", Algorithm::RS256}, std::pair{"b.pem", Algorithm::PS256},
                                        std::pair{"c.pem", Algorithm::RS256}, std::pair{"d.pem", Algorithm::ES256}}) {
    EXPECT_NE(read(file).find("ENCRYPTED"), std::string::npos) << file;
    const auto key = signing(algorithm, file, "open-sesame");
    ASSERT_TRUE(key) << file << ": " << key.error().detail();
    const auto plain = signing(algorithm, algorithm == Algorithm::ES256 ? "ec.pem" : "rsa.pem");
    EXPECT_EQ(key->thumbprint(), plain->thumbprint());
    EXPECT_EQ(code_of(signing(algorithm, file, "wrong")), ErrorCode::key_malformed) << file;
    EXPECT_EQ(code_of(signing(algorithm, file, "")), ErrorCode::key_malformed) << file;
    EXPECT_EQ(code_of(signing(algorithm, file)), ErrorCode::key_malformed) << file;  // and nobody is asked
  }
}

TEST_F(Pem, encrypted_is_written_for_openssl) {
  for (const auto hash : {PassphraseHash::scrypt, PassphraseHash::pbkdf2}) {
    const auto key = SigningKey::generate(Algorithm::ES256).value();
    const auto passphrase = Secret::from_text("open-sesame");
    const auto pem = key.to_private_pem(passphrase, hash);
    ASSERT_TRUE(pem) << pem.error().detail();
    write("ours.pem", pem->reveal_text());
    ASSERT_TRUE(openssl("pkcs8 -in ours.pem -passin pass:open-sesame -out plain.pem"));
    EXPECT_EQ(read("plain.pem"), key.to_private_pem()->reveal_text());
    EXPECT_FALSE(openssl("pkcs8 -in ours.pem -passin pass:another -out other.pem"));
    // What it is made of: AES-256 in CBC, and the cost that is promised.
    ASSERT_TRUE(openssl("asn1parse -in ours.pem > parsed; true"));
    const std::string parsed = read("parsed");
    EXPECT_NE(parsed.find("aes-256-cbc"), std::string::npos);
    const bool is_scrypt = hash == PassphraseHash::scrypt;
    EXPECT_NE(parsed.find(is_scrypt ? ":4000\n" : ":0927C0\n"), std::string::npos) << parsed;  // 16384, 600,000
    EXPECT_NE(parsed.find(is_scrypt ? ":scrypt\n" : ":hmacWithSHA256\n"), std::string::npos) << parsed;

    const auto again = SigningKey::from_pem(Algorithm::ES256, *pem, passphrase);
    ASSERT_TRUE(again) << again.error().detail();
    EXPECT_EQ(again->thumbprint(), key.thumbprint());
    EXPECT_NE(key.to_private_pem(passphrase, hash)->reveal_text(), pem->reveal_text());  // another salt each time
  }
  const auto key = SigningKey::generate(Algorithm::EdDSA).value();
  EXPECT_EQ(code_of(key.to_private_pem(Secret::from_text("7 bytes"))), ErrorCode::key_too_weak);
  EXPECT_EQ(code_of(key.to_private_der(Secret::from_text(std::string(1025, 'x')))), ErrorCode::key_mismatch);
  const auto shared = SigningKey::hmac(Algorithm::HS256, Secret::random(32)).value();
  EXPECT_EQ(code_of(shared.to_private_pem(Secret::from_text("open-sesame"))), ErrorCode::key_unsupported);
}

TEST_F(Pem, encrypted_at_a_price_nobody_should_pay_is_refused_unpaid) {
  make(kinds[1].openssl);
  const std::string with_passphrase = " -in key.pem -passout pass:open-sesame";
  // Costs that openssl writes without paying them cannot be had: the number is changed in what it wrote.
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string der = read("encrypted.der");
    const auto at = der.find(from);
    if (at == std::string::npos) throw std::logic_error{"the cost is not where it was expected"};
    return Secret::from_text(der.replace(at, from.size(), to));
  };
  const auto outcome = [&](const Secret& der) {
    const auto key = SigningKey::from_der(Algorithm::ES256, der, Secret::from_text("open-sesame"));
    return key ? "read" : to_string(key.error().code());
  };
  ASSERT_TRUE(openssl("pkcs8 -topk8 -outform DER -out encrypted.der -v2 aes-256-cbc -iter 70000" + with_passphrase));
  EXPECT_EQ(outcome(Secret::from_text(read("encrypted.der"))), "read");
  EXPECT_EQ(outcome(changed("\x02\x03\x01\x11\x70", "\x02\x03\x3d\x09\x01")), "key_unsupported");  // 4,000,001
  EXPECT_EQ(outcome(changed("\x02\x03\x01\x11\x70", "\x02\x03\xff\xff\xff")), "key_unsupported");  // -1

  ASSERT_TRUE(openssl("pkcs8 -topk8 -outform DER -out encrypted.der -scrypt -scrypt_N 16384 -scrypt_r 8 -scrypt_p 16" +
                      with_passphrase));
  constexpr std::string_view paid{"\x02\x02\x40\x00\x02\x01\x08\x02\x01\x10", 10};
  EXPECT_EQ(outcome(Secret::from_text(read("encrypted.der"))), "read");  // 2^21
  EXPECT_EQ(outcome(changed(paid, {"\x02\x02\x40\x00\x02\x01\x08\x02\x01\x11", 10})), "key_unsupported");
  EXPECT_EQ(outcome(changed(paid, {"\x02\x02\x40\x00\x02\x01\x08\x02\x01\xff", 10})), "key_unsupported");

  ASSERT_TRUE(openssl("pkcs8 -topk8 -outform DER -out encrypted.der -v1 PBE-SHA1-3DES" + with_passphrase));
  EXPECT_EQ(outcome(Secret::from_text(read("encrypted.der"))), "key_unsupported");  // not PBES2
}

TEST_F(Pem, and_der_are_two_forms_of_one_key) {
  for (const auto& [algorithm, kind] : kinds) {
    make(kind);
    ASSERT_TRUE(openssl("pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der"));
    ASSERT_TRUE(openssl("pkey -in key.pem -pubout -outform DER -out public.der"));
    const auto key = SigningKey::from_der(algorithm, Secret::from_text(read("key.der")));
    ASSERT_TRUE(key) << name(algorithm) << key.error().detail();
    EXPECT_EQ(key->to_private_der()->reveal_text(), read("key.der")) << name(algorithm);
    EXPECT_EQ(key->to_private_pem()->reveal_text(), read("key.pem")) << name(algorithm);
    const auto verifying = VerifyingKey::from_der(algorithm, bytes_of(read("public.der")));
    ASSERT_TRUE(verifying) << name(algorithm) << verifying.error().detail();
    EXPECT_EQ(verifying->thumbprint(), key->thumbprint());
    const auto public_der = verifying->to_der();
    EXPECT_TRUE(std::ranges::equal(*public_der, bytes_of(read("public.der"))));
    EXPECT_EQ(code_of(VerifyingKey::from_der(algorithm, bytes_of(read("key.der")))), ErrorCode::key_mismatch);
    EXPECT_EQ(code_of(SigningKey::from_der(algorithm, Secret::from_text(read("public.der")))), ErrorCode::key_mismatch);
    // JWK, and back.
    EXPECT_EQ(SigningKey::from_jwk(algorithm, *key->to_private_jwk())->to_private_der()->reveal_text(),
              read("key.der"));
  }
}

TEST_F(Pem, of_every_form_has_its_der) {
  make(kinds[0].openssl, "rsa.pem");
  make(kinds[1].openssl, "ec.pem");
  ASSERT_TRUE(openssl("rsa -in rsa.pem -traditional -outform DER -out pkcs1.der"));
  ASSERT_TRUE(openssl("rsa -in rsa.pem -RSAPublicKey_out -outform DER -out pkcs1-public.der"));
  ASSERT_TRUE(openssl("ec -in ec.pem -outform DER -out sec1.der"));
  ASSERT_TRUE(openssl("req -x509 -new -key ec.pem -subj /CN=signet -days 1 -outform DER -out certificate.der"));
  const auto rsa = signing(Algorithm::RS256, "rsa.pem")->thumbprint();
  const auto ec = signing(Algorithm::ES256, "ec.pem")->thumbprint();
  EXPECT_EQ(SigningKey::from_der(Algorithm::RS256, Secret::from_text(read("pkcs1.der")))->thumbprint(), rsa);
  EXPECT_EQ(VerifyingKey::from_der(Algorithm::RS256, bytes_of(read("pkcs1-public.der")))->thumbprint(), rsa);
  EXPECT_EQ(SigningKey::from_der(Algorithm::ES256, Secret::from_text(read("sec1.der")))->thumbprint(), ec);
  EXPECT_EQ(VerifyingKey::from_der(Algorithm::ES256, bytes_of(read("certificate.der")))->thumbprint(), ec);

  const auto passphrase = Secret::from_text("open-sesame");
  const auto hidden = signing(Algorithm::ES256, "ec.pem")->to_private_der(passphrase);
  ASSERT_TRUE(hidden);
  EXPECT_EQ(SigningKey::from_der(Algorithm::ES256, *hidden, passphrase)->thumbprint(), ec);
  EXPECT_EQ(code_of(SigningKey::from_der(Algorithm::ES256, *hidden)), ErrorCode::key_malformed);
  EXPECT_EQ(code_of(VerifyingKey::from_der(Algorithm::HS256, bytes_of(read("certificate.der")))),
            ErrorCode::key_mismatch);  // case 2
}

TEST_F(Pem, der_that_is_cut_changed_in_form_or_longer_is_refused) {
  make(kinds[1].openssl);
  ASSERT_TRUE(openssl("pkey -in key.pem -pubout -outform DER -out public.der"));
  const std::string der = read("public.der");
  const auto outcome = [](std::string_view text) {
    return code_of(VerifyingKey::from_der(Algorithm::ES256, bytes_of(text)));
  };
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_EQ(outcome(der.substr(0, size)), ErrorCode::key_malformed) << size;
  }
  EXPECT_EQ(outcome(der + '\0'), ErrorCode::key_malformed);
  EXPECT_EQ(outcome("\x31" + der.substr(1)), ErrorCode::key_malformed);      // a set
  EXPECT_EQ(outcome("\x30\x81" + der.substr(1)), ErrorCode::key_malformed);  // a length in a longer form
  EXPECT_EQ(outcome("\x30\x80" + der.substr(2) + std::string(2, '\0')), ErrorCode::key_malformed);  // or in none
  EXPECT_EQ(outcome(std::string(100'000, '\x30')), ErrorCode::key_malformed);
  EXPECT_EQ(outcome(std::string_view{"\x30\x00", 2}), ErrorCode::key_malformed);
}

TEST_F(Pem, of_encryption_keys_has_the_same_forms) {
  const auto passphrase = Secret::from_text("open-sesame");
  for (const auto algorithm : {KeyManagement::ECDH_ES, KeyManagement::RSA_OAEP_256}) {
    const auto key = DecryptionKey::generate(algorithm, 2048).value();
    const auto thumbprint = *key.thumbprint();
    EXPECT_EQ(*DecryptionKey::from_der(algorithm, *key.to_private_der())->thumbprint(), thumbprint);
    EXPECT_EQ(*DecryptionKey::from_der(algorithm, *key.to_private_der(passphrase), passphrase)->thumbprint(),
              thumbprint);
    const auto pem = key.to_private_pem(passphrase, PassphraseHash::pbkdf2);
    EXPECT_EQ(*DecryptionKey::from_pem(algorithm, *pem, passphrase)->thumbprint(), thumbprint);
    EXPECT_EQ(*EncryptionKey::from_der(algorithm, *key.encryption_key().to_der())->thumbprint(), thumbprint);
    EXPECT_EQ(code_of(EncryptionKey::from_der(algorithm, key.to_private_der()->reveal())), ErrorCode::key_mismatch);
  }
  const auto shared = DecryptionKey::generate(KeyManagement::A256KW).value();
  EXPECT_EQ(code_of(shared.to_private_der()), ErrorCode::key_unsupported);
  EXPECT_EQ(code_of(shared.encryption_key().to_der()), ErrorCode::key_unsupported);
}

TEST_F(Pem, signatures_are_exchanged_with_openssl) {
  write("text", "what is signed");
  const std::string pss = " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest";
  make(kinds[0].openssl);
  ASSERT_TRUE(openssl("pkey -in key.pem -pubout -out public.pem"));
  for (const auto& [algorithm, options] :
       {std::pair{Algorithm::RS256, std::string{"-sha256"}}, std::pair{Algorithm::RS384, std::string{"-sha384"}},
        std::pair{Algorithm::RS512, std::string{"-sha512"}}, std::pair{Algorithm::PS256, "-sha256" + pss},
        std::pair{Algorithm::PS384, "-sha384" + pss}, std::pair{Algorithm::PS512, "-sha512" + pss}}) {
    ASSERT_TRUE(openssl("dgst " + options + " -sign key.pem -out theirs text")) << name(algorithm);
    EXPECT_TRUE(
        VerifyingKey::from_pem(algorithm, read("public.pem"))->verifies("what is signed", bytes_of(read("theirs"))))
        << name(algorithm);
    const auto ours = signing(algorithm, "key.pem")->sign("what is signed");
    write("ours", {reinterpret_cast<const char*>(ours->data()), ours->size()});
    EXPECT_TRUE(openssl("dgst " + options + " -verify public.pem -signature ours text")) << name(algorithm);
  }
  // RFC 7518 section 3.5: a salt of another length is not PS256.
  ASSERT_TRUE(
      openssl("dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20 -sign key.pem -out theirs text"));
  EXPECT_FALSE(VerifyingKey::from_pem(Algorithm::PS256, read("public.pem"))
                   ->verifies("what is signed", bytes_of(read("theirs"))));

  make("ED25519", "ed.pem");
  const auto ed = signing(Algorithm::EdDSA, "ed.pem");
  ASSERT_TRUE(openssl("pkeyutl -sign -inkey ed.pem -rawin -in text -out theirs"));
  EXPECT_TRUE(ed->verifying_key().verifies("what is signed", bytes_of(read("theirs"))));
}

TEST_F(Pem, must_be_one_block_with_white_space_around_it) {
  make(kinds[1].openssl);
  ASSERT_TRUE(openssl("pkey -in key.pem -pubout -out public.pem"));
  const std::string pem = read("public.pem");
  const auto read_as = [](std::string_view text) { return VerifyingKey::from_pem(Algorithm::ES256, text); };
  std::string carriage_returns;
  for (const char c : pem) carriage_returns += c == '\n' ? std::string{"\r\n"} : std::string{c};
  for (const std::string& good :
       {pem, " \r\n\t" + pem + "\n \t\r\n", pem.substr(0, pem.size() - 1), carriage_returns}) {
    EXPECT_TRUE(read_as(good)) << good;
  }
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = pem;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& bad : {std::string{},
                                 std::string{" \n"},
                                 pem + pem,
                                 "x" + pem,
                                 pem + "x",
                                 "\xEF\xBB\xBF" + pem,
                                 pem + std::string(1, '\0'),
                                 changed("-----BEGIN", "----BEGIN"),
                                 changed("END PUBLIC KEY", "END PRIVATE KEY"),
                                 changed("-----END PUBLIC KEY-----\n", ""),
                                 changed("-----BEGIN PUBLIC KEY-----\n", ""),
                                 changed("KEY-----\n", "KEY-----"),
                                 changed("\n-----END", "-----END"),
                                 changed("\nM", "\n M-"),
                                 changed("\nM", "\n*M"),
                                 changed("\nM", "\n=M"),
                                 changed("\nM", "\nMM"),
                                 changed("==\n", "=\n"),
                                 changed("\nM", "\nProc-Type: 4,ENCRYPTED\n\nM"),
                                 std::string(100'000, ' ') + pem}) {
    EXPECT_EQ(code_of(read_as(bad)), ErrorCode::key_malformed) << bad.substr(0, 300);
  }
}

TEST_F(Pem, must_hold_what_its_label_says) {
  make(kinds[0].openssl);
  ASSERT_TRUE(openssl("pkey -in key.pem -pubout -out public.pem"));
  const auto relabelled = [&](const std::string& file, std::string_view from, std::string_view to) {
    std::string text = read(file);
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
    return text;
  };
  EXPECT_EQ(code_of(VerifyingKey::from_pem(Algorithm::RS256, relabelled("public.pem", "PUBLIC", "RSA PUBLIC"))),
            ErrorCode::key_malformed);
  EXPECT_EQ(code_of(VerifyingKey::from_pem(Algorithm::RS256, relabelled("public.pem", "PUBLIC KEY", "CERTIFICATE"))),
            ErrorCode::key_malformed);
  EXPECT_EQ(code_of(VerifyingKey::from_pem(Algorithm::RS256, relabelled("key.pem", "PRIVATE", "PUBLIC"))),
            ErrorCode::key_malformed);
  EXPECT_EQ(
      code_of(SigningKey::from_pem(Algorithm::RS256, Secret::from_text(relabelled("public.pem", "PUBLIC", "PRIVATE")))),
      ErrorCode::key_malformed);
  for (const std::string_view label : {"OPENSSH PRIVATE KEY", "EC PARAMETERS", "CERTIFICATE REQUEST", "PKCS7", ""}) {
    EXPECT_EQ(code_of(VerifyingKey::from_pem(Algorithm::RS256, relabelled("public.pem", "PUBLIC KEY", label))),
              ErrorCode::key_unsupported)
        << label;
  }
}

TEST_F(Pem, must_be_of_the_half_and_type_that_is_wanted) {
  make(kinds[1].openssl);
  ASSERT_TRUE(openssl("pkey -in key.pem -pubout -out public.pem"));
  EXPECT_EQ(code_of(VerifyingKey::from_pem(Algorithm::ES256, read("key.pem"))), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(signing(Algorithm::ES256, "public.pem")), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(signing(Algorithm::ES384, "key.pem")), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(signing(Algorithm::RS256, "key.pem")), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(signing(Algorithm::EdDSA, "key.pem")), ErrorCode::key_mismatch);
  EXPECT_EQ(code_of(signing(Algorithm::HS256, "key.pem")), ErrorCode::key_mismatch);  // case 2
  EXPECT_EQ(code_of(VerifyingKey::from_pem(Algorithm::HS256, read("public.pem"))), ErrorCode::key_mismatch);
}

TEST_F(Pem, of_a_curve_spelled_out_is_refused) {
  for (const std::string form : {"", " -conv_form compressed"}) {
    ASSERT_TRUE(openssl("ecparam -genkey -noout -name prime256v1 -param_enc explicit -out explicit.pem" + form));
    EXPECT_EQ(code_of(signing(Algorithm::ES256, "explicit.pem")), ErrorCode::key_unsupported);
    ASSERT_TRUE(openssl("pkey -in explicit.pem -pubout -out public.pem"));
    EXPECT_EQ(code_of(VerifyingKey::from_pem(Algorithm::ES256, read("public.pem"))), ErrorCode::key_unsupported);
  }
}

TEST_F(Pem, of_other_keys_is_refused) {
  make("EC -pkeyopt ec_paramgen_curve:secp256k1", "k1.pem");
  EXPECT_EQ(code_of(signing(Algorithm::ES256, "k1.pem")), ErrorCode::key_mismatch);
  make("X25519", "x.pem");
  EXPECT_EQ(code_of(signing(Algorithm::EdDSA, "x.pem")), ErrorCode::key_mismatch);
  make("RSA -pkeyopt rsa_keygen_bits:1024", "weak.pem");  // case 43
  EXPECT_EQ(code_of(signing(Algorithm::RS256, "weak.pem")), ErrorCode::key_too_weak);
  make("RSA-PSS -pkeyopt rsa_keygen_bits:2048", "pss.pem");
  EXPECT_EQ(code_of(signing(Algorithm::PS256, "pss.pem")), ErrorCode::key_unsupported);
  make("RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_primes:3", "three.pem");
  EXPECT_EQ(code_of(signing(Algorithm::RS256, "three.pem")), ErrorCode::key_unsupported);
  // Two blocks: the curve, then the key.
  ASSERT_TRUE(openssl("ecparam -genkey -name prime256v1 -out two.pem"));
  EXPECT_EQ(code_of(signing(Algorithm::ES256, "two.pem")), ErrorCode::key_malformed);
}

TEST_F(Pem, refused_does_not_show_its_secret) {
  make(kinds[1].openssl);
  std::string text = read("key.pem");
  const std::string secret = text.substr(40, 30);
  text.insert(80, "*");
  const auto key = SigningKey::from_pem(Algorithm::ES256, Secret::from_text(text));
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().detail().find(secret), std::string::npos);
}

}  // namespace
}  // namespace signet

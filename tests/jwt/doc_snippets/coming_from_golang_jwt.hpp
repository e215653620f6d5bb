#pragma once
// What the snippets of docs/coming-from-golang-jwt.md find in place.

#include <gtest/gtest.h>

#include <cassert>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "signet/http/guard.hpp"
#include "signet/signet.hpp"

using namespace std::chrono_literals;

class DocSnippet : public testing::Test {
 protected:
  DocSnippet() {
    std::ofstream{"hmac.key"} << "a secret for documents, of more than 32 bytes";
    std::ofstream{"rsa.pem"} << rsa.to_private_pem()->reveal_text();
    std::ofstream{"ec.pem"} << ec.to_private_pem()->reveal_text();
    std::ofstream{"ed.pem"} << ed.to_private_pem()->reveal_text();
  }
  ~DocSnippet() override { std::filesystem::current_path(before_), std::filesystem::remove_all(folder_); }

  static std::filesystem::path new_folder() {
    auto path = (std::filesystem::temp_directory_path() / "signet-doc-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error{"no folder for the snippets"};
    std::filesystem::current_path(path);
    return path;
  }

  static void deny(const signet::Error& error) { ADD_FAILURE() << error.detail(); }

  // A builder with the decisions that every verifier needs; the snippets add what they show.
  signet::VerifierBuilder decided() const {
    auto builder = signet::Verifier::builder();
    builder.key(key.verifying_key()).issuer("https://auth.example").audience("api");
    return builder;
  }
  std::string signed_with(const signet::Claims& claims) const { return signet::Signer{key}.sign(claims).value(); }

  // Members in the order they are made: the folder first, the tokens last.
  std::filesystem::path before_ = std::filesystem::current_path();
  std::filesystem::path folder_ = new_folder();

  signet::Secret secret = signet::Secret::from_text("a secret for documents, of more than 32 bytes");
  signet::SigningKey key = signet::SigningKey::hmac(signet::Algorithm::HS256, secret).value();
  inline static const signet::SigningKey rsa = signet::SigningKey::generate(signet::Algorithm::RS256, 2048).value();
  inline static const signet::SigningKey ec = signet::SigningKey::generate(signet::Algorithm::ES256).value();
  inline static const signet::SigningKey ed = signet::SigningKey::generate(signet::Algorithm::EdDSA).value();
  std::string rsa_public_pem = rsa.verifying_key().to_pem().value();
  std::string ec_public_pem = ec.verifying_key().to_pem().value();
  std::string ed_public_pem = ed.verifying_key().to_pem().value();
  std::string jwks =
      signet::KeySet::of({rsa.verifying_key().with_key_id("2026-01"), ec.verifying_key().with_key_id("2026-02")})
          .value()
          .to_json();

  std::string token = signed_with(signet::Claims{}
                                      .issuer("https://auth.example")
                                      .audience("api")
                                      .subject("user-42")
                                      .id("token-1")
                                      .expires_in(24h)
                                      .set("foo", "bar")
                                      .set("scope", "profile")
                                      .set("number", 9007199254740993));
  signet::Verifier verifier = decided().build().value();
};

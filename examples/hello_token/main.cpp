// Issues a token with a shared secret and verifies it: SIGNET_SECRET=... example_hello_token

#include <signet/signet.hpp>

#include <iostream>

using namespace std::chrono_literals;

int main() {
  auto secret = signet::Secret::from_env("SIGNET_SECRET");
  if (!secret) return std::cerr << secret.error().detail() << '\n', 1;
  auto key = signet::SigningKey::hmac(signet::Algorithm::HS256, *secret);
  if (!key) return std::cerr << key.error().detail() << '\n', 1;

  auto token = signet::Signer{*key}.sign(signet::Claims{}
                                             .issuer("https://auth.example")
                                             .audience("api")
                                             .subject("user-42")
                                             .expires_in(15min)
                                             .set("role", "admin"));
  if (!token) return std::cerr << token.error().detail() << '\n', 1;

  auto verifier =
      signet::Verifier::builder().key(key->verifying_key()).issuer("https://auth.example").audience("api").build();
  if (!verifier) return std::cerr << verifier.error().detail() << '\n', 1;

  auto verified = verifier->verify(*token);
  if (!verified) return std::cerr << verified.error().detail() << '\n', 1;
  std::cout << *token << '\n'
            << verified->subject() << " is an " << verified->claim<std::string_view>("role").value_or("?") << '\n';
}

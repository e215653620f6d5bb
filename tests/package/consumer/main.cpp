#include <signet/http/guard.hpp>
#include <signet/remote_issuer.hpp>
#include <signet/signet.hpp>

#include <iostream>

int main() {
  const auto key = signet::SigningKey::generate(signet::Algorithm::ES256);
  if (!key) return 1;
  const auto token =
      signet::Signer{*key}.sign(signet::Claims{}.subject("consumer").expires_in(std::chrono::minutes{1}));
  const auto verifier = signet::Verifier::builder().key(key->verifying_key()).any_issuer().any_audience().build();
  if (!token || !verifier) return 1;
  const std::string line = "Bearer " + *token;
  const std::string_view lines[] = {line};
  const auto who = signet::http::Guard{*verifier}.check({"GET", lines, {}, {}});
  if (!who) return 1;
  if (signet::RemoteIssuer::connect("http://auth.example")) return 1;  // plain http, and not to this machine
  std::cout << who->subject() << " uses signet " << signet::version() << '\n';
}

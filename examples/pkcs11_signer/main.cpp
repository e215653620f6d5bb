// Issues a token with a key that never leaves its HSM, after the key set that verifies it:
//   SIGNET_PKCS11_PIN=... example_pkcs11_signer MODULE 'pkcs11:token=vault;object=login-2026' ALGORITHM

#include <signet/pkcs11.hpp>
#include <signet/signet.hpp>

#include <iostream>

using namespace std::chrono_literals;

namespace {

int failed(const signet::Error& error) {
  std::cerr << to_string(error.code()) << ": " << error.detail() << '\n';
  return 1;
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> given{words + 1, words + count};
  const auto algorithm = given.size() == 3 ? signet::algorithm_from_name(given[2]) : std::nullopt;
  if (!algorithm) return std::cerr << "usage: MODULE URI ALGORITHM\n", 2;
  auto pin = signet::Secret::from_env("SIGNET_PKCS11_PIN");
  if (!pin) return failed(pin.error());

  const signet::Pkcs11 hsm{given[0], std::move(*pin)};
  const auto key = hsm.signing_key(*algorithm, given[1]);
  if (!key) return failed(key.error());

  // From here on it is a signing key as any other.
  const auto token = signet::Signer{*key}.sign(
      signet::Claims{}.issuer("https://auth.example").audience("api").subject("user-42").expires_in(15min));
  if (!token) return failed(token.error());
  const auto keys = signet::KeySet::of({key->verifying_key()});
  if (!keys) return failed(keys.error());
  std::cout << keys->to_json() << '\n' << *token << '\n';
}

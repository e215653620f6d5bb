// Issues a token with a key that never leaves its HSM, after the key set that verifies it:
//   SIGNET_PKCS11_PIN=... example_pkcs11_signer MODULE TOKEN KEY ALGORITHM PUBLIC_KEY.pem

#include <signet/signet.hpp>

#include <fstream>
#include <iostream>
#include <iterator>

#include "pkcs11_signer.hpp"

using namespace std::chrono_literals;

namespace {

int failed(const signet::Error& error) {
  std::cerr << to_string(error.code()) << ": " << error.detail() << '\n';
  return 1;
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> given{words + 1, words + count};
  const auto algorithm = given.size() == 5 ? signet::algorithm_from_name(given[3]) : std::nullopt;
  if (!algorithm) return std::cerr << "usage: MODULE TOKEN KEY ALGORITHM PUBLIC_KEY.pem\n", 2;
  const auto pin = signet::Secret::from_env("SIGNET_PKCS11_PIN");
  if (!pin) return failed(pin.error());

  std::ifstream file{given[4]};
  const std::string pem{std::istreambuf_iterator<char>{file}, {}};
  const auto public_key = signet::VerifyingKey::from_pem(*algorithm, pem);
  if (!public_key) return failed(public_key.error());
  auto hsm = example::open_pkcs11({.module = given[0], .token = given[1], .label = given[2]}, *algorithm, *pin);
  if (!hsm) return failed(hsm.error());

  // From here on it is a signing key as any other.
  const auto key = signet::SigningKey::external(public_key->with_key_id(public_key->thumbprint()), *hsm);
  if (!key) return failed(key.error());
  const auto token = signet::Signer{*key}.sign(
      signet::Claims{}.issuer("https://auth.example").audience("api").subject("user-42").expires_in(15min));
  if (!token) return failed(token.error());
  const auto keys = signet::KeySet::of({key->verifying_key()});
  if (!keys) return failed(keys.error());
  std::cout << keys->to_json() << '\n' << *token << '\n';
}

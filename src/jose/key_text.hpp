#pragma once
// A key as PEM and as DER, private ones encrypted or not; the same for keys that sign and keys that decrypt. `Key` has
// KeyMaterial's private_der and public_der.

#include <expected>
#include <string>

#include "signet/secret.hpp"
#include "src/crypto/key_material.hpp"
#include "src/jose/pem.hpp"

namespace signet::jose {

enum class Armour : std::uint8_t { none, pem };

// `passphrase` may be null: not encrypted. Errors: private_der's, key_too_weak and key_mismatch for a passphrase of
// less than 8 or more than 1024 bytes.
template <class Key>
std::expected<Secret, Error> private_text(const Key& key, Armour armour, const Secret* passphrase = nullptr,
                                          PassphraseHash hash = PassphraseHash::scrypt) {
  constexpr std::size_t shortest = 8, longest = 1024;
  if (passphrase != nullptr && passphrase->size() < shortest) {
    return std::unexpected(Error{ErrorCode::key_too_weak, "a passphrase of less than 8 bytes"});
  }
  if (passphrase != nullptr && passphrase->size() > longest) {
    return std::unexpected(Error{ErrorCode::key_mismatch, "a passphrase of more than 1024 bytes"});
  }
  const auto der = passphrase == nullptr ? key.private_der(nullptr) : [&] {
    const crypto::Protection protection{*passphrase, hash};
    return key.private_der(&protection);
  }();
  if (!der) return std::unexpected(der.error());
  if (armour == Armour::none) return Secret::from_bytes(*der);
  const auto pem = write_pem(passphrase == nullptr ? crypto::Encoding::pkcs8 : crypto::Encoding::encrypted_pkcs8, *der);
  return Secret::from_text({pem.data(), pem.size()});
}

template <class Key>
std::expected<std::string, Error> public_pem(const Key& key) {
  const auto der = key.public_der();
  if (!der) return std::unexpected(der.error());
  const auto pem = write_pem(crypto::Encoding::spki, *der);
  return std::string{pem.data(), pem.size()};
}

}  // namespace signet::jose

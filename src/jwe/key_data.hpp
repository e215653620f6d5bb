#pragma once
// What an EncryptionKey and a DecryptionKey share.

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "signet/encryption_key.hpp"
#include "src/crypto/exchange_key.hpp"
#include "src/crypto/secure_memory.hpp"
#include "src/jwe/algorithms.hpp"

namespace signet::jwe {

struct KeyData {
  const KeyManagementAlgorithm& algorithm;
  std::vector<ContentEncryption> allowed;                  // never empty; with `dir`, the one the key is for
  std::shared_ptr<const crypto::SecretBytes> secret = {};  // of the shared modes, the others null
  crypto::ExchangeHandle exchange = {};                    // of RSA and ECDH-ES, the others null
  std::string key_id = {};
  std::string certificates = {};  // members of the JWK

  [[nodiscard]] bool allows(ContentEncryption algorithm) const noexcept;
};

using KeyHandle = std::shared_ptr<const KeyData>;

struct KeyAccess {
  [[nodiscard]] static const KeyHandle& data(const EncryptionKey& key) noexcept { return key.data_; }
  [[nodiscard]] static const KeyHandle& data(const DecryptionKey& key) noexcept { return key.data_; }

  template <class Key>
  [[nodiscard]] static std::expected<Key, Error> made(std::expected<KeyHandle, Error> data) {
    if (!data) return std::unexpected(std::move(data).error());
    return Key{std::move(*data)};
  }
};

}  // namespace signet::jwe

#pragma once
// A key of any kind, as `convert` and `keyset` take it: private or public, for signatures or for encryption; JWK, PEM
// or DER.

#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "cli/console.hpp"
#include "signet/encryption_key.hpp"
#include "signet/key.hpp"

namespace signet::cli {

using AnyKey = std::variant<SigningKey, VerifyingKey, DecryptionKey, EncryptionKey>;

[[nodiscard]] bool is_jwk_text(std::string_view text);

struct AnyKeySource {
  std::string_view flag;        // named in errors
  std::string algorithm;        // for signatures or encryption; empty: the key's own
  bool any_algorithm = false;   // where none is named and several would do, any
  std::string passphrase_file;  // of an encrypted key; empty: none
};
[[nodiscard]] std::expected<AnyKey, Trouble> read_any_key(const Secret& text, const AnyKeySource& source,
                                                          Console& console);

[[nodiscard]] bool is_private(const AnyKey& key);  // also when it is a secret
[[nodiscard]] bool is_secret(const AnyKey& key);   // shared by both sides: it has no public half
[[nodiscard]] const std::string& key_id(const AnyKey& key);
[[nodiscard]] AnyKey with_key_id(const AnyKey& key, const std::string& key_id);
[[nodiscard]] std::expected<std::string, Error> thumbprint(const AnyKey& key);
[[nodiscard]] AnyKey public_half(const AnyKey& key);                       // of a secret, the secret
[[nodiscard]] std::expected<Secret, Error> to_any_jwk(const AnyKey& key);  // private when the key is

}  // namespace signet::cli

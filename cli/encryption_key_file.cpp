#include "cli/encryption_key_file.hpp"

#include <optional>

#include <fmt/format.h>

#include "cli/input.hpp"
#include "signet/json.hpp"

namespace signet::cli {
namespace {

// What --alg may name: the key management, or for a key that encrypts directly the content encryption.
struct Named {
  std::optional<KeyManagement> management;
  std::optional<ContentEncryption> direct;
};

std::expected<Named, Trouble> parse_named(const std::string& text) {
  if (text.empty()) return Named{};
  Named named{key_management_from_name(text), content_encryption_from_name(text)};
  if (named.management || named.direct) return named;
  return std::unexpected(Trouble{"--alg: no key management algorithm; say ECDH-ES+A256KW, RSA-OAEP-256, A256KW, ..."});
}

Trouble trouble(const Error& error) { return {fmt::format("--key: {}", error.detail())}; }

bool is_json(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && text[start] == '{';
}

bool is_private_pem(std::string_view text) { return text.find("PRIVATE KEY-----") != std::string_view::npos; }

bool is_private_jwk(std::string_view text) {
  const auto jwk = json::parse(text);
  return jwk && jwk->find("d").has_value();
}

template <class Key>
std::expected<Key, Trouble> finished(std::expected<Key, Error> key) {
  if (!key) return std::unexpected(trouble(key.error()));
  return std::move(*key);
}

template <class Key, class Text>
std::expected<Key, Trouble> from_jwk(const Named& named, const Text& text) {
  return finished(named.management ? Key::from_jwk(*named.management, text)
                  : named.direct   ? Key::from_jwk(*named.direct, text)
                                   : Key::from_jwk(text));
}

template <class Key>
std::expected<Key, Trouble> from_password(const EncryptionKeySource& source, const Named& named) {
  if (!named.management) return std::unexpected(Trouble{"--password-env needs --alg PBES2-HS256+A128KW or its like"});
  const auto password = read_environment("--password-env", source.password_env);
  if (!password) return std::unexpected(password.error());
  return finished(Key::from_passphrase(*named.management, *password));
}

std::expected<DecryptionKey, Trouble> from_private_pem(const EncryptionKeySource& source, const Named& named,
                                                       const Secret& text) {
  if (!named.management) return std::unexpected(Trouble{"--key: PEM names no algorithm: name it with --alg"});
  if (source.passphrase_env.empty()) return finished(DecryptionKey::from_pem(*named.management, text));
  const auto passphrase = read_environment("--passphrase-env", source.passphrase_env);
  if (!passphrase) return std::unexpected(passphrase.error());
  return finished(DecryptionKey::from_pem(*named.management, text, *passphrase));
}

std::expected<DecryptionKey, Trouble> from_private(const EncryptionKeySource& source, const Named& named,
                                                   const Secret& text) {
  if (is_json(text.reveal_text())) return from_jwk<DecryptionKey>(named, text);
  return from_private_pem(source, named, text);
}

std::expected<void, Trouble> check(const EncryptionKeySource& source) {
  if (source.file.empty() != source.password_env.empty()) return {};
  return std::unexpected(Trouble{"give the key with one of --key FILE and --password-env NAME"});
}

}  // namespace

std::expected<EncryptionKey, Trouble> load_encryption_key(const EncryptionKeySource& source, Console& console) {
  if (auto sound = check(source); !sound) return std::unexpected(sound.error());
  const auto named = parse_named(source.algorithm);
  if (!named) return std::unexpected(named.error());
  if (!source.password_env.empty()) return from_password<EncryptionKey>(source, *named);
  const auto text = read_secret("--key", source.file, console);
  if (!text) return std::unexpected(text.error());
  const auto view = text->reveal_text();
  if (is_private_pem(view) || (is_json(view) && is_private_jwk(view))) {
    auto key = from_private(source, *named, *text);
    if (!key) return std::unexpected(key.error());
    return key->encryption_key();
  }
  if (is_json(view)) return from_jwk<EncryptionKey>(*named, view);
  if (!named->management) return std::unexpected(Trouble{"--key: PEM names no algorithm: name it with --alg"});
  return finished(EncryptionKey::from_pem(*named->management, view));
}

std::expected<DecryptionKey, Trouble> load_decryption_key(const EncryptionKeySource& source, Console& console) {
  if (auto sound = check(source); !sound) return std::unexpected(sound.error());
  const auto named = parse_named(source.algorithm);
  if (!named) return std::unexpected(named.error());
  if (!source.password_env.empty()) return from_password<DecryptionKey>(source, *named);
  const auto text = read_secret("--key", source.file, console);
  if (!text) return std::unexpected(text.error());
  return from_private(source, *named, *text);
}

}  // namespace signet::cli

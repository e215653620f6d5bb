#include "cli/any_key.hpp"

#include <optional>

#include <fmt/format.h>

#include "cli/input.hpp"
#include "cli/key_file.hpp"
#include "signet/json.hpp"
#include "src/jose/algorithms.hpp"
#include "src/jose/der.hpp"

namespace signet::cli {
namespace {

// What --alg may name.
struct Named {
  std::optional<Algorithm> signature;
  std::optional<KeyManagement> management;
  std::optional<ContentEncryption> direct;

  [[nodiscard]] bool is_for_encryption() const { return management || direct; }
};

std::expected<Named, Trouble> parse_named(const std::string& text) {
  Named named{algorithm_from_name(text), key_management_from_name(text), content_encryption_from_name(text)};
  if (text.empty() || named.signature || named.is_for_encryption()) return named;
  const auto unknown = parse_algorithm(text);
  return std::unexpected(Trouble{unknown.error().text + "; for encryption ECDH-ES RSA-OAEP-256 A256KW ..."});
}

std::unexpected<Trouble> refused(const AnyKeySource& source, const Error& error) {
  return std::unexpected(Trouble{fmt::format("{}: {}: {}", source.flag, to_string(error.code()), error.detail())});
}

std::unexpected<Trouble> needs_algorithm(const AnyKeySource& source) {
  return std::unexpected(Trouble{
      fmt::format("{}: this key fits several algorithms: name one with --alg (for RSA: RS256 or PS256)", source.flag)});
}

template <class Key>
std::expected<AnyKey, Trouble> finished(const AnyKeySource& source, std::expected<Key, Error> key) {
  if (!key) return refused(source, key.error());
  return AnyKey{std::move(*key)};
}

// --- JWK

struct JwkTraits {
  std::string kty, alg;
  bool is_private = false;
  bool is_for_encryption = false;
};

JwkTraits traits_of(json::View jwk) {
  const auto text = [&](std::string_view name) {
    const auto value = jwk.find(name);
    return value ? value->string().value_or("") : std::string{};
  };
  JwkTraits traits{.kty = text("kty"), .alg = text("alg")};
  traits.is_private = traits.kty == "oct" || jwk.find("d") || jwk.find("priv");
  const std::string crv = text("crv");
  traits.is_for_encryption = text("use") == "enc" || crv == "X25519" || crv == "X448" ||
                             key_management_from_name(traits.alg) || content_encryption_from_name(traits.alg);
  return traits;
}

template <class Key, class Text>
std::expected<Key, Error> from_jwk(const Named& named, const Text& text) {
  if constexpr (std::is_same_v<Key, SigningKey> || std::is_same_v<Key, VerifyingKey>) {
    return named.signature ? Key::from_jwk(*named.signature, text) : Key::from_jwk(text);
  } else {
    return named.management ? Key::from_jwk(*named.management, text)
           : named.direct   ? Key::from_jwk(*named.direct, text)
                            : Key::from_jwk(text);
  }
}

std::expected<AnyKey, Trouble> read_jwk(const Secret& text, const AnyKeySource& source, Named named) {
  const auto jwk = json::parse(text.reveal_text());
  if (!jwk || jwk->kind() != json::Kind::object) {
    return std::unexpected(Trouble{fmt::format("{}: the JWK is not strict JSON", source.flag)});
  }
  const JwkTraits traits = traits_of(*jwk);
  const bool encrypts = named.is_for_encryption() || (!named.signature && traits.is_for_encryption);
  const bool names_none = traits.alg.empty() && !named.signature && !named.is_for_encryption();
  if (names_none && encrypts && traits.kty != "oct" && (source.any_algorithm || traits.kty != "RSA")) {
    named.management = traits.kty == "RSA" ? KeyManagement::RSA_OAEP_256 : KeyManagement::ECDH_ES;
  } else if (names_none && traits.kty == "RSA") {
    if (!source.any_algorithm) return needs_algorithm(source);
    named.signature = Algorithm::RS256;
  }
  if (encrypts) {
    return traits.is_private ? finished(source, from_jwk<DecryptionKey>(named, text))
                             : finished(source, from_jwk<EncryptionKey>(named, text.reveal_text()));
  }
  return traits.is_private ? finished(source, from_jwk<SigningKey>(named, text))
                           : finished(source, from_jwk<VerifyingKey>(named, text.reveal_text()));
}

// --- PEM and DER

// With a passphrase, opened once for all attempts: each would pay for it again.
std::expected<Secret, Trouble> plain_der(const jose::EncodedKey& key, const AnyKeySource& source, Console& console) {
  if (!crypto::is_encrypted(key.encoding)) return Secret::from_bytes(key.bytes);
  if (source.passphrase_file.empty()) {
    return std::unexpected(Trouble{
        fmt::format("{}: this key is encrypted: name the file of its passphrase with --passphrase-file", source.flag)});
  }
  const auto passphrase = read_passphrase("--passphrase-file", source.passphrase_file, console);
  if (!passphrase) return std::unexpected(passphrase.error());
  const auto der = crypto::decrypted_private_key(key.encoding, key.bytes, *passphrase);
  if (!der) return refused(source, der.error());
  return Secret::from_bytes(*der);
}

template <class Key, class Which>
std::expected<Key, Error> key_of(Which algorithm, const Secret& der) {
  if constexpr (std::is_same_v<Key, SigningKey> || std::is_same_v<Key, DecryptionKey>) {
    return Key::from_der(algorithm, der);
  } else {
    return Key::from_der(algorithm, der.reveal());
  }
}

// Without an algorithm, each curve has its own; keys that are for agreement alone get ECDH-ES.
template <class Signature, class Encryption>
std::expected<AnyKey, Trouble> from_der(const Secret& der, const AnyKeySource& source, const Named& named) {
  if (named.signature) return finished(source, key_of<Signature>(*named.signature, der));
  if (named.management) return finished(source, key_of<Encryption>(*named.management, der));
  if (named.direct) {
    return std::unexpected(Trouble{fmt::format("{}: a key that encrypts directly has no PEM and no DER", source.flag)});
  }
  for (const Algorithm candidate : curve_algorithms) {
    if (!is_available(candidate)) continue;
    auto key = key_of<Signature>(candidate, der);
    if (key || key.error().code() != ErrorCode::key_mismatch) return finished(source, std::move(key));
  }
  auto agreement = key_of<Encryption>(KeyManagement::ECDH_ES, der);
  if (agreement || agreement.error().code() != ErrorCode::key_mismatch) return finished(source, std::move(agreement));
  if (!source.any_algorithm) return needs_algorithm(source);
  return finished(source, key_of<Signature>(Algorithm::RS256, der));
}

std::expected<AnyKey, Trouble> read_encoded(const Secret& text, const AnyKeySource& source, const Named& named,
                                            Console& console) {
  const bool is_pem = text.reveal_text().find("-----BEGIN ") != std::string_view::npos;
  const auto encoded = is_pem ? jose::read_pem(text.reveal_text()) : jose::read_der(text.reveal());
  if (!encoded && !is_pem) {
    return std::unexpected(Trouble{
        fmt::format("{}: neither a JWK (a JSON object), nor PEM (-----BEGIN ...), nor the DER of a key", source.flag)});
  }
  if (!encoded) return refused(source, encoded.error());
  const auto der = plain_der(*encoded, source, console);
  if (!der) return std::unexpected(der.error());
  return crypto::is_private(encoded->encoding) ? from_der<SigningKey, DecryptionKey>(*der, source, named)
                                               : from_der<VerifyingKey, EncryptionKey>(*der, source, named);
}

template <class Key>
constexpr bool is_private_type = std::is_same_v<Key, SigningKey> || std::is_same_v<Key, DecryptionKey>;

}  // namespace

bool is_jwk_text(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && text[start] == '{';
}

std::expected<AnyKey, Trouble> read_any_key(const Secret& text, const AnyKeySource& source, Console& console) {
  const auto named = parse_named(source.algorithm);
  if (!named) return std::unexpected(named.error());
  if (is_jwk_text(text.reveal_text())) return read_jwk(text, source, *named);
  return read_encoded(text, source, *named, console);
}

bool is_private(const AnyKey& key) {
  return std::visit([]<class Key>(const Key&) { return is_private_type<Key>; }, key);
}

bool is_secret(const AnyKey& key) {
  if (const auto* signing = std::get_if<SigningKey>(&key)) return is_symmetric(signing->algorithm());
  const auto* decryption = std::get_if<DecryptionKey>(&key);
  return decryption != nullptr && !decryption->encryption_key().to_jwk();
}

const std::string& key_id(const AnyKey& key) {
  return std::visit([](const auto& one) -> const std::string& { return one.key_id(); }, key);
}

AnyKey with_key_id(const AnyKey& key, const std::string& key_id) {
  return std::visit([&](const auto& one) { return AnyKey{one.with_key_id(key_id)}; }, key);
}

std::expected<std::string, Error> thumbprint(const AnyKey& key) {
  return std::visit([](const auto& one) -> std::expected<std::string, Error> { return one.thumbprint(); }, key);
}

AnyKey public_half(const AnyKey& key) {
  if (is_secret(key)) return key;
  if (const auto* signing = std::get_if<SigningKey>(&key)) return signing->verifying_key();
  if (const auto* decryption = std::get_if<DecryptionKey>(&key)) return decryption->encryption_key();
  return key;
}

std::expected<Secret, Error> to_any_jwk(const AnyKey& key) {
  return std::visit(
      []<class Key>(const Key& one) -> std::expected<Secret, Error> {
        if constexpr (is_private_type<Key>) {
          return one.to_private_jwk();
        } else {
          const auto text = one.to_jwk();
          if (!text) return std::unexpected(text.error());
          return Secret::from_text(*text);
        }
      },
      key);
}

}  // namespace signet::cli

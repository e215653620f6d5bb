#include "cli/key_file.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "cli/fetch.hpp"
#include "cli/input.hpp"
#include "signet/json.hpp"
#include "src/jose/algorithms.hpp"

namespace signet::cli {
namespace {

bool is_rsa(Algorithm algorithm) { return name(algorithm).starts_with("RS") || name(algorithm).starts_with("PS"); }

Trouble key_trouble(std::string_view flag, const Error& error) {
  const std::string detail = error.detail();
  return {detail.empty() ? fmt::format("{}: {}", flag, to_string(error.code()))
                         : fmt::format("{}: {}: {}", flag, to_string(error.code()), detail)};
}

Trouble rsa_needs_algorithm(std::string_view flag) {
  return {fmt::format("{}: this key fits several algorithms: name one with --alg (for RSA: RS256 or PS256)", flag)};
}

bool is_json(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && text[start] == '{';
}

bool is_pem(std::string_view text) { return text.find("-----BEGIN ") != std::string_view::npos; }

// ssh-keygen's own form, which no other program reads.
bool is_openssh(std::string_view text) { return text.find("-----BEGIN OPENSSH PRIVATE KEY") != std::string_view::npos; }

Trouble openssh_key(std::string_view flag) {
  return {fmt::format(
      "{}: a key in OpenSSH's own form: `ssh-keygen -p -m PKCS8 -f COPY` rewrites a copy of an RSA or ECDSA key as PEM",
      flag)};
}

Trouble not_a_key(std::string_view flag) {
  return {fmt::format("{}: neither a JWK (a JSON object) nor PEM (-----BEGIN ...)", flag)};
}

// With no algorithm named, tries those that a curve implies; a key of another type is none of them.
template <class Key, class Load>
std::expected<Key, Trouble> load_pem(std::string_view flag, std::optional<Algorithm> algorithm,
                                     std::optional<Algorithm> rsa_default, Load load) {
  if (algorithm) {
    auto key = load(*algorithm);
    if (!key) return std::unexpected(key_trouble(flag, key.error()));
    return std::move(*key);
  }
  for (const Algorithm candidate : curve_algorithms) {
    if (!is_available(candidate)) continue;
    auto key = load(candidate);
    if (key) return std::move(*key);
    if (key.error().code() != ErrorCode::key_mismatch) return std::unexpected(key_trouble(flag, key.error()));
  }
  if (!rsa_default) return std::unexpected(rsa_needs_algorithm(flag));
  auto key = load(*rsa_default);
  if (!key) return std::unexpected(key_trouble(flag, key.error()));
  return std::move(*key);
}

// Whether a JWK names its algorithm or has a curve that does. Malformed text is for the library to refuse.
struct JwkTraits {
  bool is_private = false;
  bool is_octet = false;
  bool needs_algorithm = false;
};

JwkTraits jwk_traits(std::string_view text) {
  JwkTraits traits;
  const auto jwk = json::parse(text);
  if (!jwk) return traits;
  const auto kty = jwk->find("kty");
  const auto type = kty ? kty->string() : std::nullopt;
  traits.is_octet = type == "oct";
  traits.is_private = jwk->find("d") || jwk->find("priv");  // RFC 7518 section 6, RFC 9964 section 3
  traits.needs_algorithm = (traits.is_octet || type == "RSA") && !jwk->find("alg");
  return traits;
}

std::expected<SigningKey, Trouble> signing_key_from_jwk(std::string_view flag, const Secret& text,
                                                        std::optional<Algorithm> algorithm,
                                                        std::optional<Algorithm> fallback) {
  const JwkTraits traits = jwk_traits(text.reveal_text());
  if (!algorithm && traits.needs_algorithm) {
    if (!fallback) return std::unexpected(rsa_needs_algorithm(flag));
    algorithm = traits.is_octet ? Algorithm::HS256 : *fallback;
  }
  auto key = algorithm ? SigningKey::from_jwk(*algorithm, text) : SigningKey::from_jwk(text);
  if (!key) return std::unexpected(key_trouble(flag, key.error()));
  return std::move(*key);
}

std::expected<SigningKey, Trouble> signing_key_from_pem(std::string_view flag, const Secret& text,
                                                        std::optional<Algorithm> algorithm,
                                                        std::optional<Algorithm> rsa_default,
                                                        const std::string& passphrase_env) {
  if (is_openssh(text.reveal_text())) return std::unexpected(openssh_key(flag));
  const bool encrypted = text.reveal_text().find("ENCRYPTED") != std::string_view::npos;
  if (encrypted && passphrase_env.empty()) {
    return std::unexpected(Trouble{fmt::format(
        "{}: this key is encrypted: put its passphrase into an environment variable and name it with --passphrase-env",
        flag)});
  }
  if (!encrypted) {
    return load_pem<SigningKey>(flag, algorithm, rsa_default,
                                [&](Algorithm candidate) { return SigningKey::from_pem(candidate, text); });
  }
  auto passphrase = read_environment("--passphrase-env", passphrase_env);
  if (!passphrase) return std::unexpected(passphrase.error());
  return load_pem<SigningKey>(flag, algorithm, rsa_default,
                              [&](Algorithm candidate) { return SigningKey::from_pem(candidate, text, *passphrase); });
}

std::expected<VerifyingKey, Trouble> verifying_key_from(std::string_view flag, const Secret& text,
                                                        std::optional<Algorithm> algorithm,
                                                        std::optional<Algorithm> rsa_default) {
  const std::string_view view = text.reveal_text();
  if (is_json(view)) {
    const JwkTraits traits = jwk_traits(view);
    if (traits.is_private || traits.is_octet) {
      auto key = signing_key_from_jwk(flag, text, algorithm, rsa_default);
      if (!key) return std::unexpected(key.error());
      return key->verifying_key();
    }
    if (!algorithm && traits.needs_algorithm) {
      if (!rsa_default) return std::unexpected(rsa_needs_algorithm(flag));
      algorithm = rsa_default;
    }
    auto key = algorithm ? VerifyingKey::from_jwk(*algorithm, view) : VerifyingKey::from_jwk(view);
    if (!key) return std::unexpected(key_trouble(flag, key.error()));
    return std::move(*key);
  }
  if (!is_pem(view)) return std::unexpected(not_a_key(flag));
  if (view.find("PRIVATE KEY-----") != std::string_view::npos) {
    auto key = signing_key_from_pem(flag, text, algorithm, rsa_default, {});
    if (!key) return std::unexpected(key.error());
    return key->verifying_key();
  }
  return load_pem<VerifyingKey>(flag, algorithm, rsa_default,
                                [&](Algorithm candidate) { return VerifyingKey::from_pem(candidate, view); });
}

std::expected<std::optional<Algorithm>, Trouble> optional_algorithm(const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto algorithm = parse_algorithm(text);
  if (!algorithm) return std::unexpected(algorithm.error());
  return *algorithm;
}

Trouble secret_needs_hmac() {
  return {"--secret-env needs --alg HS256, HS384 or HS512: a secret works with nothing else"};
}

std::expected<KeySet, Trouble> load_key_set(const VerifyingKeySource& source, std::optional<Algorithm> algorithm,
                                            Console& console) {
  KeySetOptions options;
  if (algorithm && !is_rsa(*algorithm)) {
    return std::unexpected(
        Trouble{"--alg with --jwks names the algorithm of RSA keys that name none: RS256, PS256, ..."});
  }
  options.rsa_algorithm = algorithm;
  const bool remote = source.jwks.find("://") != std::string::npos;
  auto text = remote ? fetch({.url = source.jwks, .ca_file = source.cacert, .limit = options.limits.key_set_bytes})
                     : read_text("--jwks", source.jwks, options.limits.key_set_bytes, console);
  if (!text) return std::unexpected(text.error());
  auto keys = KeySet::parse(*text, options);
  if (!keys) {
    const auto document = json::parse(*text);
    if (document && document->find("kty"))
      return std::unexpected(Trouble{"--jwks: this is one key and no set of keys: give it with --jwk"});
    return std::unexpected(key_trouble("--jwks", keys.error()));
  }
  return std::move(*keys);
}

}  // namespace

std::string algorithm_names() {
  std::string names;
  for (const auto& row : jose::signature_algorithms) {
    if (is_available(row.algorithm)) names.append(names.empty() ? "" : " ").append(row.name);
  }
  return names;
}

std::expected<Algorithm, Trouble> parse_algorithm(std::string_view text) {
  if (const auto algorithm = algorithm_from_name(text)) return *algorithm;
  const std::string names = algorithm_names();
  std::string hint;
  for (const auto& row : jose::signature_algorithms) {
    std::string upper{text};
    std::string wanted{row.name};
    for (std::string* word : {&upper, &wanted}) {
      for (char& c : *word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    if (upper == wanted) {
      hint = fmt::format(" (did you mean {}? case matters)", row.name);
      break;
    }
  }
  if (text.size() > 16) return std::unexpected(Trouble{fmt::format("not a signature algorithm; there are {}", names)});
  return std::unexpected(Trouble{fmt::format("no signature algorithm '{}'{}; there are {}", text, hint, names)});
}

std::expected<SigningKey, Trouble> load_signing_key(const SigningKeySource& source, Console& console) {
  if (source.file.empty() == source.secret_env.empty()) {
    return std::unexpected(Trouble{"give the key with one of --key FILE and --secret-env NAME"});
  }
  const auto algorithm = optional_algorithm(source.algorithm);
  if (!algorithm) return std::unexpected(algorithm.error());
  if (!source.secret_env.empty()) {
    if (!*algorithm || !is_symmetric(**algorithm)) return std::unexpected(secret_needs_hmac());
    auto secret = read_environment("--secret-env", source.secret_env);
    if (!secret) return std::unexpected(secret.error());
    auto key = SigningKey::hmac(**algorithm, *secret);
    if (!key) return std::unexpected(key_trouble("--secret-env", key.error()));
    return std::move(*key);
  }
  auto text = read_secret("--key", source.file, console);
  if (!text) return std::unexpected(text.error());
  if (is_json(text->reveal_text())) {
    const JwkTraits traits = jwk_traits(text->reveal_text());
    if (!traits.is_private && !traits.is_octet && json::parse(text->reveal_text())) {
      return std::unexpected(Trouble{"--key: this JWK is public; signing needs the private one"});
    }
    return signing_key_from_jwk("--key", *text, *algorithm, std::nullopt);
  }
  if (!is_pem(text->reveal_text())) return std::unexpected(not_a_key("--key"));
  if (text->reveal_text().find("PRIVATE KEY-----") == std::string_view::npos) {
    return std::unexpected(Trouble{"--key: no private key in this PEM; signing needs one"});
  }
  return signing_key_from_pem("--key", *text, *algorithm, std::nullopt, source.passphrase_env);
}

std::expected<VerifyingKey, Trouble> load_verifying_key(std::string_view flag, const std::string& file,
                                                        std::optional<Algorithm> algorithm,
                                                        std::optional<Algorithm> rsa_default, Console& console) {
  auto text = read_secret(flag, file, console);
  if (!text) return std::unexpected(text.error());
  return verifying_key_from(flag, *text, algorithm, rsa_default);
}

std::expected<VerifyingKeys, Trouble> load_verifying_keys(const VerifyingKeySource& source, Console& console) {
  const int given = !source.key.empty() + !source.jwk.empty() + !source.jwks.empty() + !source.secret_env.empty();
  if (given != 1) {
    return std::unexpected(
        Trouble{"give the keys with exactly one of --key FILE, --jwk FILE, --jwks FILE|URL and "
                "--secret-env NAME"});
  }
  if (!source.cacert.empty() && !source.jwks.starts_with("https://")) {
    return std::unexpected(Trouble{"--cacert goes with --jwks https://..."});
  }
  const auto algorithm = optional_algorithm(source.algorithm);
  if (!algorithm) return std::unexpected(algorithm.error());

  if (!source.jwks.empty()) {
    auto set = load_key_set(source, *algorithm, console);
    if (!set) return std::unexpected(set.error());
    return VerifyingKeys{.one = std::nullopt, .set = std::move(*set)};
  }
  if (!source.secret_env.empty()) {
    if (!*algorithm || !is_symmetric(**algorithm)) return std::unexpected(secret_needs_hmac());
    auto secret = read_environment("--secret-env", source.secret_env);
    if (!secret) return std::unexpected(secret.error());
    auto key = VerifyingKey::hmac(**algorithm, *secret);
    if (!key) return std::unexpected(key_trouble("--secret-env", key.error()));
    return VerifyingKeys{.one = std::move(*key), .set = std::nullopt};
  }
  const bool any_form = !source.key.empty();
  const std::string_view flag = any_form ? "--key" : "--jwk";
  auto text = read_secret(flag, any_form ? source.key : source.jwk, console);
  if (!text) return std::unexpected(text.error());
  if (!any_form && !is_json(text->reveal_text())) {
    return std::unexpected(Trouble{"--jwk: not a JSON object; a PEM file goes with --key"});
  }
  auto key = verifying_key_from(flag, *text, *algorithm, std::nullopt);
  if (!key) return std::unexpected(key.error());
  return VerifyingKeys{.one = std::move(*key), .set = std::nullopt};
}

}  // namespace signet::cli

#include "src/jwe/key_management.hpp"

#include "src/crypto/content_cipher.hpp"
#include "src/jose/base64url.hpp"
#include "src/jose/jwk.hpp"

namespace signet::jwe {
namespace {

using View = std::span<const std::byte>;
using Use = Randomness::Use;

std::unexpected<Error> malformed(std::string_view what) {
  return std::unexpected(Error{ErrorCode::token_malformed, std::string{"header: "}.append(what)});
}

View bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

// The agreed key: itself the content encryption key, or the one that wraps it (RFC 7518 section 4.6.2).
std::expected<SecretBytes, Error> agreed_key(const KeyManagementAlgorithm& algorithm,
                                             const ContentEncryptionAlgorithm& content, View z, View party_u,
                                             View party_v) {
  const bool is_direct = algorithm.mode == KeyMode::agreement;
  return crypto::concat_kdf(z, is_direct ? content.name : algorithm.name, party_u, party_v,
                            is_direct ? content.key_bytes : algorithm.wrapping_bytes);
}

// RFC 7518 section 4.8: the salt carries the algorithm's name.
std::expected<SecretBytes, Error> passphrase_key(const KeyData& key, View salt, unsigned iterations) {
  Bytes whole;
  const View name = bytes_of(key.algorithm.name);
  whole.insert(whole.end(), name.begin(), name.end());
  whole.push_back(std::byte{0});
  whole.insert(whole.end(), salt.begin(), salt.end());
  return crypto::pbkdf2(key.algorithm.digest, *key.secret, whole, iterations, key.algorithm.wrapping_bytes);
}

// RFC 7518 section 4.6.1.1: the public members and nothing else.
json::Object public_jwk(const crypto::ExchangeKey& key) {
  const auto parts = key.public_parts();
  json::Object jwk;
  jwk.set("kty", key.key_type() == jose::KeyType::ec ? "EC" : "OKP").set("crv", jose::facts(key.curve()).name);
  jwk.set("x", jose::base64url_encode(parts.x));
  if (!parts.y.empty()) jwk.set("y", jose::base64url_encode(parts.y));
  return jwk;
}

std::expected<SecretBytes, Error> agree_on_key(const KeyData& key, const ContentEncryptionAlgorithm& content,
                                               const WrappingOptions& options, Randomness& randomness,
                                               json::Object& header) {
  const auto ephemeral = randomness.ephemeral_key(key.exchange->key_type(), key.exchange->curve());
  if (!ephemeral) return std::unexpected(ephemeral.error());
  const auto z = (*ephemeral)->agree(*key.exchange);
  if (!z) return std::unexpected(Error{ErrorCode::internal, "OpenSSL does not agree on a key"});
  header.set("epk", public_jwk(**ephemeral));
  if (!options.party_u.empty()) header.set("apu", jose::base64url_encode(options.party_u));
  if (!options.party_v.empty()) header.set("apv", jose::base64url_encode(options.party_v));
  return agreed_key(key.algorithm, content, *z, bytes_of(options.party_u), bytes_of(options.party_v));
}

std::expected<Bytes, Error> wrap_by_gcm(const KeyData& key, Randomness& randomness, View content_key,
                                        json::Object& header) {
  const ContentEncryptionAlgorithm& cipher = gcm_row(key.algorithm.wrapping_bytes);
  Bytes iv(cipher.iv_bytes);
  randomness.fill(Use::wrapping_iv, iv);
  auto sealed = crypto::seal(cipher, *key.secret, iv, {}, content_key);
  if (!sealed) return std::unexpected(std::move(sealed).error());
  header.set("tag", jose::base64url_encode(sealed->tag)).set("iv", jose::base64url_encode(iv));
  return std::move(sealed->ciphertext);
}

std::expected<Bytes, Error> wrap_by_passphrase(const KeyData& key, const WrappingOptions& options,
                                               Randomness& randomness, View content_key, json::Object& header) {
  Bytes salt(16);
  randomness.fill(Use::salt, salt);
  const auto wrapping = passphrase_key(key, salt, options.iterations);
  if (!wrapping) return std::unexpected(wrapping.error());
  header.set("p2s", jose::base64url_encode(salt)).set("p2c", options.iterations);
  return crypto::wrap(*wrapping, content_key);
}

std::optional<SecretBytes> agreed_by_header(const KeyData& key, const ContentEncryptionAlgorithm& content,
                                            const KeyParameters& parameters) {
  const auto attributes = jose::read_attributes(*parameters.ephemeral_key, {}, jose::CurveUse::agreement);
  if (!attributes) return std::nullopt;
  const auto parts = jose::read_parts(*parameters.ephemeral_key, *attributes);
  if (!parts) return std::nullopt;
  const auto ephemeral = crypto::exchange_key_from_parts(attributes->key_type, attributes->curve, *parts);
  if (!ephemeral) return std::nullopt;  // not on its curve (case 20)
  const auto z = key.exchange->agree(**ephemeral);
  if (!z) return std::nullopt;
  auto agreed = agreed_key(key.algorithm, content, *z, parameters.party_u, parameters.party_v);
  if (!agreed) return std::nullopt;
  return std::move(*agreed);
}

std::expected<void, Error> read_ephemeral_key(const JoinedHeader& header, KeyParameters& out) {
  const auto epk = header.find("epk");
  if (!epk) return malformed("epk");
  const auto attributes = jose::read_attributes(epk->value, {}, jose::CurveUse::agreement);
  if (!attributes || attributes->curve == jose::Curve::none || attributes->is_private) return malformed("epk");
  out.ephemeral_key = epk->value;
  out.curve = attributes->curve;
  for (const auto& [name, place] : {std::pair{"apu", &out.party_u}, std::pair{"apv", &out.party_v}}) {
    auto bytes = header.bytes(name);
    if (!bytes) return std::unexpected(std::move(bytes).error());
    *place = std::move(*bytes).value_or(Bytes{});
  }
  return {};
}

std::expected<void, Error> read_required(const JoinedHeader& header, std::string_view name, Bytes& out) {
  auto bytes = header.bytes(name);
  if (!bytes) return std::unexpected(std::move(bytes).error());
  std::optional<Bytes>& present = *bytes;
  if (!present) return malformed(name);
  out = std::move(*present);
  return {};
}

std::expected<void, Error> read_iterations(const JoinedHeader& header, KeyParameters& out) {
  if (auto read = read_required(header, "p2s", out.salt); !read) return read;
  if (out.salt.size() < shortest_salt) return malformed("p2s is shorter than 8 bytes");
  const auto member = header.find("p2c");
  const auto count = member ? member->value.integer() : std::nullopt;
  if (!count || *count < fewest_iterations || *count > most_iterations) return malformed("p2c");
  out.iterations = static_cast<unsigned>(*count);
  return {};
}

}  // namespace

std::expected<Bytes, Error> wrap_key(const KeyData& key, const ContentEncryptionAlgorithm& content,
                                     const WrappingOptions& options, Randomness& randomness, SecretBytes& content_key,
                                     json::Object& header) {
  switch (key.algorithm.mode) {
    case KeyMode::direct:
      content_key = *key.secret;
      return Bytes{};
    case KeyMode::aes_wrap:
      return crypto::wrap(*key.secret, content_key);
    case KeyMode::gcm_wrap:
      return wrap_by_gcm(key, randomness, content_key, header);
    case KeyMode::rsa:
      return key.exchange->encrypt(key.algorithm.digest, content_key);
    case KeyMode::passphrase:
      return wrap_by_passphrase(key, options, randomness, content_key, header);
    case KeyMode::agreement:
    case KeyMode::agreement_wrap:
      break;
  }
  auto agreed = agree_on_key(key, content, options, randomness, header);
  if (!agreed) return std::unexpected(std::move(agreed).error());
  if (key.algorithm.mode == KeyMode::agreement_wrap) return crypto::wrap(*agreed, content_key);
  content_key = std::move(*agreed);
  return Bytes{};
}

std::expected<KeyParameters, Error> read_parameters(const KeyManagementAlgorithm& algorithm,
                                                    const JoinedHeader& header) {
  KeyParameters out;
  std::expected<void, Error> read{};
  if (agrees(algorithm.mode)) {
    read = read_ephemeral_key(header, out);
  } else if (algorithm.mode == KeyMode::gcm_wrap) {
    read = read_required(header, "iv", out.iv);
    if (read) read = read_required(header, "tag", out.tag);
  } else if (algorithm.mode == KeyMode::passphrase) {
    read = read_iterations(header, out);
  }
  if (!read) return std::unexpected(std::move(read).error());
  return out;
}

std::optional<SecretBytes> unwrap_key(const KeyData& key, const ContentEncryptionAlgorithm& content,
                                      const KeyParameters& parameters, View encrypted_key) {
  const KeyMode mode = key.algorithm.mode;
  // Lengths before anything is decrypted (case 24). RSA's is the modulus', and is looked at there.
  const bool is_wrapped = mode == KeyMode::aes_wrap || mode == KeyMode::agreement_wrap || mode == KeyMode::passphrase;
  if (is_wrapped && encrypted_key.size() != content.key_bytes + 8) return std::nullopt;
  if (mode == KeyMode::gcm_wrap && encrypted_key.size() != content.key_bytes) return std::nullopt;
  if (determines_key(mode) && !encrypted_key.empty()) return std::nullopt;

  std::optional<SecretBytes> content_key;
  switch (mode) {
    case KeyMode::direct:
      content_key = *key.secret;
      break;
    case KeyMode::aes_wrap:
      content_key = crypto::unwrap(*key.secret, encrypted_key);
      break;
    case KeyMode::gcm_wrap:
      content_key = crypto::open(gcm_row(key.algorithm.wrapping_bytes), *key.secret, parameters.iv, {}, encrypted_key,
                                 parameters.tag);
      break;
    case KeyMode::rsa:
      content_key = key.exchange->decrypt(key.algorithm.digest, encrypted_key);
      break;
    case KeyMode::passphrase:
      if (const auto wrapping = passphrase_key(key, parameters.salt, parameters.iterations)) {
        content_key = crypto::unwrap(*wrapping, encrypted_key);
      }
      break;
    case KeyMode::agreement:
      content_key = agreed_by_header(key, content, parameters);
      break;
    case KeyMode::agreement_wrap:
      if (const auto wrapping = agreed_by_header(key, content, parameters)) {
        content_key = crypto::unwrap(*wrapping, encrypted_key);
      }
      break;
  }
  if (!content_key || content_key->size() != content.key_bytes) return std::nullopt;
  return content_key;
}

}  // namespace signet::jwe

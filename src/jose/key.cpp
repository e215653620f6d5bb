#include "signet/key.hpp"

#include <bitset>

#include "signet/json.hpp"
#include "src/crypto/key_material.hpp"
#include "src/jose/certificates.hpp"
#include "src/jose/der.hpp"
#include "src/jose/jwk.hpp"
#include "src/jose/key_text.hpp"
#include "src/jose/public_key_text.hpp"

namespace signet {
namespace {

using crypto::MadeKey;

constexpr std::size_t largest_jwk = std::size_t{64} * 1024;

std::unexpected<Error> mismatch(const char* why) { return std::unexpected(Error{ErrorCode::key_mismatch, why}); }

MadeKey hmac_material(Algorithm algorithm, std::span<const std::byte> secret) {
  if (!is_symmetric(algorithm)) return mismatch("the algorithm takes no shared secret");
  if (jose::looks_like_public_key(secret)) {
    return mismatch("this is a key of another kind, which others may know, and no HMAC secret");
  }
  return crypto::hmac_key(jose::row(algorithm), secret);
}

std::size_t distinct_bytes(std::span<const std::byte> bytes) noexcept {
  std::bitset<256> seen;
  for (const std::byte b : bytes) seen.set(std::to_integer<std::size_t>(b));
  return seen.count();
}

// A secret that a person may have made up: one byte over and over, or a short word. Of 32 random bytes, fewer than 8
// distinct ones never happen. A JWK's is not looked at like this: programs make those.
MadeKey secret_material(Algorithm algorithm, const Secret& secret) {
  constexpr std::size_t least_distinct_bytes = 8;
  auto material = hmac_material(algorithm, secret.reveal());
  if (material && distinct_bytes(secret.reveal()) < least_distinct_bytes) {
    return std::unexpected(
        Error{ErrorCode::key_too_weak, "the secret has fewer than 8 different bytes: it is guessed"});
  }
  return material;
}

enum class Half : std::uint8_t { public_half, private_half };

// PEM or DER.
MadeKey encoded_material(Algorithm algorithm, const std::expected<jose::EncodedKey, Error>& key, Half half,
                         const Secret* passphrase = nullptr) {
  if (is_symmetric(algorithm)) return mismatch("the algorithm takes a shared secret, no PEM and no DER");
  if (!key) return std::unexpected(key.error());
  if (is_private(key->encoding) != (half == Half::private_half)) {
    return mismatch(half == Half::private_half ? "a public key where a private one is wanted"
                                               : "a private key where a public one is wanted");
  }
  return crypto::key_from_encoding(jose::row(algorithm), key->encoding, key->bytes, passphrase);
}

struct JwkMaterial {
  crypto::KeyHandle material;
  std::string key_id;
  std::shared_ptr<const std::string> certificates;
};

std::expected<JwkMaterial, Error> jwk_material(std::optional<Algorithm> wanted, std::string_view text, Half half) {
  if (text.size() > largest_jwk) return std::unexpected(Error{ErrorCode::key_malformed, "more than 64 KiB of JWK"});
  const auto jwk = json::parse(text);
  // Not the parser's detail: the text may be a secret.
  if (!jwk) return std::unexpected(Error{ErrorCode::key_malformed, "the JWK is not strict JSON"});
  auto attributes = jose::read_attributes(*jwk);
  if (!attributes) return std::unexpected(std::move(attributes).error());
  const bool is_private = half == Half::private_half;
  if (auto allowed = jose::check_purpose(*attributes, is_private ? "sign" : "verify"); !allowed) {
    return std::unexpected(std::move(allowed).error());
  }
  const auto algorithm = jose::resolve_algorithm(*attributes, wanted);
  if (!algorithm) return std::unexpected(algorithm.error());
  if (!is_symmetric(*algorithm) && attributes->is_private != is_private) {
    return mismatch(is_private ? "a public JWK where a private one is wanted"
                               : "a private JWK where a public one is wanted");
  }
  const auto parts = jose::read_parts(*jwk, *attributes);
  if (!parts) return std::unexpected(parts.error());
  auto certificates = jose::read_certificates(*jwk, *attributes, *parts);
  if (!certificates) return std::unexpected(std::move(certificates).error());
  auto material = is_symmetric(*algorithm) ? hmac_material(*algorithm, parts->k)
                                           : crypto::key_from_parts(jose::row(*algorithm), *parts);
  if (!material) return std::unexpected(std::move(material).error());
  return JwkMaterial{std::move(*material), std::move(attributes->key_id),
                     certificates->empty() ? nullptr : std::make_shared<const std::string>(std::move(*certificates))};
}

// RFC 9278 section 3.
std::string uri_of(std::string_view thumbprint) {
  return "urn:ietf:params:oauth:jwk-thumbprint:sha-256:" + std::string{thumbprint};
}

std::string_view view(const std::shared_ptr<const std::string>& text) {
  return text ? std::string_view{*text} : std::string_view{};
}

}  // namespace

// --- VerifyingKey

VerifyingKey::VerifyingKey(std::shared_ptr<const crypto::KeyMaterial> material, std::string key_id,
                           std::shared_ptr<const std::string> certificates)
    : material_{std::move(material)},
      key_id_{key_id.empty() ? nullptr : std::make_shared<const std::string>(std::move(key_id))},
      certificates_{std::move(certificates)} {}

std::expected<VerifyingKey, Error> VerifyingKey::hmac(Algorithm algorithm, const Secret& secret) {
  auto material = secret_material(algorithm, secret);
  if (!material) return std::unexpected(std::move(material).error());
  return VerifyingKey{std::move(*material), {}, nullptr};
}

std::expected<VerifyingKey, Error> VerifyingKey::from_pem(Algorithm algorithm, std::string_view pem) {
  auto material = encoded_material(algorithm, jose::read_pem(pem), Half::public_half);
  if (!material) return std::unexpected(std::move(material).error());
  return VerifyingKey{std::move(*material), {}, nullptr};
}

std::expected<VerifyingKey, Error> VerifyingKey::from_der(Algorithm algorithm, std::span<const std::byte> der) {
  auto material = encoded_material(algorithm, jose::read_der(der), Half::public_half);
  if (!material) return std::unexpected(std::move(material).error());
  return VerifyingKey{std::move(*material), {}, nullptr};
}

std::expected<VerifyingKey, Error> VerifyingKey::from_jwk(std::string_view jwk) {
  auto made = jwk_material(std::nullopt, jwk, Half::public_half);
  if (!made) return std::unexpected(std::move(made).error());
  return VerifyingKey{std::move(made->material), std::move(made->key_id), std::move(made->certificates)};
}

std::expected<VerifyingKey, Error> VerifyingKey::from_jwk(Algorithm algorithm, std::string_view jwk) {
  auto made = jwk_material(algorithm, jwk, Half::public_half);
  if (!made) return std::unexpected(std::move(made).error());
  return VerifyingKey{std::move(made->material), std::move(made->key_id), std::move(made->certificates)};
}

Algorithm VerifyingKey::algorithm() const noexcept { return material_->algorithm().algorithm; }

const std::string& VerifyingKey::key_id() const noexcept {
  static const std::string none;
  return key_id_ ? *key_id_ : none;
}

VerifyingKey VerifyingKey::with_key_id(std::string key_id) const {
  return VerifyingKey{material_, std::move(key_id), certificates_};
}

VerifyingKey VerifyingKey::with_table() const {
  return VerifyingKey{crypto::with_table(material_), key_id(), certificates_};
}

std::string VerifyingKey::thumbprint() const { return jose::thumbprint(*material_); }
std::string VerifyingKey::thumbprint_uri() const { return uri_of(thumbprint()); }

std::expected<std::string, Error> VerifyingKey::to_jwk() const {
  if (is_symmetric(algorithm())) {
    return std::unexpected(Error{ErrorCode::key_unsupported, "an HMAC key has no public JWK"});
  }
  return jose::write_public_jwk(jose::label_of(*material_, key_id(), view(certificates_)), material_->public_parts());
}

std::expected<std::string, Error> VerifyingKey::to_pem() const { return jose::public_pem(*material_); }
std::expected<std::vector<std::byte>, Error> VerifyingKey::to_der() const { return material_->public_der(); }

SignatureCheck VerifyingKey::check(std::string_view signing_input,
                                   std::span<const std::byte> signature) const noexcept {
  return material_->check(signing_input, signature);
}

// --- SigningKey

std::expected<SigningKey, Error> SigningKey::hmac(Algorithm algorithm, const Secret& secret) {
  auto material = secret_material(algorithm, secret);
  if (!material) return std::unexpected(std::move(material).error());
  return SigningKey{std::move(*material), {}, nullptr};
}

std::expected<SigningKey, Error> SigningKey::from_pem(Algorithm algorithm, const Secret& pem) {
  auto material = encoded_material(algorithm, jose::read_pem(pem.reveal_text()), Half::private_half);
  if (!material) return std::unexpected(std::move(material).error());
  return SigningKey{std::move(*material), {}, nullptr};
}

std::expected<SigningKey, Error> SigningKey::from_pem(Algorithm algorithm, const Secret& pem,
                                                      const Secret& passphrase) {
  auto material = encoded_material(algorithm, jose::read_pem(pem.reveal_text()), Half::private_half, &passphrase);
  if (!material) return std::unexpected(std::move(material).error());
  return SigningKey{std::move(*material), {}, nullptr};
}

std::expected<SigningKey, Error> SigningKey::from_der(Algorithm algorithm, const Secret& der) {
  auto material = encoded_material(algorithm, jose::read_der(der.reveal()), Half::private_half);
  if (!material) return std::unexpected(std::move(material).error());
  return SigningKey{std::move(*material), {}, nullptr};
}

std::expected<SigningKey, Error> SigningKey::from_der(Algorithm algorithm, const Secret& der,
                                                      const Secret& passphrase) {
  auto material = encoded_material(algorithm, jose::read_der(der.reveal()), Half::private_half, &passphrase);
  if (!material) return std::unexpected(std::move(material).error());
  return SigningKey{std::move(*material), {}, nullptr};
}

std::expected<SigningKey, Error> SigningKey::from_jwk(const Secret& jwk) {
  auto made = jwk_material(std::nullopt, jwk.reveal_text(), Half::private_half);
  if (!made) return std::unexpected(std::move(made).error());
  return SigningKey{std::move(made->material), std::move(made->key_id), std::move(made->certificates)};
}

std::expected<SigningKey, Error> SigningKey::from_jwk(Algorithm algorithm, const Secret& jwk) {
  auto made = jwk_material(algorithm, jwk.reveal_text(), Half::private_half);
  if (!made) return std::unexpected(std::move(made).error());
  return SigningKey{std::move(made->material), std::move(made->key_id), std::move(made->certificates)};
}

std::expected<SigningKey, Error> SigningKey::generate(Algorithm algorithm, unsigned rsa_bits) {
  if (jose::row(algorithm).key_type == jose::KeyType::rsa) {
    if (rsa_bits < 2048) return std::unexpected(Error{ErrorCode::key_too_weak, "an RSA key of less than 2048 bits"});
    if (rsa_bits > 8192) return std::unexpected(Error{ErrorCode::key_unsupported, "an RSA key of more than 8192 bits"});
  }
  auto material = crypto::generate_key(jose::row(algorithm), rsa_bits);
  if (!material) return std::unexpected(std::move(material).error());
  return SigningKey{std::move(*material), {}, nullptr};
}

std::expected<SigningKey, Error> SigningKey::external(const VerifyingKey& public_key,
                                                      std::shared_ptr<ExternalSigner> signer) {
  if (is_symmetric(public_key.algorithm())) return mismatch("an HMAC key has no public half");
  if (signer == nullptr) return std::unexpected(Error{ErrorCode::invalid_configuration, "no external signer"});
  return SigningKey{crypto::external_key(public_key.material_, std::move(signer)), public_key.key_id(),
                    public_key.certificates_};
}

Algorithm SigningKey::algorithm() const noexcept { return material_->algorithm().algorithm; }
const std::string& SigningKey::key_id() const noexcept { return key_id_; }

SigningKey SigningKey::with_key_id(std::string key_id) const {
  return SigningKey{material_, std::move(key_id), certificates_};
}

std::string SigningKey::thumbprint() const { return jose::thumbprint(*material_); }
std::string SigningKey::thumbprint_uri() const { return uri_of(thumbprint()); }

VerifyingKey SigningKey::verifying_key() const { return VerifyingKey{material_, key_id_, certificates_}; }

std::expected<Secret, Error> SigningKey::to_private_jwk() const {
  const auto parts = material_->private_parts();
  if (!parts) return std::unexpected(parts.error());
  return jose::write_private_jwk(jose::label_of(*material_, key_id_, view(certificates_)), *parts);
}

std::expected<Secret, Error> SigningKey::to_private_pem() const {
  return jose::private_text(*material_, jose::Armour::pem);
}

std::expected<Secret, Error> SigningKey::to_private_pem(const Secret& passphrase, PassphraseHash hash) const {
  return jose::private_text(*material_, jose::Armour::pem, &passphrase, hash);
}

std::expected<Secret, Error> SigningKey::to_private_der() const {
  return jose::private_text(*material_, jose::Armour::none);
}

std::expected<Secret, Error> SigningKey::to_private_der(const Secret& passphrase, PassphraseHash hash) const {
  return jose::private_text(*material_, jose::Armour::none, &passphrase, hash);
}

std::expected<std::vector<std::byte>, Error> SigningKey::sign(std::string_view signing_input) const {
  return material_->sign(signing_input);
}

}  // namespace signet

#include "signet/key.hpp"

#include <bitset>

#include "signet/json.hpp"
#include "src/crypto/key_material.hpp"
#include "src/jose/jwk.hpp"
#include "src/jose/pem.hpp"
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

MadeKey pem_material(Algorithm algorithm, std::string_view pem, Half half, const Secret* passphrase) {
  if (is_symmetric(algorithm)) return mismatch("the algorithm takes a shared secret, not PEM");
  const auto block = jose::read_pem(pem);
  if (!block) return std::unexpected(block.error());
  if (is_private(block->encoding) != (half == Half::private_half)) {
    return mismatch(half == Half::private_half ? "a public key where a private one is wanted"
                                               : "a private key where a public one is wanted");
  }
  return crypto::key_from_encoding(jose::row(algorithm), block->encoding, block->bytes, passphrase);
}

struct JwkMaterial {
  crypto::KeyHandle material;
  std::string key_id;
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
  auto material = is_symmetric(*algorithm) ? hmac_material(*algorithm, parts->k)
                                           : crypto::key_from_parts(jose::row(*algorithm), *parts);
  if (!material) return std::unexpected(std::move(material).error());
  return JwkMaterial{std::move(*material), std::move(attributes->key_id)};
}

}  // namespace

// --- VerifyingKey

std::expected<VerifyingKey, Error> VerifyingKey::hmac(Algorithm algorithm, const Secret& secret) {
  auto material = secret_material(algorithm, secret);
  if (!material) return std::unexpected(std::move(material).error());
  return VerifyingKey{std::move(*material), {}};
}

std::expected<VerifyingKey, Error> VerifyingKey::from_pem(Algorithm algorithm, std::string_view pem) {
  auto material = pem_material(algorithm, pem, Half::public_half, nullptr);
  if (!material) return std::unexpected(std::move(material).error());
  return VerifyingKey{std::move(*material), {}};
}

std::expected<VerifyingKey, Error> VerifyingKey::from_jwk(std::string_view jwk) {
  auto made = jwk_material(std::nullopt, jwk, Half::public_half);
  if (!made) return std::unexpected(std::move(made).error());
  return VerifyingKey{std::move(made->material), std::move(made->key_id)};
}

std::expected<VerifyingKey, Error> VerifyingKey::from_jwk(Algorithm algorithm, std::string_view jwk) {
  auto made = jwk_material(algorithm, jwk, Half::public_half);
  if (!made) return std::unexpected(std::move(made).error());
  return VerifyingKey{std::move(made->material), std::move(made->key_id)};
}

Algorithm VerifyingKey::algorithm() const noexcept { return material_->algorithm().algorithm; }
const std::string& VerifyingKey::key_id() const noexcept { return key_id_; }

VerifyingKey VerifyingKey::with_key_id(std::string key_id) const { return VerifyingKey{material_, std::move(key_id)}; }

VerifyingKey VerifyingKey::with_table() const { return VerifyingKey{crypto::with_table(material_), key_id_}; }

std::string VerifyingKey::thumbprint() const { return jose::thumbprint(*material_); }

std::expected<std::string, Error> VerifyingKey::to_jwk() const {
  if (is_symmetric(algorithm())) {
    return std::unexpected(Error{ErrorCode::key_unsupported, "an HMAC key has no public JWK"});
  }
  return jose::write_public_jwk(*material_, key_id_);
}

std::expected<std::string, Error> VerifyingKey::to_pem() const { return material_->public_pem(); }

SignatureCheck VerifyingKey::check(std::string_view signing_input,
                                   std::span<const std::byte> signature) const noexcept {
  return material_->check(signing_input, signature);
}

// --- SigningKey

std::expected<SigningKey, Error> SigningKey::hmac(Algorithm algorithm, const Secret& secret) {
  auto material = secret_material(algorithm, secret);
  if (!material) return std::unexpected(std::move(material).error());
  return SigningKey{std::move(*material), {}};
}

std::expected<SigningKey, Error> SigningKey::from_pem(Algorithm algorithm, const Secret& pem) {
  auto material = pem_material(algorithm, pem.reveal_text(), Half::private_half, nullptr);
  if (!material) return std::unexpected(std::move(material).error());
  return SigningKey{std::move(*material), {}};
}

std::expected<SigningKey, Error> SigningKey::from_pem(Algorithm algorithm, const Secret& pem,
                                                      const Secret& passphrase) {
  auto material = pem_material(algorithm, pem.reveal_text(), Half::private_half, &passphrase);
  if (!material) return std::unexpected(std::move(material).error());
  return SigningKey{std::move(*material), {}};
}

std::expected<SigningKey, Error> SigningKey::from_jwk(const Secret& jwk) {
  auto made = jwk_material(std::nullopt, jwk.reveal_text(), Half::private_half);
  if (!made) return std::unexpected(std::move(made).error());
  return SigningKey{std::move(made->material), std::move(made->key_id)};
}

std::expected<SigningKey, Error> SigningKey::from_jwk(Algorithm algorithm, const Secret& jwk) {
  auto made = jwk_material(algorithm, jwk.reveal_text(), Half::private_half);
  if (!made) return std::unexpected(std::move(made).error());
  return SigningKey{std::move(made->material), std::move(made->key_id)};
}

std::expected<SigningKey, Error> SigningKey::generate(Algorithm algorithm, unsigned rsa_bits) {
  if (jose::row(algorithm).key_type == jose::KeyType::rsa) {
    if (rsa_bits < 2048) return std::unexpected(Error{ErrorCode::key_too_weak, "an RSA key of less than 2048 bits"});
    if (rsa_bits > 8192) return std::unexpected(Error{ErrorCode::key_unsupported, "an RSA key of more than 8192 bits"});
  }
  auto material = crypto::generate_key(jose::row(algorithm), rsa_bits);
  if (!material) return std::unexpected(std::move(material).error());
  return SigningKey{std::move(*material), {}};
}

std::expected<SigningKey, Error> SigningKey::external(const VerifyingKey& public_key,
                                                      std::shared_ptr<ExternalSigner> signer) {
  if (is_symmetric(public_key.algorithm())) return mismatch("an HMAC key has no public half");
  if (signer == nullptr) return std::unexpected(Error{ErrorCode::invalid_configuration, "no external signer"});
  return SigningKey{crypto::external_key(public_key.material_, std::move(signer)), public_key.key_id()};
}

Algorithm SigningKey::algorithm() const noexcept { return material_->algorithm().algorithm; }
const std::string& SigningKey::key_id() const noexcept { return key_id_; }

SigningKey SigningKey::with_key_id(std::string key_id) const { return SigningKey{material_, std::move(key_id)}; }

std::string SigningKey::thumbprint() const { return jose::thumbprint(*material_); }

VerifyingKey SigningKey::verifying_key() const { return VerifyingKey{material_, key_id_}; }

std::expected<Secret, Error> SigningKey::to_private_jwk() const { return jose::write_private_jwk(*material_, key_id_); }

std::expected<Secret, Error> SigningKey::to_private_pem() const { return material_->private_pem(); }

std::expected<std::vector<std::byte>, Error> SigningKey::sign(std::string_view signing_input) const {
  return material_->sign(signing_input);
}

}  // namespace signet

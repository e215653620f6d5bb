#include "signet/encryption_key.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <variant>

#include "signet/json.hpp"
#include "src/jose/certificates.hpp"
#include "src/jose/der.hpp"
#include "src/jose/jwk.hpp"
#include "src/jose/key_text.hpp"
#include "src/jose/public_key_text.hpp"
#include "src/jwe/key_data.hpp"

namespace signet {
namespace {

using jose::Curve;
using jose::KeyType;
using jwe::KeyData;
using jwe::KeyManagementAlgorithm;
using jwe::KeyMode;
using MadeData = std::expected<jwe::KeyHandle, Error>;
using Bytes = std::span<const std::byte>;

constexpr std::size_t largest_jwk = std::size_t{64} * 1024;
constexpr std::size_t shortest_passphrase = 8;
constexpr std::size_t longest_passphrase = 1024;

enum class Half : std::uint8_t { public_half, private_half };

std::unexpected<Error> refused(ErrorCode code, const char* why) { return std::unexpected(Error{code, why}); }
std::unexpected<Error> mismatch(const char* why) { return refused(ErrorCode::key_mismatch, why); }

std::vector<ContentEncryption> all_content_encryptions() {
  std::vector<ContentEncryption> all;
  for (const auto& row : jwe::content_encryption_algorithms) all.push_back(row.algorithm);
  return all;
}

MadeData shared_data(KeyManagement algorithm, std::vector<ContentEncryption> allowed, Bytes secret) {
  auto bytes = std::make_shared<const crypto::SecretBytes>(secret.begin(), secret.end());
  return std::make_shared<const KeyData>(
      KeyData{.algorithm = jwe::row(algorithm), .allowed = std::move(allowed), .secret = std::move(bytes)});
}

MadeData direct_data(ContentEncryption algorithm, Bytes secret) {
  if (secret.size() != jwe::row(algorithm).key_bytes) {
    return mismatch("the secret has not the size of the content encryption's key");
  }
  return shared_data(KeyManagement::dir, {algorithm}, secret);
}

MadeData wrapping_data(KeyManagement algorithm, Bytes secret) {
  const KeyManagementAlgorithm& row = jwe::row(algorithm);
  if (row.mode != KeyMode::aes_wrap && row.mode != KeyMode::gcm_wrap) {
    return mismatch("the algorithm takes no AES key");
  }
  if (secret.size() != row.wrapping_bytes) return mismatch("the secret has not the size of the algorithm's AES key");
  return shared_data(algorithm, all_content_encryptions(), secret);
}

MadeData passphrase_data(KeyManagement algorithm, const Secret& passphrase) {
  if (jwe::row(algorithm).mode != KeyMode::passphrase) return mismatch("the algorithm takes no passphrase");
  if (jose::looks_like_public_key(passphrase.reveal())) {
    return mismatch("this is a key of another kind, which others may know, and no passphrase");  // case 2
  }
  if (passphrase.size() < shortest_passphrase) {
    return refused(ErrorCode::key_too_weak, "a passphrase of less than 8 bytes");
  }
  if (passphrase.size() > longest_passphrase) return mismatch("a passphrase of more than 1024 bytes");
  return shared_data(algorithm, all_content_encryptions(), passphrase.reveal());
}

// A point of small order makes every agreement with it all zeros (case 20); that shows in the first.
bool can_be_agreed_with(const crypto::ExchangeKey& key) {
  const auto ephemeral = crypto::generate_exchange_key(key.key_type(), key.curve(), 0);
  return ephemeral && (*ephemeral)->agree(key).has_value();
}

MadeData exchange_data(KeyManagement algorithm, crypto::MadeExchangeKey key) {
  if (!key) return std::unexpected(std::move(key).error());
  if ((*key)->key_type() == KeyType::okp && !can_be_agreed_with(**key)) {
    return refused(ErrorCode::key_too_weak, "a public key of small order");
  }
  return std::make_shared<const KeyData>(
      KeyData{.algorithm = jwe::row(algorithm), .allowed = all_content_encryptions(), .exchange = std::move(*key)});
}

// PEM or DER.
MadeData encoded_data(KeyManagement algorithm, const std::expected<jose::EncodedKey, Error>& key, Half half,
                      const Secret* passphrase = nullptr) {
  const KeyManagementAlgorithm& row = jwe::row(algorithm);
  if (jwe::is_shared(row.mode)) return mismatch("the algorithm takes a shared secret, no PEM and no DER");
  if (!key) return std::unexpected(key.error());
  if (crypto::is_private(key->encoding) != (half == Half::private_half)) {
    return mismatch(half == Half::private_half ? "a public key where a private one is wanted"
                                               : "a private key where a public one is wanted");
  }
  return exchange_data(
      algorithm, crypto::exchange_key_from_encoding(row.mode == KeyMode::rsa, key->encoding, key->bytes, passphrase));
}

// --- JWK

// What a caller asked for: nothing, an algorithm, or `dir` with a content encryption.
using Wanted = std::variant<std::monostate, KeyManagement, ContentEncryption>;

// The key's one algorithm (case 3): its `alg`, which must be the wanted one if there is one, or else that.
std::expected<Wanted, Error> resolve_algorithm(const jose::JwkAttributes& jwk, Wanted wanted) {
  if (jwk.algorithm) {
    Wanted own;
    if (const auto management = key_management_from_name(*jwk.algorithm)) {
      own = *management;
    } else if (const auto content = content_encryption_from_name(*jwk.algorithm)) {
      own = *content;
    } else {
      return mismatch("the JWK's \"alg\" is no algorithm of encryption");
    }
    // `dir` needs the content encryption beside it; each of the two may be in the JWK.
    const bool completes = own == Wanted{KeyManagement::dir} && std::holds_alternative<ContentEncryption>(wanted);
    const bool completed = wanted == Wanted{KeyManagement::dir} && std::holds_alternative<ContentEncryption>(own);
    if (completed || std::holds_alternative<std::monostate>(wanted)) {
      wanted = own;
    } else if (!completes && own != wanted) {
      return mismatch("the JWK's \"alg\" is not the algorithm asked for");
    }
  }
  if (std::holds_alternative<std::monostate>(wanted)) {
    return mismatch("the JWK names no algorithm, and its type allows several");
  }
  if (wanted == Wanted{KeyManagement::dir}) return mismatch("a key for \"dir\" needs its content encryption named");
  return wanted;
}

// RFC 7517 sections 4.2 and 4.3. Of `key_ops`, any of those that the work may be called; the public half of a key
// agreement needs none.
std::expected<void, Error> check_purpose(const jose::JwkAttributes& jwk, KeyMode mode, Half half) {
  if (jwk.use && *jwk.use != "enc") return mismatch("the JWK's \"use\" is not for encryption");
  if (!jwk.operations) return {};
  const auto names = [&]() -> std::array<std::string_view, 2> {
    const bool is_public = half == Half::public_half;
    if (jwe::agrees(mode)) return {"deriveKey", "deriveBits"};
    if (mode == KeyMode::direct)
      return is_public ? std::array<std::string_view, 2>{"encrypt", "encrypt"}
                       : std::array<std::string_view, 2>{"decrypt", "decrypt"};
    if (mode == KeyMode::rsa)
      return is_public ? std::array<std::string_view, 2>{"wrapKey", "encrypt"}
                       : std::array<std::string_view, 2>{"unwrapKey", "decrypt"};
    return is_public ? std::array<std::string_view, 2>{"wrapKey", "wrapKey"}
                     : std::array<std::string_view, 2>{"unwrapKey", "unwrapKey"};
  }();
  const bool needs_none = jwe::agrees(mode) && half == Half::public_half && jwk.operations->empty();
  const bool has_one =
      std::ranges::any_of(names, [&](std::string_view name) { return std::ranges::count(*jwk.operations, name) != 0; });
  if (!needs_none && !has_one) return mismatch("the JWK's \"key_ops\" lacks what the algorithm does");
  if (jwk.use && std::ranges::any_of(*jwk.operations, [](const std::string& operation) {
        return operation == "sign" || operation == "verify";
      })) {
    return mismatch("the JWK's \"use\" and \"key_ops\" contradict each other");
  }
  return {};
}

MadeData jwk_key_data(json::View jwk, const jose::JwkAttributes& attributes, Wanted algorithm, Half half) {
  const auto* content = std::get_if<ContentEncryption>(&algorithm);
  const auto management = content != nullptr ? KeyManagement::dir : std::get<KeyManagement>(algorithm);
  const KeyManagementAlgorithm& row = jwe::row(management);
  if (auto allowed = check_purpose(attributes, row.mode, half); !allowed) {
    return std::unexpected(std::move(allowed).error());
  }
  if (row.mode == KeyMode::passphrase) return mismatch("a passphrase is not read from a JWK");
  const bool fits = jwe::is_shared(row.mode)   ? attributes.key_type == KeyType::oct
                    : row.mode == KeyMode::rsa ? attributes.key_type == KeyType::rsa
                                               : attributes.curve != Curve::none;
  if (!fits) return mismatch("the JWK's type is not that of its algorithm");
  const bool is_private = half == Half::private_half;
  if (attributes.key_type != KeyType::oct && attributes.is_private != is_private) {
    return mismatch(is_private ? "a public JWK where a private one is wanted"
                               : "a private JWK where a public one is wanted");
  }
  const auto parts = jose::read_parts(jwk, attributes);
  if (!parts) return std::unexpected(parts.error());
  auto certificates = jose::read_certificates(jwk, attributes, *parts);
  if (!certificates) return std::unexpected(std::move(certificates).error());
  auto data =
      content != nullptr ? direct_data(*content, parts->k)
      : jwe::is_shared(row.mode)
          ? wrapping_data(management, parts->k)
          : exchange_data(management, crypto::exchange_key_from_parts(attributes.key_type, attributes.curve, *parts));
  if (!data) return data;
  KeyData labelled = **data;
  labelled.key_id = attributes.key_id;
  labelled.certificates = std::move(*certificates);
  return std::make_shared<const KeyData>(std::move(labelled));
}

MadeData with(const KeyData& data, std::string key_id) {
  KeyData copy = data;
  copy.key_id = std::move(key_id);
  return std::make_shared<const KeyData>(std::move(copy));
}

MadeData jwk_data(Wanted wanted, std::string_view text, Half half) {
  if (text.size() > largest_jwk) return refused(ErrorCode::key_malformed, "more than 64 KiB of JWK");
  const auto jwk = json::parse(text);
  // Not the parser's detail: the text may be a secret.
  if (!jwk) return refused(ErrorCode::key_malformed, "the JWK is not strict JSON");
  auto attributes = jose::read_attributes(*jwk, {}, jose::CurveUse::agreement);
  if (!attributes) return std::unexpected(std::move(attributes).error());
  const auto algorithm = resolve_algorithm(*attributes, wanted);
  if (!algorithm) return std::unexpected(algorithm.error());
  return jwk_key_data(*jwk, *attributes, *algorithm, half);
}

// --- both kinds of key

MadeData restricted(const KeyData& data, const std::vector<ContentEncryption>& allowed) {
  KeyData copy = data;
  std::erase_if(copy.allowed, [&](ContentEncryption own) { return std::ranges::count(allowed, own) == 0; });
  if (copy.allowed.empty()) {
    return refused(ErrorCode::invalid_configuration, "a key that may be used with no content encryption");
  }
  return std::make_shared<const KeyData>(std::move(copy));
}

std::expected<std::string, Error> thumbprint_of(const KeyData& data) {
  if (data.algorithm.mode == KeyMode::passphrase) {
    return refused(ErrorCode::key_unsupported, "a passphrase has no thumbprint");
  }
  if (data.exchange) {
    return jose::thumbprint(data.exchange->key_type(), data.exchange->curve(), data.exchange->public_parts());
  }
  crypto::KeyParts parts;
  parts.k = *data.secret;
  return jose::thumbprint(KeyType::oct, Curve::none, parts);
}

std::unexpected<Error> no_encoding() {
  return refused(ErrorCode::key_unsupported, "a shared secret has no PEM and no DER");
}

std::expected<Secret, Error> private_text_of(const KeyData& data, jose::Armour armour,
                                             const Secret* passphrase = nullptr,
                                             PassphraseHash hash = PassphraseHash::scrypt) {
  if (!data.exchange) return no_encoding();
  return jose::private_text(*data.exchange, armour, passphrase, hash);
}

// A key for `dir` is labelled with its content encryption, so that it can be read again.
jose::JwkLabel label_of(const KeyData& data) {
  const bool is_direct = data.algorithm.mode == KeyMode::direct;
  return {data.exchange ? data.exchange->key_type() : KeyType::oct,
          data.exchange ? data.exchange->curve() : Curve::none,
          "enc",
          is_direct ? name(data.allowed.front()) : data.algorithm.name,
          data.key_id,
          data.certificates};
}

}  // namespace

bool jwe::KeyData::allows(ContentEncryption wanted) const noexcept { return std::ranges::count(allowed, wanted) != 0; }

using jwe::KeyAccess;

// --- EncryptionKey

std::expected<EncryptionKey, Error> EncryptionKey::direct(ContentEncryption algorithm, const Secret& secret) {
  return KeyAccess::made<EncryptionKey>(direct_data(algorithm, secret.reveal()));
}

std::expected<EncryptionKey, Error> EncryptionKey::from_secret(KeyManagement algorithm, const Secret& secret) {
  return KeyAccess::made<EncryptionKey>(wrapping_data(algorithm, secret.reveal()));
}

std::expected<EncryptionKey, Error> EncryptionKey::from_passphrase(KeyManagement algorithm, const Secret& passphrase) {
  return KeyAccess::made<EncryptionKey>(passphrase_data(algorithm, passphrase));
}

std::expected<EncryptionKey, Error> EncryptionKey::from_pem(KeyManagement algorithm, std::string_view pem) {
  return KeyAccess::made<EncryptionKey>(encoded_data(algorithm, jose::read_pem(pem), Half::public_half));
}

std::expected<EncryptionKey, Error> EncryptionKey::from_der(KeyManagement algorithm, Bytes der) {
  return KeyAccess::made<EncryptionKey>(encoded_data(algorithm, jose::read_der(der), Half::public_half));
}

std::expected<EncryptionKey, Error> EncryptionKey::from_jwk(std::string_view jwk) {
  return KeyAccess::made<EncryptionKey>(jwk_data({}, jwk, Half::public_half));
}

std::expected<EncryptionKey, Error> EncryptionKey::from_jwk(KeyManagement algorithm, std::string_view jwk) {
  return KeyAccess::made<EncryptionKey>(jwk_data(algorithm, jwk, Half::public_half));
}

std::expected<EncryptionKey, Error> EncryptionKey::from_jwk(ContentEncryption direct, std::string_view jwk) {
  return KeyAccess::made<EncryptionKey>(jwk_data(direct, jwk, Half::public_half));
}

std::expected<EncryptionKey, Error> EncryptionKey::only(const std::vector<ContentEncryption>& allowed) const {
  return KeyAccess::made<EncryptionKey>(restricted(*data_, allowed));
}

KeyManagement EncryptionKey::algorithm() const noexcept { return data_->algorithm.algorithm; }
const std::vector<ContentEncryption>& EncryptionKey::content_encryptions() const noexcept { return data_->allowed; }
const std::string& EncryptionKey::key_id() const noexcept { return data_->key_id; }

EncryptionKey EncryptionKey::with_key_id(std::string key_id) const {
  return EncryptionKey{*with(*data_, std::move(key_id))};
}

std::expected<std::string, Error> EncryptionKey::to_jwk() const {
  if (!data_->exchange) return refused(ErrorCode::key_unsupported, "a shared secret has no public JWK");
  return jose::write_public_jwk(label_of(*data_), data_->exchange->public_parts());
}

std::expected<std::string, Error> EncryptionKey::to_pem() const {
  if (!data_->exchange) return no_encoding();
  return jose::public_pem(*data_->exchange);
}

std::expected<std::vector<std::byte>, Error> EncryptionKey::to_der() const {
  if (!data_->exchange) return no_encoding();
  return data_->exchange->public_der();
}

std::expected<std::string, Error> EncryptionKey::thumbprint() const { return thumbprint_of(*data_); }

// --- DecryptionKey

std::expected<DecryptionKey, Error> DecryptionKey::direct(ContentEncryption algorithm, const Secret& secret) {
  return KeyAccess::made<DecryptionKey>(direct_data(algorithm, secret.reveal()));
}

std::expected<DecryptionKey, Error> DecryptionKey::from_secret(KeyManagement algorithm, const Secret& secret) {
  return KeyAccess::made<DecryptionKey>(wrapping_data(algorithm, secret.reveal()));
}

std::expected<DecryptionKey, Error> DecryptionKey::from_passphrase(KeyManagement algorithm, const Secret& passphrase) {
  return KeyAccess::made<DecryptionKey>(passphrase_data(algorithm, passphrase));
}

std::expected<DecryptionKey, Error> DecryptionKey::from_pem(KeyManagement algorithm, const Secret& pem) {
  return KeyAccess::made<DecryptionKey>(encoded_data(algorithm, jose::read_pem(pem.reveal_text()), Half::private_half));
}

std::expected<DecryptionKey, Error> DecryptionKey::from_pem(KeyManagement algorithm, const Secret& pem,
                                                            const Secret& passphrase) {
  return KeyAccess::made<DecryptionKey>(
      encoded_data(algorithm, jose::read_pem(pem.reveal_text()), Half::private_half, &passphrase));
}

std::expected<DecryptionKey, Error> DecryptionKey::from_der(KeyManagement algorithm, const Secret& der) {
  return KeyAccess::made<DecryptionKey>(encoded_data(algorithm, jose::read_der(der.reveal()), Half::private_half));
}

std::expected<DecryptionKey, Error> DecryptionKey::from_der(KeyManagement algorithm, const Secret& der,
                                                            const Secret& passphrase) {
  return KeyAccess::made<DecryptionKey>(
      encoded_data(algorithm, jose::read_der(der.reveal()), Half::private_half, &passphrase));
}

std::expected<DecryptionKey, Error> DecryptionKey::from_jwk(const Secret& jwk) {
  return KeyAccess::made<DecryptionKey>(jwk_data({}, jwk.reveal_text(), Half::private_half));
}

std::expected<DecryptionKey, Error> DecryptionKey::from_jwk(KeyManagement algorithm, const Secret& jwk) {
  return KeyAccess::made<DecryptionKey>(jwk_data(algorithm, jwk.reveal_text(), Half::private_half));
}

std::expected<DecryptionKey, Error> DecryptionKey::from_jwk(ContentEncryption direct, const Secret& jwk) {
  return KeyAccess::made<DecryptionKey>(jwk_data(direct, jwk.reveal_text(), Half::private_half));
}

std::expected<DecryptionKey, Error> DecryptionKey::generate(KeyManagement algorithm, unsigned rsa_bits) {
  const KeyManagementAlgorithm& row = jwe::row(algorithm);
  if (jwe::agrees(row.mode)) return generate(algorithm, AgreementCurve::P256);
  if (row.mode == KeyMode::rsa) {
    if (rsa_bits < 2048) return refused(ErrorCode::key_too_weak, "an RSA key of less than 2048 bits");
    if (rsa_bits > 8192) return refused(ErrorCode::key_unsupported, "an RSA key of more than 8192 bits");
    return KeyAccess::made<DecryptionKey>(
        exchange_data(algorithm, crypto::generate_exchange_key(KeyType::rsa, Curve::none, rsa_bits)));
  }
  // `dir` and PBES2 have no size here, and are refused.
  return KeyAccess::made<DecryptionKey>(wrapping_data(algorithm, Secret::random(row.wrapping_bytes).reveal()));
}

std::expected<DecryptionKey, Error> DecryptionKey::generate(KeyManagement algorithm, AgreementCurve curve) {
  if (!jwe::agrees(jwe::row(algorithm).mode)) return mismatch("the algorithm has no curve");
  const Curve wanted = jwe::agreement_curves[static_cast<std::size_t>(curve)];
  return KeyAccess::made<DecryptionKey>(
      exchange_data(algorithm, crypto::generate_exchange_key(jose::facts(wanted).key_type, wanted, 0)));
}

std::expected<DecryptionKey, Error> DecryptionKey::generate_direct(ContentEncryption algorithm) {
  return KeyAccess::made<DecryptionKey>(direct_data(algorithm, Secret::random(jwe::row(algorithm).key_bytes).reveal()));
}

std::expected<DecryptionKey, Error> DecryptionKey::only(const std::vector<ContentEncryption>& allowed) const {
  return KeyAccess::made<DecryptionKey>(restricted(*data_, allowed));
}

KeyManagement DecryptionKey::algorithm() const noexcept { return data_->algorithm.algorithm; }
const std::vector<ContentEncryption>& DecryptionKey::content_encryptions() const noexcept { return data_->allowed; }
const std::string& DecryptionKey::key_id() const noexcept { return data_->key_id; }

DecryptionKey DecryptionKey::with_key_id(std::string key_id) const {
  return DecryptionKey{*with(*data_, std::move(key_id))};
}

std::expected<std::string, Error> DecryptionKey::thumbprint() const { return thumbprint_of(*data_); }

EncryptionKey DecryptionKey::encryption_key() const { return EncryptionKey{data_}; }

std::expected<Secret, Error> DecryptionKey::to_private_jwk() const {
  if (data_->algorithm.mode == KeyMode::passphrase) {
    return refused(ErrorCode::key_unsupported, "a passphrase is not written as a JWK");
  }
  if (data_->exchange) return jose::write_private_jwk(label_of(*data_), data_->exchange->private_parts());
  crypto::KeyParts parts;
  parts.k = *data_->secret;
  return jose::write_private_jwk(label_of(*data_), parts);
}

std::expected<Secret, Error> DecryptionKey::to_private_pem() const {
  return private_text_of(*data_, jose::Armour::pem);
}

std::expected<Secret, Error> DecryptionKey::to_private_pem(const Secret& passphrase, PassphraseHash hash) const {
  return private_text_of(*data_, jose::Armour::pem, &passphrase, hash);
}

std::expected<Secret, Error> DecryptionKey::to_private_der() const {
  return private_text_of(*data_, jose::Armour::none);
}

std::expected<Secret, Error> DecryptionKey::to_private_der(const Secret& passphrase, PassphraseHash hash) const {
  return private_text_of(*data_, jose::Armour::none, &passphrase, hash);
}

}  // namespace signet

#include "src/crypto/exchange_key.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

#include "src/crypto/asymmetric_key.hpp"
#include "src/crypto/openssl.hpp"

namespace signet::crypto {
namespace {

using jose::Curve;
using jose::KeyType;
using View = std::span<const std::byte>;
using Kdf = std::unique_ptr<EVP_KDF, Freed<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Freed<EVP_KDF_CTX_free>>;

Error failed(const char* what) { return Error{ErrorCode::internal, what}; }

class OpensslExchangeKey final : public ExchangeKey {
 public:
  OpensslExchangeKey(KeyShape shape, Pkey pkey, bool holds_private) noexcept
      : ExchangeKey{shape.key_type, shape.curve, holds_private}, pkey_{std::move(pkey)} {}

  std::expected<Bytes, Error> encrypt(const char* digest, View secret) const override {
    const ErrorQueueMark mark;
    const PkeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, pkey_.get(), nullptr)};
    Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(pkey_.get())));
    std::size_t size = out.size();
    if (!context || EVP_PKEY_encrypt_init(context.get()) != 1 || !set_oaep(context.get(), digest) ||
        EVP_PKEY_encrypt(context.get(), octets(out.data()), &size, octets(secret.data()), secret.size()) != 1 ||
        size != out.size()) {
      return std::unexpected(failed("OpenSSL does not encrypt the key"));
    }
    return out;
  }

  std::optional<SecretBytes> decrypt(const char* digest, View encrypted) const override {
    const ErrorQueueMark mark;
    SecretBytes out(static_cast<std::size_t>(EVP_PKEY_get_size(pkey_.get())));
    if (encrypted.size() != out.size()) return std::nullopt;  // case 24
    const PkeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, pkey_.get(), nullptr)};
    std::size_t size = out.size();
    if (!context || EVP_PKEY_decrypt_init(context.get()) != 1 || !set_oaep(context.get(), digest) ||
        EVP_PKEY_decrypt(context.get(), octets(out.data()), &size, octets(encrypted.data()), encrypted.size()) != 1) {
      return std::nullopt;
    }
    out.resize(size);
    return out;
  }

  std::optional<SecretBytes> agree(const ExchangeKey& peer) const override {
    const ErrorQueueMark mark;
    if (peer.curve() != curve()) return std::nullopt;
    // There is no other kind of exchange key.
    EVP_PKEY* other = static_cast<const OpensslExchangeKey&>(peer).pkey_.get();
    const PkeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, pkey_.get(), nullptr)};
    SecretBytes z(jose::facts(curve()).field_bytes);
    std::size_t size = z.size();
    if (!context || EVP_PKEY_derive_init(context.get()) != 1 || EVP_PKEY_derive_set_peer(context.get(), other) != 1 ||
        EVP_PKEY_derive(context.get(), octets(z.data()), &size) != 1 || size != z.size()) {
      return std::nullopt;
    }
    std::byte any{0};
    for (const std::byte b : z) any |= b;
    if (any == std::byte{0}) return std::nullopt;
    return z;
  }

  KeyParts public_parts() const override { return public_parts_of(pkey_.get(), {key_type(), curve()}); }
  KeyParts private_parts() const override { return private_parts_of(pkey_.get(), {key_type(), curve()}); }
  std::expected<Bytes, Error> public_der() const override { return public_der_of(pkey_.get()); }
  std::expected<SecretBytes, Error> private_der(const Protection* protection) const override {
    return private_der_of(pkey_.get(), protection);
  }

 private:
  static bool set_oaep(EVP_PKEY_CTX* context, const char* digest) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_oaep_md_name(context, digest, nullptr) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, digest, nullptr) == 1;
  }

  Pkey pkey_;
};

MadeExchangeKey checked(KeyShape shape, ReadPkey pkey, bool holds_private) {
  if (!pkey) return std::unexpected(std::move(pkey).error());
  if (auto good = check_key(shape, pkey->get(), holds_private); !good) {
    return std::unexpected(std::move(good).error());
  }
  return std::make_shared<const OpensslExchangeKey>(shape, std::move(*pkey), holds_private);
}

// Of a key that says itself what it is: the shape whose names it has.
std::optional<KeyShape> shape_of_pkey(const EVP_PKEY* pkey) {
  std::array<char, 64> group{};
  const bool is_ec = EVP_PKEY_is_a(pkey, "EC") == 1;
  if (is_ec && EVP_PKEY_get_group_name(pkey, group.data(), group.size(), nullptr) != 1) return std::nullopt;
  for (const jose::CurveFacts& facts : jose::curves) {
    if (facts.use == jose::CurveUse::signatures || (facts.key_type == KeyType::ec) != is_ec) continue;
    if (is_ec ? std::string_view{group.data()} == facts.group : EVP_PKEY_is_a(pkey, facts.group) == 1) {
      return KeyShape{facts.key_type, facts.curve};
    }
  }
  return std::nullopt;
}

void append_counted(Bytes& out, View bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::byte>(size >> shift));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::expected<SecretBytes, Error> derive(const EVP_KDF* kdf, const OSSL_PARAM* params, std::size_t bytes) {
  const ErrorQueueMark mark;
  const KdfContext context{kdf == nullptr ? nullptr : EVP_KDF_CTX_new(const_cast<EVP_KDF*>(kdf))};
  SecretBytes out(bytes);
  if (!context || EVP_KDF_derive(context.get(), octets(out.data()), out.size(), params) != 1) {
    return std::unexpected(failed("OpenSSL does not derive the key"));
  }
  return out;
}

OSSL_PARAM octet_param(const char* name, View bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::byte*>(bytes.data()), bytes.size());
}

}  // namespace

MadeExchangeKey exchange_key_from_parts(KeyType key_type, Curve curve, const KeyParts& parts) {
  const ErrorQueueMark mark;
  const KeyShape shape{key_type, curve};
  return checked(shape, pkey_from_parts(shape, parts), !parts.d.empty());
}

MadeExchangeKey exchange_key_from_encoding(bool is_rsa, Encoding encoding, View bytes, const Secret* passphrase) {
  const ErrorQueueMark mark;
  auto pkey = pkey_from_encoding(encoding, bytes, passphrase);
  if (!pkey) return std::unexpected(std::move(pkey).error());
  if (is_rsa) return checked({KeyType::rsa, Curve::none}, std::move(pkey), is_private(encoding));
  const auto shape = shape_of_pkey(pkey->get());
  if (!shape) return std::unexpected(Error{ErrorCode::key_mismatch, "the key's curve is none of ECDH-ES"});
  return checked(*shape, std::move(pkey), is_private(encoding));
}

MadeExchangeKey generate_exchange_key(KeyType key_type, Curve curve, unsigned rsa_bits) {
  const KeyShape shape{key_type, curve};
  auto pkey = generate_pkey(shape, rsa_bits);
  if (!pkey) return std::unexpected(std::move(pkey).error());
  return std::make_shared<const OpensslExchangeKey>(shape, std::move(*pkey), true);
}

std::expected<SecretBytes, Error> concat_kdf(View z, std::string_view algorithm, View party_u, View party_v,
                                             std::size_t bytes) {
  static const Kdf kdf{EVP_KDF_fetch(nullptr, "SSKDF", nullptr)};
  Bytes other_info;
  append_counted(other_info, std::as_bytes(std::span{algorithm}));
  append_counted(other_info, party_u);
  append_counted(other_info, party_v);
  const auto bits = static_cast<std::uint32_t>(bytes * 8);
  for (const int shift : {24, 16, 8, 0}) other_info.push_back(static_cast<std::byte>(bits >> shift));
  char digest[] = "SHA2-256";
  const OSSL_PARAM params[]{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                            octet_param(OSSL_KDF_PARAM_SECRET, z), octet_param(OSSL_KDF_PARAM_INFO, other_info),
                            OSSL_PARAM_construct_end()};
  return derive(kdf.get(), params, bytes);
}

std::expected<SecretBytes, Error> pbkdf2(const char* digest, View passphrase, View salt, unsigned iterations,
                                         std::size_t bytes) {
  static const Kdf kdf{EVP_KDF_fetch(nullptr, "PBKDF2", nullptr)};
  const OSSL_PARAM params[]{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(digest), 0),
                            octet_param(OSSL_KDF_PARAM_PASSWORD, passphrase), octet_param(OSSL_KDF_PARAM_SALT, salt),
                            OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_ITER, &iterations), OSSL_PARAM_construct_end()};
  return derive(kdf.get(), params, bytes);
}

}  // namespace signet::crypto

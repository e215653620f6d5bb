// Keys from the DER inside PEM.

#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "src/crypto/asymmetric_key.hpp"

namespace signet::crypto {
namespace {

struct Der {
  explicit Der(std::span<const std::byte> bytes) noexcept
      : at{octets(bytes.data())}, size{static_cast<long>(bytes.size())}, end{at + bytes.size()} {}
  // Whether all of it was read.
  [[nodiscard]] bool ended() const noexcept { return at == end; }

  const unsigned char* at;
  long size;
  const unsigned char* end;
};

// Nobody is asked for a passphrase at the terminal.
int give_passphrase(char* buffer, int size, int /*writing*/, void* passphrase) {
  if (passphrase == nullptr) return -1;
  const std::string_view text = static_cast<const Secret*>(passphrase)->reveal_text();
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  std::ranges::copy(text, buffer);
  return static_cast<int>(text.size());
}

Pkey from_pkcs8(const PKCS8_PRIV_KEY_INFO* info) { return Pkey{info == nullptr ? nullptr : EVP_PKCS82PKEY(info)}; }

Pkey from_certificate(Der& der) {
  const Certificate certificate{d2i_X509(nullptr, &der.at, der.size)};
  return Pkey{certificate ? X509_get_pubkey(certificate.get()) : nullptr};
}

// What a hostile file could make of a second. OpenSSL itself bounds the memory of scrypt to 32 MiB, and no time.
constexpr std::uint64_t most_iterations = 4'000'000;
constexpr std::uint64_t most_scrypt_work = 1U << 21;  // N * r * p

template <class T, auto Free>
std::unique_ptr<T, Freed<Free>> unpacked(const X509_ALGOR* algorithm, const ASN1_ITEM* item) noexcept {
  return std::unique_ptr<T, Freed<Free>>{static_cast<T*>(
      algorithm->parameter == nullptr ? nullptr : ASN1_TYPE_unpack_sequence(item, algorithm->parameter))};
}

std::uint64_t number_of(const ASN1_INTEGER* number) noexcept {
  std::uint64_t value = 0;
  return ASN1_INTEGER_get_uint64(&value, number) == 1 ? value : ~std::uint64_t{0};
}

// Whether the passphrase's hash can be paid for (RFC 8018 section 6.2, RFC 7914 section 7).
std::expected<void, Error> check_cost(const EncryptedPkcs8& encrypted) {
  const auto refused = [](const char* why) { return std::unexpected(Error{ErrorCode::key_unsupported, why}); };
  const X509_ALGOR* method = nullptr;
  X509_SIG_get0(encrypted.get(), &method, nullptr);
  if (OBJ_obj2nid(method->algorithm) != NID_pbes2)
    return refused("a private key encrypted by another method than PBES2");
  const auto scheme = unpacked<PBE2PARAM, PBE2PARAM_free>(method, ASN1_ITEM_rptr(PBE2PARAM));
  const int hash = scheme ? OBJ_obj2nid(scheme->keyfunc->algorithm) : NID_undef;
  if (hash == NID_id_pbkdf2) {
    const auto cost = unpacked<PBKDF2PARAM, PBKDF2PARAM_free>(scheme->keyfunc, ASN1_ITEM_rptr(PBKDF2PARAM));
    if (cost && number_of(cost->iter) <= most_iterations) return {};
  } else if (hash == NID_id_scrypt) {
    const auto cost = unpacked<SCRYPT_PARAMS, SCRYPT_PARAMS_free>(scheme->keyfunc, ASN1_ITEM_rptr(SCRYPT_PARAMS));
    std::uint64_t work = cost ? 1 : ~std::uint64_t{0};
    for (const ASN1_INTEGER* factor : {cost ? cost->costParameter : nullptr, cost ? cost->blockSize : nullptr,
                                       cost ? cost->parallelizationParameter : nullptr}) {
      const std::uint64_t value = factor == nullptr ? ~std::uint64_t{0} : number_of(factor);
      work = work > most_scrypt_work || value > most_scrypt_work ? ~std::uint64_t{0} : work * value;
    }
    if (work <= most_scrypt_work) return {};
  }
  return refused("a private key whose passphrase takes too long to hash, or an unknown hash");
}

Pkey from_encrypted_pkcs8(Der& der, const Secret* passphrase) {
  const EncryptedPkcs8 encrypted{d2i_X509_SIG(nullptr, &der.at, der.size)};
  if (!encrypted || passphrase == nullptr) return nullptr;
  const Pkcs8 info{PKCS8_decrypt(encrypted.get(), reinterpret_cast<const char*>(passphrase->reveal().data()),
                                 static_cast<int>(passphrase->size()))};
  return from_pkcs8(info.get());
}

Pkey from_legacy_encrypted(Der& text, const Secret* passphrase) {
  const Bio in{BIO_new_mem_buf(text.at, static_cast<int>(text.size))};
  if (!in || passphrase == nullptr) return nullptr;
  text.at = text.end;
  return Pkey{PEM_read_bio_PrivateKey(in.get(), nullptr, give_passphrase, const_cast<Secret*>(passphrase))};
}

Pkey decode(Encoding encoding, Der& der, const Secret* passphrase) {
  switch (encoding) {
    case Encoding::spki:
      return Pkey{d2i_PUBKEY(nullptr, &der.at, der.size)};
    case Encoding::pkcs1_public:
      return Pkey{d2i_PublicKey(EVP_PKEY_RSA, nullptr, &der.at, der.size)};
    case Encoding::certificate:
      return from_certificate(der);
    case Encoding::pkcs8: {
      const Pkcs8 info{d2i_PKCS8_PRIV_KEY_INFO(nullptr, &der.at, der.size)};
      return from_pkcs8(info.get());
    }
    case Encoding::encrypted_pkcs8:
      return from_encrypted_pkcs8(der, passphrase);
    case Encoding::pkcs1_private:
      return Pkey{d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &der.at, der.size)};
    case Encoding::sec1:
      return Pkey{d2i_PrivateKey(EVP_PKEY_EC, nullptr, &der.at, der.size)};
    case Encoding::legacy_encrypted:
      return from_legacy_encrypted(der, passphrase);
  }
  return nullptr;
}

}  // namespace

ReadPkey pkey_from_encoding(Encoding encoding, std::span<const std::byte> bytes, const Secret* passphrase) {
  const ErrorQueueMark mark;
  if (is_encrypted(encoding) && passphrase == nullptr) {
    return std::unexpected(Error{ErrorCode::key_malformed, "the private key is encrypted and needs its passphrase"});
  }
  if (encoding == Encoding::encrypted_pkcs8) {
    Der look{bytes};
    const EncryptedPkcs8 encrypted{d2i_X509_SIG(nullptr, &look.at, look.size)};
    if (encrypted) {
      if (auto affordable = check_cost(encrypted); !affordable) return std::unexpected(std::move(affordable).error());
    }
  }
  Der der{bytes};
  Pkey pkey = decode(encoding, der, passphrase);
  if (!pkey || !der.ended()) {
    return std::unexpected(Error{ErrorCode::key_malformed, is_encrypted(encoding)
                                                               ? "not a key, or not its passphrase"
                                                               : "the PEM block does not hold what it announces"});
  }
  return pkey;
}

MadeKey key_from_encoding(const jose::SignatureAlgorithm& algorithm, Encoding encoding,
                          std::span<const std::byte> bytes, const Secret* passphrase) {
  if (auto offered = check_offered(shape_of(algorithm)); !offered) return std::unexpected(std::move(offered).error());
  auto pkey = pkey_from_encoding(encoding, bytes, passphrase);
  if (!pkey) return std::unexpected(std::move(pkey).error());
  return finished_key(algorithm, std::move(*pkey), is_private(encoding));
}

std::expected<SecretBytes, Error> decrypted_private_key(Encoding encoding, std::span<const std::byte> bytes,
                                                        const Secret& passphrase) {
  const auto pkey = pkey_from_encoding(encoding, bytes, &passphrase);
  if (!pkey) return std::unexpected(pkey.error());
  return private_der_of(pkey->get(), nullptr);
}

std::optional<KeyParts> certificate_parts(jose::KeyType key_type, jose::Curve curve,
                                          std::span<const std::byte> certificate) {
  const ErrorQueueMark mark;
  Der der{certificate};
  const Pkey pkey = decode(Encoding::certificate, der, nullptr);
  const KeyShape shape{key_type, curve};
  if (!pkey || !der.ended() || !check_key(shape, pkey.get(), false)) return std::nullopt;
  return public_parts_of(pkey.get(), shape);
}

bool is_certificate(std::span<const std::byte> bytes) noexcept {
  const ErrorQueueMark mark;
  Der der{bytes};
  const Certificate certificate{d2i_X509(nullptr, &der.at, der.size)};
  return certificate && der.ended();
}

bool is_public_der(std::span<const std::byte> bytes) noexcept {
  const ErrorQueueMark mark;
  for (const Encoding encoding : {Encoding::spki, Encoding::certificate, Encoding::pkcs1_public}) {
    Der der{bytes};
    if (!bytes.empty() && bytes.front() == std::byte{0x30} && decode(encoding, der, nullptr) && der.ended())
      return true;
  }
  return false;
}

}  // namespace signet::crypto

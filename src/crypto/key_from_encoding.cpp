// Keys from the DER inside PEM.

#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <algorithm>
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

bool is_encrypted(Encoding encoding) noexcept {
  return encoding == Encoding::encrypted_pkcs8 || encoding == Encoding::legacy_encrypted;
}

}  // namespace

ReadPkey pkey_from_encoding(Encoding encoding, std::span<const std::byte> bytes, const Secret* passphrase) {
  const ErrorQueueMark mark;
  if (is_encrypted(encoding) && passphrase == nullptr) {
    return std::unexpected(Error{ErrorCode::key_malformed, "the private key is encrypted and needs its passphrase"});
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

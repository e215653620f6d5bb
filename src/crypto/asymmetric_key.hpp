#pragma once
// RSA, EC, Ed25519, Ed448 and ML-DSA keys over EVP_PKEY. Included inside src/crypto only.

#include <cstdint>
#include <optional>
#include <stdexcept>

#include "src/crypto/context_pool.hpp"
#include "src/crypto/ed25519.hpp"
#include "src/crypto/key_material.hpp"
#include "src/crypto/openssl.hpp"

namespace signet::crypto {

class AsymmetricKey final : public KeyMaterial {
 public:
  // Preconditions: `pkey` has passed check_key for this algorithm; with `holds_private` its private half too.
  AsymmetricKey(const jose::SignatureAlgorithm& algorithm, Pkey pkey, bool holds_private);

  SignatureCheck check(std::string_view input, std::span<const std::byte> signature) const noexcept override;
  std::expected<std::vector<std::byte>, Error> sign(std::string_view input) const override;

  KeyParts public_parts() const override;
  std::expected<KeyParts, Error> private_parts() const override;
  std::expected<Bytes, Error> public_der() const override;
  std::expected<SecretBytes, Error> private_der(const Protection* protection) const override;

  // First contexts, so that what OpenSSL cannot do shows when the key is made.
  [[nodiscard]] bool prepare() const noexcept;

 private:
  enum class Operation : std::uint8_t { verify, sign };
  struct Context {
    DigestContext digest;
    PkeyContext pkey;  // null for Ed25519, Ed448 and ML-DSA, whose digest context does it all
  };
  using Contexts = ContextPool<Context>;

  Contexts::Owned make_context(Operation operation) const noexcept;
  SignatureCheck check_with(Context& context, std::string_view input,
                            std::span<const std::byte> signature) const noexcept;
  bool sign_with(Context& context, std::string_view input, std::vector<std::byte>& signature) const;
  bool digest(Context& context, std::string_view input, std::span<std::byte> out) const noexcept;

  Pkey pkey_;
  std::size_t signature_bytes_;
  std::optional<Ed25519> ed25519_;  // unless OpenSSL is to do that too
  Bytes order_;                     // EC: of the group, as long as the field
  mutable Contexts verifying_;
  std::unique_ptr<Contexts> signing_;  // private keys only
};

// The number of that name, or null. `name` is one of OSSL_PKEY_PARAM_*.
[[nodiscard]] Bignum number(const EVP_PKEY* pkey, const char* name) noexcept;

// Big-endian, with zeros in front up to `size`; 0: as few bytes as hold it (RFC 7518 section 2).
template <class Container>
Container big_endian(const BIGNUM* number, std::size_t size = 0) {
  if (number == nullptr) throw std::runtime_error{"OpenSSL does not give a number of the key"};
  Container bytes(size == 0 ? static_cast<std::size_t>(BN_num_bytes(number)) : size);
  if (BN_bn2binpad(number, octets(bytes.data()), static_cast<int>(bytes.size())) < 0) {
    throw std::runtime_error{"a number of the key is longer than its field"};
  }
  return bytes;
}

// What an algorithm asks of a key: its type and, for EC and OKP, its curve.
struct KeyShape {
  jose::KeyType key_type;
  jose::Curve curve;
};
[[nodiscard]] constexpr KeyShape shape_of(const jose::SignatureAlgorithm& algorithm) noexcept {
  return {algorithm.key_type, algorithm.curve};
}

// Errors: key_unsupported, unless is_offered.
[[nodiscard]] std::expected<void, Error> check_offered(KeyShape shape);

// A key that OpenSSL could read, not yet checked: that is check_key's.
using ReadPkey = std::expected<Pkey, Error>;
[[nodiscard]] ReadPkey pkey_from_parts(KeyShape shape, const KeyParts& parts);
[[nodiscard]] ReadPkey pkey_from_encoding(Encoding encoding, std::span<const std::byte> bytes,
                                          const Secret* passphrase);
[[nodiscard]] ReadPkey generate_pkey(KeyShape shape, unsigned rsa_bits);

// A key as numbers and as DER: what KeyMaterial promises.
[[nodiscard]] KeyParts public_parts_of(const EVP_PKEY* pkey, KeyShape shape);
[[nodiscard]] KeyParts private_parts_of(const EVP_PKEY* pkey, KeyShape shape);
[[nodiscard]] std::expected<Bytes, Error> public_der_of(const EVP_PKEY* pkey);
[[nodiscard]] std::expected<SecretBytes, Error> private_der_of(const EVP_PKEY* pkey, const Protection* protection);

// Everything a key must be before it is used (cases 20, 43). Errors: as key_from_parts, key_unsupported.
[[nodiscard]] std::expected<void, Error> check_key(KeyShape shape, EVP_PKEY* pkey, bool holds_private);

// Checks, prepares, and tries a private key on a signature.
[[nodiscard]] MadeKey finished_key(const jose::SignatureAlgorithm& algorithm, Pkey pkey, bool holds_private);

}  // namespace signet::crypto

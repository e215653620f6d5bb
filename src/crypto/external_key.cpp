#include <array>

#include "signet/external_signer.hpp"
#include "src/crypto/digest.hpp"
#include "src/crypto/ecdsa_signature.hpp"
#include "src/crypto/key_material.hpp"

namespace signet::crypto {
namespace {

std::unexpected<Error> signer_failed(std::string why) {
  return std::unexpected(Error{ErrorCode::signer_failed, std::move(why)});
}
Error elsewhere() { return Error{ErrorCode::key_unsupported, "the private key is not in this process"}; }

// The public half checks; the other one is asked.
class ExternalKey final : public KeyMaterial {
 public:
  ExternalKey(KeyHandle public_key, std::shared_ptr<ExternalSigner> signer)
      : KeyMaterial{public_key->algorithm()}, public_key_{std::move(public_key)}, signer_{std::move(signer)} {}

  SignatureCheck check(std::string_view input, std::span<const std::byte> signature) const noexcept override {
    return public_key_->check(input, signature);
  }

  // What came back is checked before it leaves: a fault in an RSA or EC computation gives the private key away to who
  // sees its result, and a signer that was given the wrong key or form would issue tokens that nobody accepts.
  std::expected<std::vector<std::byte>, Error> sign(std::string_view input) const override {
    std::array<std::byte, 64> hash;
    const auto hashed = digest(algorithm().digest, input, hash);
    if (!hashed) return std::unexpected(Error{ErrorCode::internal, "OpenSSL does not hash"});
    auto signature = signer_->sign({.algorithm = algorithm().algorithm, .input = input, .digest = *hashed});
    if (!signature) return signer_failed(signature.error().detail());
    switch (public_key_->check(input, *signature)) {
      case SignatureCheck::good:
        return signature;
      case SignatureCheck::bad:
        return signer_failed("the external signer's answer is not a signature of its public key");
      case SignatureCheck::failed:
        break;
    }
    return std::unexpected(Error{ErrorCode::internal, "OpenSSL could not check the external signer's answer"});
  }

  KeyParts public_parts() const override { return public_key_->public_parts(); }
  std::expected<KeyParts, Error> private_parts() const override { return std::unexpected(elsewhere()); }
  std::expected<Bytes, Error> public_der() const override { return public_key_->public_der(); }
  std::expected<SecretBytes, Error> private_der(const Protection* /*protection*/) const override {
    return std::unexpected(elsewhere());
  }

 private:
  KeyHandle public_key_;
  std::shared_ptr<ExternalSigner> signer_;
};

}  // namespace

KeyHandle external_key(KeyHandle public_key, std::shared_ptr<ExternalSigner> signer) {
  return std::make_shared<const ExternalKey>(std::move(public_key), std::move(signer));
}

}  // namespace signet::crypto

namespace signet {

std::expected<std::vector<std::byte>, Error> ecdsa_signature_from_der(Algorithm algorithm,
                                                                      std::span<const std::byte> der) {
  const jose::SignatureAlgorithm& row = jose::row(algorithm);
  if (row.key_type != jose::KeyType::ec) {
    return std::unexpected(Error{ErrorCode::key_mismatch, "only ECDSA's signatures have a form in DER"});
  }
  std::vector<std::byte> signature(row.signature_bytes);
  if (!crypto::raw_from_der(der, signature))
    return crypto::signer_failed("not an ECDSA signature in DER of this curve");
  return signature;
}

}  // namespace signet

// HMAC (RFC 2104, RFC 7518 section 3.2).

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "src/crypto/context_pool.hpp"
#include "src/crypto/digest.hpp"
#include "src/crypto/key_material.hpp"
#include "src/crypto/openssl.hpp"

namespace signet::crypto {
namespace {

EVP_MAC* fetched_hmac() noexcept {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);  // kept until the process ends
  return mac;
}

using Mac = std::array<std::byte, 64>;

class HmacKey final : public KeyMaterial {
 public:
  HmacKey(const jose::SignatureAlgorithm& algorithm, std::span<const std::byte> secret)
      : KeyMaterial{algorithm}, secret_{secret.begin(), secret.end()} {}

  SignatureCheck check(std::string_view input, std::span<const std::byte> signature) const noexcept override {
    if (signature.size() != algorithm().signature_bytes) return SignatureCheck::bad;  // case 54
    Mac mac;
    if (!compute(input, mac)) return SignatureCheck::failed;
    return equal(std::span{mac}.first(signature.size()), signature) ? SignatureCheck::good : SignatureCheck::bad;
  }

  std::expected<std::vector<std::byte>, Error> sign(std::string_view input) const override {
    Mac mac;
    if (!compute(input, mac)) return std::unexpected(Error{ErrorCode::internal, "OpenSSL computes no HMAC"});
    return std::vector<std::byte>{mac.begin(), mac.begin() + algorithm().signature_bytes};
  }

  KeyParts public_parts() const override { return {}; }
  KeyParts private_parts() const override {
    KeyParts parts;
    parts.k = secret_;
    return parts;
  }
  std::expected<std::string, Error> public_pem() const override { return std::unexpected(no_pem()); }
  std::expected<Secret, Error> private_pem() const override { return std::unexpected(no_pem()); }

  // A first context, so that what OpenSSL cannot do shows when the key is made.
  [[nodiscard]] bool prepare() const noexcept {
    Contexts::Owned context = make_context();
    if (!context) return false;
    contexts_.give(std::move(context));
    return true;
  }

 private:
  struct Context {
    MacContext mac;
  };
  using Contexts = ContextPool<Context>;

  static Error no_pem() { return Error{ErrorCode::key_unsupported, "an HMAC secret has no PEM form"}; }

  Contexts::Owned make_context() const noexcept {
    if (fetched_hmac() == nullptr) return nullptr;
    auto context = Contexts::Owned{new (std::nothrow) Context{MacContext{EVP_MAC_CTX_new(fetched_hmac())}}};
    const std::array<OSSL_PARAM, 2> params{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(name(algorithm().digest)), 0),
        OSSL_PARAM_construct_end()};
    if (!context || !context->mac ||
        EVP_MAC_init(context->mac.get(), octets(secret_.data()), secret_.size(), params.data()) != 1) {
      return nullptr;
    }
    return context;
  }

  bool compute(std::string_view input, Mac& mac) const noexcept {
    const ErrorQueueMark mark;
    Contexts::Owned context = contexts_.take();
    if (!context) {
      context = make_context();
      if (!context) return false;
    } else if (EVP_MAC_init(context->mac.get(), nullptr, 0, nullptr) != 1) {
      return false;  // without a key, init starts over with the one it has: its padded blocks are not hashed again
    }
    std::size_t size = 0;
    const bool done =
        EVP_MAC_update(context->mac.get(), reinterpret_cast<const unsigned char*>(input.data()), input.size()) == 1 &&
        EVP_MAC_final(context->mac.get(), octets(mac.data()), &size, mac.size()) == 1;
    contexts_.give(std::move(context));
    return done && size == algorithm().signature_bytes;
  }

  SecretBytes secret_;
  mutable Contexts contexts_;
};

}  // namespace

MadeKey hmac_key(const jose::SignatureAlgorithm& algorithm, std::span<const std::byte> secret) {
  // RFC 7518 section 3.2: a key of the same size as the hash output or larger.
  if (secret.size() < jose::size_of(algorithm.digest)) {
    return std::unexpected(Error{ErrorCode::key_too_weak, std::string{algorithm.name} + " needs a secret of at least " +
                                                              std::to_string(jose::size_of(algorithm.digest)) +
                                                              " bytes, this one has " + std::to_string(secret.size())});
  }
  auto key = std::make_shared<const HmacKey>(algorithm, secret);
  if (!key->prepare()) return std::unexpected(Error{ErrorCode::internal, "OpenSSL offers no HMAC with this digest"});
  return key;
}

}  // namespace signet::crypto

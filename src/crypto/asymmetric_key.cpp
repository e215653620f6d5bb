#include "src/crypto/asymmetric_key.hpp"

#include <openssl/core_names.h>
#include <openssl/ecerr.h>
#include <openssl/rsa.h>

#include <array>
#include <new>

#include "src/crypto/digest.hpp"
#include "src/crypto/ecdsa_signature.hpp"

namespace signet::crypto {
namespace {

using jose::KeyType;
using jose::RsaPadding;

// Those that hash by themselves, and twice.
bool signs_whole_messages(const jose::SignatureAlgorithm& algorithm) noexcept {
  return algorithm.digest == jose::Digest::none;
}

constexpr std::string_view trial = "a key that does not verify its own signature is no key";

Error failed(const char* what) { return Error{ErrorCode::internal, what}; }
Error no_private_half() { return failed("the key has no private half"); }

// For RSA (RFC 7518 sections 3.3 and 3.5: PSS with MGF1 of the same hash and a salt of the hash's length).
bool set_padding(EVP_PKEY_CTX* context, RsaPadding padding, const EVP_MD* digest) noexcept {
  switch (padding) {
    case RsaPadding::none:
      return true;
    case RsaPadding::pkcs1:
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    case RsaPadding::pss:
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  return false;
}

// EVP_R_PROVIDER_SIGNATURE_FAILURE, which OpenSSL 3.5 notes of every answer that is not 1: "the provider said so".
bool says_nothing(unsigned long error) noexcept {
  constexpr int provider_signature_failure = 234;
  return ERR_GET_LIB(error) == ERR_LIB_EVP && ERR_GET_REASON(error) == provider_signature_failure;
}

// The two points that ECDSA adds have no sum: a signature that only the owner of the key can make, and a bad one
// (FIPS 186-5 section 6.4.2), which OpenSSL calls a failure of its own.
bool is_sum_of_none(unsigned long error) noexcept {
  return ERR_GET_LIB(error) == ERR_LIB_EC && ERR_GET_REASON(error) == EC_R_POINT_AT_INFINITY;
}

// OpenSSL answers 1 or 0, where 0 may also mean that it had no memory; only ECDSA has a number below 0 for that. RSA
// has a word of its own for each way to be bad, first in the queue; Ed25519 says nothing either way, so memory is asked
// for once more. Where somebody left errors in the queue, `before` the last of them, only a new last one is of this
// call.
SignatureCheck outcome_of(int answer, unsigned long before) noexcept {
  if (answer == 1) return SignatureCheck::good;
  const unsigned long found = before == 0 ? ERR_peek_error() : ERR_peek_last_error();
  if (before == 0 && is_sum_of_none(found)) return SignatureCheck::bad;
  const unsigned long error = found == before || says_nothing(found) ? 0 : found;
  // A signature whose DigestInfo is too short is the one way to be bad that only RSA's caller has a word for.
  const bool of_rsa = ERR_GET_LIB(error) == ERR_LIB_RSA ||
                      (ERR_GET_LIB(error) == ERR_LIB_PROV && ERR_GET_REASON(error) == ERR_R_RSA_LIB);
  const bool of_the_signature = error == 0 || before != 0 || of_rsa;
  if (answer < 0 || !of_the_signature || ERR_FATAL_ERROR(error) != 0) return SignatureCheck::failed;
  const DigestContext memory{EVP_MD_CTX_new()};
  return memory ? SignatureCheck::bad : SignatureCheck::failed;
}

}  // namespace

Bignum number(const EVP_PKEY* pkey, const char* name) noexcept {
  BIGNUM* found = nullptr;
  EVP_PKEY_get_bn_param(pkey, name, &found);
  return Bignum{found};
}

AsymmetricKey::AsymmetricKey(const jose::SignatureAlgorithm& algorithm, Pkey pkey, bool holds_private)
    : KeyMaterial{algorithm},
      pkey_{std::move(pkey)},
      signature_bytes_{algorithm.signature_bytes != 0 ? algorithm.signature_bytes
                                                      : static_cast<std::size_t>(EVP_PKEY_get_size(pkey_.get()))} {
  if (algorithm.key_type == KeyType::ec) {
    order_ = big_endian<Bytes>(number(pkey_.get(), OSSL_PKEY_PARAM_EC_ORDER).get(), signature_bytes_ / 2);
  }
  if (algorithm.curve == jose::Curve::ed25519 && !providers_only()) {
    const KeyParts parts = holds_private ? private_parts_of(pkey_.get(), shape_of(algorithm))
                                         : public_parts_of(pkey_.get(), shape_of(algorithm));
    ed25519_ = Ed25519::of(parts.x, parts.d);
  }
  if (holds_private) signing_ = std::make_unique<Contexts>();
}

bool AsymmetricKey::prepare() const noexcept {
  Contexts::Owned verifying = make_context(Operation::verify);
  if (!verifying) return false;
  verifying_.give(std::move(verifying));
  if (!signing_) return true;
  Contexts::Owned signing = make_context(Operation::sign);
  if (!signing) return false;
  signing_->give(std::move(signing));
  return true;
}

AsymmetricKey::Contexts::Owned AsymmetricKey::make_context(Operation operation) const noexcept {
  auto context = Contexts::Owned{new (std::nothrow) Context{DigestContext{EVP_MD_CTX_new()}, nullptr}};
  if (!context || !context->digest) return nullptr;
  if (signs_whole_messages(algorithm())) return context;

  const EVP_MD* digest = fetched(algorithm().digest);
  context->pkey = PkeyContext{EVP_PKEY_CTX_new_from_pkey(nullptr, pkey_.get(), nullptr)};
  EVP_PKEY_CTX* pkey = context->pkey.get();
  if (pkey == nullptr || digest == nullptr) return nullptr;
  const bool ready = (operation == Operation::verify ? EVP_PKEY_verify_init(pkey) : EVP_PKEY_sign_init(pkey)) == 1 &&
                     set_padding(pkey, algorithm().padding, digest) && EVP_PKEY_CTX_set_signature_md(pkey, digest) == 1;
  return ready ? std::move(context) : nullptr;
}

bool AsymmetricKey::digest(Context& context, std::string_view input, std::span<std::byte> out) const noexcept {
  unsigned size = 0;
  return EVP_DigestInit_ex2(context.digest.get(), fetched(algorithm().digest), nullptr) == 1 &&
         EVP_DigestUpdate(context.digest.get(), input.data(), input.size()) == 1 &&
         EVP_DigestFinal_ex(context.digest.get(), octets(out.data()), &size) == 1 && size == out.size();
}

SignatureCheck AsymmetricKey::check(std::string_view input, std::span<const std::byte> signature) const noexcept {
  if (signature.size() != signature_bytes_) return SignatureCheck::bad;  // case 7
  if (ed25519_) return ed25519_->verifies(input, signature) ? SignatureCheck::good : SignatureCheck::bad;
  const ErrorQueueMark mark;
  Contexts::Owned context = verifying_.take();
  if (!context) context = make_context(Operation::verify);
  if (!context) return SignatureCheck::failed;
  const SignatureCheck outcome = check_with(*context, input, signature);
  // A context that failed once may be half of one.
  if (outcome != SignatureCheck::failed) verifying_.give(std::move(context));
  return outcome;
}

SignatureCheck AsymmetricKey::check_with(Context& context, std::string_view input,
                                         std::span<const std::byte> signature) const noexcept {
  const unsigned long before = ERR_peek_last_error();
  if (signs_whole_messages(algorithm())) {
    if (EVP_DigestVerifyInit(context.digest.get(), nullptr, nullptr, nullptr, pkey_.get()) != 1) {
      return SignatureCheck::failed;
    }
    return outcome_of(EVP_DigestVerify(context.digest.get(), octets(signature.data()), signature.size(),
                                       reinterpret_cast<const unsigned char*>(input.data()), input.size()),
                      before);
  }
  DerSignature der;
  if (algorithm().key_type == KeyType::ec) {
    const std::size_t size = der_from_raw(signature, order_, der);
    if (size == 0) return SignatureCheck::bad;
    signature = std::span{der}.first(size);
  }
  std::array<std::byte, 64> hash;
  const auto hashed = std::span{hash}.first(jose::size_of(algorithm().digest));
  if (!digest(context, input, hashed)) return SignatureCheck::failed;
  return outcome_of(EVP_PKEY_verify(context.pkey.get(), octets(signature.data()), signature.size(), octets(hash.data()),
                                    hashed.size()),
                    before);
}

std::expected<std::vector<std::byte>, Error> AsymmetricKey::sign(std::string_view input) const {
  const ErrorQueueMark mark;
  if (!signing_) return std::unexpected(no_private_half());
  std::vector<std::byte> signature(signature_bytes_);
  if (ed25519_) {
    ed25519_->sign(input, signature);
    return signature;
  }
  Contexts::Owned context = signing_->take();
  if (!context) context = make_context(Operation::sign);
  if (!context) return std::unexpected(failed("OpenSSL does not sign"));
  const bool done = sign_with(*context, input, signature);
  signing_->give(std::move(context));
  if (!done) return std::unexpected(failed("OpenSSL made no signature"));
  return signature;
}

bool AsymmetricKey::sign_with(Context& context, std::string_view input, std::vector<std::byte>& signature) const {
  if (signs_whole_messages(algorithm())) {
    std::size_t size = signature.size();
    return EVP_DigestSignInit(context.digest.get(), nullptr, nullptr, nullptr, pkey_.get()) == 1 &&
           EVP_DigestSign(context.digest.get(), octets(signature.data()), &size,
                          reinterpret_cast<const unsigned char*>(input.data()), input.size()) == 1 &&
           size == signature.size();
  }
  std::array<std::byte, 64> hash;
  const auto hashed = std::span{hash}.first(jose::size_of(algorithm().digest));
  if (!digest(context, input, hashed)) return false;

  if (algorithm().key_type == KeyType::ec) {
    DerSignature der;
    std::size_t size = der.size();
    return EVP_PKEY_sign(context.pkey.get(), octets(der.data()), &size, octets(hash.data()), hashed.size()) == 1 &&
           raw_from_der(std::span{der}.first(size), signature);
  }
  std::size_t size = signature.size();
  return EVP_PKEY_sign(context.pkey.get(), octets(signature.data()), &size, octets(hash.data()), hashed.size()) == 1 &&
         size == signature.size();
}

KeyParts AsymmetricKey::public_parts() const { return public_parts_of(pkey_.get(), shape_of(algorithm())); }
std::expected<Bytes, Error> AsymmetricKey::public_der() const { return public_der_of(pkey_.get()); }

std::expected<KeyParts, Error> AsymmetricKey::private_parts() const {
  if (!signing_) return std::unexpected(no_private_half());
  return private_parts_of(pkey_.get(), shape_of(algorithm()));
}

std::expected<SecretBytes, Error> AsymmetricKey::private_der(const Protection* protection) const {
  if (!signing_) return std::unexpected(no_private_half());
  return private_der_of(pkey_.get(), protection);
}

MadeKey finished_key(const jose::SignatureAlgorithm& algorithm, Pkey pkey, bool holds_private) {
  if (auto checked = check_key(shape_of(algorithm), pkey.get(), holds_private); !checked) {
    return std::unexpected(std::move(checked).error());
  }
  auto key = std::make_shared<const AsymmetricKey>(algorithm, std::move(pkey), holds_private);
  if (!key->prepare()) {
    return std::unexpected(failed("OpenSSL offers no such signature"));
  }
  if (holds_private) {
    const auto signature = key->sign(trial);
    const auto outcome = signature ? key->check(trial, *signature) : SignatureCheck::bad;
    if (outcome == SignatureCheck::failed) return std::unexpected(failed("OpenSSL checks no signature"));
    if (outcome == SignatureCheck::bad) {
      return std::unexpected(Error{ErrorCode::key_malformed, "the private and the public half do not belong together"});
    }
  }
  return key;
}

ReadPkey generate_pkey(KeyShape shape, unsigned rsa_bits) {
  const ErrorQueueMark mark;
  if (auto offered = check_offered(shape); !offered) return std::unexpected(std::move(offered).error());
  Pkey pkey;
  switch (shape.key_type) {
    case KeyType::oct:
      break;
    case KeyType::rsa:
      pkey.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{rsa_bits}));
      break;
    case KeyType::ec:
      pkey.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", jose::facts(shape.curve).group));
      break;
    case KeyType::okp:
    case KeyType::akp:
      pkey.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, jose::facts(shape.curve).group));
      break;
  }
  if (!pkey) return std::unexpected(failed("OpenSSL made no key"));
  return pkey;
}

MadeKey generate_key(const jose::SignatureAlgorithm& algorithm, unsigned rsa_bits) {
  const ErrorQueueMark mark;
  if (algorithm.key_type == KeyType::oct) {
    const Secret secret = Secret::random(jose::size_of(algorithm.digest));
    return hmac_key(algorithm, secret.reveal());
  }
  auto pkey = generate_pkey(shape_of(algorithm), rsa_bits);
  if (!pkey) return std::unexpected(std::move(pkey).error());
  return finished_key(algorithm, std::move(*pkey), true);
}

}  // namespace signet::crypto

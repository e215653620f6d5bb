// HMAC (RFC 2104, RFC 7518 section 3.2).

#define OPENSSL_SUPPRESS_DEPRECATED  // SHA256_* and SHA512_*: what they have that EVP has not, is said below

#include "src/crypto/hmac_key.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <array>
#include <cstring>

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

class HmacKey : public KeyMaterial {
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
  std::expected<KeyParts, Error> private_parts() const override {
    KeyParts parts;
    parts.k = secret_;
    return parts;
  }
  std::expected<Bytes, Error> public_der() const override { return std::unexpected(no_der()); }
  std::expected<SecretBytes, Error> private_der(const Protection* /*protection*/) const override {
    return std::unexpected(no_der());
  }

  // Whatever is made ahead; false when OpenSSL cannot do it.
  [[nodiscard]] virtual bool prepare() noexcept = 0;

 protected:
  using Mac = std::array<std::byte, 64>;

  [[nodiscard]] virtual bool compute(std::string_view input, Mac& mac) const noexcept = 0;
  [[nodiscard]] const SecretBytes& secret() const noexcept { return secret_; }

 private:
  static Error no_der() { return Error{ErrorCode::key_unsupported, "an HMAC secret has no PEM form"}; }

  SecretBytes secret_;
};

// By OpenSSL's providers: a context for each thread that uses the key, started over for each message.
class HmacByContexts final : public HmacKey {
 public:
  using HmacKey::HmacKey;

  // A first context, so that what OpenSSL cannot do shows when the key is made.
  bool prepare() noexcept override {
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

  Contexts::Owned make_context() const noexcept {
    if (fetched_hmac() == nullptr) return nullptr;
    auto context = Contexts::Owned{new (std::nothrow) Context{MacContext{EVP_MAC_CTX_new(fetched_hmac())}}};
    const std::array<OSSL_PARAM, 2> params{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(name(algorithm().digest)), 0),
        OSSL_PARAM_construct_end()};
    if (!context || !context->mac ||
        EVP_MAC_init(context->mac.get(), octets(secret().data()), secret().size(), params.data()) != 1) {
      return nullptr;
    }
    return context;
  }

  bool compute(std::string_view input, Mac& mac) const noexcept override {
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

  mutable Contexts contexts_;
};

#ifndef OPENSSL_NO_DEPRECATED_3_0

// What the hashes are called in OpenSSL's older interface, and the size of their blocks (RFC 2104 section 2).
struct Sha256 {
  using State = SHA256_CTX;
  static constexpr std::size_t block = SHA256_CBLOCK;
  static constexpr auto init = SHA256_Init;
  static constexpr auto update = SHA256_Update;
  static constexpr auto final = SHA256_Final;
};
struct Sha384 {
  using State = SHA512_CTX;
  static constexpr std::size_t block = SHA512_CBLOCK;
  static constexpr auto init = SHA384_Init;
  static constexpr auto update = SHA384_Update;
  static constexpr auto final = SHA384_Final;
};
struct Sha512 {
  using State = SHA512_CTX;
  static constexpr std::size_t block = SHA512_CBLOCK;
  static constexpr auto init = SHA512_Init;
  static constexpr auto update = SHA512_Update;
  static constexpr auto final = SHA512_Final;
};

// Both padded keys are hashed when the key is made, and a message starts from copies of those two states: nothing is
// allocated, locked or shared. OpenSSL's providers copy a state through the heap, twice a message.
template <class Hash>
class HmacByStates final : public HmacKey {
 public:
  using HmacKey::HmacKey;
  ~HmacByStates() override {
    OPENSSL_cleanse(&inner_, sizeof inner_);
    OPENSSL_cleanse(&outer_, sizeof outer_);
  }

  bool prepare() noexcept override {
    Block key{};
    const bool done = fill(key) && start(inner_, key, 0x36) && start(outer_, key, 0x5c);
    OPENSSL_cleanse(key.data(), key.size());
    return done;
  }

 private:
  using State = typename Hash::State;
  using Block = std::array<unsigned char, Hash::block>;

  // The secret, or its hash when it is longer than a block (RFC 2104 section 2).
  bool fill(Block& key) const noexcept {
    if (secret().size() <= key.size()) {
      std::memcpy(key.data(), secret().data(), secret().size());
      return true;
    }
    State state;
    const bool done = Hash::init(&state) == 1 && Hash::update(&state, secret().data(), secret().size()) == 1 &&
                      Hash::final(key.data(), &state) == 1;
    OPENSSL_cleanse(&state, sizeof state);  // where the key still is, and of SHA-512 the end of the secret
    return done;
  }

  static bool start(State& state, Block key, unsigned char pad) noexcept {
    for (unsigned char& byte : key) byte ^= pad;
    const bool done = Hash::init(&state) == 1 && Hash::update(&state, key.data(), key.size()) == 1;
    OPENSSL_cleanse(key.data(), key.size());
    return done;
  }

  bool compute(std::string_view input, Mac& mac) const noexcept override {
    State state = inner_;
    bool done = Hash::update(&state, input.data(), input.size()) == 1 && Hash::final(octets(mac.data()), &state) == 1;
    state = outer_;
    done = done && Hash::update(&state, mac.data(), algorithm().signature_bytes) == 1 &&
           Hash::final(octets(mac.data()), &state) == 1;
    return done;  // what is left of the state now is the MAC and what it was the hash of, nothing of the key
  }

  State inner_{};
  State outer_{};
};

#endif

std::shared_ptr<HmacKey> make_key(const jose::SignatureAlgorithm& algorithm, std::span<const std::byte> secret,
                                  [[maybe_unused]] HmacEngine engine) {
#ifndef OPENSSL_NO_DEPRECATED_3_0
  if (engine == HmacEngine::states) {
    switch (algorithm.digest) {
      case jose::Digest::sha256:
        return std::make_shared<HmacByStates<Sha256>>(algorithm, secret);
      case jose::Digest::sha384:
        return std::make_shared<HmacByStates<Sha384>>(algorithm, secret);
      case jose::Digest::sha512:
        return std::make_shared<HmacByStates<Sha512>>(algorithm, secret);
      default:
        break;
    }
  }
#endif
  return std::make_shared<HmacByContexts>(algorithm, secret);
}

}  // namespace

MadeKey hmac_key(const jose::SignatureAlgorithm& algorithm, std::span<const std::byte> secret) {
  // Who asks OpenSSL for approved providers alone gets nothing past them.
  return hmac_key(algorithm, secret, providers_only() ? HmacEngine::contexts : HmacEngine::states);
}

MadeKey hmac_key(const jose::SignatureAlgorithm& algorithm, std::span<const std::byte> secret, HmacEngine engine) {
  // RFC 7518 section 3.2: a key of the same size as the hash output or larger.
  if (secret.size() < jose::size_of(algorithm.digest)) {
    return std::unexpected(Error{ErrorCode::key_too_weak, std::string{algorithm.name} + " needs a secret of at least " +
                                                              std::to_string(jose::size_of(algorithm.digest)) +
                                                              " bytes, this one has " + std::to_string(secret.size())});
  }
  auto key = make_key(algorithm, secret, engine);
  if (!key->prepare()) return std::unexpected(Error{ErrorCode::internal, "OpenSSL offers no HMAC with this digest"});
  return key;
}

}  // namespace signet::crypto

#define OPENSSL_SUPPRESS_DEPRECATED  // SHA256_*: the library does without, but the floor is the floor
#include "bench/floor.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <sodium.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace signet::bench {
namespace {

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* octets(char* text) { return reinterpret_cast<unsigned char*>(text); }

constexpr std::size_t most_signature_bytes = 4627;  // of ML-DSA-87

void expect(bool holds) {
  if (!holds) throw std::runtime_error{"the floor does not hold"};
}

// --- The primitives

// One hash, by the shortest way that OpenSSL offers.
struct Sha {
  const EVP_MD* (*name)();
  unsigned char* (*hash)(const unsigned char* bytes, std::size_t size, unsigned char* out);
  std::size_t size;
};
constexpr Sha sha256{EVP_sha256, SHA256, SHA256_DIGEST_LENGTH};
constexpr Sha sha384{EVP_sha384, SHA384, SHA384_DIGEST_LENGTH};
constexpr Sha sha512{EVP_sha512, SHA512, SHA512_DIGEST_LENGTH};

Sha sha_of(Algorithm algorithm) {
  const auto name = signet::name(algorithm);
  return name.ends_with("384") ? sha384 : name.ends_with("512") ? sha512 : sha256;
}

// What HMAC needs of a hash.
template <class Context, std::size_t block_bytes, std::size_t bytes, auto init_with, auto update_with, auto finish_with>
struct HashOf {
  using State = Context;
  static constexpr std::size_t block = block_bytes, size = bytes;
  static constexpr auto init = init_with;
  static constexpr auto update = update_with;
  static constexpr auto final = finish_with;
};
using Sha256 = HashOf<SHA256_CTX, SHA256_CBLOCK, SHA256_DIGEST_LENGTH, SHA256_Init, SHA256_Update, SHA256_Final>;
using Sha384 = HashOf<SHA512_CTX, SHA512_CBLOCK, SHA384_DIGEST_LENGTH, SHA384_Init, SHA384_Update, SHA384_Final>;
using Sha512 = HashOf<SHA512_CTX, SHA512_CBLOCK, SHA512_DIGEST_LENGTH, SHA512_Init, SHA512_Update, SHA512_Final>;

// HMAC with the states of both pads kept: nothing is hashed but the message and the inner hash.
template <class Hash>
class HmacStates final : public Primitive {
 public:
  explicit HmacStates(std::span<const std::byte> secret) {
    expect(secret.size() <= Hash::block);
    const auto state_of = [&](unsigned char pad, typename Hash::State& state) {
      std::array<unsigned char, Hash::block> block;
      block.fill(pad);
      for (std::size_t i = 0; i < secret.size(); ++i) block[i] ^= std::to_integer<unsigned char>(secret[i]);
      Hash::init(&state);
      Hash::update(&state, block.data(), block.size());
    };
    state_of(0x36, inner_);
    state_of(0x5c, outer_);
  }

  bool verifies(std::string_view input, std::string_view signature) override {
    char mac[Hash::size];
    return sign(input, mac) == signature.size() && CRYPTO_memcmp(mac, signature.data(), sizeof mac) == 0;
  }

  std::size_t sign(std::string_view input, char* signature) override {
    auto state = inner_;
    Hash::update(&state, input.data(), input.size());
    unsigned char hash[Hash::size];
    Hash::final(hash, &state);
    state = outer_;
    Hash::update(&state, hash, sizeof hash);
    Hash::final(octets(signature), &state);
    return sizeof hash;
  }

 private:
  typename Hash::State inner_;
  typename Hash::State outer_;
};

using Pkey = std::shared_ptr<EVP_PKEY>;

Pkey pkey_of(const SigningKey& key) {
  const auto pem = key.to_private_pem().value();
  const auto text = pem.reveal_text();
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
                                                      BIO_free};
  return Pkey{PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
}

// RSA and ECDSA: the hash by the shortest way, then the key's contexts, made once.
class KeptContexts final : public Primitive {
 public:
  KeptContexts(Pkey pkey, Algorithm algorithm)
      : pkey_{std::move(pkey)}, sha_{sha_of(algorithm)}, is_ecdsa_{EVP_PKEY_is_a(pkey_.get(), "EC") == 1} {
    verifying_.reset(EVP_PKEY_CTX_new(pkey_.get(), nullptr));
    signing_.reset(EVP_PKEY_CTX_new(pkey_.get(), nullptr));
    expect(EVP_PKEY_verify_init(verifying_.get()) == 1 && EVP_PKEY_sign_init(signing_.get()) == 1);
    for (auto* context : {verifying_.get(), signing_.get()}) {
      expect(EVP_PKEY_CTX_set_signature_md(context, sha_.name()) == 1);
      if (!name(algorithm).starts_with("PS")) continue;
      expect(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1);
    }
  }

  bool verifies(std::string_view input, std::string_view signature) override {
    unsigned char hash[SHA512_DIGEST_LENGTH];
    sha_.hash(octets(input), input.size(), hash);
    if (is_ecdsa_) {
      if (signature != raw_) to_der(signature);
      return EVP_PKEY_verify(verifying_.get(), octets(der_.data()), der_size_, hash, sha_.size) == 1;
    }
    return EVP_PKEY_verify(verifying_.get(), octets(signature), signature.size(), hash, sha_.size) == 1;
  }

  std::size_t sign(std::string_view input, char* signature) override {
    unsigned char hash[SHA512_DIGEST_LENGTH];
    sha_.hash(octets(input), input.size(), hash);
    std::size_t size = most_signature_bytes;
    expect(EVP_PKEY_sign(signing_.get(), octets(signature), &size, hash, sha_.size) == 1);
    return size;
  }

 private:
  // Once a token: the other form of the same numbers is no part of the primitive.
  void to_der(std::string_view raw) {
    raw_ = raw;
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> numbers{ECDSA_SIG_new(), ECDSA_SIG_free};
    const auto half = static_cast<int>(raw.size() / 2);
    expect(ECDSA_SIG_set0(numbers.get(), BN_bin2bn(octets(raw), half, nullptr),
                          BN_bin2bn(octets(raw) + half, half, nullptr)) == 1);
    unsigned char* out = octets(der_.data());
    der_size_ = static_cast<std::size_t>(i2d_ECDSA_SIG(numbers.get(), &out));
  }

  struct Freed {
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  };
  Pkey pkey_;
  Sha sha_;
  bool is_ecdsa_;
  std::unique_ptr<EVP_PKEY_CTX, Freed> verifying_;
  std::unique_ptr<EVP_PKEY_CTX, Freed> signing_;
  std::string raw_;
  std::array<char, 160> der_{};
  std::size_t der_size_ = 0;
};

// What hashes for itself: OpenSSL has one call for all of it, and a context is good for one.
class OneShot final : public Primitive {
 public:
  explicit OneShot(Pkey pkey) : pkey_{std::move(pkey)} {}

  bool verifies(std::string_view input, std::string_view signature) override {
    const Context context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey_.get()) == 1 &&
           EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(input), input.size()) == 1;
  }

  std::size_t sign(std::string_view input, char* signature) override {
    const Context context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
    std::size_t size = most_signature_bytes;
    expect(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pkey_.get()) == 1 &&
           EVP_DigestSign(context.get(), octets(signature), &size, octets(input), input.size()) == 1);
    return size;
  }

 private:
  using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
  Pkey pkey_;
};

// Ed25519 of libsodium: faster than OpenSSL 3.0's.
class SodiumEd25519 final : public Primitive {
 public:
  explicit SodiumEd25519(const Pkey& pkey) {
    expect(sodium_init() >= 0);
    std::array<unsigned char, crypto_sign_SEEDBYTES> seed;
    std::size_t size = seed.size();
    expect(EVP_PKEY_get_raw_private_key(pkey.get(), seed.data(), &size) == 1);
    crypto_sign_seed_keypair(public_.data(), secret_.data(), seed.data());
  }

  bool verifies(std::string_view input, std::string_view signature) override {
    return crypto_sign_verify_detached(octets(signature), octets(input), input.size(), public_.data()) == 0;
  }

  std::size_t sign(std::string_view input, char* signature) override {
    crypto_sign_detached(octets(signature), nullptr, octets(input), input.size(), secret_.data());
    return crypto_sign_BYTES;
  }

 private:
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_;
};

// --- base64url with four tables

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr auto tables = [] {
  std::array<std::array<std::uint32_t, 256>, 4> made;
  for (auto& table : made) table.fill(0xff000000);
  for (std::uint32_t i = 0; i < alphabet.size(); ++i) {
    for (std::uint32_t place = 0; place < 4; ++place) {
      made[place][static_cast<unsigned char>(alphabet[i])] = i << (18 - 6 * place);
    }
  }
  return made;
}();

std::string_view decode(std::string_view text, char* out) {
  const auto* in = octets(text);
  char* const begin = out;
  std::uint32_t bad = 0;
  auto left = text.size();
  for (; left >= 4; left -= 4, in += 4, out += 3) {
    const auto bits = tables[0][in[0]] | tables[1][in[1]] | tables[2][in[2]] | tables[3][in[3]];
    bad |= bits;
    out[0] = static_cast<char>(bits >> 16);
    out[1] = static_cast<char>(bits >> 8);
    out[2] = static_cast<char>(bits);
  }
  if (left >= 2) {
    const auto bits = tables[0][in[0]] | tables[1][in[1]] | (left == 3 ? tables[2][in[2]] : 0U);
    bad |= bits;
    *out++ = static_cast<char>(bits >> 16);
    if (left == 3) *out++ = static_cast<char>(bits >> 8);
  }
  return bad >> 24 == 0 ? std::string_view{begin, out} : std::string_view{};
}

char* encode(std::string_view bytes, char* out) {
  const auto* in = octets(bytes);
  auto left = bytes.size();
  const auto put = [&](std::uint32_t bits, int characters) {
    for (int i = 0; i < characters; ++i) *out++ = alphabet[bits >> (18 - 6 * i) & 63];
  };
  for (; left >= 3; left -= 3, in += 3) put(std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2], 4);
  if (left == 2) put(std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8, 3);
  if (left == 1) put(std::uint32_t{in[0]} << 16, 2);
  return out;
}

// --- The claims

struct Found {
  std::string_view issuer, audience;
  std::int64_t expires_at = 0;
};

// One pass over an object of strings and numbers, as those of the benchmark are.
Found scan(std::string_view json) {
  Found found;
  const char* at = json.data() + 1;
  const char* const end = json.data() + json.size() - 1;
  const auto string = [&] {
    const char* const begin = ++at;
    while (at != end && *at != '"') at += *at == '\\' ? 2 : 1;
    return std::string_view{begin, at++};
  };
  while (at < end) {
    const auto name = string();
    ++at;
    if (*at == '"') {
      const auto value = string();
      if (name == "iss") found.issuer = value;
      if (name == "aud") found.audience = value;
    } else {
      std::int64_t number = 0;
      for (; at != end && *at != ','; ++at) number = number * 10 + (*at - '0');
      if (name == "exp") found.expires_at = number;
    }
    ++at;
  }
  return found;
}

}  // namespace

KeyPair make_key_pair(Algorithm algorithm) {
  if (is_symmetric(algorithm)) {
    const auto secret = std::make_shared<const Secret>(Secret::random(sha_of(algorithm).size));
    return {.key = SigningKey::hmac(algorithm, *secret).value(),
            .primitive = [secret, algorithm]() -> std::unique_ptr<Primitive> {
              if (algorithm == Algorithm::HS384) return std::make_unique<HmacStates<Sha384>>(secret->reveal());
              if (algorithm == Algorithm::HS512) return std::make_unique<HmacStates<Sha512>>(secret->reveal());
              return std::make_unique<HmacStates<Sha256>>(secret->reveal());
            }};
  }
  auto key = SigningKey::generate(algorithm, 2048).value();
  auto pkey = pkey_of(key);
  return {.key = std::move(key), .primitive = [pkey, algorithm]() -> std::unique_ptr<Primitive> {
            if (EVP_PKEY_is_a(pkey.get(), "ED25519")) return std::make_unique<SodiumEd25519>(pkey);
            if (EVP_PKEY_is_a(pkey.get(), "EC") || EVP_PKEY_is_a(pkey.get(), "RSA")) {
              return std::make_unique<KeptContexts>(pkey, algorithm);
            }
            return std::make_unique<OneShot>(pkey);
          }};
}

bool floor_verify(Primitive& primitive, std::string_view token, std::string_view issuer, std::string_view audience) {
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  std::array<char, 16 * 1024> room;
  char* at = room.data();
  const auto next = [&](std::string_view part) {
    const auto decoded = decode(part, at);
    at += decoded.size();
    return decoded;
  };
  const auto header = next(token.substr(0, first));
  const auto claims = next(token.substr(first + 1, second - first - 1));
  const auto signature = next(token.substr(second + 1));
  if (!header.starts_with(R"({"alg":")") || !primitive.verifies(token.substr(0, second), signature)) return false;
  const auto found = scan(claims);
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return found.issuer == issuer && found.audience == audience && found.expires_at > now.tv_sec;
}

void floor_sign(Primitive& primitive, std::string_view header, std::string_view claims, std::string& token) {
  const auto encoded = [](std::size_t bytes) { return (bytes * 4 + 2) / 3; };
  const auto input = header.size() + encoded(claims.size());
  token.resize(input);
  encode(claims, token.data() + header.copy(token.data(), header.size()));
  char signature[most_signature_bytes];
  const auto size = primitive.sign(token, signature);
  token.resize(input + 1 + encoded(size));
  token[input] = '.';
  encode({signature, size}, token.data() + input + 1);
}

}  // namespace signet::bench

// ES256 with a table of multiples of the public key: half the time of OpenSSL's own verification (FIPS 186-5 section
// 6.4.2), whose larger part is the multiplication of a point that is the same each time. All arithmetic is OpenSSL's:
// the key stands as the generator in a copy of the group, and what OpenSSL prepares for a generator is the table.

#define OPENSSL_SUPPRESS_DEPRECATED  // EC_GROUP_precompute_mult: where it is gone, keys stay without a table

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <array>

#include "src/crypto/digest.hpp"
#include "src/crypto/key_material.hpp"
#include "src/crypto/openssl.hpp"

namespace signet::crypto {

#ifndef OPENSSL_NO_DEPRECATED_3_0

namespace {

using Group = std::unique_ptr<EC_GROUP, Freed<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Freed<EC_POINT_free>>;

constexpr std::size_t field = 32;

class Es256WithTable final : public KeyMaterial {
 public:
  explicit Es256WithTable(KeyHandle key) : KeyMaterial{key->algorithm()}, key_{std::move(key)} {}

  // False when OpenSSL makes no table.
  [[nodiscard]] bool prepare() {
    const ErrorQueueMark mark;
    const KeyParts parts = key_->public_parts();
    const Bignum x = bignum(parts.x);
    const Bignum y = bignum(parts.y);
    const BignumContext numbers{BN_CTX_new()};
    group_.reset(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    if (!x || !y || !numbers || !group_) return false;
    of_key_.reset(EC_GROUP_dup(group_.get()));
    const Point key{EC_POINT_new(group_.get())};
    return of_key_ && key &&
           EC_POINT_set_affine_coordinates(group_.get(), key.get(), x.get(), y.get(), numbers.get()) == 1 &&
           EC_GROUP_set_generator(of_key_.get(), key.get(), EC_GROUP_get0_order(group_.get()), BN_value_one()) == 1 &&
           EC_GROUP_precompute_mult(of_key_.get(), numbers.get()) == 1;
  }

  SignatureCheck check(std::string_view input, std::span<const std::byte> signature) const noexcept override {
    if (signature.size() != 2 * field) return SignatureCheck::bad;  // case 7
    const ErrorQueueMark mark;
    std::array<std::byte, EVP_MAX_MD_SIZE> room;
    const auto hash = digest(algorithm().digest, input, room);
    const BignumContext numbers{BN_CTX_new()};
    const Point point{EC_POINT_new(group_.get())};
    const Point of_key{EC_POINT_new(group_.get())};
    if (!hash || !numbers || !point || !of_key) return SignatureCheck::failed;
    BN_CTX_start(numbers.get());
    const SignatureCheck outcome = check_with(numbers.get(), point.get(), of_key.get(), *hash, signature);
    BN_CTX_end(numbers.get());
    return outcome;
  }

  std::expected<std::vector<std::byte>, Error> sign(std::string_view input) const override { return key_->sign(input); }
  KeyParts public_parts() const override { return key_->public_parts(); }
  std::expected<KeyParts, Error> private_parts() const override { return key_->private_parts(); }
  std::expected<Bytes, Error> public_der() const override { return key_->public_der(); }
  std::expected<SecretBytes, Error> private_der(const Protection* protection) const override {
    return key_->private_der(protection);
  }

 private:
  // With w the inverse of s: the x of (hash w) G + (r w) Q is r.
  [[nodiscard]] SignatureCheck check_with(BN_CTX* numbers, EC_POINT* point, EC_POINT* of_key,
                                          std::span<const std::byte> hash,
                                          std::span<const std::byte> signature) const noexcept {
    const BIGNUM* order = EC_GROUP_get0_order(group_.get());
    const auto read = [&](std::span<const std::byte> bytes) -> BIGNUM* {
      BIGNUM* number = BN_CTX_get(numbers);
      return number == nullptr ? nullptr : BN_bin2bn(octets(bytes.data()), static_cast<int>(bytes.size()), number);
    };
    const BIGNUM* e = read(hash);
    const BIGNUM* r = read(signature.first(field));
    const BIGNUM* s = read(signature.subspan(field));
    BIGNUM* w = BN_CTX_get(numbers);
    BIGNUM* u = BN_CTX_get(numbers);
    BIGNUM* v = BN_CTX_get(numbers);
    BIGNUM* x = BN_CTX_get(numbers);
    if (e == nullptr || r == nullptr || s == nullptr || x == nullptr) return SignatureCheck::failed;
    for (const BIGNUM* half : {r, s}) {  // case 6
      if (BN_is_zero(half) || BN_cmp(half, order) >= 0) return SignatureCheck::bad;
    }
    const EC_GROUP* group = group_.get();
    if (BN_mod_inverse(w, s, order, numbers) == nullptr || BN_mod_mul(u, e, w, order, numbers) != 1 ||
        BN_mod_mul(v, r, w, order, numbers) != 1 || EC_POINT_mul(group, point, u, nullptr, nullptr, numbers) != 1 ||
        EC_POINT_mul(of_key_.get(), of_key, v, nullptr, nullptr, numbers) != 1 ||
        EC_POINT_add(group, point, point, of_key, numbers) != 1) {
      return SignatureCheck::failed;
    }
    if (EC_POINT_is_at_infinity(group, point) == 1) return SignatureCheck::bad;
    if (EC_POINT_get_affine_coordinates(group, point, x, nullptr, numbers) != 1 ||
        BN_nnmod(w, x, order, numbers) != 1) {
      return SignatureCheck::failed;
    }
    return BN_cmp(w, r) == 0 ? SignatureCheck::good : SignatureCheck::bad;
  }

  KeyHandle key_;
  Group group_;
  Group of_key_;  // whose generator is the key
};

}  // namespace

KeyHandle with_table(KeyHandle key) noexcept {
  if (key->algorithm().algorithm != Algorithm::ES256 || providers_only()) return key;
  if (dynamic_cast<const Es256WithTable*>(key.get()) != nullptr) return key;
  try {
    auto tabled = std::make_shared<Es256WithTable>(key);
    if (tabled->prepare()) return tabled;
  } catch (...) {
    // Without a table the key verifies all the same.
  }
  return key;
}

#else

KeyHandle with_table(KeyHandle key) noexcept { return key; }

#endif

}  // namespace signet::crypto

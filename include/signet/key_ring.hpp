#pragma once
// Signing keys in generations, so that they can be replaced without a verifier noticing: a key is announced before it
// signs, and verifies for a while when it has been replaced.
//
//   auto ring = signet::KeyRing::create(now).value();
//   ring.advance(now);                                       // now and then: does what is due, says whether it did
//   auto token = signet::Signer{ring.signing_key()}.sign(claims);
//   publish(ring.public_keys().to_json());                   // all three generations
//   save(ring.to_jwks());                                    // a Secret; signet::KeyRing::parse reads it again

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/algorithm.hpp"
#include "signet/clock.hpp"
#include "signet/error.hpp"
#include "signet/json.hpp"
#include "signet/key.hpp"
#include "signet/key_set.hpp"
#include "signet/secret.hpp"

namespace signet {

enum class KeyGeneration : std::uint8_t {
  announced,  // published, does not sign yet
  signing,
  retired,  // verifies what it has signed; its private half is gone
};
[[nodiscard]] std::string_view to_string(KeyGeneration generation) noexcept;

struct KeyRingRules {
  Algorithm algorithm = Algorithm::ES256;  // not HMAC: a shared secret has no half to publish
  unsigned rsa_bits = 3072;
  // At least twice as long as verifiers may keep the key set, so that none meets a token before its key.
  std::chrono::milliseconds announce_for = std::chrono::hours{24};
  // How long a key signs; zero: until it is replaced by hand or by another algorithm. Else longer than announce_for.
  std::chrono::milliseconds sign_for = std::chrono::days{90};
  // The longest life of a token, with leeway.
  std::chrono::milliseconds keep_retired = std::chrono::hours{2};
};

// A value: who shares one between threads changes a copy and exchanges it. There is always one key that signs, at most
// one that is announced, and retired ones, 1024 in all. Errors of all that changes it: invalid_configuration for the
// rules and for one key more than that, internal when OpenSSL makes no key; the ring is then as it was.
class KeyRing {
 public:
  // One new key, which signs at once.
  [[nodiscard]] static std::expected<KeyRing, Error> create(Time now, const KeyRingRules& rules = {});

  // What `to_jwks` wrote. Errors: key_set_malformed, those of SigningKey::from_jwk, invalid_configuration.
  [[nodiscard]] static std::expected<KeyRing, Error> parse(const Secret& jwks, const KeyRingRules& rules = {});

  // Does what is due at that time: forgets retired keys, lets an announced key sign, announces the next one. Whether
  // anything changed: then it has to be saved and published before the new key signs elsewhere.
  [[nodiscard]] std::expected<bool, Error> advance(Time now);

  // Announces a key before its time. False: one is announced already.
  [[nodiscard]] std::expected<bool, Error> announce(Time now);

  // A key that is in other hands goes at once; when it signs, the announced one takes its place, or a new one. Tokens
  // that it signed are to be refused by a cut-off for it (RevocationKind::key). False: there is no such key.
  [[nodiscard]] std::expected<bool, Error> revoke(std::string_view key_id, Time now);

  [[nodiscard]] const SigningKey& signing_key() const noexcept;
  // Every key of the ring.
  [[nodiscard]] const KeySet& public_keys() const noexcept { return public_keys_; }

  struct Entry {
    std::string key_id;  // RFC 7638 thumbprint
    KeyGeneration generation;
    Time since;
  };
  [[nodiscard]] std::vector<Entry> entries() const;

  // A JWK Set with the private halves of the keys that sign, and in each key `signet_generation` and `signet_since`
  // (milliseconds since 1970). Errors: internal.
  [[nodiscard]] std::expected<Secret, Error> to_jwks() const;

 private:
  struct Key {
    KeyGeneration generation;
    Time since;
    std::optional<SigningKey> signs;  // not of a retired one
    VerifyingKey verifies;
  };
  KeyRing(std::vector<Key> keys, KeySet public_keys, const KeyRingRules& rules)
      : keys_{std::move(keys)}, public_keys_{std::move(public_keys)}, rules_{rules} {}

  [[nodiscard]] static std::expected<KeyRing, Error> of(std::vector<Key> keys, const KeyRingRules& rules);
  [[nodiscard]] static std::expected<Key, Error> make(KeyGeneration generation, Time now, const KeyRingRules& rules);
  [[nodiscard]] static std::expected<Key, Error> read(json::View jwk);
  // The only key of that generation; null: none.
  [[nodiscard]] static Key* find(std::vector<Key>& keys, KeyGeneration generation) noexcept;
  static void retire(Key& key, Time now);
  std::expected<bool, Error> take_over(std::vector<Key> keys);

  std::vector<Key> keys_;  // the oldest first
  KeySet public_keys_;
  KeyRingRules rules_;
};

}  // namespace signet

#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signet/key.hpp"
#include "signet/limits.hpp"

namespace signet {

// What a verifier tells a key source: the header's `alg` and `kid`, never a claim (case 36).
struct KeyQuery {
  std::string_view algorithm;  // as the token spells it; may be anything
  std::optional<std::string_view> key_id;
};

// Where a verifier's keys come from when they change while it lives.
class KeySource {
 public:
  virtual ~KeySource() = default;

  // The one key for this header. Called on the hot path, from many threads; must not wait for a network.
  // Errors: key_not_found, algorithm_not_allowed; keys_unavailable when it has none for the time being, internal.
  [[nodiscard]] virtual std::expected<VerifyingKey, Error> find(const KeyQuery& query) const noexcept = 0;
};

struct KeySetOptions {
  // The algorithm of RSA keys that name none in `alg`. Unset: such keys are left out, for the token must not choose.
  std::optional<Algorithm> rsa_algorithm;
  Limits limits;
};

// Verifying keys by `kid` (JWK Set, RFC 7517 section 5). Immutable once built; copies are cheap.
class KeySet final : public KeySource {
 public:
  // Errors: key_set_malformed for a repeated kid, for secret and public keys together (case 44), and for two or more
  // keys of which one has no kid; invalid_configuration for no keys at all.
  [[nodiscard]] static std::expected<KeySet, Error> of(std::vector<VerifyingKey> keys);

  // Public JWK Set text. Keys of an unknown `kty`, `crv` or `alg`, with a `use` other than `sig`, or whose `key_ops`
  // lacks `verify` are left out, as RFC 7517 section 5 asks; a key that is offered for verification but broken or weak
  // refuses the whole set, as do secret and public keys together, private keys, and a kid twice (cases 43, 44). Secret
  // and private keys count even when they are left out: what is published is known. Octet keys without `alg` are left
  // out. The rules of `of` apply to what remains; nothing at all is key_set_malformed. Errors: key_set_malformed,
  // key_malformed, key_too_weak, key_mismatch.
  [[nodiscard]] static std::expected<KeySet, Error> parse(std::string_view jwks, const KeySetOptions& options = {});

  // With `kid`: the key of that id, whose algorithm must be the token's. Without: the only key of that algorithm.
  [[nodiscard]] std::expected<VerifyingKey, Error> find(const KeyQuery& query) const noexcept override;

  // The same without copying; null with the reason in `why`.
  [[nodiscard]] const VerifyingKey* find(const KeyQuery& query, ErrorCode& why) const noexcept;

  [[nodiscard]] std::span<const VerifyingKey> keys() const noexcept;

  // The same set with tables for the first `most` of its ES256 keys (VerifyingKey::with_table): some 20 ms of work for
  // each, so not on the hot path. The other keys are the very same.
  [[nodiscard]] KeySet with_tables(std::size_t most = 8) const;

  // {"keys":[...]}. HMAC keys are not part of it.
  [[nodiscard]] std::string to_json() const;

 private:
  struct Index;
  explicit KeySet(std::shared_ptr<const Index> index) noexcept : index_{std::move(index)} {}
  std::shared_ptr<const Index> index_;
};

}  // namespace signet

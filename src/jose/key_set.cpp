#include "signet/key_set.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "signet/json.hpp"
#include "src/jose/algorithms.hpp"
#include "src/jose/jwk.hpp"
#include "src/jose/limits.hpp"

namespace signet {

// The keys, and where to find each: by `kid`, and by algorithm for headers without one.
struct KeySet::Index {
  static constexpr std::uint32_t none = ~0U;
  static constexpr std::uint32_t several = none - 1;

  explicit Index(std::vector<VerifyingKey> all) : keys{std::move(all)} { by_algorithm.fill(none); }

  std::vector<VerifyingKey> keys;
  std::unordered_map<std::string_view, std::uint32_t> by_key_id;  // views into `keys`
  std::array<std::uint32_t, jose::signature_algorithms.size()> by_algorithm;
};

namespace {

std::unexpected<Error> malformed_set(const char* why) {
  return std::unexpected(Error{ErrorCode::key_set_malformed, why});
}

// What the octet and the other keys of one document are, used or left out (case 44).
struct Mixture {
  bool has_secret = false;
  bool has_public = false;
};

// A key of the set; nothing when it is one that RFC 7517 section 5 has us leave out.
std::expected<std::optional<VerifyingKey>, Error> read_key(json::View jwk, const KeySetOptions& options,
                                                           Mixture& mixture) {
  const auto attributes = jose::read_attributes(jwk, options.limits);
  if (!attributes) {
    if (attributes.error().code() != ErrorCode::key_unsupported) return std::unexpected(attributes.error());
    if (jwk.find("d") || jwk.find("priv")) return malformed_set("a private key among the public ones");
    return std::nullopt;
  }
  const bool is_octets = attributes->key_type == jose::KeyType::oct;
  (is_octets ? mixture.has_secret : mixture.has_public) = true;
  if (attributes->is_private) return malformed_set("a private key among the public ones");

  if (!jose::check_purpose(*attributes, "verify")) return std::nullopt;
  const std::optional<std::string>& alg = attributes->algorithm;
  if (alg && !algorithm_from_name(*alg)) return std::nullopt;
  std::optional<Algorithm> wanted;
  if (!alg) {
    if (is_octets) return std::nullopt;
    if (attributes->key_type == jose::KeyType::rsa) {
      if (!options.rsa_algorithm) return std::nullopt;
      wanted = options.rsa_algorithm;
    }
  }
  auto key = wanted ? VerifyingKey::from_jwk(*wanted, jwk.text()) : VerifyingKey::from_jwk(jwk.text());
  if (!key) return std::unexpected(std::move(key).error());
  return std::optional<VerifyingKey>{std::move(*key)};
}

}  // namespace

std::expected<KeySet, Error> KeySet::of(std::vector<VerifyingKey> keys) {
  if (keys.empty()) return std::unexpected(Error{ErrorCode::invalid_configuration, "a key set without keys"});
  auto index = std::make_shared<Index>(std::move(keys));
  index->by_key_id.reserve(index->keys.size());
  for (std::uint32_t i = 0; i < index->keys.size(); ++i) {
    const VerifyingKey& key = index->keys[i];
    if (key.key_id().empty()) {
      if (index->keys.size() > 1) return malformed_set("several keys, and one of them without kid");
    } else if (!index->by_key_id.emplace(key.key_id(), i).second) {
      return malformed_set("a kid twice");  // case 44
    }
    if (is_symmetric(key.algorithm()) != is_symmetric(index->keys.front().algorithm())) {
      return malformed_set("secret and public keys together");  // case 44
    }
    for (const auto& row : jose::signature_algorithms) {
      if (!jose::is_name_of(row.algorithm, key.algorithm())) continue;
      std::uint32_t& place = index->by_algorithm[static_cast<std::size_t>(row.algorithm)];
      place = place == Index::none ? i : Index::several;
    }
  }
  return KeySet{std::move(index)};
}

std::expected<KeySet, Error> KeySet::parse(std::string_view jwks, const KeySetOptions& options) {
  if (jwks.size() > options.limits.key_set_bytes) return malformed_set("longer than the limit");
  const auto document = json::parse(jwks, jose::limits_of_key_set(options.limits));
  if (!document) return malformed_set("not strict JSON");
  const auto array = document->find("keys");
  if (!array || array->kind() != json::Kind::array) return malformed_set("no array \"keys\"");

  std::vector<VerifyingKey> keys;
  std::size_t count = 0;
  Mixture mixture;
  for (const json::View jwk : array->elements()) {
    if (++count > options.limits.key_set_keys) return malformed_set("more keys than the limit");
    auto key = read_key(jwk, options, mixture);
    if (!key) return std::unexpected(std::move(key).error());
    if (std::optional<VerifyingKey>& usable = *key) keys.push_back(*std::move(usable));
  }
  if (mixture.has_secret && mixture.has_public) return malformed_set("secret and public keys together");
  if (keys.empty()) return malformed_set("no key that verifies");
  return of(std::move(keys));
}

const VerifyingKey* KeySet::find(const KeyQuery& query, ErrorCode& why) const noexcept {
  why = ErrorCode::algorithm_not_allowed;
  const auto algorithm = algorithm_from_name(query.algorithm);
  if (!algorithm) return nullptr;
  if (query.key_id) {
    const auto found = index_->by_key_id.find(*query.key_id);
    if (found == index_->by_key_id.end()) {
      why = ErrorCode::key_not_found;
      return nullptr;
    }
    const VerifyingKey& key = index_->keys[found->second];
    return jose::is_name_of(*algorithm, key.algorithm()) ? &key : nullptr;  // case 4
  }
  const std::uint32_t place = index_->by_algorithm[static_cast<std::size_t>(*algorithm)];
  if (place == Index::several) why = ErrorCode::key_not_found;
  return place < index_->keys.size() ? &index_->keys[place] : nullptr;
}

std::expected<VerifyingKey, Error> KeySet::find(const KeyQuery& query) const noexcept {
  ErrorCode why{};
  const VerifyingKey* key = find(query, why);
  if (key == nullptr) return std::unexpected(Error{why});
  return *key;
}

std::span<const VerifyingKey> KeySet::keys() const noexcept { return index_->keys; }

KeySet KeySet::with_tables(std::size_t most) const {
  auto keys = index_->keys;
  for (VerifyingKey& key : keys) {
    if (key.algorithm() != Algorithm::ES256) continue;
    if (most-- == 0) break;
    key = key.with_table();
  }
  return *of(std::move(keys));  // what was a set is one
}

std::string KeySet::to_json() const {
  json::Array keys;
  for (const VerifyingKey& key : index_->keys) {
    if (const auto jwk = key.to_jwk()) keys.add_raw(*jwk);
  }
  return json::Object{}.set("keys", keys).text();
}

}  // namespace signet

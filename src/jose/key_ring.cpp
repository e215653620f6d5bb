#include "signet/key_ring.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "signet/json.hpp"
#include "src/crypto/secure_memory.hpp"
#include "src/jose/limits.hpp"

namespace signet {
namespace {

constexpr std::array generations{KeyGeneration::announced, KeyGeneration::signing, KeyGeneration::retired};
constexpr std::string_view generation_member = "signet_generation";
constexpr std::string_view since_member = "signet_since";
// As many as a verifier takes of a key set.
constexpr std::size_t most_keys = Limits{}.key_set_keys;

Error malformed(const char* why) { return Error{ErrorCode::key_set_malformed, why}; }

std::expected<void, Error> check(const KeyRingRules& rules) {
  const auto refused = [](const char* why) {
    return std::unexpected(Error{ErrorCode::invalid_configuration, std::string{"the key ring: "} + why});
  };
  constexpr std::chrono::milliseconds none{0};
  if (is_symmetric(rules.algorithm)) return refused("a shared secret cannot be announced");
  if (rules.announce_for < none || rules.sign_for < none || rules.keep_retired < none)
    return refused("a negative time");
  if (rules.sign_for != none && rules.sign_for <= rules.announce_for) {
    return refused("a key has to sign for longer than the next one is announced");
  }
  return {};
}

// A JWK and what the ring knows of it.
void append(crypto::SecretText& out, std::string_view jwk, KeyGeneration generation, Time since) {
  const auto add = [&](std::string_view text) { out.insert(out.end(), text.begin(), text.end()); };
  jwk.remove_suffix(1);  // its closing brace
  add(jwk);
  const auto rest = json::Object{}
                        .set(generation_member, to_string(generation))
                        .set(since_member, since.time_since_epoch().count())
                        .text();
  add(",");
  add(std::string_view{rest}.substr(1));
}

}  // namespace

std::string_view to_string(KeyGeneration generation) noexcept {
  switch (generation) {
    case KeyGeneration::announced:
      return "announced";
    case KeyGeneration::signing:
      return "signing";
    case KeyGeneration::retired:
      return "retired";
  }
  return "unknown";
}

std::expected<KeyRing::Key, Error> KeyRing::make(KeyGeneration generation, Time now, const KeyRingRules& rules) {
  auto made = SigningKey::generate(rules.algorithm, rules.rsa_bits);
  if (!made) return std::unexpected(std::move(made.error()));
  auto named = made->with_key_id(made->thumbprint());
  auto verifies = named.verifying_key();
  return Key{generation, now, std::move(named), std::move(verifies)};
}

KeyRing::Key* KeyRing::find(std::vector<Key>& keys, KeyGeneration generation) noexcept {
  const auto found = std::ranges::find(keys, generation, &Key::generation);
  return found == keys.end() ? nullptr : &*found;
}

void KeyRing::retire(Key& key, Time now) {
  key.generation = KeyGeneration::retired;
  key.since = now;
  key.signs.reset();
}

// Precondition: one key signs.
std::expected<KeyRing, Error> KeyRing::of(std::vector<Key> keys, const KeyRingRules& rules) {
  if (keys.size() > most_keys) {
    return std::unexpected(
        Error{ErrorCode::invalid_configuration, "the key ring: more than 1024 keys, for they are kept too long"});
  }
  std::vector<VerifyingKey> verifying;
  for (const auto& key : keys) verifying.push_back(key.verifies);
  auto set = KeySet::of(std::move(verifying));
  if (!set) return std::unexpected(std::move(set.error()));
  return KeyRing{std::move(keys), std::move(*set), rules};
}

std::expected<bool, Error> KeyRing::take_over(std::vector<Key> keys) {
  auto next = of(std::move(keys), rules_);
  if (!next) return std::unexpected(std::move(next.error()));
  *this = std::move(*next);
  return true;
}

std::expected<KeyRing, Error> KeyRing::create(Time now, const KeyRingRules& rules) {
  if (auto good = check(rules); !good) return std::unexpected(std::move(good.error()));
  auto first = make(KeyGeneration::signing, now, rules);
  if (!first) return std::unexpected(std::move(first.error()));
  return of({std::move(*first)}, rules);
}

std::expected<KeyRing::Key, Error> KeyRing::read(json::View jwk) {
  const auto generation_text = jwk.find(generation_member), since_text = jwk.find(since_member);
  const auto since = since_text ? since_text->integer() : std::nullopt;
  const auto generation = std::ranges::find_if(generations, [&](KeyGeneration known) {
    return generation_text && generation_text->plain_string() == to_string(known);
  });
  if (generation == generations.end() || !since || *since < 0) return std::unexpected(malformed("not a key of a ring"));
  const Time time{std::chrono::milliseconds{*since}};
  if (*generation == KeyGeneration::retired) {
    auto verifies = VerifyingKey::from_jwk(jwk.text());
    if (!verifies) return std::unexpected(std::move(verifies.error()));
    return Key{*generation, time, std::nullopt, std::move(*verifies)};
  }
  auto signs = SigningKey::from_jwk(Secret::from_text(jwk.text()));
  if (!signs) return std::unexpected(std::move(signs.error()));
  auto verifies = signs->verifying_key();
  return Key{*generation, time, std::move(*signs), std::move(verifies)};
}

std::expected<KeyRing, Error> KeyRing::parse(const Secret& jwks, const KeyRingRules& rules) {
  if (auto good = check(rules); !good) return std::unexpected(std::move(good.error()));
  const auto document = json::parse(jwks.reveal_text(), jose::limits_of_key_set({}));
  const auto array = document ? document->find("keys") : std::nullopt;
  if (!array || array->kind() != json::Kind::array) return std::unexpected(malformed("no array \"keys\""));
  std::vector<Key> keys;
  for (const auto jwk : array->elements()) {
    auto key = read(jwk);
    if (!key) return std::unexpected(std::move(key.error()));
    if (is_symmetric(key->verifies.algorithm())) return std::unexpected(malformed("a shared secret in a key ring"));
    if (key->verifies.key_id().empty()) return std::unexpected(malformed("a key without kid"));
    keys.push_back(std::move(*key));
  }
  if (std::ranges::count(keys, KeyGeneration::signing, &Key::generation) != 1 ||
      std::ranges::count(keys, KeyGeneration::announced, &Key::generation) > 1) {
    return std::unexpected(malformed("not one key that signs, and at most one that is announced"));
  }
  return of(std::move(keys), rules);
}

std::expected<bool, Error> KeyRing::advance(Time now) {
  auto keys = keys_;
  bool changed = std::erase_if(keys, [&](const Key& key) {
                   const bool over = key.generation == KeyGeneration::retired && now - key.since >= rules_.keep_retired;
                   // Announced before the rules named another algorithm; it has never signed.
                   const bool unwanted =
                       key.generation == KeyGeneration::announced && key.verifies.algorithm() != rules_.algorithm;
                   return over || unwanted;
                 }) != 0;
  auto* announced = find(keys, KeyGeneration::announced);
  auto* signing = find(keys, KeyGeneration::signing);
  if (announced != nullptr && now - announced->since >= rules_.announce_for) {
    retire(*signing, now);
    announced->generation = KeyGeneration::signing;
    announced->since = now;
    changed = true;
  } else if (announced == nullptr) {
    const bool ends = rules_.sign_for != std::chrono::milliseconds{0};
    const bool old = ends && now - signing->since >= rules_.sign_for - rules_.announce_for;
    if (old || signing->verifies.algorithm() != rules_.algorithm) {
      auto next = make(KeyGeneration::announced, now, rules_);
      if (!next) return std::unexpected(std::move(next.error()));
      keys.push_back(std::move(*next));
      changed = true;
    }
  }
  if (!changed) return false;
  return take_over(std::move(keys));
}

std::expected<bool, Error> KeyRing::announce(Time now) {
  auto keys = keys_;
  if (find(keys, KeyGeneration::announced) != nullptr) return false;
  auto next = make(KeyGeneration::announced, now, rules_);
  if (!next) return std::unexpected(std::move(next.error()));
  keys.push_back(std::move(*next));
  return take_over(std::move(keys));
}

std::expected<bool, Error> KeyRing::revoke(std::string_view key_id, Time now) {
  auto keys = keys_;
  if (std::erase_if(keys, [&](const Key& key) { return key.verifies.key_id() == key_id; }) == 0) return false;
  if (find(keys, KeyGeneration::signing) == nullptr) {
    if (auto* announced = find(keys, KeyGeneration::announced)) {
      announced->generation = KeyGeneration::signing;
      announced->since = now;
    } else {
      auto next = make(KeyGeneration::signing, now, rules_);
      if (!next) return std::unexpected(std::move(next.error()));
      keys.push_back(std::move(*next));
    }
  }
  return take_over(std::move(keys));
}

const SigningKey& KeyRing::signing_key() const noexcept {
  return *std::ranges::find(keys_, KeyGeneration::signing, &Key::generation)->signs;
}

std::vector<KeyRing::Entry> KeyRing::entries() const {
  std::vector<Entry> entries;
  for (const auto& key : keys_) entries.push_back({key.verifies.key_id(), key.generation, key.since});
  return entries;
}

std::expected<Secret, Error> KeyRing::to_jwks() const {
  constexpr std::string_view begin = R"({"keys":[)", end = "]}";
  crypto::SecretText out{begin.begin(), begin.end()};
  for (const auto& key : keys_) {
    if (out.size() > begin.size()) out.push_back(',');
    if (key.signs) {
      const auto jwk = key.signs->to_private_jwk();
      if (!jwk) return std::unexpected(jwk.error());
      append(out, jwk->reveal_text(), key.generation, key.since);
    } else {
      const auto jwk = key.verifies.to_jwk();
      if (!jwk) return std::unexpected(jwk.error());
      append(out, *jwk, key.generation, key.since);
    }
  }
  out.insert(out.end(), end.begin(), end.end());
  return Secret::from_text({out.data(), out.size()});
}

}  // namespace signet

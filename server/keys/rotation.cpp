#include "server/keys/rotation.hpp"

#include <algorithm>
#include <functional>

namespace signet::server {
namespace {

using Keys = std::vector<const KeyRecord*>;

Keys keys_in(std::span<const KeyRecord> keys, KeyState state) {
  Keys found;
  for (const auto& key : keys) {
    if (key.state == state) found.push_back(&key);
  }
  // The key id decides between equals, so that every server decides the same.
  std::ranges::sort(found, {}, [](const KeyRecord* key) { return std::pair{key->state_since, key->key_id}; });
  return found;
}

}  // namespace

RotationPlan plan_rotation(std::span<const KeyRecord> keys, Time now, const RotationPolicy& policy) {
  RotationPlan plan;
  const auto wanted = name(policy.algorithm);

  for (const auto* key : keys_in(keys, KeyState::retired)) {
    if (now - key->state_since >= policy.keep_retired) plan.remove.push_back(key->key_id);
  }
  Keys announced;
  for (const auto* key : keys_in(keys, KeyState::announced)) {
    // Announced before the configuration named another algorithm; it has never signed.
    if (key->algorithm != wanted) {
      plan.remove.push_back(key->key_id);
    } else {
      announced.push_back(key);
    }
  }
  auto signing = keys_in(keys, KeyState::signing);
  while (signing.size() > 1) {
    plan.retire.push_back(signing.front()->key_id);
    signing.erase(signing.begin());
  }

  // A shared secret signs: the keys of before only verify.
  if (is_symmetric(policy.algorithm)) {
    for (const auto* key : signing) plan.retire.push_back(key->key_id);
    return plan;
  }
  if (signing.empty()) {
    // A server that cannot sign is worse than verifiers that have to fetch the key set early.
    if (announced.empty() && !policy.makes_keys) return plan;
    if (announced.empty()) {
      plan.create = KeyState::signing;
    } else {
      plan.sign = announced.front()->key_id;
    }
    return plan;
  }
  const auto& current = *signing.front();
  if (!announced.empty()) {
    if (now - announced.front()->state_since >= policy.announce_for) {
      plan.sign = announced.front()->key_id;
      plan.retire.push_back(current.key_id);
    }
    return plan;
  }
  // What is in an HSM is not replaced by what is not, unless somebody says so.
  if (!policy.makes_keys || !current.location.empty()) return plan;
  const bool ends = policy.sign_for > std::chrono::milliseconds::zero();
  const bool old = ends && now - current.state_since >= policy.sign_for - policy.announce_for;
  if (old || current.algorithm != wanted) plan.create = KeyState::announced;
  return plan;
}

}  // namespace signet::server

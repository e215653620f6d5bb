#include "server/api/dpop_policy.hpp"

#include <string_view>

namespace signet::server::api {

DpopPolicy dpop_policy(const DpopSettings& settings, const MasterKey& master) {
  DpopPolicy policy;
  if (settings.nonces) policy.nonce_keys = nonce_keys(master);
  return policy;
}

std::vector<SigningKey> nonce_keys(const MasterKey& master) {
  constexpr std::string_view label = "dpop nonces";
  std::vector<SigningKey> keys;
  const auto add = [&](const Secret& key) { keys.push_back(SigningKey::hmac(Algorithm::HS256, key).value()); };
  add(master.sub_key(label));
  for (const Secret& retired : master.retired_sub_keys(label)) add(retired);
  return keys;
}

}  // namespace signet::server::api

#include "server/api/dpop_policy.hpp"

#include <string_view>

namespace signet::server::api {

DpopPolicy dpop_policy(const DpopSettings& settings, const MasterKey& master) {
  constexpr std::string_view label = "dpop nonces";
  DpopPolicy policy;
  if (!settings.nonces) return policy;
  const auto add = [&](const Secret& key) {
    policy.nonce_keys.push_back(SigningKey::hmac(Algorithm::HS256, key).value());
  };
  add(master.sub_key(label));
  for (const Secret& retired : master.retired_sub_keys(label)) add(retired);
  return policy;
}

}  // namespace signet::server::api

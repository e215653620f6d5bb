#pragma once

#include <vector>

#include "server/keys/master_key.hpp"
#include "signet/dpop.hpp"
#include "signet/key.hpp"

namespace signet::server::api {

struct DpopSettings {
  bool nonces = false;  // whether every proof must carry one
};

// What the server asks of proofs. Nonces hang from the master key, so that each node takes those of every other, and
// those made under a retired one while it is being replaced.
[[nodiscard]] DpopPolicy dpop_policy(const DpopSettings& settings, const MasterKey& master);
[[nodiscard]] std::vector<SigningKey> nonce_keys(const MasterKey& master);

}  // namespace signet::server::api

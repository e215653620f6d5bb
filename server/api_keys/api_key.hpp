#pragma once

#include <cstdint>
#include <string>

#include "server/credential_text.hpp"
#include "server/id.hpp"
#include "server/sessions/status.hpp"
#include "signet/clock.hpp"

namespace signet::server {

// A credential for a script, as the store holds it: never the secret, only its hash.
struct ApiKey {
  ApiKeyId id{};
  AccountId account{};
  std::string name{};  // the owner's, for the list
  SecretHash secret_sha256{};
  std::string scope{};     // space-separated, of the owner's
  std::string networks{};  // space-separated addresses and CIDR blocks it may be used from; empty: anywhere
  Time created_at{};
  Time expires_at{};
  Time last_used_at{};      // to the minute; the start of time: never
  StatusEntries status{};   // where the tokens that it was exchanged for stand in the status lists
  std::int64_t change = 0;  // given by the store
};

}  // namespace signet::server

#pragma once
// What an access token would say, of credentials that say nothing themselves.

#include "server/api/services.hpp"
#include "signet/json.hpp"

namespace signet::server::api {

// Adds sub, scope, client_id, sid, iat and exp; of a session auth_time as well.
json::Object& describe(const ApiKey& key, const Services& services, json::Object& body);
json::Object& describe(const FoundSession& found, const Services& services, json::Object& body);

}  // namespace signet::server::api

#include "server/api/endpoints.hpp"

#include <array>

namespace signet::server::api {
namespace {

using http::Lane;

constexpr std::array table{
    Endpoint{"POST", "/signup", Lane::password, signup, admit_signup},
    Endpoint{"POST", "/login", Lane::password, login, admit_login},
    Endpoint{"POST", "/refresh", Lane::store, refresh},
    Endpoint{"POST", "/logout", Lane::store, logout},
    Endpoint{"GET", "/profile", Lane::loop, profile},
    Endpoint{"GET", "/sessions", Lane::store, list_sessions},
    Endpoint{"DELETE", "/sessions/{id}", Lane::store, end_session},
    Endpoint{"POST", "/password", Lane::password, change_password, admit_password_change},
    Endpoint{"POST", "/api-keys", Lane::store, create_api_key},
    Endpoint{"GET", "/api-keys", Lane::store, list_api_keys},
    Endpoint{"DELETE", "/api-keys/{id}", Lane::store, revoke_api_key},
    Endpoint{"POST", "/api-keys/token", Lane::store, exchange_api_key},
    Endpoint{"GET", "/verify", Lane::loop, verify},
    Endpoint{"GET", "/.well-known/jwks.json", Lane::loop, key_set},
    Endpoint{"GET", "/.well-known/oauth-authorization-server", Lane::loop, metadata},
    Endpoint{"POST", "/introspect", Lane::store, introspect},
    Endpoint{"POST", "/revoke", Lane::store, revoke},
    Endpoint{"GET", "/revocations/stream", Lane::store, revocation_stream},
    Endpoint{"GET", "/revocations/snapshot", Lane::store, revocation_snapshot},
};

}  // namespace

std::span<const Endpoint> endpoints() noexcept { return table; }

}  // namespace signet::server::api

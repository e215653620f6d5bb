#include "server/api/endpoints.hpp"

#include <array>

#include "server/api/caller.hpp"

namespace signet::server::api {
namespace {

using http::Lane;

// Answered on the event loop; only an opaque token and an API key that was not heard of go to the lane, where they may
// wait for the store.
template <auto answer>
std::optional<http::Response> from_memory(const http::Request& request, Services& services) {
  if (needs_store(request, services)) return std::nullopt;
  return answer(request, services);
}

template <auto answer>
http::Response from_store(const http::Request& request, Services& services) {
  if (auto learned = learn_api_key(request, services); !learned) return std::move(learned.error());
  return answer(request, services);
}

constexpr std::array table{
    Endpoint{"POST", "/signup", Lane::password, signup, admit_signup},
    Endpoint{"POST", "/login", Lane::password, login, admit_login},
    Endpoint{"POST", "/refresh", Lane::store, refresh},
    Endpoint{"POST", "/logout", Lane::store, logout},
    Endpoint{"GET", "/profile", Lane::store, from_store<profile>, from_memory<profile>},
    Endpoint{"GET", "/sessions", Lane::store, list_sessions},
    Endpoint{"DELETE", "/sessions/{id}", Lane::store, end_session},
    Endpoint{"POST", "/password", Lane::password, change_password, admit_password_change},
    Endpoint{"POST", "/api-keys", Lane::store, create_api_key},
    Endpoint{"GET", "/api-keys", Lane::store, list_api_keys},
    Endpoint{"DELETE", "/api-keys/{id}", Lane::store, revoke_api_key},
    Endpoint{"POST", "/api-keys/token", Lane::store, from_store<exchange_api_key>},
    Endpoint{"GET", "/admin/users", Lane::store, admin_list_users},
    Endpoint{"GET", "/admin/users/{id}", Lane::store, admin_show_user},
    Endpoint{"PATCH", "/admin/users/{id}", Lane::store, admin_change_user},
    Endpoint{"DELETE", "/admin/users/{id}", Lane::store, admin_delete_user},
    Endpoint{"GET", "/admin/exports/{id}", Lane::store, admin_export_user},
    Endpoint{"GET", "/admin/sessions", Lane::store, admin_list_sessions},
    Endpoint{"DELETE", "/admin/sessions", Lane::store, admin_end_sessions},
    Endpoint{"DELETE", "/admin/sessions/{id}", Lane::store, admin_end_session},
    Endpoint{"GET", "/admin/api-keys", Lane::store, admin_list_api_keys},
    Endpoint{"DELETE", "/admin/api-keys/{id}", Lane::store, admin_revoke_api_key},
    Endpoint{"GET", "/admin/audit", Lane::store, admin_list_audit},
    Endpoint{"GET", "/admin/signing-keys", Lane::store, admin_list_signing_keys},
    Endpoint{"POST", "/admin/signing-keys", Lane::store, admin_rotate_signing_keys},
    Endpoint{"DELETE", "/admin/signing-keys/{id}", Lane::store, admin_revoke_signing_key},
    Endpoint{"POST", "/admin/revocations", Lane::store, admin_revoke_tokens},
    Endpoint{"GET", "/verify", Lane::store, from_store<verify>, from_memory<verify>},
    Endpoint{"GET", "/.well-known/jwks.json", Lane::loop, key_set},
    Endpoint{"GET", "/.well-known/oauth-authorization-server", Lane::loop, metadata},
    Endpoint{"POST", "/introspect", Lane::store, introspect},
    Endpoint{"POST", "/revoke", Lane::store, revoke},
    Endpoint{"GET", "/revocations/stream", Lane::store, revocation_stream},
    Endpoint{"GET", "/revocations/snapshot", Lane::store, revocation_snapshot},
    Endpoint{"GET", "/status", Lane::store, status_lists},
    Endpoint{"GET", "/status/{list}", Lane::store, status_list},
};

}  // namespace

std::span<const Endpoint> endpoints() noexcept { return table; }

}  // namespace signet::server::api

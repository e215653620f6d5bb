#pragma once
// Every endpoint of the main listener: one function each, and one table. docs/openapi.yaml describes the same list.

#include <optional>
#include <span>
#include <string_view>

#include "server/api/services.hpp"
#include "server/http/router.hpp"

namespace signet::server::api {

[[nodiscard]] http::Response signup(const http::Request&, Services&);
[[nodiscard]] http::Response login(const http::Request&, Services&);
[[nodiscard]] http::Response refresh(const http::Request&, Services&);
[[nodiscard]] http::Response logout(const http::Request&, Services&);
[[nodiscard]] http::Response profile(const http::Request&, Services&);
[[nodiscard]] http::Response list_sessions(const http::Request&, Services&);
[[nodiscard]] http::Response end_session(const http::Request&, Services&);
[[nodiscard]] http::Response change_password(const http::Request&, Services&);
[[nodiscard]] http::Response create_api_key(const http::Request&, Services&);
[[nodiscard]] http::Response list_api_keys(const http::Request&, Services&);
[[nodiscard]] http::Response revoke_api_key(const http::Request&, Services&);
[[nodiscard]] http::Response exchange_api_key(const http::Request&, Services&);
[[nodiscard]] http::Response admin_list_users(const http::Request&, Services&);
[[nodiscard]] http::Response admin_show_user(const http::Request&, Services&);
[[nodiscard]] http::Response admin_change_user(const http::Request&, Services&);
[[nodiscard]] http::Response admin_delete_user(const http::Request&, Services&);
[[nodiscard]] http::Response admin_export_user(const http::Request&, Services&);
[[nodiscard]] http::Response admin_list_sessions(const http::Request&, Services&);
[[nodiscard]] http::Response admin_end_sessions(const http::Request&, Services&);
[[nodiscard]] http::Response admin_end_session(const http::Request&, Services&);
[[nodiscard]] http::Response admin_list_api_keys(const http::Request&, Services&);
[[nodiscard]] http::Response admin_revoke_api_key(const http::Request&, Services&);
[[nodiscard]] http::Response admin_list_audit(const http::Request&, Services&);
[[nodiscard]] http::Response admin_list_signing_keys(const http::Request&, Services&);
[[nodiscard]] http::Response admin_rotate_signing_keys(const http::Request&, Services&);
[[nodiscard]] http::Response admin_revoke_signing_key(const http::Request&, Services&);
[[nodiscard]] http::Response admin_revoke_tokens(const http::Request&, Services&);
[[nodiscard]] http::Response verify(const http::Request&, Services&);
[[nodiscard]] http::Response key_set(const http::Request&, Services&);
[[nodiscard]] http::Response metadata(const http::Request&, Services&);
[[nodiscard]] http::Response introspect(const http::Request&, Services&);
[[nodiscard]] http::Response revoke(const http::Request&, Services&);
[[nodiscard]] http::Response revocation_stream(const http::Request&, Services&);
[[nodiscard]] http::Response revocation_snapshot(const http::Request&, Services&);
[[nodiscard]] http::Response status_list(const http::Request&, Services&);
[[nodiscard]] http::Response status_lists(const http::Request&, Services&);

// Before a request takes a place in the queue for hashing: whether it is well formed, by someone who may ask, and
// within the limits. The handlers look again, for time has passed.
[[nodiscard]] std::optional<http::Response> admit_signup(const http::Request&, Services&);
[[nodiscard]] std::optional<http::Response> admit_login(const http::Request&, Services&);
[[nodiscard]] std::optional<http::Response> admit_password_change(const http::Request&, Services&);

struct Endpoint {
  std::string_view method;
  std::string_view path;
  http::Lane lane;
  http::Response (*answer)(const http::Request&, Services&);
  std::optional<http::Response> (*admit)(const http::Request&, Services&) = nullptr;
};

[[nodiscard]] std::span<const Endpoint> endpoints() noexcept;

}  // namespace signet::server::api

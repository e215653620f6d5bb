#pragma once
// From what a server is made of to what its endpoints work with: one list, for the server and for tests of the
// endpoints.

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "server/api/caller.hpp"
#include "server/api/services.hpp"

namespace signet::server::api {

// `parts` has a member for each, named as in Services. Errors: those of building the verifier and the guard.
template <class Parts>
std::expected<Services, Error> wire(Parts& parts, AccessTokenPolicy tokens, std::vector<std::string> origins,
                                    Reports reports, DpopPolicy proofs = {}) {
  auto verifier = access_token_verifier(tokens, parts.keys, parts.revocations, parts.clock);
  if (!verifier) return std::unexpected(verifier.error());
  signet::http::Guard guard{*verifier};
  if (auto set = guard.cookie(access_cookie, origins); !set) return std::unexpected(set.error());
  auto dpop = DpopVerifier::of(std::move(proofs), parts.clock);
  if (!dpop) return std::unexpected(dpop.error());
  if (auto set = guard.dpop(*dpop, tokens.issuer); !set) return std::unexpected(set.error());
  return Services{.store = parts.store,
                  .accounts = parts.accounts,
                  .sessions = parts.sessions,
                  .server_sessions = parts.server_sessions,
                  .api_keys = parts.api_keys,
                  .api_key_table = parts.api_key_table,
                  .keys = *parts.keys,
                  .master = parts.master,
                  .rotation = parts.rotation,
                  .revocations = *parts.revocations,
                  .follower = parts.follower,
                  .feed = parts.feed,
                  .status_lists = parts.status_lists,
                  .login_limits = parts.login_limits,
                  .attempt_limit = parts.attempt_limit,
                  .signup_limit = parts.signup_limit,
                  .password_limit = parts.password_limit,
                  .password_attempt_limit = parts.password_attempt_limit,
                  .introspection_limit = parts.introspection_limit,
                  .refresh_limit = parts.refresh_limit,
                  .change_limit = parts.change_limit,
                  .audit_limit = parts.audit_limit,
                  .clock = *parts.clock,
                  .tokens = std::move(tokens),
                  .verifier = std::move(*verifier),
                  .guard = std::move(guard),
                  .dpop = *std::move(dpop),
                  .origins = std::move(origins),
                  .settings = parts.settings,
                  .counters = parts.counters,
                  .reports = std::move(reports)};
}

}  // namespace signet::server::api

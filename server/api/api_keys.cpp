#include "server/api_keys/api_keys.hpp"

#include <array>
#include <chrono>
#include <limits>

#include "server/api/admin_view.hpp"
#include "server/api/answer.hpp"
#include "server/api/body.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"
#include "server/api/token_answer.hpp"
#include "server/api_keys/key_text.hpp"
#include "server/networks.hpp"

namespace signet::server::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t most_networks = 32;
constexpr auto longest_overlap = std::chrono::days{30};

Response refuse(const ApiKeyError& error, const Request& request, const Services& services) {
  switch (error.problem) {
    case ApiKeyProblem::bad_request:
      return problem(Problem::invalid_request, error.reason);
    case ApiKeyProblem::scope_too_wide:
      return problem(Problem::invalid_scope);
    case ApiKeyProblem::too_many:
      return problem(Problem::too_many_api_keys);
    case ApiKeyProblem::not_found:
      return problem(Problem::not_found);
    case ApiKeyProblem::unavailable:
      break;
  }
  services.reports.failed(request, "an API key could not be changed", error.reason);
  return unavailable();
}

std::expected<std::optional<std::chrono::seconds>, Response> duration(const JsonForm& form, std::string_view name,
                                                                      std::chrono::seconds most) {
  const auto number = form.number(name);
  if (!number) return std::nullopt;
  if (*number < 0 || *number > most.count()) {
    return std::unexpected(problem(Problem::invalid_request, "`" + std::string{name} + "` is out of range."));
  }
  return std::chrono::seconds{*number};
}

std::expected<NewApiKey, Response> wanted_key(const JsonForm& form) {
  NewApiKey wanted{.name = form.text("name")};
  if (const auto* scope = form.text_if("scope")) wanted.scope = *scope;
  const auto entries = form.texts("networks");
  if (entries.size() > most_networks ||
      !Networks::parse(std::vector<std::string_view>{entries.begin(), entries.end()})) {
    return std::unexpected(problem(Problem::invalid_request, "`networks` are at most 32 addresses or CIDR blocks."));
  }
  for (const auto& entry : entries) wanted.networks += (wanted.networks.empty() ? "" : " ") + entry;
  auto lifetime = duration(form, "expires_in", std::chrono::days{3650});
  if (!lifetime) return std::unexpected(std::move(lifetime.error()));
  wanted.lifetime = *lifetime;
  auto overlap = duration(form, "overlap", longest_overlap);
  if (!overlap) return std::unexpected(std::move(overlap.error()));
  wanted.overlap = overlap->value_or(std::chrono::seconds{0});
  if (const auto* replaces = form.text_if("replaces")) {
    wanted.replaces = api_key_id(*replaces);
    if (!wanted.replaces) return std::unexpected(problem(Problem::not_found));
  } else if (*overlap) {
    return std::unexpected(problem(Problem::invalid_request, "`overlap` goes with `replaces`."));
  }
  return wanted;
}

}  // namespace

Response create_api_key(const Request& request, Services& services) {
  static constexpr std::array fields{
      Field{"name", FieldKind::text},
      Field{"scope", FieldKind::optional_text},
      Field{"expires_in", FieldKind::optional_number},
      Field{"networks", FieldKind::optional_texts},
      Field{"replaces", FieldKind::optional_text},
      Field{"overlap", FieldKind::optional_number},
  };
  auto who = signed_in(request, services);
  if (!who) return std::move(who.error());
  if (auto recent = signed_in_within(*who, services.api_keys.policy().login_age, services); !recent)
    return std::move(recent.error());
  auto form = parse_json(request, fields);
  if (!form) return std::move(form.error());
  auto wanted = wanted_key(*form);
  if (!wanted) return std::move(wanted.error());
  if (auto allowed = may_change(who->account.text(), services); !allowed) return std::move(allowed.error());
  auto made = services.api_keys.create(who->account, *wanted, audit_source(request, who->account));
  if (!made) return refuse(made.error(), request, services);
  services.api_key_table.put(made->key);
  return json_answer(201, shown(made->key).set("api_key", made->text));
}

Response list_api_keys(const Request& request, Services& services) {
  auto who = signed_in(request, services);
  if (!who) return std::move(who.error());
  const auto keys = services.api_keys.list(who->account);
  if (!keys) return refuse(keys.error(), request, services);
  json::Array list;
  for (const ApiKey& key : *keys) list.add(shown(key));
  return json_answer(200, json::Object{}.set("api_keys", list));
}

Response revoke_api_key(const Request& request, Services& services) {
  auto who = signed_in(request, services);
  if (!who) return std::move(who.error());
  const auto id = api_key_id(request.route_parameter);
  if (!id) return problem(Problem::not_found);
  if (auto allowed = may_change(who->session.text(), services); !allowed) return std::move(allowed.error());
  // Somebody else's key and none look the same.
  auto revoked = services.api_keys.revoke(*id, who->account, audit_source(request, who->account));
  return revoked ? no_content() : refuse(revoked.error(), request, services);
}

// A short token for a key, for services that know tokens and no keys. It is revoked with its key.
Response exchange_api_key(const Request& request, Services& services) {
  const auto key = api_key(request, services);
  if (!key) return std::move(key.error());
  if (auto refused = cannot_sign(services)) return std::move(*refused);
  const auto session = api_key_session((*key)->id);
  const Time now = services.clock.now();
  if (auto allowed = services.refresh_limit.take(session, now); !allowed) {
    return too_many(allowed.error().retry_after);
  }
  const auto place = services.api_keys.place((*key)->id);
  if (!place && place.error().problem == ApiKeyProblem::not_found) return problem(Problem::invalid_token);
  if (!place) return refuse(place.error(), request, services);
  auto token = issue_access_token(services.tokens, services.keys.signing_key(),
                                  TokenGrant{.subject = (*key)->account.text(),
                                             .session = session,
                                             .scope = (*key)->scope,
                                             .signed_in_at = {},
                                             .ends_at = (*key)->expires_at,
                                             .status = *place},
                                  now);
  if (!token) return unsigned_token(request, token.error(), services);
  ++services.counters.issued_tokens;
  json::Object body;
  body.set("access_token", token->text).set("token_type", "Bearer").set("expires_in", token->expires_in.count());
  if (!(*key)->scope.empty()) body.set("scope", (*key)->scope);
  return json_answer(200, body);
}

}  // namespace signet::server::api

// For administrators: users, sessions, API keys, signing keys, the audit log. Each change is an audit event whose actor
// is the administrator.

#include <array>
#include <charconv>
#include <limits>

#include "server/api/admin_view.hpp"
#include "server/api/answer.hpp"
#include "server/api/body.hpp"
#include "server/api/caller.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/problem.hpp"
#include "server/api_keys/key_text.hpp"
#include "server/keys/signing_keys.hpp"
#include "server/printable.hpp"
#include "server/revocation/log.hpp"

namespace signet::server::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view may_read = "admin:read";
constexpr std::string_view may_write = "admin:write";
constexpr std::size_t usual_page = 100, longest_page = 1000;

// Whoever bears a token with that scope; the account it is for. What changes something is limited by account.
std::expected<AccountId, Response> administrator(const Request& request, Services& services, std::string_view scope) {
  const std::array scopes{scope};
  auto bearer = authenticate(request, services, scopes);
  if (!bearer) return std::unexpected(std::move(bearer.error()));
  const auto account = AccountId::from_text(bearer->subject());
  if (!account) return std::unexpected(problem(Problem::invalid_token));
  if (scope == may_write) {
    auto allowed = services.change_limit.take("admin " + account->text(), services.clock.now());
    if (!allowed) return std::unexpected(too_many(allowed.error().retry_after));
  }
  return *account;
}

// The query's parameters, of which only these are known.
std::expected<UrlForm, Response> query_of(const Request& request, std::span<const std::string_view> known) {
  auto query = parse_pairs(request.query);
  if (!query || !query->has_only(known)) {
    std::string names;
    for (const auto name : known) names.append(names.empty() ? "" : ", ").append(name);
    return std::unexpected(problem(Problem::invalid_request, "Parameters known here, once each: " + names + "."));
  }
  if (!query->is_printable())
    return std::unexpected(problem(Problem::invalid_request, "A parameter has control characters, or is no UTF-8."));
  return std::move(*query);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::expected<std::size_t, Response> page_size(const UrlForm& query) {
  const auto text = query.find("limit");
  if (!text) return usual_page;
  const auto number = whole_number(*text);
  if (!number || *number < 1 || *number > static_cast<std::int64_t>(longest_page)) {
    return std::unexpected(problem(Problem::invalid_request, "`limit` is from 1 to 1000."));
  }
  return static_cast<std::size_t>(*number);
}

bool could_be_client(std::string_view name) { return !name.empty() && name.size() <= 256 && printable(name) == name; }

Response failed(const Request& request, const Services& services, std::string_view detail) {
  services.reports.failed(request, "an administrator's request failed", detail);
  return unavailable();
}

Response refuse(const AccountError& error, const Request& request, const Services& services) {
  if (error.problem == AccountProblem::unavailable) return failed(request, services, error.reason);
  return problem(Problem::not_found);
}

// The account in the route, or in `?user=`, when there is one.
std::expected<Account, Response> account_of(std::string_view text, const Request& request, Services& services) {
  const auto id = AccountId::from_text(text);
  if (!id) return std::unexpected(problem(Problem::not_found));
  auto account = services.accounts.find(*id);
  if (!account) return std::unexpected(refuse(account.error(), request, services));
  return std::move(*account);
}

std::expected<Account, Response> account_in_query(const Request& request, Services& services) {
  static constexpr std::array<std::string_view, 1> known{"user"};
  const auto query = query_of(request, known);
  if (!query) return std::unexpected(query.error());
  return account_of(query->find("user").value_or(""), request, services);
}

Caller acting(const Request& request, const AccountId& administrator) {
  auto by = caller(request);
  by.actor = administrator.text();
  return by;
}

std::expected<SigningKeys, Response> signing_keys(const Request& request, const AccountId& administrator,
                                                  Services& services) {
  if (is_symmetric(services.rotation.algorithm)) {
    return std::unexpected(problem(Problem::not_found, "This server signs with a shared secret."));
  }
  return SigningKeys{services.store, *services.master.now(), services.clock, services.rotation,
                     audit_source(request, administrator)};
}

}  // namespace

Response admin_list_users(const Request& request, Services& services) {
  static constexpr std::array<std::string_view, 3> known{"search", "after", "limit"};
  if (auto who = administrator(request, services, may_read); !who) return std::move(who.error());
  const auto query = query_of(request, known);
  if (!query) return query.error();
  const auto limit = page_size(*query);
  if (!limit) return limit.error();
  const auto users =
      services.accounts.search(query->find("search").value_or(""), query->find("after").value_or(""), *limit);
  if (!users) return refuse(users.error(), request, services);
  json::Array list;
  for (const Account& account : *users) list.add(shown(account));
  json::Object body;
  body.set("users", list);
  if (users->size() == *limit) body.set("next", users->back().username);
  return json_answer(200, body);
}

Response admin_show_user(const Request& request, Services& services) {
  if (auto who = administrator(request, services, may_read); !who) return std::move(who.error());
  const auto account = account_of(request.route_parameter, request, services);
  return account ? json_answer(200, shown(*account)) : account.error();
}

Response admin_change_user(const Request& request, Services& services) {
  static constexpr std::array fields{Field{"disabled", FieldKind::optional_flag},
                                     Field{"must_change_password", FieldKind::optional_flag},
                                     Field{"keep_api_keys", FieldKind::optional_flag}};
  auto who = administrator(request, services, may_write);
  if (!who) return std::move(who.error());
  const auto form = parse_json(request, fields);
  if (!form) return form.error();
  const auto id = AccountId::from_text(request.route_parameter);
  if (!id) return problem(Problem::not_found);
  const Accounts::Flags flags{.disabled = form->flag_if("disabled"),
                              .must_change_password = form->flag_if("must_change_password")};
  const auto keys = form->flag_if("keep_api_keys").value_or(false) ? ApiKeyFate::keep : ApiKeyFate::revoke;
  if (auto done = services.accounts.set_flags(*id, flags, audit_source(request, *who), keys); !done)
    return refuse(done.error(), request, services);
  const auto account = account_of(request.route_parameter, request, services);
  return account ? json_answer(200, shown(*account)) : account.error();
}

Response admin_delete_user(const Request& request, Services& services) {
  auto who = administrator(request, services, may_write);
  if (!who) return std::move(who.error());
  const auto id = AccountId::from_text(request.route_parameter);
  if (!id) return problem(Problem::not_found);
  auto removed = services.accounts.remove(*id, audit_source(request, *who));
  return removed ? no_content() : refuse(removed.error(), request, services);
}

Response admin_export_user(const Request& request, Services& services) {
  auto who = administrator(request, services, may_read);
  if (!who) return std::move(who.error());
  const auto id = AccountId::from_text(request.route_parameter);
  if (!id) return problem(Problem::not_found);
  auto exported = export_account(services.store, *id, audit_source(request, *who), services.clock.now());
  if (!exported) return failed(request, services, exported.error().detail);
  return *exported ? json_answer(200, **exported) : problem(Problem::not_found);
}

Response admin_list_sessions(const Request& request, Services& services) {
  if (auto who = administrator(request, services, may_read); !who) return std::move(who.error());
  const auto account = account_in_query(request, services);
  if (!account) return account.error();
  const auto sessions = services.sessions.list(account->id);
  if (!sessions) return failed(request, services, sessions.error().detail);
  json::Array list;
  for (const Session& session : *sessions) list.add(shown(session));
  return json_answer(200, json::Object{}.set("sessions", list));
}

Response admin_end_sessions(const Request& request, Services& services) {
  auto who = administrator(request, services, may_write);
  if (!who) return std::move(who.error());
  const auto account = account_in_query(request, services);
  if (!account) return account.error();
  auto ended = services.sessions.revoke_all(account->id, {}, AuditKind::sessions_revoked, acting(request, *who));
  if (!ended) return failed(request, services, ended.error().detail);
  return json_answer(200, json::Object{}.set("ended", *ended));
}

Response admin_end_session(const Request& request, Services& services) {
  auto who = administrator(request, services, may_write);
  if (!who) return std::move(who.error());
  const auto id = SessionId::from_text(request.route_parameter);
  if (!id) return problem(Problem::not_found);
  std::optional<Session> session;
  auto read = services.store.read([&](Transaction& transaction) { session = transaction.session(*id); });
  if (!read) return failed(request, services, read.error().detail);
  if (!session) return problem(Problem::not_found);
  auto ended = services.sessions.revoke(*id, session->account, AuditKind::session_revoked, acting(request, *who));
  if (!ended) return failed(request, services, ended.error().detail);
  return *ended ? no_content() : problem(Problem::not_found);
}

Response admin_list_api_keys(const Request& request, Services& services) {
  if (auto who = administrator(request, services, may_read); !who) return std::move(who.error());
  const auto account = account_in_query(request, services);
  if (!account) return account.error();
  const auto keys = services.api_keys.list(account->id);
  if (!keys) return failed(request, services, keys.error().reason);
  json::Array list;
  for (const ApiKey& key : *keys) list.add(shown(key));
  return json_answer(200, json::Object{}.set("api_keys", list));
}

Response admin_revoke_api_key(const Request& request, Services& services) {
  auto who = administrator(request, services, may_write);
  if (!who) return std::move(who.error());
  const auto id = api_key_id(request.route_parameter);
  if (!id) return problem(Problem::not_found);
  auto revoked = services.api_keys.revoke(*id, {}, audit_source(request, *who));
  if (revoked) return no_content();
  if (revoked.error().problem == ApiKeyProblem::not_found) return problem(Problem::not_found);
  return failed(request, services, revoked.error().reason);
}

// Newest first; `next` is the `before` of the page that follows.
Response admin_list_audit(const Request& request, Services& services) {
  static constexpr std::array<std::string_view, 5> known{"account", "kind", "since", "before", "limit"};
  if (auto who = administrator(request, services, may_read); !who) return std::move(who.error());
  const auto query = query_of(request, known);
  if (!query) return query.error();
  const auto limit = page_size(*query);
  if (!limit) return limit.error();
  const auto since = whole_number(query->find("since").value_or("0"));
  const auto before = query->find("before") ? whole_number(*query->find("before"))
                                            : std::optional{std::numeric_limits<std::int64_t>::max()};
  constexpr std::int64_t latest = 253'402'300'799;  // the end of the year 9999
  if (!since || *since > latest || !before) {
    return problem(Problem::invalid_request, "`since` are seconds since 1970, `before` is the `next` of a page.");
  }
  AuditFilter filter{.account = std::string{query->find("account").value_or("")},
                     .kind = std::string{query->find("kind").value_or("")},
                     .since = Time{std::chrono::seconds{*since}}};
  if (!filter.kind.empty() && !audit_kind_from_name(filter.kind)) {
    return problem(Problem::invalid_request, "There is no such `kind` of event.");
  }
  std::vector<AuditEvent> events;
  auto read = services.store.read(
      [&](Transaction& transaction) { events = transaction.audit_before(*before, filter, *limit); });
  if (!read) return failed(request, services, read.error().detail);
  json::Array list;
  for (const AuditEvent& event : events) list.add(shown(event));
  json::Object body;
  body.set("events", list);
  if (events.size() == *limit) body.set("next", events.back().seq);
  return json_answer(200, body);
}

// Every access token of everybody, or of one client: sessions go on, and their next refresh gives good tokens. Those in
// server mode, which have no other token, are over.
Response admin_revoke_tokens(const Request& request, Services& services) {
  static constexpr std::array fields{Field{"everyone", FieldKind::optional_flag},
                                     Field{"client", FieldKind::optional_text}};
  auto who = administrator(request, services, may_write);
  if (!who) return std::move(who.error());
  const auto form = parse_json(request, fields);
  if (!form) return form.error();
  const auto* client = form->text_if("client");
  if (form->flag("everyone") == (client != nullptr) || (client && !could_be_client(*client))) {
    return problem(Problem::invalid_request, "Either `everyone` is true, or `client` names one.");
  }
  const auto kind = client ? AuditKind::client_revoked : AuditKind::everyone_revoked;
  auto written = write_revoking(
      services.store, services.revocations, services.clock, [&](Transaction& transaction, RevocationLog& log) {
        if (client)
          log.client(*client,
                     *client == services.tokens.client_id ? RevocationLog::Places::all : RevocationLog::Places::none);
        if (!client) log.everyone();
        transaction.append_audit(audit_event(kind, log.now(), audit_source(request, *who)));
      });
  return written ? no_content() : failed(request, services, written.error().detail);
}

// The keys of the server's own rotation; none when it signs with a shared secret.
Response admin_list_signing_keys(const Request& request, Services& services) {
  if (auto who = administrator(request, services, may_read); !who) return std::move(who.error());
  std::vector<KeyRecord> keys;
  auto read = services.store.read([&](Transaction& transaction) { keys = transaction.keys(); });
  if (!read) return failed(request, services, read.error().detail);
  return json_answer(200, shown(keys));
}

// The next key: announced, or with `at_once` signing from now on.
Response admin_rotate_signing_keys(const Request& request, Services& services) {
  static constexpr std::array fields{Field{"at_once", FieldKind::optional_flag}};
  auto who = administrator(request, services, may_write);
  if (!who) return std::move(who.error());
  const auto form = parse_json(request, fields);
  if (!form) return form.error();
  auto keys = signing_keys(request, *who, services);
  if (!keys) return std::move(keys.error());
  auto rotated = keys->rotate(form->flag("at_once") ? Begin::at_once : Begin::announced);
  if (!rotated && rotated.error().code() == ErrorCode::invalid_configuration)
    return problem(Problem::invalid_request, "No key is made here: the next one is imported from the HSM.");
  if (!rotated) return failed(request, services, rotated.error().detail());
  (void)services.keys.follow(services.store);  // what fails here is tried again within a second
  return json_answer(200, shown(*rotated));
}

// A key that others may have.
Response admin_revoke_signing_key(const Request& request, Services& services) {
  auto who = administrator(request, services, may_write);
  if (!who) return std::move(who.error());
  auto keys = signing_keys(request, *who, services);
  if (!keys) return std::move(keys.error());
  auto revoked = keys->revoke(request.route_parameter, services.revocations);
  if (!revoked && revoked.error().code() == ErrorCode::key_not_found) return problem(Problem::not_found);
  if (!revoked && revoked.error().code() == ErrorCode::invalid_configuration)
    return problem(Problem::invalid_request, "No other key would sign: import one first, to sign at once.");
  if (!revoked) return failed(request, services, revoked.error().detail());
  (void)services.keys.follow(services.store);
  return no_content();
}

}  // namespace signet::server::api

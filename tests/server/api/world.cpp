#include "tests/server/api/world.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>
#include <algorithm>

#include "server/api/wire.hpp"
#include "server/revocation/log.hpp"
#include "server/store/sqlite/sqlite_store.hpp"

namespace signet::server::api {
namespace {

constexpr Time start{std::chrono::sys_days{std::chrono::year{2026} / 5 / 1}};

std::filesystem::path new_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "signet-api-XXXXXX").string();
  return ::mkdtemp(name.data());
}

std::unique_ptr<Store> open_store(const std::filesystem::path& folder) {
  auto store = open_sqlite(folder / "signet.db");
  if (!store) throw std::runtime_error{store.error()};
  return std::move(*store);
}

std::shared_ptr<KeyRing> open_keys(Store& store, const MasterKey& master, const Clock& clock) {
  auto ring = KeyRing::open(store, master, clock);
  if (!ring) throw std::runtime_error{ring.error().detail()};
  return std::shared_ptr<KeyRing>{std::move(*ring)};
}

AccessTokenPolicy policy() { return {.issuer = std::string{World::issuer}, .audience = "api"}; }

Services wired(World& world) {
  Reports reports{.refused = [&world](const http::Request&, const Error& why) { world.refusals.push_back(why.code()); },
                  .failed = [&world](const http::Request&, std::string_view what,
                                     std::string_view detail) { world.failures.emplace_back(what, detail); }};
  auto services = wire(world, policy(), {std::string{World::origin}}, std::move(reports));
  if (!services) throw std::runtime_error{services.error().detail()};
  return std::move(*services);
}

}  // namespace

std::string Answer::header(std::string_view name) const {
  const auto all = headers(name);
  return all.empty() ? "" : all.front();
}

std::vector<std::string> Answer::headers(std::string_view name) const {
  const auto values = response.headers.all(name);
  return {values.begin(), values.end()};
}

std::string Answer::text(std::string_view member) const {
  auto value = json::parse(response.body);
  if (!value) return {};
  auto found = value->find(member);
  return found ? found->string().value_or("") : "";
}

bool Answer::has(std::string_view member) const { return !json(member).empty(); }

std::string Answer::json(std::string_view member) const {
  auto value = json::parse(response.body);
  if (!value) return {};
  auto found = value->find(member);
  return found ? std::string{found->text()} : "";
}

std::optional<std::string> Answer::cookie(std::string_view name) const {
  for (const std::string& line : headers("Set-Cookie")) {
    if (line.starts_with(std::string{name} + "="))
      return line.substr(name.size() + 1, line.find(';') - name.size() - 1);
  }
  return std::nullopt;
}

World::World(std::vector<std::string> cors_origins)
    : folder_{new_folder()},
      clock{std::make_shared<ManualClock>(start)},
      sqlite_{open_store(folder_)},
      store{*sqlite_},
      keys{open_keys(*sqlite_, *master.now(), *clock)},
      accounts{store, *clock, hasher, {.password = {}, .enforced = revocations.get()}},
      sessions{store,
               *revocations,
               *clock,
               RefreshTokenCodec{master.now()->sub_key("refresh tokens")},
               {},
               usual_sessions_per_account,
               {&status_indexes, policy().lifetime}},
      server_sessions{store, *revocations, *clock, {}, policy().client_id},
      api_keys{store, *revocations, *clock, {}, {&status_indexes, policy().lifetime}},
      api_key_table{ApiKeyPolicy{}, *revocations, *clock},
      cors{std::move(cors_origins)},
      services{wired(*this)} {
  if (!follower.catch_up()) throw std::runtime_error{"the log cannot be read"};
  for (const Endpoint& endpoint : endpoints()) {
    const auto readers = readers_of(endpoint.path);
    http::Admission admit;
    if (endpoint.admit) {
      admit = [this, &endpoint, readers](const http::Request& request) {
        auto refused = endpoint.admit(request, services);
        if (refused) cors.allow(request, readers, *refused);
        return refused;
      };
    }
    router.add(
        endpoint.method, endpoint.path, endpoint.lane,
        [this, &endpoint, readers](const http::Request& request) {
          auto response = endpoint.answer(request, services);
          cors.allow(request, readers, response);
          return response;
        },
        std::move(admit));
  }
  cors.add_preflights(router);
}

World::~World() {
  sqlite_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Answer World::call(std::string_view method, std::string_view target, const HeaderList& headers, std::string_view body) {
  std::vector<http::Header> lines;
  for (const auto& [name, value] : headers) lines.push_back({name, value});
  const auto question = std::min(target.find('?'), target.size());
  http::Request request{.method = method,
                        .path = target.substr(0, question),
                        .query = target.substr(std::min(question + 1, target.size())),
                        .headers = lines,
                        .body = body,
                        .client = client_address,
                        .id = "request-1",
                        .route_parameter = {}};
  std::string allow;
  const http::Route* route = router.find(method, request.path, request.route_parameter, allow);
  if (!route) return {{.status = allow.empty() ? 404 : 405, .headers = {}, .body = {}}};
  if (route->admit) {
    if (auto refused = route->admit(request)) return {std::move(*refused)};
  }
  ++handled;
  return {route->handler(request)};
}

Answer World::get(std::string_view target, std::string_view access) {
  if (access.empty()) return call("GET", target);
  return call("GET", target, {{"Authorization", "Bearer " + std::string{access}}});
}

Answer World::post(std::string_view target, std::string_view json, std::string_view access) {
  HeaderList headers{{"Content-Type", "application/json"}};
  if (!access.empty()) headers.emplace_back("Authorization", "Bearer " + std::string{access});
  return call("POST", target, headers, json);
}

Answer World::form(std::string_view target, std::string_view body, const HeaderList& headers) {
  HeaderList all{{"Content-Type", "application/x-www-form-urlencoded"}};
  all.insert(all.end(), headers.begin(), headers.end());
  return call("POST", target, all, body);
}

Answer World::forget(std::string_view session, std::string_view access) {
  return call("DELETE", "/sessions/" + std::string{session}, {{"Authorization", "Bearer " + std::string{access}}});
}

std::string World::sign_up(std::string_view username, std::string_view password) {
  auto answer = post("/signup", json::Object{}.set("username", username).set("password", password).text());
  EXPECT_EQ(answer.status(), 201) << answer.response.body;
  return answer.text("id");
}

Pair World::log_in(std::string_view username, std::string_view password) {
  auto answer = post("/login", json::Object{}.set("username", username).set("password", password).text());
  EXPECT_EQ(answer.status(), 200) << answer.response.body;
  return {answer.text("access_token"), answer.text("refresh_token")};
}

Pair World::log_in_with_scope(std::string_view username, std::string_view scope) {
  auto made = accounts.sign_up(username, good_password, scope, {});
  EXPECT_TRUE(made.has_value());
  return log_in(username);
}

std::string World::claim(std::string_view access, std::string_view name) const {
  auto token = services.verifier.verify(access);
  return token ? token->claim<std::string>(name).value_or("") : "";
}

std::vector<AuditEvent> World::audit() {
  std::vector<AuditEvent> events;
  (void)sqlite_->read([&](Transaction& transaction) { events = transaction.audit_after(0, 1000); });
  return events;
}

int World::count_audit(std::string_view kind) {
  const auto events = audit();
  return static_cast<int>(std::ranges::count(events, kind, &AuditEvent::kind));
}

}  // namespace signet::server::api

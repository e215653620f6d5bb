#include "server/app/login_server.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "server/accounts/accounts.hpp"
#include "server/accounts/hash_threads.hpp"
#include "server/api/cors.hpp"
#include "server/api/dpop_policy.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/wire.hpp"
#include "server/app/access_log.hpp"
#include "server/app/couriers.hpp"
#include "server/app/descriptors.hpp"
#include "server/app/hsm.hpp"
#include "server/app/log.hpp"
#include "server/app/metrics.hpp"
#include "server/app/monitor.hpp"
#include "server/app/observed_store.hpp"
#include "server/app/setting.hpp"
#include "server/http/listening_socket.hpp"
#include "server/keys/key_ring.hpp"
#include "server/keys/master_key.hpp"
#include "server/keys/master_key_file.hpp"
#include "server/keys/signing_keys.hpp"
#include "server/revocation/follower.hpp"
#include "server/store/postgres/postgres_store.hpp"
#include "server/store/sqlite/sqlite_store.hpp"
#include "server/store/sweep.hpp"

namespace signet::server::app {
namespace {

using namespace std::chrono_literals;

constexpr auto housekeeping_interval = 30s;
// How late this server hears of a signing key or an API key that the command line or another server made, retired or
// revoked.
constexpr auto key_interval = 500ms;
constexpr unsigned rounds_between_uses = 20;  // when keys and sessions were last used is written every 10 seconds

unsigned one_a_core(unsigned configured) {
  return configured ? configured : std::max(1U, std::thread::hardware_concurrency());
}

ExternalKeys external_keys(const Config& config) {
  ExternalKeys keys;
  if (auto hsm = hsm_of(config)) {
    keys.signer = [hsm = std::move(*hsm)](Algorithm algorithm, std::string_view location) {
      return hsm.signer(algorithm, location);
    };
  }
  keys.told = [](std::string_view location, const Error* why) {
    if (!why) return log(LogLevel::info, "the signing key answers again", {{"location", location}});
    log(LogLevel::error, "the signing key does not answer", {{"location", location}, {"detail", why->detail()}});
  };
  return keys;
}

std::expected<std::shared_ptr<KeyRing>, std::string> open_keys(const Config& config, Store& store,
                                                               const MasterKey& master, const Clock& clock) {
  auto ring = config.hmac_secret ? KeyRing::open_with_secret(*config.hmac_secret, store, master, clock)
                                 : KeyRing::open(store, master, clock, rotation_policy(config), external_keys(config));
  if (!ring) {
    const bool lost = ring.error().code() == ErrorCode::key_malformed;
    const bool none = ring.error().code() == ErrorCode::key_not_found;
    return std::unexpected("the signing keys cannot be opened: " + ring.error().detail() +
                           (lost   ? " (if that key is lost: `signet keys replace-lost`)"
                            : none ? " (`signet keys import --pkcs11 URI --now --create` brings one of the HSM)"
                                   : ""));
  }
  return std::shared_ptr<KeyRing>{std::move(*ring)};
}

// Leaves word of how this server was started, and says when the last one was started otherwise.
std::expected<void, std::string> note_run(const Config& config, Store& store) {
  const std::string algorithm{name(config.tokens.algorithm.value())};
  std::optional<std::string> issuer_before, algorithm_before;
  auto noted = store.read([&](Transaction& transaction) {
    issuer_before = transaction.last_run("issuer");
    algorithm_before = transaction.last_run("algorithm");
  });
  if (noted && (issuer_before != config.issuer || algorithm_before != algorithm)) {
    noted = store.write([&](Transaction& transaction) {
      transaction.set_last_run("issuer", config.issuer);
      transaction.set_last_run("algorithm", algorithm);
    });
  }
  if (!noted) return std::unexpected("the database cannot be written: " + noted.error().detail);
  if (issuer_before && *issuer_before != config.issuer) {
    log(LogLevel::warning,
        "the server of this database had another issuer: tokens of that one are refused here, and several servers of "
        "one database need the same",
        {{"before", *issuer_before}, {"issuer", config.issuer}});
  }
  return {};
}

struct Sockets {
  http::ListeningSocket main, monitor;
};

// Before anything is made or migrated: one server too many must leave the data alone.
std::expected<Sockets, std::string> open_sockets(const Config& config) {
  const auto open = [](std::optional<int> inherited, const std::string& where, std::string_view flag) {
    auto socket = inherited ? std::expected<http::ListeningSocket, std::string>{http::ListeningSocket{*inherited}}
                            : http::ListeningSocket::on(where);
    if (!socket) socket.error().append(" (").append(flag).append(" names another address)");
    return socket;
  };
  auto main = open(config.sockets.main, config.listen, "--listen");
  if (!main) return std::unexpected(std::move(main.error()));
  auto monitor = open(config.sockets.monitor, config.monitor_listen, "--monitor-listen");
  if (!monitor) return std::unexpected(std::move(monitor.error()));
  return Sockets{.main = std::move(*main), .monitor = std::move(*monitor)};
}

std::expected<std::unique_ptr<Store>, std::string> open_database(const Config& config) {
  // A connection for each thread of the lane that does most of the asking.
  if (config.database_url) return open_postgres(*config.database_url, {.connections = config.store_lane.threads});
  return open_sqlite(config.data / sqlite_file_name);
}

RefreshTokenCodec refresh_tokens(const MasterKey& master) {
  constexpr std::string_view label = "refresh tokens";
  return RefreshTokenCodec{master.sub_key(label), master.retired_sub_keys(label)};
}

api::Settings settings_of(const Config& config) {
  api::Settings settings{.signup_open = config.signup.open,
                         .signup_scope = config.signup.scope,
                         .clients = {},
                         .session_mode = config.sessions.mode};
  for (const auto& client : config.introspection_clients) settings.clients.push_back({client.id, client.secret_sha256});
  return settings;
}

void log_audit(const AuditEvent& event) {
  log(LogLevel::info, "audit",
      {{"kind", event.kind},
       {"account", event.account},
       {"session", event.session},
       {"actor", event.actor},
       {"client", event.address},
       {"request_id", event.request_id},
       {"detail", event.detail}});
}

// Every `interval` until it is to stop. What `work` throws can wait for the next round; the server must not end for it.
void repeat(const std::stop_token& stop, std::chrono::milliseconds interval, const std::function<void()>& work) {
  std::mutex sleeping;
  std::condition_variable_any wake;
  std::unique_lock lock{sleeping};
  while (!wake.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); })) try {
      work();
    } catch (const std::exception& failure) {
      log(LogLevel::error, "work in the background failed", {{"detail", failure.what()}});
    }
}

api::Reports reports() {
  return {.refused =
              [](const http::Request& request, const Error& why) {
                log(LogLevel::info, "token refused",
                    {{"request_id", request.id},
                     {"error", to_string(why.code())},
                     {"detail", why.detail()},
                     {"client", request.client}});
              },
          .failed =
              [](const http::Request& request, std::string_view what, std::string_view detail) {
                log(LogLevel::error, what, {{"request_id", request.id}, {"detail", detail}});
              }};
}

}  // namespace

// In the order in which they need each other; they go in the opposite one.
struct LoginServer::Parts {
  Parts(Config given, std::shared_ptr<const Clock> time, Argon2id argon2id, MasterKey key,
        std::optional<MasterKeyFile> its_file, std::unique_ptr<Store> opened)
      : config{std::move(given)},
        clock{std::move(time)},
        argon{std::move(argon2id)},
        hasher{argon, one_a_core(config.password_lane.threads)},
        master{std::move(key)},
        master_file{std::move(its_file)},
        database{std::move(opened)},
        store{*database,
              {[this](bool writing, auto took, const StoreError* error) { store_done(writing, took, error); },
               [this](const AuditEvent& event) { audited(event); }, [this] { revoked(); }}},
        feed{*clock, config.streams, [this](std::chrono::nanoseconds late) { metrics.revocation_applied(late); },
             [this](const StatusEntry& end) { status_indexes.close(end); }},
        // The log of revocations is read several times a second, and its state shows in /readyz: it is not observed.
        follower{*database, *revocations, *clock, &feed},
        accounts{store, *clock, hasher, {.password = config.passwords, .enforced = revocations.get()}},
        sessions{store,
                 *revocations,
                 *clock,
                 refresh_tokens(*master.now()),
                 config.refresh,
                 config.sessions.most_per_account,
                 {&status_indexes, config.tokens.access_lifetime}},
        server_sessions{store, *revocations, *clock, config.refresh, config.tokens.client_id},
        api_keys{store, *revocations, *clock, config.api_keys.policy, {&status_indexes, config.tokens.access_lifetime}},
        api_key_table{config.api_keys.policy, *revocations, *clock},
        login_limits{config.limits.login},
        attempt_limit{{config.limits.attempts}},
        signup_limit{{api::signup_rate(config.limits.signup_per_address)}, 16'384},
        password_limit{{config.limits.password_changes}, 8'192},
        password_attempt_limit{{config.limits.password_attempts}, 8'192},
        introspection_limit{{config.limits.introspection_failures}, 4'096},
        refresh_limit{{config.limits.refreshes}},
        change_limit{{config.limits.changes}, 16'384},
        settings{settings_of(config)} {}

  ~Parts() {
    // The listeners first: their threads use all the rest, and the monitor's the main one.
    monitor.reset();
    main.reset();
    // Then who calls what goes before it: the database the follower, and that the status lists.
    database->watch_revocations({});
    follower.stop();
  }

  void store_done(bool writing, std::chrono::nanoseconds took, const StoreError* error) {
    metrics.store_done(writing, took, error != nullptr);
    if (error)
      log(LogLevel::error, "the store failed", {{"operation", writing ? "write" : "read"}, {"detail", error->detail}});
  }
  void revoked() {
    follower.wake();
    database->tell_revoked();
  }
  void audited(const AuditEvent& event) {
    metrics.audited(event.kind);
    log_audit(event);
    couriers.wake();
  }

  [[nodiscard]] std::vector<std::string> not_ready() const;
  [[nodiscard]] double staleness() const {
    return std::chrono::duration<double>(clock->now() - follower.caught_up_at()).count();
  }
  template <class Answer>
  [[nodiscard]] Answer ask(Answer (*function)(const http::Request&, api::Services&), const api::Endpoint& endpoint,
                           const http::Request& request);
  [[nodiscard]] http::ServerOptions main_options();
  [[nodiscard]] http::Router main_router();
  [[nodiscard]] MonitorView monitor_view();
  [[nodiscard]] std::expected<void, std::string> listen(Sockets sockets);
  void keep_house(const std::stop_token& stop);
  void follow_master_key();
  [[nodiscard]] std::expected<void, Error> change_master(const MasterKey& next);
  void follow_keys();
  void follow_api_keys();
  Stored<void> write_uses();

  Config config;
  std::shared_ptr<const Clock> clock;
  Metrics metrics;
  api::Counters counters;
  std::atomic<bool> draining = false;
  Argon2id argon;
  HashThreads hasher;
  Current<MasterKey> master;
  std::optional<MasterKeyFile> master_file;  // nothing: the environment holds the key
  std::string master_file_trouble;
  std::unique_ptr<Store> database;
  ObservedStore store;
  const RotationPolicy rotation = rotation_policy(config);
  std::shared_ptr<KeyRing> keys;
  std::shared_ptr<Revocations> revocations = std::make_shared<Revocations>();
  api::RevocationFeed feed;
  RevocationFollower follower;
  Accounts accounts;
  StatusIndexes status_indexes{store};
  api::StatusLists status_lists{store, feed, *clock};
  Sessions sessions;
  ServerSessions server_sessions;
  ApiKeys api_keys;
  ApiKeyTable api_key_table;
  LoginLimits login_limits;
  RateLimiter attempt_limit, signup_limit, password_limit, password_attempt_limit, introspection_limit;
  RateLimiter refresh_limit, change_limit;
  RateLimiter audit_limit{{Rate{1, 1min}}, 4'096};
  Current<api::Settings> settings;
  std::optional<api::Services> services;  // once the address, and with it the issuer, is known
  Couriers couriers{config, *database, *clock, keys, metrics};
  const api::Cors cors{config.cors_origins};
  std::unique_ptr<http::Server> main, monitor;
  bool keys_followed = true, api_keys_followed = true;
  unsigned key_rounds = 0;
  std::jthread housekeeping, key_following;
};

template <class Answer>
Answer LoginServer::Parts::ask(Answer (*function)(const http::Request&, api::Services&), const api::Endpoint& endpoint,
                               const http::Request& request) {
  try {
    return function(request, *services);
  } catch (const std::exception& failure) {
    log(LogLevel::error, "an endpoint failed",
        {{"request_id", request.id}, {"route", endpoint.path}, {"detail", failure.what()}});
    throw;  // the listener answers 500 and counts it
  }
}

http::Router LoginServer::Parts::main_router() {
  http::Router router;
  for (const api::Endpoint& endpoint : api::endpoints()) {
    const auto readers = api::readers_of(endpoint.path);
    http::Admission admit;
    if (endpoint.admit) {
      admit = [this, &endpoint, readers](const http::Request& request) {
        auto refused = ask(endpoint.admit, endpoint, request);
        if (refused) cors.allow(request, readers, *refused);
        return refused;
      };
    }
    router.add(
        endpoint.method, endpoint.path, endpoint.lane,
        [this, &endpoint, readers](const http::Request& request) {
          auto response = ask(endpoint.answer, endpoint, request);
          cors.allow(request, readers, response);
          return response;
        },
        std::move(admit));
  }
  cors.add_preflights(router);
  return router;
}

http::ServerOptions LoginServer::Parts::main_options() {
  return {.listen = config.listen,
          .socket = {},
          .loops = one_a_core(config.loops),
          .store = config.store_lane,
          // Who has been hashed for waits for the database while the next one is hashed for.
          .password = {2 * one_a_core(config.password_lane.threads), config.password_lane.queue},
          .limits = config.http,
          .tls = config.tls,
          .trusted_proxies = config.trusted_proxies,
          .on_answered = [this, logged = config.log.access](const http::Answered& answered) {
            metrics.answered(answered);
            if (logged) log_answered(answered);
          }};
}

std::vector<std::string> LoginServer::Parts::not_ready() const {
  std::vector<std::string> reasons;
  if (draining) reasons.emplace_back("draining");
  if (!database->healthy()) reasons.emplace_back("the database cannot be reached");
  if (clock->now() - follower.caught_up_at() > stale_after)
    reasons.emplace_back("the revocation log was not read for more than 5 seconds");
  return reasons;
}

MonitorView LoginServer::Parts::monitor_view() {
  return {.not_ready = [this] { return not_ready(); },
          .metrics =
              [this] {
                return metrics.text(counters,
                                    {.server = main->counters(),
                                     .verified_tokens = services->verifier.cache_figures().value_or(CacheFigures{}),
                                     .signing_key_answers = keys->can_sign(),
                                     .revocations_held = revocations->size(),
                                     .revocation_seq = follower.seq(),
                                     .revocation_staleness_seconds = staleness(),
                                     .revocation_streams = feed.streams(),
                                     .waiting_deliveries = couriers.waiting(),
                                     .dropped_log_lines = dropped_log_lines(),
                                     .ready = not_ready().empty()});
              }};
}

// Before the services, for the issuer may be the address; nothing is answered yet.
std::expected<void, std::string> LoginServer::Parts::listen(Sockets sockets) {
  auto options = main_options();
  options.socket = sockets.main.release();
  auto bound = http::Server::bind(std::move(options), main_router());
  if (!bound) return std::unexpected(std::move(bound.error()));
  main = std::move(*bound);
  http::ServerOptions monitor_options;
  monitor_options.listen = config.monitor_listen;
  monitor_options.socket = sockets.monitor.release();
  monitor_options.limits.connections = monitor_connections;
  bound = http::Server::bind(std::move(monitor_options), monitor_router(monitor_view()));
  if (!bound) return std::unexpected(std::move(bound.error()));
  monitor = std::move(*bound);

  if (config.issuer.empty()) config.issuer = (config.tls ? "https://" : "http://") + main->address();
  const AccessTokenPolicy policy{.issuer = config.issuer,
                                 .audience = config.tokens.audience,
                                 .client_id = config.tokens.client_id,
                                 .lifetime = config.tokens.access_lifetime};
  if (auto good = check(policy); !good) return std::unexpected(good.error());
  auto origins = config.allowed_origins;
  origins.push_back(origin_of(config.issuer));
  auto wired = api::wire(*this, policy, std::move(origins), reports(), api::dpop_policy(config.dpop, *master.now()));
  if (!wired) return std::unexpected(wired.error().detail());
  services.emplace(std::move(*wired));
  return {};
}

void LoginServer::Parts::keep_house(const std::stop_token& stop) {
  if (auto refreshed = keys->refresh(); !refreshed) {
    log(LogLevel::error, "the signing keys were not read again", {{"detail", refreshed.error().detail()}});
  }
  const auto now = clock->now();
  sweep(store, now, now - config.audit.keep, stop);
}

void LoginServer::Parts::follow_master_key() {
  if (!master_file) return;
  const auto changed =
      master_file->follow(*master.now(), [this](const MasterKey& next) { return change_master(next); });
  if (changed && *changed) {
    metrics.master_key_changed(true);
    log(LogLevel::info, "the master key was taken over", {{"keys", static_cast<std::int64_t>(master.now()->size())}});
  }
  const std::string trouble = changed ? "" : changed.error().detail();
  if (!changed && trouble != master_file_trouble) {
    metrics.master_key_changed(false);
    log(LogLevel::error, "the master key was not taken over",
        {{"error", to_string(changed.error().code())}, {"detail", trouble}});
  }
  master_file_trouble = trouble;
}

// The master key itself last: what fails before is done again.
std::expected<void, Error> LoginServer::Parts::change_master(const MasterKey& next) {
  auto changed = keys->change_master(next);
  if (changed && config.dpop.nonces) changed = services->dpop.change_nonce_keys(api::nonce_keys(next));
  if (!changed) return changed;
  sessions.change_codec(refresh_tokens(next));
  master.set(next);
  return {};
}

// Not through the observed store, whose figures are of requests.
void LoginServer::Parts::follow_keys() {
  auto followed = keys->follow(*database);
  if (!followed && keys_followed) {
    log(LogLevel::error, "the signing keys cannot be followed", {{"detail", followed.error().detail()}});
  }
  keys_followed = followed.has_value();
  keys->probe();
}

Stored<void> LoginServer::Parts::write_uses() {
  auto written = api_key_table.write_uses(*database);
  if (written) written = server_sessions.write_uses();
  if (written) written = sessions.write_uses();
  return written;
}

void LoginServer::Parts::follow_api_keys() {
  auto followed = api_key_table.follow(*database);
  if (followed && ++key_rounds % rounds_between_uses == 0) followed = write_uses();
  if (!followed && api_keys_followed) {
    log(LogLevel::error, "the API keys cannot be followed", {{"detail", followed.error().detail}});
  }
  api_keys_followed = followed.has_value();
}

LoginServer::LoginServer(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}
LoginServer::~LoginServer() = default;

std::expected<std::unique_ptr<LoginServer>, std::string> LoginServer::open(Config config,
                                                                           std::shared_ptr<const Clock> clock) {
  auto hasher = Argon2id::with(config.hashing);
  if (!hasher) return std::unexpected("password: " + hasher.error().detail());
  if (auto good = check(config.refresh); !good) return std::unexpected("refresh: " + good.error());
  auto sockets = open_sockets(config);
  if (!sockets) return std::unexpected(std::move(sockets.error()));
  // Read before the database has threads, for the environment is changed here; made only once it is known that nothing
  // in there needs the one that is missing.
  std::optional<MasterKeyFile> master_file;
  if (auto place = MasterKey::place(config.data)) master_file.emplace(std::move(*place));
  std::optional<std::expected<MasterKey, Error>> master;
  if (MasterKey::is_there(config.data)) master = MasterKey::load(config.data);
  wipe_environment("SIGNET_MASTER_KEY");
  if (master && !*master) return std::unexpected("the master key cannot be read: " + master->error().detail());
  auto database = open_database(config);
  if (!database) return std::unexpected(database.error());
  if (!master) master = load_or_make_master_key(**database, config.data);
  if (!*master) return std::unexpected(master->error().detail());

  auto parts = std::make_unique<Parts>(std::move(config), std::move(clock), std::move(*hasher), std::move(**master),
                                       std::move(master_file), std::move(*database));
  if (auto noted = parts->couriers.note(); !noted)
    return std::unexpected("the receivers cannot be written down: " + noted.error().detail);
  auto keys = open_keys(parts->config, parts->store, *parts->master.now(), *parts->clock);
  if (!keys) return std::unexpected(keys.error());
  parts->keys = std::move(*keys);
  if (auto read = parts->follower.catch_up(); !read)
    return std::unexpected("the revocations cannot be read: " + read.error().detail);
  if (auto read = parts->api_key_table.follow(*parts->database); !read)
    return std::unexpected("the API keys cannot be read: " + read.error().detail);
  if (auto listening = parts->listen(std::move(*sockets)); !listening) return std::unexpected(listening.error());
  if (auto noted = note_run(parts->config, *parts->database); !noted) return std::unexpected(noted.error());
  return std::unique_ptr<LoginServer>{new LoginServer{std::move(parts)}};
}

void LoginServer::start() {
  Parts& parts = *parts_;
  parts.database->watch_revocations([&parts] { parts.follower.wake(); });
  parts.follower.start();
  parts.housekeeping = std::jthread{
      [&parts](const std::stop_token& stop) { repeat(stop, housekeeping_interval, [&] { parts.keep_house(stop); }); }};
  parts.key_following = std::jthread{[&parts](const std::stop_token& stop) {
    repeat(stop, key_interval, [&] {
      parts.follow_master_key();
      parts.follow_keys();
      parts.follow_api_keys();
      parts.keys->make_tables();  // last: nothing waits for them
    });
  }};
  parts.couriers.start();
  parts.monitor->start();
  parts.main->start();
}

std::string LoginServer::url() const { return (parts_->config.tls ? "https://" : "http://") + parts_->main->address(); }
std::string LoginServer::monitor_url() const { return "http://" + parts_->monitor->address(); }
const Config& LoginServer::config() const { return parts_->config; }

void LoginServer::reload(Config next) {
  Config& running = parts_->config;
  for (const auto& setting : waiting_for_restart(running, next))
    log(LogLevel::warning, "a changed setting waits for a restart", {{"setting", setting}});
  std::string applied = "log.level, signup, sessions.mode, introspection.clients";
  if (running.tls && next.tls) {
    auto reloaded = parts_->main->reload_tls(*next.tls);
    if (!reloaded) log(LogLevel::error, "the TLS certificate was not reloaded", {{"detail", reloaded.error()}});
    if (reloaded) {
      running.tls = std::move(next.tls);
      applied += ", tls files";
    }
  }
  set_log_level(next.log.level);
  parts_->settings.set(settings_of(next));
  log(LogLevel::info, "configuration reloaded", {{"applied", applied}});
}

void LoginServer::drain() {
  parts_->draining = true;
  parts_->main->say_goodbye();
  std::this_thread::sleep_for(parts_->config.drain_delay);
  parts_->main->drain(parts_->config.drain_time);
  if (auto written = parts_->write_uses(); !written)
    log(LogLevel::error, "the last uses were not written", {{"detail", written.error().detail}});
}

}  // namespace signet::server::app

#include "server/app/app.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "server/app/descriptors.hpp"
#include "server/app/log.hpp"
#include "server/app/login_server.hpp"
#include "server/app/risks.hpp"
#include "server/app/start_pages.hpp"
#include "server/http/tls.hpp"
#include "server/keys/master_key.hpp"
#include "server/printable.hpp"
#include "signet/version.hpp"

namespace signet::server::app {
namespace {

constexpr int failed = 1;
constexpr int wrong_usage = 2;

int tell(const ConfigError& error) {
  for (const std::string& problem : error.problems) std::fprintf(stderr, "signet: %s\n", problem.c_str());
  return error.wrong_usage ? wrong_usage : failed;
}

int tell(std::string_view problem) {
  std::fprintf(stderr, "signet: %s\n", printable(problem).c_str());
  return failed;
}

// Keys and passwords pass through this memory: no core file, no other process of the same user that looks in. Files are
// made for this user alone.
void protect_process() {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  umask(S_IRWXG | S_IRWXO);
}

// Blocked in every thread (so this comes before the first one) and taken by `wait`.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (int signal : {SIGHUP, SIGINT, SIGTERM}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
    std::signal(SIGPIPE, SIG_IGN);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  [[nodiscard]] int wait() const {
    int signal = 0;
    while (sigwait(&set_, &signal) != 0) continue;
    return signal;
  }

  // The next one that asks for the end gets it at once, as long as the returned thread is not stopped.
  [[nodiscard]] std::jthread end_at_second() const {
    return std::jthread{[set = set_](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const timespec moment{0, 50'000'000};
        const int signal = sigtimedwait(&set, nullptr, &moment);
        if (signal == SIGINT || signal == SIGTERM) _exit(128 + signal);
      }
    }};
  }

 private:
  sigset_t set_{}, before_{};
};

void fit_connections(Config& config) {
  const std::size_t wanted = config.http.connections, reserved = reserved_descriptors(config);
  const std::size_t available = raise_descriptor_limit(wanted + reserved);
  config.http.connections = connections_that_fit(wanted, reserved, available);
  if (config.http.connections == wanted) return;
  log(LogLevel::warning, "fewer connections than configured: the limit of open files (ulimit -n, LimitNOFILE) is lower",
      {{"configured", static_cast<std::int64_t>(wanted)},
       {"connections", static_cast<std::int64_t>(config.http.connections)},
       {"open_files", static_cast<std::int64_t>(available)}});
}

void reload(LoginServer& server, const Flags& flags) {
  auto next = load_config(flags, &server.config());
  if (next) return server.reload(std::move(*next));
  for (const std::string& problem : next.error().problems) {
    log(LogLevel::error, "the configuration was not reloaded", {{"detail", problem}});
  }
}

int run(std::unique_ptr<LoginServer> server, const Flags& flags, const Signals& signals) {
  server->start();
  std::printf("signet %.*s is ready on %s (monitor on %s)\n", static_cast<int>(version().size()), version().data(),
              server->url().c_str(), server->monitor_url().c_str());
  std::fflush(stdout);
  log(LogLevel::info, "ready",
      {{"url", server->url()}, {"monitor", server->monitor_url()}, {"issuer", server->config().issuer}});
  give_back_start_pages();

  int signal = signals.wait();
  for (; signal == SIGHUP; signal = signals.wait()) reload(*server, flags);

  const auto impatient = signals.end_at_second();
  log(LogLevel::info, "draining", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  server->drain();
  server.reset();  // waits for what is being done, and that may take the database long
  return 0;
}

}  // namespace

int serve(const Flags& flags) {
  protect_process();
  auto config = load_config(flags);
  if (!config) return tell(config.error());
  const auto sockets = inherited_sockets();  // before there are threads, for it changes the environment
  if (!sockets) return tell(sockets.error());
  config->sockets = *sockets;
  const Signals signals;
  start_log(config->log);
  int status = failed;
  std::string problem;
  try {
    for (const auto& name : unknown_variables())
      log(LogLevel::warning, "an environment variable means nothing to the server", {{"variable", name}});
    for (const auto& risk : risks(*config)) log(LogLevel::warning, risk, {{"listen", config->listen}});
    fit_connections(*config);
    auto server = LoginServer::open(std::move(*config));
    if (server) status = run(std::move(*server), flags, signals);
    if (!server) problem = server.error();
  } catch (const std::exception& failure) {
    problem = failure.what();
  }
  if (status == 0) log(LogLevel::info, "stopped");
  stop_log();
  return problem.empty() ? status : tell(problem);
}

int check_config(const Flags& flags) {
  auto config = load_config(flags);
  if (!config) return tell(config.error());
  int status = 0;
  if (MasterKey::is_there(config->data)) {
    if (auto master = MasterKey::load(config->data); !master)
      status = tell("the master key cannot be read: " + master.error().detail());
  }
  if (config->tls) {
    if (auto tls = http::load_tls(*config->tls); !tls) status = tell(tls.error());
  }
  for (const auto& name : unknown_variables()) tell("warning: " + name + " means nothing to the server");
  for (const auto& risk : risks(*config)) tell("warning: " + std::string{risk});
  if (status == 0) std::puts("the configuration is good");
  return status;
}

}  // namespace signet::server::app

#pragma once
// Everything wired together: store, keys, rules, endpoints, both listeners, and what runs in the background.

#include <atomic>
#include <expected>
#include <memory>
#include <string>

#include "server/app/config.hpp"
#include "signet/clock.hpp"

namespace signet::server::app {

class LoginServer {
 public:
  // Opens the data directory and both listeners; answers nothing yet. The error says in a sentence what is wrong.
  [[nodiscard]] static std::expected<std::unique_ptr<LoginServer>, std::string> open(
      Config config, std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>());
  ~LoginServer();

  void start();

  [[nodiscard]] std::string url() const;          // http://127.0.0.1:8080, with the real port
  [[nodiscard]] std::string monitor_url() const;  // the same of the second listener
  [[nodiscard]] const Config& config() const;

  // Takes over what may change while it runs: the TLS files, their names included, log.level, signup,
  // sessions.mode, introspection.clients. Whatever else differs is named in the log. A broken pair of TLS files leaves
  // the old pair in place and is logged.
  void reload(Config next);

  // /readyz says no; for config().drain_delay all goes on but for that each answer is the last of its connection; then
  // requests that have begun are answered; returns when all are, or after config().drain_time.
  void drain();

 private:
  struct Parts;
  explicit LoginServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace signet::server::app

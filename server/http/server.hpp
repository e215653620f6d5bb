#pragma once
// The listener: HTTP/1.1, strict, over TCP or TLS; one event loop a core.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/http/router.hpp"

namespace signet::server::http {

// Documented in docs/configuration.md; applied before anything is allocated.
struct ServerLimits {
  std::size_t header_bytes = 16 * 1024;  // request line and headers (431)
  std::size_t header_count = 100;
  std::size_t target_bytes = 8 * 1024;  // 414; RFC 9110 section 4.1 wants at least 8000
  std::size_t body_bytes = 64 * 1024;   // 413
  std::size_t connections = 10'000;
  std::size_t connections_per_address = 1'000;    // IPv6: per /64; trusted proxies may have any number
  std::chrono::milliseconds header_time{10'000};  // first byte to end of headers (408)
  std::chrono::milliseconds body_time{20'000};
  std::chrono::milliseconds idle_time{75'000};  // between requests
  std::chrono::milliseconds write_time{20'000};
};

struct LaneSize {
  unsigned threads;
  std::size_t queue;
};

struct TlsFiles {
  std::string certificate;  // PEM chain
  std::string key;          // PEM
};

// What the access log and the metrics are told of each answered request, those refused by the listener itself included
// (of these the request holds as much as could be read).
struct Answered {
  const Request& request;
  int status;
  std::size_t bytes;
  std::chrono::nanoseconds took;
  std::string_view route;  // the route's path, or empty: for metric labels, never the raw path
};

struct ServerOptions {
  std::string listen = "127.0.0.1:8080";  // ADDR:PORT, [v6]:PORT; port 0 takes a free one
  std::optional<int> socket{};            // that listens already, instead; closed by `bind` or by the server
  unsigned loops = 1;
  LaneSize store{16, 1024};
  LaneSize password{2, 64};
  ServerLimits limits{};
  std::optional<TlsFiles> tls{};
  std::vector<std::string>
      trusted_proxies{};  // addresses or CIDR; their X-Forwarded-For, -Proto and X-Request-Id count
  std::function<void(const Answered&)> on_answered{};  // called on the event loops, on several at a time
};

struct ServerCounters {
  std::size_t connections = 0, store_queue = 0, password_queue = 0;
  std::uint64_t rejected_connections = 0, malformed_requests = 0, rejected_store = 0, rejected_password = 0;
  std::uint64_t failed_handlers = 0;  // threw; answered 500
};

class Server {
 public:
  // Binds and listens; answers nothing before `start`. The error text says what and why ("cannot listen on …: …").
  [[nodiscard]] static std::expected<std::unique_ptr<Server>, std::string> bind(ServerOptions options, Router router);
  virtual ~Server() = default;

  virtual void start() = 0;
  [[nodiscard]] virtual std::string address() const = 0;  // ADDR:PORT with the real port

  // New handshakes use what these files hold now; a broken pair leaves the old one in place and says why.
  [[nodiscard]] virtual std::expected<void, std::string> reload_tls(const TlsFiles& files) = 0;

  // Goes on as before, but each answer is the last of its connection.
  virtual void say_goodbye() = 0;

  // Stops accepting, answers what has begun (with Connection: close), closes idle connections, and returns when all are
  // gone or the time is up.
  virtual void drain(std::chrono::milliseconds at_most) = 0;

  [[nodiscard]] virtual ServerCounters counters() const = 0;
};

}  // namespace signet::server::http

#pragma once
// One event loop and what it keeps; and what all loops of a server share.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "server/http/places.hpp"
#include "server/http/proxies.hpp"
#include "server/http/server.hpp"
#include "server/http/streams.hpp"
#include "server/work_queue.hpp"

namespace signet::server::http {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Instant = std::chrono::steady_clock::time_point;

class Connection;

struct Shared {
  Shared(ServerOptions given, Router routes, Proxies trusted)
      : options(std::move(given)),
        router(std::move(routes)),
        proxies(std::move(trusted)),
        places(options.limits.connections_per_address) {}

  ServerOptions options;
  Router router;
  Proxies proxies;
  Places places;

  std::unique_ptr<WorkQueue> store;  // where slow handlers run; null when no route does
  std::unique_ptr<WorkQueue> password;

  std::atomic<std::size_t> connections = 0;
  std::atomic<std::uint64_t> rejected_connections = 0, malformed_requests = 0, rejected_store = 0,
                             rejected_password = 0, failed_handlers = 0;

  std::atomic<bool> leaving = false;  // every answer says Connection: close
  std::atomic<bool> draining = false;
  std::mutex gone_mutex;
  std::condition_variable gone;  // while draining: the last connection has gone

  [[nodiscard]] std::shared_ptr<asio::ssl::context> tls() const;
  void tls(std::shared_ptr<asio::ssl::context> context);

 private:
  mutable std::mutex tls_mutex_;
  std::shared_ptr<asio::ssl::context> tls_;
};

// Everything here belongs to the loop's thread, but for `load`.
class Loop {
 public:
  explicit Loop(Shared& shared);

  Shared& shared;
  std::atomic<std::size_t> load = 0;  // connections here
  std::list<Connection*> connections;
  // Answered before, all is written, and nothing of a next request is there: who comes first runs out of time first.
  std::list<Connection*> resting;
  asio::io_context io{1};
  Streams streams{io};  // the connections whose answers go on

  void run();
  // `crowded`: all places are taken, and this connection needs that of another.
  void adopt(Socket socket, const Address& peer, bool crowded) noexcept;
  // Closes the connection that has been idle for the longest time. False: none is.
  bool make_room() noexcept;
  // Closes a socket that gets no connection, saying that there are too many.
  void turn_away(Socket socket) noexcept;
  // A connection from there has gone.
  void left(const Address& peer) noexcept;
  void drain();
  void close_all();

  // "Server: signet\r\nDate: …\r\n", made anew when the second changes.
  [[nodiscard]] std::string_view server_lines();
  // Sixteen hexadecimal digits; unlikely to repeat, not secret.
  void make_request_id(std::array<char, 16>& id) noexcept;

  template <class Do>
  void for_each(Do each) {
    for_each_of(connections, each);
    for_each_of(resting, each);
    for_each_of(streams.connections, each);
  }

  // While there are connections, looks every now and then which of them have run out of time. One timer for all: a
  // request costs none. Those that rest, which may be many, are not looked at before their time.
  void sweep() noexcept;

 private:
  template <class Do>
  static void for_each_of(std::list<Connection*>& list, Do each) {
    for (auto at = list.begin(); at != list.end();) each(**at++);
  }
  void expire_connections(Instant now);

  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor> timer_;
  std::chrono::milliseconds tick_;
  bool sweeping_ = false;
  std::uint64_t random_;
  std::int64_t second_ = -1;
  std::string server_lines_;
};

}  // namespace signet::server::http

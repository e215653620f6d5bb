#pragma once
// A server on a free port, and clients that say exactly what they are told over blocking sockets.

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/server.hpp"
#include "server/http/stream.hpp"

namespace signet::server::http::test {

struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  [[nodiscard]] std::string header(std::string_view name) const;  // empty when there is none
};

class Client {
 public:
  explicit Client(const std::string& address);
  Client(Client&& other) noexcept;
  Client(const Client&) = delete;
  ~Client();

  void send(std::string_view bytes);  // no error when the server has closed
  void end_sending();

  // The next answer, or nothing when the server closed (or said nothing for 20 seconds).
  [[nodiscard]] std::optional<Answer> receive(bool head_only = false);
  [[nodiscard]] std::optional<Answer> ask(std::string_view request) {
    send(request);
    return receive();
  }
  [[nodiscard]] std::string receive_bytes(std::size_t count);
  [[nodiscard]] std::string receive_rest();
  [[nodiscard]] bool
  closed();  // the server has ended the connection, or does so within 20 seconds, with nothing more sent
  [[nodiscard]] int descriptor() const { return socket_; }

 private:
  bool fill();

  int socket_ = -1;
  std::string received_;
};

// Handlers wait here until the test lets them go.
class Gate {
 public:
  void pass();            // a handler's side: counts itself, waits until open
  void open();            // the test's side
  void await(int count);  // until so many are waiting or have passed

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int arrived_ = 0;
};

// Routes: GET /hello, POST /echo (loop), POST /store/echo, POST /password/echo, GET /items/{id}, DELETE /items/{id},
// GET /empty (204), GET /large, GET /who, GET /throws, GET /splits, GET /gate/store and /gate/password (wait at
// `gate`), GET /stream and /store/stream ("begun\n", then what `channel` sends), POST /admitted (password lane, waits
// at `gate`; admits the body "yes", refuses others with 400, throws at "throw").
struct Harness {
  explicit Harness(ServerOptions options = {}, std::size_t held_bytes = Channel::usual_held_bytes);
  ~Harness();

  [[nodiscard]] Client connect() const { return Client(server->address()); }
  [[nodiscard]] std::map<int, int> answered_statuses() const;

  Gate gate;
  const std::shared_ptr<Channel> channel;
  std::unique_ptr<Server> server;

 private:
  mutable std::mutex mutex_;
  std::map<int, int> answered_;
};

}  // namespace signet::server::http::test

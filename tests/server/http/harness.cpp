#include "tests/server/http/harness.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <stdexcept>
#include <utility>

namespace signet::server::http::test {

std::string Answer::header(std::string_view name) const {
  std::size_t at = head.find("\r\n");
  while (at != std::string::npos && at + 2 < head.size()) {
    auto end = head.find("\r\n", at + 2);
    auto line = std::string_view(head).substr(at + 2, end - at - 2);
    auto colon = line.find(": ");
    if (colon != std::string_view::npos && same_name(line.substr(0, colon), name))
      return std::string(line.substr(colon + 2));
    at = end;
  }
  return {};
}

Client::Client(const std::string& address) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  auto colon = address.rfind(':');
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &name.sin_addr);
  timeval patience{.tv_sec = 20, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0)
    throw std::runtime_error("cannot connect to " + address);
}

Client::Client(Client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

Client::~Client() {
  if (socket_ >= 0) ::close(socket_);
}

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Client::end_sending() { shutdown(socket_, SHUT_WR); }

bool Client::fill() {
  char buffer[16384];
  auto count = recv(socket_, buffer, sizeof buffer, 0);
  if (count <= 0) return false;
  received_.append(buffer, static_cast<std::size_t>(count));
  return true;
}

std::optional<Answer> Client::receive(bool head_only) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return std::nullopt;
  Answer answer;
  answer.head = received_.substr(0, end + 2);
  answer.status = std::stoi(answer.head.substr(9, 3));
  received_.erase(0, end + 4);
  auto length = answer.header("Content-Length");
  std::size_t bytes = length.empty() || head_only ? 0 : std::stoul(length);
  while (received_.size() < bytes)
    if (!fill()) return std::nullopt;
  answer.body = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return answer;
}

std::string Client::receive_bytes(std::size_t count) {
  while (received_.size() < count && fill()) {
  }
  auto bytes = received_.substr(0, count);
  received_.erase(0, count);
  return bytes;
}

std::string Client::receive_rest() {
  while (fill()) {
  }
  return std::exchange(received_, {});
}

bool Client::closed() {
  if (!received_.empty()) return false;
  char byte = 0;
  auto count = recv(socket_, &byte, 1, 0);
  return count == 0 || (count < 0 && errno == ECONNRESET);
}

void Gate::pass() {
  std::unique_lock lock(mutex_);
  ++arrived_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return open_; });
}

void Gate::open() {
  std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

void Gate::await(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return arrived_ >= count; });
}

namespace {

Response text(std::string body) {
  Response response;
  response.body = std::move(body);
  response.header("Content-Type", "text/plain");
  return response;
}

}  // namespace

Harness::Harness(ServerOptions options, std::size_t held_bytes) : channel(std::make_shared<Channel>(held_bytes)) {
  auto echo = [](const Request& request) { return text(std::string(request.body)); };
  auto wait = [this](const Request&) {
    gate.pass();
    return text("through");
  };
  auto stream = [this](const Request&) {
    auto response = text("begun\n");
    response.stream = std::make_shared<Stream>(channel, channel->next());
    return response;
  };
  Router router;
  router.add("GET", "/stream", Lane::loop, stream);
  router.add("GET", "/store/stream", Lane::store, stream);
  router.add("GET", "/hello", Lane::loop, [](const Request&) { return text("hello"); });
  router.add("POST", "/echo", Lane::loop, echo);
  router.add("POST", "/store/echo", Lane::store, echo);
  router.add("POST", "/password/echo", Lane::password, echo);
  router.add("GET", "/items/{id}", Lane::loop,
             [](const Request& request) { return text(std::string(request.route_parameter)); });
  router.add("DELETE", "/items/{id}", Lane::store, [](const Request&) {
    Response response;
    response.status = 204;
    return response;
  });
  router.add("GET", "/empty", Lane::loop, [](const Request&) {
    Response response;
    response.status = 204;
    return response;
  });
  router.add("GET", "/large", Lane::loop, [](const Request&) { return text(std::string(1'000'000, 'x')); });
  router.add("GET", "/who", Lane::loop, [](const Request& request) {
    return text(std::string(request.client) + " " + std::string(request.id) + " " + std::string(request.query));
  });
  router.add("GET", "/throws", Lane::loop,
             [](const Request&) -> Response { throw std::runtime_error("a secret of the server"); });
  router.add("GET", "/store/throws", Lane::store,
             [](const Request&) -> Response { throw std::runtime_error("a secret of the server"); });
  router.add("GET", "/splits", Lane::loop,
             [](const Request&) { return text("").header("X-Name", "value\r\nX-Smuggled: yes"); });
  router.add("GET", "/gate/store", Lane::store, wait);
  router.add("GET", "/gate/password", Lane::password, wait);
  router.add("POST", "/admitted", Lane::password, wait, [](const Request& request) -> std::optional<Response> {
    if (request.body == "yes") return std::nullopt;
    if (request.body == "throw") throw std::runtime_error("a secret of the server");
    auto refused = text("not admitted");
    refused.status = 400;
    return refused;
  });

  options.listen = "127.0.0.1:0";
  options.on_answered = [this](const Answered& answered) {
    std::lock_guard lock(mutex_);
    ++answered_[answered.status];
  };
  auto bound = Server::bind(std::move(options), std::move(router));
  if (!bound) throw std::runtime_error(bound.error());
  server = std::move(*bound);
  server->start();
}

Harness::~Harness() {
  gate.open();
  server.reset();
}

std::map<int, int> Harness::answered_statuses() const {
  std::lock_guard lock(mutex_);
  return answered_;
}

}  // namespace signet::server::http::test

#include "server/http/loop.hpp"

#include <algorithm>
#include <ctime>
#include <random>

#include "server/http/answer.hpp"
#include "server/http/connection.hpp"

namespace signet::server::http {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view too_many_connections =
    "HTTP/1.1 503 Service Unavailable\r\nServer: signet\r\nContent-Type: application/json\r\nCache-Control: "
    "no-store\r\n"
    "Retry-After: 1\r\nContent-Length: 87\r\nConnection: close\r\n\r\n"
    R"({"error":"temporarily_unavailable","error_description":"too many connections are open"})";

}  // namespace

std::shared_ptr<asio::ssl::context> Shared::tls() const {
  std::lock_guard lock(tls_mutex_);
  return tls_;
}

void Shared::tls(std::shared_ptr<asio::ssl::context> context) {
  std::lock_guard lock(tls_mutex_);
  tls_.swap(context);
}

Loop::Loop(Shared& all) : shared(all), timer_(io) {
  const auto& limits = shared.options.limits;
  auto shortest = std::min({limits.header_time, limits.body_time, limits.idle_time, limits.write_time});
  tick_ = std::clamp(shortest / 4, 5ms, 250ms);
  std::random_device device;
  random_ = (std::uint64_t{device()} << 32) | device();
}

void Loop::run() {
  auto keep = asio::make_work_guard(io);
  for (;;) {
    try {
      io.run();
      return;
    } catch (...) {  // out of memory, say: that connection goes, the others stay
      shared.failed_handlers.fetch_add(1, std::memory_order_relaxed);
    }
  }
}

void Loop::adopt(Socket socket, const Address& peer, bool crowded) noexcept {
  if (crowded && !make_room()) {
    turn_away(std::move(socket));
    return left(peer);
  }
  std::shared_ptr<Connection> connection;
  try {
    connection = std::make_shared<Connection>(*this, std::move(socket), peer);
  } catch (...) {  // its place must not stay taken
    shared.failed_handlers.fetch_add(1, std::memory_order_relaxed);
    return left(peer);
  }
  try {
    connection->start();
  } catch (...) {  // the connection goes with its last owner, and gives its place back
    shared.failed_handlers.fetch_add(1, std::memory_order_relaxed);
  }
  if (!sweeping_) sweep();
}

bool Loop::make_room() noexcept {
  constexpr int tried = 8;  // of those that have rested longest, some may be about to ask again
  auto at = resting.begin();
  for (int i = 0; i < tried && at != resting.end(); ++i) {
    if ((*at++)->give_way()) return true;
  }
  return false;
}

// With what fits the empty send buffer, so that nothing has to be waited for.
void Loop::turn_away(Socket socket) noexcept {
  shared.rejected_connections.fetch_add(1, std::memory_order_relaxed);
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  if (!shared.options.tls) socket.send(asio::buffer(too_many_connections), 0, ignored);
  socket.shutdown(Socket::shutdown_both, ignored);
}

void Loop::left(const Address& peer) noexcept {
  load.fetch_sub(1, std::memory_order_relaxed);
  if (!shared.proxies.trusts(peer)) shared.places.give_back(peer);
  if (shared.connections.fetch_sub(1) == 1 && shared.draining.load()) {
    std::lock_guard lock(shared.gone_mutex);
    shared.gone.notify_all();
  }
}

void Loop::sweep() noexcept {
  sweeping_ = !connections.empty() || !resting.empty() || !streams.connections.empty();
  if (sweeping_) try {
      timer_.expires_after(tick_);
      timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        try {
          expire_connections(std::chrono::steady_clock::now());
        } catch (...) {  // whatever one connection met: the next sweep comes all the same
          shared.failed_handlers.fetch_add(1, std::memory_order_relaxed);
        }
        sweep();
      });
    } catch (...) {  // the next connection sets it going again
      sweeping_ = false;
      shared.failed_handlers.fetch_add(1, std::memory_order_relaxed);
    }
}

void Loop::expire_connections(Instant now) {
  for (auto* list : {&connections, &streams.connections})
    for_each_of(*list, [now](Connection& connection) { connection.expire(now); });
  while (!resting.empty() && resting.front()->expire(now)) {
  }
}

void Loop::drain() {
  for_each([](Connection& connection) { connection.drain(); });
}

void Loop::close_all() {
  for_each([](Connection& connection) { connection.close(); });
}

std::string_view Loop::server_lines() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != second_) {
    second_ = now.tv_sec;
    server_lines_ = "Server: signet\r\nDate: ";
    append_date(server_lines_, second_);
    server_lines_ += "\r\n";
  }
  return server_lines_;
}

void Loop::make_request_id(std::array<char, 16>& id) noexcept {
  // splitmix64 (Steele, Lea and Flood 2014): every step a different number.
  auto z = random_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z ^= z >> 31;
  for (auto& digit : id) {
    digit = "0123456789abcdef"[z & 15];
    z >>= 4;
  }
}

}  // namespace signet::server::http

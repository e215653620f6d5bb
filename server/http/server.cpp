#include "server/http/server.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include "server/http/connection.hpp"
#include "server/http/listening_socket.hpp"
#include "server/http/loop.hpp"
#include "server/http/operation_room.hpp"
#include "server/http/tls.hpp"
#include "server/scheduling.hpp"

namespace signet::server::http {

using namespace std::chrono_literals;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr auto accept_pause = 100ms;          // when the process is out of descriptors
constexpr std::size_t making_room = 64;       // connections over the limit, while loops close others for them
constexpr std::size_t accepted_at_once = 64;  // then the front loop serves its own connections again
constexpr std::size_t accepted_at_end = asio::socket_base::max_listen_connections;  // no more have waited

std::string to_text(const tcp::endpoint& endpoint) {
  auto address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

Address address_of(const tcp::endpoint& endpoint) {
  auto text = endpoint.address().to_string();
  text = text.substr(0, text.find('%'));  // an interface's name
  return Address::parse(text).value_or(Address{});
}

std::expected<std::shared_ptr<asio::ssl::context>, std::string> make_tls(const TlsFiles& files) {
  auto loaded = load_tls(files);
  if (!loaded) return std::unexpected(loaded.error());
  return std::make_shared<asio::ssl::context>(loaded->release());
}

// One socket listens, on the first loop, and hands every connection to the loop that has the fewest. With a listening
// socket a loop (SO_REUSEPORT) the kernel spreads them by a hash, unevenly when they are few; and a second process of
// the same user could share the port without either noticing.
class Listener final : public Server {
 public:
  Listener(ServerOptions options, Router router, Proxies proxies)
      : shared_(std::move(options), std::move(router), std::move(proxies)) {
    auto uses = [this](Lane lane) {
      return std::ranges::any_of(shared_.router.routes(), [lane](auto& route) { return route.lane == lane; });
    };
    const auto lane = [](LaneSize size) { return std::make_unique<WorkQueue>(size.threads, size.queue); };
    if (uses(Lane::store)) shared_.store = lane(shared_.options.store);
    if (uses(Lane::password)) shared_.password = lane(shared_.options.password);
    for (unsigned i = 0; i < std::max(shared_.options.loops, 1U); ++i)
      loops_.push_back(std::make_unique<Loop>(shared_));
    acceptor_.emplace(loops_.front()->io);
    pause_.emplace(loops_.front()->io);
  }

  ~Listener() override {
    for (auto& loop : loops_) asio::post(loop->io, [&loop] { stop(*loop); });
    threads_.clear();
    // The loops' threads are gone, so nothing else looks at connections when the queues drop theirs.
    if (shared_.store) shared_.store->stop();
    if (shared_.password) shared_.password->stop();
  }

  // On the socket of the options, if there is one, which is this listener's from now on whatever comes of it.
  std::expected<void, std::string> listen() {
    const auto given = std::exchange(shared_.options.socket, std::nullopt);
    auto socket = given ? std::expected<ListeningSocket, std::string>{ListeningSocket{*given}}
                        : ListeningSocket::on(shared_.options.listen);
    if (!socket) return std::unexpected(socket.error());
    auto failed = [&](std::string_view why) {
      const auto where = given ? fmt::format("the socket {}", *given) : shared_.options.listen;
      return std::unexpected(fmt::format("cannot listen on {}: {}", where, why));
    };
    if (shared_.options.tls) {
      auto tls = make_tls(*shared_.options.tls);
      if (!tls) return failed(tls.error());
      shared_.tls(std::move(*tls));
    }
    error_code error;
    take_over(*socket, error);
    if (!error) acceptor_->non_blocking(true, error);
    if (!error) address_ = to_text(acceptor_->local_endpoint(error));
    if (error) return failed(error.message());
    return {};
  }

  void start() override {
    if (!threads_.empty()) return;
    asio::post(loops_.front()->io, [this] { accept(); });
    for (auto& loop : loops_) {
      threads_.emplace_back([&loop] {
        run_at_once();
        loop->run();
      });
    }
  }

  std::string address() const override { return address_; }

  std::expected<void, std::string> reload_tls(const TlsFiles& files) override {
    if (!shared_.options.tls) return std::unexpected("this listener does not speak TLS");
    auto tls = make_tls(files);
    if (!tls) return std::unexpected(tls.error());
    shared_.tls(std::move(*tls));
    return {};
  }

  void say_goodbye() override { shared_.leaving.store(true); }

  void drain(std::chrono::milliseconds at_most) override {
    shared_.leaving.store(true);
    shared_.draining.store(true);
    if (threads_.empty()) return;
    asio::post(loops_.front()->io, [this] {
      take_backlog();
      for (auto& loop : loops_) asio::post(loop->io, [&loop] { loop->drain(); });
    });
    std::unique_lock lock(shared_.gone_mutex);
    auto all_gone = [this] { return accept_ended_ && shared_.connections.load() == 0; };
    if (shared_.gone.wait_for(lock, at_most, all_gone)) return;
    for (auto& loop : loops_) asio::post(loop->io, [&loop] { loop->close_all(); });
    shared_.gone.wait_for(lock, 1s, all_gone);
  }

  ServerCounters counters() const override {
    auto value = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
    return {.connections = value(shared_.connections),
            .store_queue = shared_.store ? shared_.store->waiting() : 0,
            .password_queue = shared_.password ? shared_.password->waiting() : 0,
            .rejected_connections = value(shared_.rejected_connections),
            .malformed_requests = value(shared_.malformed_requests),
            .rejected_store = value(shared_.rejected_store),
            .rejected_password = value(shared_.rejected_password),
            .failed_handlers = value(shared_.failed_handlers)};
  }

 private:
  static void stop(Loop& loop) {
    loop.close_all();
    loop.io.stop();
  }

  Loop& least_loaded() {
    // The search begins behind the last one chosen, so that equals take turns.
    auto* least = loops_[++last_ % loops_.size()].get();
    for (std::size_t i = 1; i < loops_.size(); ++i) {
      auto* loop = loops_[(last_ + i) % loops_.size()].get();
      if (loop->load.load(std::memory_order_relaxed) < least->load.load(std::memory_order_relaxed)) least = loop;
    }
    return *least;
  }

  // Others may hold the same socket: the process before this one, which drains, or whoever made it and lets connections
  // queue while no process is there.
  void take_over(ListeningSocket& listening, error_code& error) {
    const int socket = listening.descriptor();
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    int listens = 0;
    socklen_t listens_size = sizeof listens;
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0 ||
        getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) != 0) {
      error.assign(errno, boost::system::system_category());
    } else if (listens == 0 || (bound.ss_family != AF_INET && bound.ss_family != AF_INET6)) {
      error = asio::error::invalid_argument;
    } else {
      acceptor_->assign(bound.ss_family == AF_INET ? tcp::v4() : tcp::v6(), socket, error);
      if (!error) (void)listening.release();
    }
  }

  // Waits for connections. The operation that waits has its room here, so that not even memory that has run out leaves
  // the server deaf.
  void accept() {
    auto coming = [this](error_code) {
      if (!acceptor_->is_open()) return;
      if (let_in(accepted_at_once)) return accept();
      pause();
    };
    acceptor_->async_wait(tcp::acceptor::wait_read, asio::bind_allocator(in(waiting_), coming));
  }

  // Out of descriptors, most likely: those that only wait for a next request give theirs back.
  void pause() {
    try {
      for (auto& each : loops_) asio::post(each->io, [&each] { (void)each->make_room(); });
      pause_->expires_after(accept_pause);
      pause_->async_wait([this](error_code) {
        if (acceptor_->is_open()) accept();
      });
    } catch (...) {  // then without a pause
      accept();
    }
  }

  // Up to so many of those who wait. False when one of them could not be let in for want of descriptors or memory.
  bool let_in(std::size_t at_most) noexcept {
    for (; at_most > 0; --at_most) try {
        auto& loop = least_loaded();
        Socket socket(loop.io);
        error_code error;
        acceptor_->accept(socket, peer_, error);
        if (error == asio::error::would_block) return true;
        if (error == asio::error::connection_aborted) continue;
        if (error) return false;
        hand_out(loop, std::move(socket));
      } catch (...) {  // that connection goes
        shared_.failed_handlers.fetch_add(1, std::memory_order_relaxed);
        return false;
      }
    return true;
  }

  void hand_out(Loop& loop, Socket socket) {
    const auto open = shared_.connections.load(), most = shared_.options.limits.connections;
    const auto peer = address_of(peer_);
    if (open >= most + making_room || (!shared_.proxies.trusts(peer) && !shared_.places.take(peer)))
      return loop.turn_away(std::move(socket));
    shared_.connections.fetch_add(1);
    loop.load.fetch_add(1, std::memory_order_relaxed);
    const bool crowded = open >= most;
    if (&loop == loops_.front().get()) return loop.adopt(std::move(socket), peer, crowded);
    try {
      asio::post(loop.io, [&loop, peer, crowded, socket = std::move(socket)]() mutable {
        loop.adopt(std::move(socket), peer, crowded);
      });
    } catch (...) {
      loop.left(peer);
      throw;
    }
  }

  // Who was let in by the kernel before the listening socket closes is still served. Who keeps on coming is not.
  void take_backlog() {
    if (acceptor_->is_open()) (void)let_in(accepted_at_end);
    error_code error;
    acceptor_->close(error);
    std::lock_guard lock(shared_.gone_mutex);
    accept_ended_ = true;
    shared_.gone.notify_all();
  }

  Shared shared_;
  OperationRoom<512> waiting_;  // before the loops, which hold what waits
  std::vector<std::unique_ptr<Loop>> loops_;
  std::optional<Acceptor> acceptor_;
  std::optional<Timer> pause_;
  tcp::endpoint peer_;  // of the connection being accepted
  std::size_t last_ = 0;
  std::string address_;
  bool accept_ended_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace

std::expected<std::unique_ptr<Server>, std::string> Server::bind(ServerOptions options, Router router) {
  auto proxies = Proxies::parse(options.trusted_proxies);
  if (!proxies) return std::unexpected("trusted proxies: " + proxies.error());
  auto listener = std::make_unique<Listener>(std::move(options), std::move(router), std::move(*proxies));
  if (auto listening = listener->listen(); !listening) return std::unexpected(listening.error());
  return listener;
}

}  // namespace signet::server::http

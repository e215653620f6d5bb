#include "server/http/connection.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <span>

#include "server/http/answer.hpp"

namespace signet::server::http {

using namespace std::chrono_literals;
using boost::system::error_code;

namespace {

constexpr std::size_t copied_body = 32 * 1024;    // up to this a body is copied behind its header
constexpr std::size_t held_answers = 256 * 1024;  // so much of pipelined answers is gathered before it is written
constexpr std::size_t kept_answers = 16 * 1024;   // of that room, what a connection keeps
constexpr auto farewell_time = 2s;                // for the client to take the last answer and close
constexpr auto newcomers_time = 1s;               // while draining, for a first request to come

Instant now() noexcept { return std::chrono::steady_clock::now(); }

void clear(std::string& answers) noexcept {
  answers.clear();
  if (answers.capacity() > kept_answers) answers = {};
}

}  // namespace

Connection::Connection(Loop& loop, Socket socket, const Address& peer)
    : loop_(loop),
      list_(&loop.connections),
      socket_(std::move(socket)),
      tls_context_(loop.shared.tls()),
      intake_(loop.shared.options.limits),
      peer_(peer) {
  peer_text_ = peer_.text();
  peer_trusted_ = loop_.shared.proxies.trusts(peer_);
  place_ = list_->insert(list_->end(), this);
}

Connection::~Connection() { close(); }

void Connection::start() {
  const auto& limits = loop_.shared.options.limits;
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  deadline_ = now() + std::min(limits.header_time, limits.idle_time);
  if (!tls_context_) return read();
  phase_ = Phase::handshake;
  tls_ = std::make_unique<asio::ssl::stream<Socket&>>(socket_, *tls_context_);
  tls_->async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](error_code error) {
    if (error) return self->close();
    if (self->phase_ != Phase::handshake) return;
    self->phase_ = Phase::idle;
    self->read();
  });
}

// Who waits for bytes holds no room for them, so that idle connections take little memory, and those that are not share
// what is in the cache of the processor. Under TLS a part of them may have come already.
void Connection::read() {
  if (!tls_)
    return socket_.async_wait(Socket::wait_read,
                              [self = shared_from_this()](error_code error) { self->readable(error); });
  auto room = intake_.room();
  tls_->async_read_some(
      asio::buffer(room.data(), room.size()),
      [self = shared_from_this()](error_code error, std::size_t bytes) { self->received(error, bytes); });
}

void Connection::readable(error_code error) {
  if (phase_ != Phase::idle && phase_ != Phase::reading) return;
  std::size_t bytes = 0;
  if (!error) {
    auto room = intake_.room();
    bytes = socket_.read_some(asio::buffer(room.data(), room.size()), error);
    if (error == asio::error::would_block) return last_answer_ ? finish() : read();  // see drain()
  }
  received(error, bytes);
}

void Connection::received(error_code error, std::size_t bytes) {
  if (phase_ != Phase::idle && phase_ != Phase::reading) return;
  if (error == asio::error::operation_aborted && last_answer_) return finish();  // see drain()
  if (error) return close();
  move_to(loop_.connections);
  intake_.add(bytes);
  last_answer_ = false;
  advance();
}

void Connection::advance() {
  do {
    const bool read_on = answer_what_is_there();
    if (!flush()) return;
    // Reading goes on when all is written: who does not take answers is not given more.
    if (read_on) return read();
  } while (goes_on());
}

// Takes requests out of what was received until it runs out, or one has gone to a lane; answers that are ready together
// leave together. Whether more is to be read.
bool Connection::answer_what_is_there() {
  while (!last_answer_ && out_.size() < held_answers && !tail_) {
    auto next = intake_.next();
    if (next == Intake::Next::more) return wait_for_more();
    if (next == Intake::Next::proceed) {
      out_ += "HTTP/1.1 100 Continue\r\n\r\n";
      continue;
    }
    if (next == Intake::Next::refused) {
      loop_.shared.malformed_requests.fetch_add(1, std::memory_order_relaxed);
      refuse(intake_.refusal());
      break;
    }
    if (!serve()) break;
    intake_.done();
  }
  return false;
}

// When all is written: whether there may be more to answer.
bool Connection::goes_on() {
  if (phase_ == Phase::lane) return false;
  if (phase_ == Phase::streaming) {
    pump();
    return false;
  }
  if (last_answer_) finish();
  return !last_answer_;
}

bool Connection::wait_for_more() {
  const auto& limits = loop_.shared.options.limits;
  if (intake_.empty()) {
    if (served_ && loop_.shared.draining.load(std::memory_order_relaxed)) {
      last_answer_ = true;
      return false;
    }
    if (phase_ != Phase::idle) deadline_ = now() + limits.idle_time;
    phase_ = Phase::idle;
    if (served_) move_to(loop_.resting);
  } else if (phase_ != Phase::reading || in_body_ != intake_.in_body()) {
    phase_ = Phase::reading;
    in_body_ = intake_.in_body();
    deadline_ = now() + (in_body_ ? limits.body_time : limits.header_time);
  }
  return true;
}

// Answers the request, or gives it to a lane (false).
bool Connection::serve() {
  phase_ = Phase::answered;
  deadline_ = Instant::max();
  started_ = now();
  describe();
  auto& shared = loop_.shared;
  allow_.clear();
  route_ = shared.router.find(request_.method, request_.path, request_.route_parameter, allow_);
  if (route_ == nullptr) {
    static constexpr std::array<std::string_view, 7> known{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"};
    if (std::ranges::find(known, request_.method) == known.end()) {
      last_answer_ |= request_.method == "CONNECT";  // what follows may be meant for the far end of a tunnel
      answer(problem(501, "the method is not implemented"));
    } else if (allow_.empty()) {
      answer(problem(404, "there is nothing at this path"));
    } else {
      answer(problem(405, "the path does not take this method").header("Allow", allow_));
    }
    return true;
  }
  if (auto refused = admit()) {
    answer(std::move(*refused));
    return true;
  }
  if (route_->lane == Lane::loop) {
    answer(call());
    return true;
  }
  bool password = route_->lane == Lane::password;
  phase_ = Phase::lane;
  auto run = [self = shared_from_this()]() mutable noexcept {
    auto& connection = *self;
    connection.run_in_lane(std::move(self));
  };
  if ((password ? shared.password : shared.store)->push(std::move(run))) return false;
  phase_ = Phase::answered;
  (password ? shared.rejected_password : shared.rejected_store).fetch_add(1, std::memory_order_relaxed);
  answer(problem(503, "too many requests of this kind are waiting").header("Retry-After", "1"));
  return true;
}

// The request as handlers see it, from as much of the head as there is.
void Connection::describe() {
  const auto& head = intake_.head();
  request_ = {};
  request_.method = head.method;
  request_.path = head.path;
  request_.query = head.query;
  request_.headers = head.headers;
  request_.client = peer_text_;
  if (intake_.has_request()) request_.body = intake_.body();
  if (peer_trusted_) {
    client_text_ = loop_.shared.proxies.client(peer_, head.headers).text();
    request_.client = client_text_;
    request_.id = forwarded_id(head.headers).value_or("");
  }
  if (request_.id.empty()) {
    loop_.make_request_id(id_);
    request_.id = {id_.data(), id_.size()};
  }
}

// With nothing to say when there is no memory for that either.
Response Connection::went_wrong() noexcept {
  try {
    return problem(500, "something went wrong here");
  } catch (...) {
    return {.status = 500, .headers = {}, .body = {}};
  }
}

std::optional<Response> Connection::admit() noexcept {
  if (!route_->admit) return std::nullopt;
  try {
    return route_->admit(request_);
  } catch (...) {
    loop_.shared.failed_handlers.fetch_add(1, std::memory_order_relaxed);
    return went_wrong();
  }
}

Response Connection::call() noexcept {
  try {
    return route_->handler(request_);
  } catch (...) {
    loop_.shared.failed_handlers.fetch_add(1, std::memory_order_relaxed);
    return went_wrong();
  }
}

void Connection::run_in_lane(std::shared_ptr<Connection> self) noexcept {
  response_ = call();
  asio::post(loop_.io, asio::bind_allocator(in(returning_), [self = std::move(self), this] { lane_done(); }));
}

void Connection::lane_done() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::answered;
  answer(std::move(response_));
  intake_.done();
  advance();
}

void Connection::answer(Response response) {
  if (!is_sendable(response)) {
    loop_.shared.failed_handlers.fetch_add(1, std::memory_order_relaxed);
    response = problem(500, "something went wrong here");
  }
  const auto& head = intake_.head();
  last_answer_ |= !head.keep_alive || response.stream || loop_.shared.leaving.load(std::memory_order_relaxed);
  Framing framing{loop_.server_lines(), request_.id, request_.method == "HEAD", last_answer_, head.http_1_0};
  bool body_follows = append_head(out_, response, framing);
  auto bytes = body_follows ? response.content().size() : 0;
  const int status = response.status;
  if (body_follows && response.stream)
    begin_stream(response);
  else if (body_follows && bytes > copied_body)
    tail_ = response.shared_body ? std::move(response.shared_body)
                                 : std::make_shared<const std::string>(std::move(response.body));
  else if (body_follows)
    out_ += response.content();
  served_ = true;
  report(status, bytes);
  recycle(std::move(response));
}

void Connection::refuse(const Refusal& refusal) {
  phase_ = Phase::answered;
  deadline_ = Instant::max();
  started_ = now();
  describe();
  route_ = nullptr;
  refused_ = true;
  last_answer_ = true;
  answer(problem(refusal.status, refusal.description));
}

void Connection::report(int status, std::size_t bytes) {
  const auto& told = loop_.shared.options.on_answered;
  if (!told) return;
  try {
    told({request_, status, bytes, now() - started_, route_ != nullptr ? std::string_view(route_->path) : ""});
  } catch (...) {
    loop_.shared.failed_handlers.fetch_add(1, std::memory_order_relaxed);
  }
}

// True when there is nothing left to write. Answers that fit the empty send buffer, which most do, are written at once,
// and cost neither an operation of asio's nor a turn of the loop; with others, written() goes on.
bool Connection::flush() {
  if (writing_ || phase_ == Phase::closed) return false;
  if (out_.empty()) return true;
  buffers_[0] = asio::buffer(out_);
  buffers_[1] = tail_ ? asio::buffer(*tail_) : asio::const_buffer{};
  std::size_t sent = 0;
  if (!tls_) {
    error_code error;
    sent = tail_ ? socket_.write_some(std::span<const asio::const_buffer>(buffers_.data(), 2), error)
                 : socket_.write_some(buffers_[0], error);
    if (error && error != asio::error::would_block) {
      close();
      return false;
    }
    if (sent == buffers_[0].size() + buffers_[1].size()) {
      clear(out_);
      tail_.reset();
      return true;
    }
  }
  sending_.swap(out_);
  sending_tail_ = std::exchange(tail_, {});
  const auto of_tail = sent - std::min(sent, sending_.size());
  buffers_[0] = asio::buffer(sending_) + sent;
  buffers_[1] = (sending_tail_ ? asio::buffer(*sending_tail_) : asio::const_buffer{}) + of_tail;
  write(2);
  return false;
}

// The first so many of buffers_.
void Connection::write(std::size_t count) {
  if (list_ == &loop_.resting) move_to(loop_.connections);  // until all is written
  writing_ = true;
  write_deadline_ = now() + loop_.shared.options.limits.write_time;
  const std::span<const asio::const_buffer> buffers(buffers_.data(), count);
  auto done = [self = shared_from_this()](error_code error, std::size_t) { self->written(error); };
  if (tls_)
    asio::async_write(*tls_, buffers, std::move(done));
  else
    asio::async_write(socket_, buffers, std::move(done));
}

void Connection::written(error_code error) {
  writing_ = false;
  write_deadline_ = Instant::max();
  if (phase_ == Phase::closed) return;
  if (error) return close();
  clear(sending_);
  sending_tail_.reset();
  if (flush() && goes_on()) advance();
}

// The last answer has been written. What the client still sends is read and thrown away for a while: closing on unread
// bytes would reset the connection, and could take the answer from the client.
void Connection::finish() {
  move_to(loop_.connections);
  phase_ = Phase::closing;
  deadline_ = now() + farewell_time;
  if (!tls_) return farewell();
  tls_->async_shutdown([self = shared_from_this()](error_code) {
    if (self->phase_ == Phase::closing) self->farewell();
  });
}

// Under TLS as well it is the socket's own bytes that matter.
void Connection::farewell() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  if (refused_ || !intake_.empty() || socket_.available(ignored) > 0) return linger();
  close();
}

void Connection::linger() {
  static thread_local std::array<char, 4096> discarded;
  socket_.async_read_some(asio::buffer(discarded), [self = shared_from_this()](error_code error, std::size_t) {
    if (error) return self->close();
    if (self->phase_ == Phase::closing) self->linger();
  });
}

bool Connection::expire(Instant at) {
  if (at < write_deadline_ && (at < deadline_ || writing_)) return false;
  if (at >= write_deadline_ || phase_ != Phase::reading) {
    close();
    return true;
  }
  auto keep = shared_from_this();
  error_code ignored;
  socket_.cancel(ignored);
  refuse({408, in_body_ ? "the body took too long" : "the header took too long"});
  if (flush()) goes_on();
  return true;
}

void Connection::drain() {
  if (phase_ == Phase::handshake) return close();
  if (phase_ == Phase::streaming) return writing_ ? void() : end_stream();
  error_code ignored;
  if (phase_ != Phase::idle || writing_ || socket_.available(ignored) > 0) return;
  if (!served_) {  // who has just come is about to ask
    deadline_ = std::min(deadline_, now() + newcomers_time);
    return;
  }
  // The read that waits is told to end. Had it just taken a request in, that one is still answered.
  last_answer_ = true;
  socket_.cancel(ignored);
}

bool Connection::give_way() noexcept {
  error_code ignored;
  if (phase_ != Phase::idle || writing_ || socket_.available(ignored) > 0) return false;
  close();
  return true;
}

// To the end of that list.
void Connection::move_to(std::list<Connection*>& list) noexcept {
  if (list_ == &list) return;
  list.splice(list.end(), *list_, place_);
  list_ = &list;
}

void Connection::close() noexcept {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  leave_stream();
  error_code ignored;
  socket_.close(ignored);
  list_->erase(place_);
  loop_.left(peer_);
}

}  // namespace signet::server::http

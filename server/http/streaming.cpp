// Answers that go on: how a connection sends what its stream has, and how a loop has its connections do so.

#include <boost/asio/post.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <utility>

#include "server/http/connection.hpp"
#include "server/http/streams.hpp"

namespace signet::server::http {

using boost::system::error_code;

namespace {

constexpr std::size_t at_once = 64;  // streams looked at before others have their turn

}  // namespace

void Streams::wake() noexcept {
  if (woken_.exchange(true)) return;
  try {
    boost::asio::post(io_, [this] { begin(); });
  } catch (...) {  // out of memory: the next frame wakes it
    woken_.store(false);
  }
}

void Streams::begin() {
  woken_.store(false);  // before looking: what is sent from now on wakes again
  const bool passing = left_ > 0;
  left_ = connections.size();
  if (!passing) pass();
}

// Each goes to the end of the list as it is looked at: who comes or goes meanwhile makes nobody wait for the next pass.
void Streams::pass() {
  auto left = std::exchange(left_, 0);  // where one of them fails, the next frame begins a new pass
  for (std::size_t i = 0; i < at_once && left > 0; ++i, --left) {
    if (connections.empty()) return;
    connections.splice(connections.end(), connections, connections.begin());
    connections.back()->pump();
  }
  if (left == 0) return;
  boost::asio::post(io_, [this] { pass(); });
  left_ = left;
}

void Connection::begin_stream(Response& response) {
  chunked_ = !intake_.head().http_1_0;
  if (!response.body.empty()) out_ += chunked_ ? Frame(response.body).chunk() : std::string_view(response.body);
  stream_ = std::move(response.stream);
  stream_->channel->listen(loop_.streams);
  phase_ = Phase::streaming;
  move_to(loop_.streams.connections);
  // Who vanishes without a word would hold its place for as long as the little that is sent fits into the send buffer.
  const auto patience = static_cast<unsigned>(loop_.shared.options.limits.write_time.count());
  (void)::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
  watch();
}

// For the client's end of the connection. There is nothing for it to say any more.
void Connection::watch() {
  auto done = [self = shared_from_this()](error_code, std::size_t) {
    if (self->phase_ == Phase::streaming) self->close();
  };
  if (tls_)
    tls_->async_read_some(asio::buffer(&watched_, 1), std::move(done));
  else
    socket_.async_read_some(asio::buffer(&watched_, 1), std::move(done));
}

void Connection::pump() {
  if (phase_ != Phase::streaming) return;
  const auto keep = shared_from_this();
  auto taken = stream_->channel->take(stream_->from, writing_ ? 0 : buffers_.size());
  if (taken.lost) return close();
  if (writing_) return;
  if (!flush()) return;
  if (loop_.shared.draining.load(std::memory_order_relaxed)) return end_stream();
  frames_ = std::move(taken.frames);
  if (frames_.empty()) return taken.ended ? end_stream() : void();
  for (std::size_t i = 0; i < frames_.size(); ++i) {
    const auto bytes = chunked_ ? frames_[i]->chunk() : frames_[i]->bytes();
    buffers_[i] = asio::const_buffer(bytes.data(), bytes.size());
  }
  stream_->from += frames_.size();
  write(frames_.size());
}

void Connection::end_stream() {
  leave_stream();
  phase_ = Phase::answered;
  if (chunked_) out_ += "0\r\n\r\n";
  if (flush()) finish();
}

void Connection::leave_stream() noexcept {
  if (!stream_) return;
  stream_->channel->leave(loop_.streams);
  stream_.reset();
}

}  // namespace signet::server::http

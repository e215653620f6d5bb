#pragma once
// The streaming connections of one loop.

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstddef>
#include <list>

#include "server/http/stream.hpp"

namespace signet::server::http {

class Connection;

// However many frames were sent meanwhile and however many streams there are, a loop is woken once, and looks at a few
// of its streams at a time, so that requests are answered in between.
class Streams final : public Waker {
 public:
  explicit Streams(boost::asio::io_context& io) : io_{io} {}

  std::list<Connection*> connections;  // the loop's thread only

  void wake() noexcept override;

 private:
  void begin();
  void pass();

  boost::asio::io_context& io_;
  std::atomic<bool> woken_ = false;
  std::size_t left_ = 0;  // of the pass that is going on
};

}  // namespace signet::server::http

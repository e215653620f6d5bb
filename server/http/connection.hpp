#pragma once
// A connection: reads requests, has them answered, writes the answers in their order.

#include <boost/asio/ssl/stream.hpp>

#include <array>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "server/http/intake.hpp"
#include "server/http/loop.hpp"
#include "server/http/operation_room.hpp"
#include "server/http/stream.hpp"

namespace signet::server::http {

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, Socket socket, const Address& peer);
  ~Connection();

  void start();
  // Whether its time had run out.
  bool expire(Instant now);
  // Closes when nothing has begun; else the next answer is the last.
  void drain();
  // Closes when it waits for a next request of which nothing has come. False: not now.
  [[nodiscard]] bool give_way() noexcept;
  void close() noexcept;
  // Sends what its stream has for it; closes when the client is too slow for that.
  void pump();

 private:
  enum class Phase : std::uint8_t {
    handshake,
    idle,       // no byte of a request is there
    reading,    // a part of one is
    lane,       // one is being answered elsewhere; the buffer and request_ are that thread's
    answered,   // one has been answered; what comes next is yet to be seen
    streaming,  // the answer goes on for as long as its stream does
    closing,    // the last answer is written or being written
    closed,
  };

  void read();
  void readable(boost::system::error_code error);
  void received(boost::system::error_code error, std::size_t bytes);
  void advance();
  bool answer_what_is_there();
  bool goes_on();
  bool wait_for_more();
  void move_to(std::list<Connection*>& list) noexcept;
  bool serve();
  void describe();
  std::optional<Response> admit() noexcept;
  Response call() noexcept;
  static Response went_wrong() noexcept;
  // On a lane's thread. `self` keeps it alive, and goes back to the loop: it is not to be the last one there.
  void run_in_lane(std::shared_ptr<Connection> self) noexcept;
  void lane_done();
  void answer(Response response);
  void refuse(const Refusal& refusal);
  void report(int status, std::size_t bytes);
  void begin_stream(Response& response);
  void end_stream();
  void leave_stream() noexcept;
  void watch();
  bool flush();
  void write(std::size_t count);
  void written(boost::system::error_code error);
  void finish();
  void farewell();
  void linger();

  Loop& loop_;
  std::list<Connection*>* list_;  // of the loop's two, the one that it is in
  std::list<Connection*>::iterator place_;
  Socket socket_;
  std::shared_ptr<asio::ssl::context> tls_context_;
  std::unique_ptr<asio::ssl::stream<Socket&>> tls_;

  Phase phase_ = Phase::idle;
  bool writing_ = false;
  bool last_answer_ = false;  // Connection: close has been said
  bool refused_ = false;      // unread input is left behind
  bool in_body_ = false;      // which of the two time limits runs while reading
  bool served_ = false;       // a request has been answered here
  Instant deadline_ = Instant::max();
  Instant write_deadline_ = Instant::max();

  Intake intake_;
  Request request_;
  const Route* route_ = nullptr;
  Instant started_{};
  Response response_;             // a lane's
  OperationRoom<128> returning_;  // for the way back from there, which nothing may stop
  std::string allow_;
  std::array<char, 16> id_{};
  Address peer_;
  std::string peer_text_;
  std::string client_text_;  // when a trusted proxy says who
  bool peer_trusted_ = false;

  std::string out_;                          // answers that wait to be written
  std::shared_ptr<const std::string> tail_;  // a large body after them, not copied
  std::string sending_;                      // what is being written, and stays where it is
  std::shared_ptr<const std::string> sending_tail_;
  std::array<asio::const_buffer, 16> buffers_;  // views of these, or of frames_

  std::shared_ptr<Stream> stream_;    // while streaming
  std::vector<FramePointer> frames_;  // of it, being written
  bool chunked_ = false;
  char watched_ = 0;
};

}  // namespace signet::server::http

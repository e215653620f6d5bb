#pragma once
// Answers that go on: any thread sends, any number of connections listen.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace signet::server::http {

// What was sent at once, rendered for every stream together.
class Frame {
 public:
  explicit Frame(std::string_view bytes);
  [[nodiscard]] std::string_view chunk() const noexcept { return chunk_; }  // RFC 9112 section 7.1
  [[nodiscard]] std::string_view bytes() const noexcept { return std::string_view{chunk_}.substr(begin_, size_); }

 private:
  std::string chunk_;
  std::size_t begin_, size_;
};
using FramePointer = std::shared_ptr<const Frame>;

// Told that there is something to send. Called from any thread, under the channel's lock: only says so to another.
class Waker {
 public:
  virtual ~Waker() = default;
  virtual void wake() noexcept = 0;
};

// What streams send. All streams of a channel share the frames, so that one more stream costs one more write and no
// more memory; the newest `held_bytes` are kept, and a stream that is further behind is cut, for it could not go on
// without a gap. Thread-safe; sending never waits for anybody.
class Channel {
 public:
  static constexpr std::size_t usual_held_bytes = 8 * 1024 * 1024;
  explicit Channel(std::size_t held_bytes = usual_held_bytes) : held_bytes_{held_bytes} {}

  void send(std::string_view bytes);  // no bytes: nothing happens
  // Streams end, cleanly, when they have sent what there is.
  void end();
  // The number of the frame that is sent next.
  [[nodiscard]] std::uint64_t next() const;

  // What a connection asks for.
  struct Taken {
    std::vector<FramePointer> frames;
    bool lost = false;   // `from` is not held any more
    bool ended = false;  // nothing comes after these
  };
  [[nodiscard]] Taken take(std::uint64_t from, std::size_t at_most) const;
  void listen(Waker& waker);
  void leave(Waker& waker) noexcept;  // returns when it is not being woken

 private:
  const std::size_t held_bytes_;
  mutable std::mutex mutex_;
  std::deque<FramePointer> frames_;
  std::uint64_t first_ = 0;  // number of the first frame held
  std::size_t bytes_ = 0;
  bool ended_ = false;
  std::map<Waker*, std::size_t> wakers_;  // how many streams each has
};

// How many may be open. Less than the connections, or streams would leave no place for requests.
struct StreamLimits {
  std::size_t all = 5'000;
  std::size_t per_address = 256;  // IPv6: per /64
};

// An answer that goes on after the response's body with what the channel sends from the frame `from` on.
struct Stream {
  std::shared_ptr<Channel> channel;
  std::uint64_t from = 0;
  std::shared_ptr<void> held;  // goes with the stream
};

}  // namespace signet::server::http

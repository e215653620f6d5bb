#pragma once
// Server-Sent Events (WHATWG HTML, section 9.2), bounded: what comes from the network in pieces of any size, cut into
// events.

#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "signet/error.hpp"

namespace signet::remote {

struct ServerEvent {
  std::string id;    // of this event; empty when it has none
  std::string name;  // "message" when it has none
  std::string data;
};

class EventStream {
 public:
  using Handler = std::function<std::expected<void, Error>(const ServerEvent&)>;

  // `limit`: bytes of one event, its field names included.
  explicit EventStream(Handler handler, std::size_t limit = 64 * 1024) : handler_{std::move(handler)}, limit_{limit} {}

  // Calls the handler for each event that is complete; what it returns is returned. An event cut off by the stream's
  // end is never seen. Errors: json_malformed for an event over the limit.
  [[nodiscard]] std::expected<void, Error> take(std::string_view piece);

 private:
  std::expected<void, Error> take_line();

  Handler handler_;
  std::size_t limit_;
  std::string line_;
  std::size_t event_bytes_ = 0;
  bool after_return_ = false;  // a line feed that comes now ends no further line
  ServerEvent event_;
  bool has_data_ = false;
};

}  // namespace signet::remote
